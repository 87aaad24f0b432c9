/**
 * Several aggregates of one metric as one: hours as a day, days as a week. Sums add up, averages are
 * made of all their time and rounded once, of the latest the last stands. Whichever way the parts
 * are put together, the whole is the same.
 */
import type { Aggregate, Share } from "./aggregate.ts";
import { type Fold, type SleepStage, sleepStages } from "./metrics.ts";
import { quotient } from "./ratio.ts";
import { textOrder } from "./record-key.ts";
import type { DeviceId } from "./sample.ts";

/** At least one, in order of time. */
export function foldAggregates(fold: Fold, parts: readonly Aggregate[]): Aggregate {
  const last = fold === "latest" ? lastOf(parts) : undefined;
  const weighed = fold === "average" ? weighedOf(parts) : null;
  return {
    value: last?.value ?? weighed?.value ?? total(parts.map((p) => p.value)),
    min: Math.min(...parts.map((p) => p.min)),
    max: Math.max(...parts.map((p) => p.max)),
    count: total(parts.map((p) => p.count)),
    weighed: weighed === null ? null : { sum: String(weighed.sum), ms: weighed.ms },
    atMs: last?.atMs ?? null,
    stages: stagesOf(parts),
    sources: last?.sources ?? sourcesOf(parts),
  };
}

/** In order of their ids. */
export const sharesOf = (amounts: ReadonlyMap<DeviceId, number>): readonly Share[] =>
  [...amounts]
    .map(([device, amount]) => ({ device, amount }))
    .sort((a, b) => textOrder(a.device, b.device));

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/** Of two at one time, the one that comes later in the list. */
const lastOf = (parts: readonly Aggregate[]): Aggregate | undefined =>
  parts.reduce((last, p) => ((p.atMs ?? 0) >= (last.atMs ?? 0) ? p : last));

/** A product of a value and a month's milliseconds may exceed 2^53. */
function weighedOf(parts: readonly Aggregate[]): { value: number; sum: bigint; ms: number } {
  const sum = parts.reduce((all, p) => all + BigInt(p.weighed?.sum ?? 0), 0n);
  const ms = total(parts.map((p) => p.weighed?.ms ?? 0));
  return { value: ms === 0 ? 0 : Number(quotient(sum, BigInt(ms))), sum, ms };
}

function stagesOf(parts: readonly Aggregate[]): Aggregate["stages"] {
  const stages: Partial<Record<SleepStage, number>> = {};
  for (const stage of sleepStages) {
    const of = parts.flatMap((p) => p.stages?.[stage] ?? []);
    if (of.length > 0) stages[stage] = total(of);
  }
  return Object.keys(stages).length === 0 ? null : stages;
}

function sourcesOf(parts: readonly Aggregate[]): readonly Share[] {
  const amounts = new Map<DeviceId, number>();
  for (const { device, amount } of parts.flatMap((p) => p.sources))
    amounts.set(device, (amounts.get(device) ?? 0) + amount);
  return sharesOf(amounts);
}
