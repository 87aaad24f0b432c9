/** What this isolate remembers: a bounded number of things, each for a bounded time. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly untilMs: number }>();
  readonly #entriesMax: number;
  readonly #forMs: number;

  constructor(entriesMax: number, forMs: number) {
    this.#entriesMax = entriesMax;
    this.#forMs = forMs;
  }

  get(name: string, nowMs: number): V | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.untilMs > nowMs ? entry.value : undefined;
  }

  /** When it is full, what was remembered first goes. */
  set(name: string, value: V, nowMs: number): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#entriesMax && !oldest.done) this.#entries.delete(oldest.value);
    this.#entries.set(name, { value, untilMs: nowMs + this.#forMs });
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  deleteWhere(is: (name: string) => boolean): void {
    for (const name of this.#entries.keys()) if (is(name)) this.#entries.delete(name);
  }
}
