/** What is billed, counted by who caused it. Shared by the workers that count and the bench that adds up. */
import type { Unit } from "../../domain/prices.ts";

/** `part`: whose bill it is. `detail`: the call or the statement that it came of. */
export interface Counted {
  readonly part: string;
  readonly unit: Unit;
  readonly detail: string;
  readonly n: number;
}

const keyOf = ({ part, unit, detail }: Omit<Counted, "n">): string =>
  JSON.stringify([part, unit, detail]);

export class Tally {
  readonly #counts = new Map<string, number>();

  add(part: string, unit: Unit, n: number, detail = ""): void {
    if (n === 0) return;
    const key = keyOf({ part, unit, detail });
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + n);
  }

  addAll(counted: readonly Counted[], times = 1): this {
    for (const { part, unit, detail, n } of counted) this.add(part, unit, n * times, detail);
    return this;
  }

  /** By part and unit, so that two equal tallies are equal texts. */
  entries(): Counted[] {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, n]) => {
        const [part, unit, detail] = JSON.parse(key) as [string, Unit, string];
        return { part, unit, detail, n };
      });
  }
}

/** What came between two readings of the same counters. */
export const between = (before: readonly Counted[], after: readonly Counted[]): Counted[] =>
  new Tally()
    .addAll(after)
    .addAll(before, -1)
    .entries()
    .filter(({ n }) => n !== 0);

export const sumOf = (counted: readonly Counted[], unit: Unit, part?: string): number =>
  counted.reduce(
    (sum, one) =>
      one.unit === unit && (part === undefined || one.part === part) ? sum + one.n : sum,
    0,
  );
