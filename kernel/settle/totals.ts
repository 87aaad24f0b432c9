/**
 * What one partition contributes to each total: the measures of what counts on that day, folded.
 * Integers, and the same whatever the order. Only open measures leave the ledger's side.
 */
import { type Rules, rulesAt } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { LocalDate } from "../../domain/time.ts";
import type { PartRow } from "./ports.ts";
import type { Concluded } from "./resolve-day.ts";

interface Part extends PartRow {
  /** Of two at one time the greater id is the later. */
  readonly id: string;
}

export class Parts {
  readonly #stream: AnyStream;
  readonly #parts = new Map<string, Part>();

  constructor(stream: AnyStream) {
    this.#stream = stream;
  }

  add({ id, at, body }: Concluded): void {
    const rules = rulesAt(this.#stream.rules);
    for (const { name: measure, fold, open, of } of this.#stream.measures)
      for (const [key, n] of open ? of(body, rules) : []) {
        const name = JSON.stringify([measure, key]);
        const next = { measure, fold, key, n, atMs: at, id };
        const held = this.#parts.get(name);
        this.#parts.set(name, held === undefined ? next : folded(held, next));
      }
  }

  /** By measure, then key. */
  rows(): PartRow[] {
    return [...this.#parts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { measure, fold, key, n, atMs }]) => ({ measure, fold, key, n, atMs }));
  }
}

function folded(a: Part, b: Part): Part {
  const [earlier, later] = a.atMs < b.atMs || (a.atMs === b.atMs && a.id < b.id) ? [a, b] : [b, a];
  const n = {
    sum: () => a.n + b.n,
    min: () => Math.min(a.n, b.n),
    max: () => Math.max(a.n, b.n),
    latest: () => later.n,
  }[earlier.fold]();
  return { ...later, n };
}

export function partsOf(stream: AnyStream, concluded: Iterable<Concluded>): PartRow[] {
  const parts = new Parts(stream);
  for (const one of concluded) parts.add(one);
  return parts.rows();
}

/** The view `rules` that the measures' SQL reads: which values hold from when until before when. */
export function rulesRows({ history }: Rules): Readonly<Record<string, LocalDate | number>>[] {
  return history.map(({ from, values }, i) => ({
    from_day: i === 0 ? "0000-01-01" : from,
    until_day: history[i + 1]?.from ?? "9999-12-31",
    ...values,
  }));
}
