/**
 * What a night costs for each partition that it settles and for each batch that it sorts, from two
 * nights over different numbers of both. A night costs nearly the same for a partition of ten facts and
 * for one of a thousand, so it is not divided by the few facts of a small run.
 */
import { type Counted, Tally } from "./tally.ts";
import type { Night } from "./world.ts";

export interface NightCosts {
  readonly partition: readonly Counted[];
  readonly batch: readonly Counted[];
}

/** Nights that are too much alike to tell by: then all of it is the partitions'. */
const alikeShare = 0.3;

/** Of each unit the two equations solved; nothing costs less than nothing. */
export function nightCosts([a, b]: readonly [Night, Night]): NightCosts {
  const partition = new Tally();
  const batch = new Tally();
  const det = a.of * b.batches - b.of * a.batches;
  const isTold = Math.abs(det) > alikeShare * (a.of * b.batches + b.of * a.batches);
  const inA = byName(a.counted);
  const inB = byName(b.counted);
  for (const [name, { part, unit }] of new Map([...inA, ...inB])) {
    const [na, nb] = [inA.get(name)?.n ?? 0, inB.get(name)?.n ?? 0];
    const all = (na + nb) / (a.of + b.of);
    const eachPartition = isTold ? (na * b.batches - nb * a.batches) / det : all;
    const eachBatch = isTold ? (a.of * nb - b.of * na) / det : 0;
    const [x, y] =
      eachBatch < 0
        ? [all, 0]
        : eachPartition < 0
          ? [0, (na + nb) / (a.batches + b.batches)]
          : [eachPartition, eachBatch];
    partition.add(part, unit, x);
    batch.add(part, unit, y);
  }
  return { partition: partition.entries(), batch: batch.entries() };
}

function byName(counted: readonly Counted[]): Map<string, Counted> {
  const sums = new Tally();
  for (const { part, unit, n } of counted) sums.add(part, unit, n);
  return new Map(sums.entries().map((one) => [`${one.part} ${one.unit}`, one]));
}
