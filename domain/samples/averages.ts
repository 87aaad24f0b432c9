/**
 * Averages by time. A reading of a stretch weighs as long as it lasts; one of a moment until its
 * device's next reading begins, no longer than it holds, and never beyond its local day: a day on
 * which nothing was measured has nothing. Nobody weighs where a better device does, nor where a finer
 * reading of the same one does. A stretch over midnight was measured on both days: it weighs on each
 * for its own time, and counts as a reading of both.
 */
import type { Instant } from "../time.ts";
import { Coverage } from "./coverage.ts";
import { grouped } from "./grouped.ts";
import { type Claim, claimOf, inTurn, type Measured, type Places } from "./measured.ts";
import { type Metric, metricOf } from "./metrics.ts";
import type { Tallies } from "./tally.ts";

export function weighAverages(
  metric: Metric,
  measured: readonly Measured[],
  places: Places,
  tallies: Tallies,
): void {
  const claims = heldClaims(metric, measured, places, tallies).sort(inTurn);
  const coverage = new Coverage([...claims, ...tallies.hours]);
  for (const claim of claims) {
    let isFirst = true;
    coverage.take(claim, (fromMs, toMs) => {
      const tally = tallies.at(fromMs);
      if (tally === null) return;
      tally.weigh(claim.sample, toMs - fromMs, isFirst);
      isFirst = false;
    });
  }
}

/** Of what touches the day, each with all the time it holds. */
function heldClaims(
  metric: Metric,
  measured: readonly Measured[],
  places: Places,
  tallies: Tallies,
): Claim[] {
  const { holdMs } = metricOf(metric);
  const touching = measured.filter((m) => tallies.touch(m));
  const nexts = new Map(
    [...grouped(touching, (m) => m.device)].map(([device, own]) => [device, nextOf(own)]),
  );
  return touching.map((sample) => {
    const { fromMs, toMs, device } = sample;
    if (fromMs < toMs) return claimOf(sample, places);
    const nextMs = nexts.get(device)?.get(fromMs) ?? Number.POSITIVE_INFINITY;
    const untilMs = Math.min(fromMs + holdMs, nextMs);
    return claimOf(sample, places, tallies.unbroken(fromMs, untilMs));
  });
}

/** For each start the one that follows it. */
function nextOf(measured: readonly Measured[]): ReadonlyMap<Instant, Instant> {
  const starts = [...new Set(measured.map((m) => m.fromMs))].sort((a, b) => a - b);
  return new Map(starts.map((at, i) => [at, starts[i + 1] ?? Number.POSITIVE_INFINITY]));
}
