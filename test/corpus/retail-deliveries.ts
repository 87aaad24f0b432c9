/**
 * Every sale three times: once by itself, twice among others in bodies of any size, cut differently;
 * all of it shuffled. The same seed makes the same order.
 */
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { type Source, sources } from "./retail-doors.ts";
import type { Sale } from "./retail-sales.ts";

export interface RetailBody {
  readonly source: Source;
  readonly sales: number;
  readonly text: string;
}

/** Of one body; a door takes more. */
const batchMax = 60;
/** A body ends before it grows beyond this. */
const linesMax = 4000;
const timesInBatches = 2;

export function retailBodies(sales: readonly Sale[], seed: number): RetailBody[] {
  const chance = chanceOf(seed);
  const bodies = sources.flatMap((source) => {
    const mine = sales.filter((sale) => source.isOf(sale));
    const of = (some: readonly Sale[]): RetailBody => ({
      ...{ source, sales: some.length, text: source.body(some) },
    });
    const singles = mine.map((sale) => of([sale]));
    const batches = Array.from({ length: timesInBatches }, () =>
      cut(chance, chance.shuffled(mine)).map(of),
    );
    return [...singles, ...batches.flat()];
  });
  return chance.shuffled(bodies);
}

function cut(chance: Chance, sales: readonly Sale[]): Sale[][] {
  const batches: Sale[][] = [];
  let [size, lines] = [0, 0];
  for (const sale of sales) {
    const last = batches.at(-1);
    if (last === undefined || last.length >= size || lines + sale.lines.length > linesMax) {
      batches.push([sale]);
      [size, lines] = [chance.whole(1, batchMax), sale.lines.length];
    } else {
      last.push(sale);
      lines += sale.lines.length;
    }
  }
  return batches;
}
