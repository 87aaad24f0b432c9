/**
 * Sums by interval coverage. A sample counts in the proportion of its time that nobody before it in
 * turn covers; whom it leaves gaps, it fills. What it counts is cut at every bound of an hour and of
 * a coverage by cumulative rounding, so hours add up to their day exactly. At a midnight it is first
 * parted in whole units by its time alone: a day hangs on no sample that does not touch it, and what
 * nobody covers comes to its value over however many days. A moment counts whole, unless somebody
 * covers it or has counted that very moment. A zero, of a watch on its charger say, takes no time
 * from what anybody counted: zeros come last, and a day of nothing else is 0. Only sleep has none.
 */
import type { Instant } from "../time.ts";
import { Coverage } from "./coverage.ts";
import { type Claim, claimOf, inTurn, type Measured, type Places } from "./measured.ts";
import { type Metric, metricOf } from "./metrics.ts";
import { shareOf } from "./ratio.ts";
import { shiftedCopies } from "./shifted.ts";
import type { Tallies } from "./tally.ts";

export function countSums(
  metric: Metric,
  measured: readonly Measured[],
  places: Places,
  tallies: Tallies,
): void {
  const touching = measured.filter((m) => tallies.touch(m));
  const copies = shiftedCopies(touching, places, tallies);
  const claims = touching.filter((m) => !copies.has(m)).map((m) => claimOf(m, places));
  const coverage = new Coverage([...claims, ...tallies.hours]);
  const moments = new Set<Instant>();
  const isSleep = metricOf(metric).class === "sleep";
  for (const claim of claims.sort(isSleep ? inTurn : zerosLast)) {
    if (claim.fromMs < claim.toMs) countStretch(claim, isSleep, coverage, tallies);
    else if (!coverage.isTaken(claim.fromMs) && !moments.has(claim.fromMs)) {
      const { sample } = claim;
      tallies.at(claim.fromMs)?.add(sample, isSleep ? 0 : sample.value, true);
      moments.add(claim.fromMs);
    }
  }
}

const zerosLast = (a: Claim, b: Claim): number =>
  Number(a.sample.value === 0) - Number(b.sample.value === 0) || inTurn(a, b);

function countStretch(claim: Claim, isSleep: boolean, coverage: Coverage, tallies: Tallies): void {
  const { sample } = claim;
  const part = isSleep ? null : partOf(sample, tallies);
  let free = 0;
  let counted = 0;
  coverage.take(claim, (fromMs, toMs) => {
    const tally = tallies.at(fromMs);
    if (tally === null) return;
    const isFirst = free === 0;
    free += toMs - fromMs;
    if (part === null) return tally.addSleep(sample, toMs - fromMs, isFirst);
    const upTo = shareOf(part.value, free, part.ms);
    tally.add(sample, upTo - counted, isFirst);
    counted = upTo;
  });
}

/** What of a sample falls on the day, covered or not. */
function partOf(sample: Measured, tallies: Tallies): { value: number; ms: number } {
  const lengthMs = sample.toMs - sample.fromMs;
  const upTo = (atMs: Instant) => shareOf(sample.value, atMs - sample.fromMs, lengthMs);
  let [value, ms] = [0, 0];
  for (let i = Math.max(0, tallies.indexAt(sample.fromMs)); i < tallies.hours.length; i++) {
    const hour = tallies.hours[i];
    if (hour === undefined || hour.fromMs >= sample.toMs) break;
    const fromMs = Math.max(hour.fromMs, sample.fromMs);
    const toMs = Math.min(hour.toMs, sample.toMs);
    if (fromMs >= toMs) continue;
    value += upTo(toMs) - upTo(fromMs);
    ms += toMs - fromMs;
  }
  return { value, ms };
}
