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
    if (entry === undefined || entry.untilMs > nowMs) return entry?.value;
    this.#entries.delete(name);
    return undefined;
  }

  /** What is past its time goes, and when it is full what was remembered first. */
  set(name: string, value: V, nowMs: number): void {
    this.#entries.delete(name);
    for (const [old, { untilMs }] of this.#entries) {
      if (untilMs > nowMs) break;
      this.#entries.delete(old);
    }
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
