/** Things that name the same, directly or through others, are one group. */
export class Groups<T extends { readonly references: readonly string[] }> {
  readonly #items: T[] = [];
  readonly #parent: number[] = [];
  readonly #first = new Map<string, number>();
  readonly #keyOf: (item: T, reference: string) => string;

  /** `keyOf`: which references are the same. */
  constructor(keyOf: (item: T, reference: string) => string) {
    this.#keyOf = keyOf;
  }

  add(item: T): void {
    const nth = this.#items.push(item) - 1;
    this.#parent.push(nth);
    for (const reference of item.references) {
      const key = this.#keyOf(item, reference);
      const known = this.#first.get(key);
      if (known === undefined) this.#first.set(key, nth);
      else this.#parent[this.#root(nth)] = this.#root(known);
    }
  }

  /** One without references is a group of its own. */
  all(): readonly (readonly T[])[] {
    const groups = new Map<number, T[]>();
    this.#items.forEach((item, nth) => {
      const root = this.#root(nth);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [item]);
      else group.push(item);
    });
    return [...groups.values()];
  }

  /** Each step halves the way for whoever comes after. */
  #root(of: number): number {
    let nth = of;
    for (;;) {
      const up = this.#parent[nth] as number;
      if (up === nth) return nth;
      this.#parent[nth] = this.#parent[up] as number;
      nth = up;
    }
  }
}
