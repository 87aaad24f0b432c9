/**
 * What one partition contributes to each total: the measures of what counts on that day, folded.
 * Integers, and the same whatever the order. Only open measures leave the ledger's side.
 */
import { type Rules, type RulesAt, rulesAt } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { LocalDate } from "../../domain/time.ts";
import type { Concluded } from "./concluded.ts";
import type { PartRow } from "./ports.ts";

interface Part extends PartRow {
  /** Of two at one time the greater id is the later. */
  readonly id: string;
}

export class Parts {
  readonly #stream: AnyStream;
  readonly #rules: RulesAt;
  /** Measure → key → what it comes to. */
  readonly #parts = new Map<string, Map<string, Part>>();

  constructor(stream: AnyStream) {
    this.#stream = stream;
    this.#rules = rulesAt(stream.rules);
  }

  add({ id, at, body }: Concluded): void {
    for (const { name: measure, fold, open, of } of this.#stream.measures) {
      const parts = this.#parts.get(measure) ?? new Map<string, Part>();
      this.#parts.set(measure, parts);
      for (const [key, n] of open ? of(body, this.#rules) : []) {
        const next = { measure, fold, key, n, atMs: at, id };
        const held = parts.get(key);
        parts.set(key, held === undefined ? next : folded(held, next));
      }
    }
  }

  /** By measure, then key. */
  rows(): PartRow[] {
    const named = ({ measure, key }: Part) => JSON.stringify([measure, key]);
    return [...this.#parts.values()]
      .flatMap((parts) => [...parts.values()].map((part) => [named(part), part] as const))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { measure, fold, key, n, atMs }]) => ({ measure, fold, key, n, atMs }));
  }
}

function folded(a: Part, b: Part): Part {
  const [earlier, later] = a.atMs < b.atMs || (a.atMs === b.atMs && a.id < b.id) ? [a, b] : [b, a];
  return { ...later, n: numberOf(earlier.fold, a.n, b.n, later.n) };
}

function numberOf(fold: Part["fold"], a: number, b: number, latest: number): number {
  if (fold === "sum") return a + b;
  if (fold === "min") return Math.min(a, b);
  return fold === "max" ? Math.max(a, b) : latest;
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
