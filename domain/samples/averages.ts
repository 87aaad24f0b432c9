/**
 * Averages by time. A reading of a stretch weighs as long as it lasts; one of a moment until its
 * device's next reading begins, and no longer than it holds. Nobody weighs where a better device
 * does, nor where a finer reading of the same one does. What holds over midnight weighs on both
 * days, each for its own time, and counts as a reading of both.
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
  const claims = heldClaims(measured, places, metricOf(metric).holdMs)
    .filter((claim) => tallies.touch(claim))
    .sort(inTurn);
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

/** Each with all the time it holds. */
function heldClaims(measured: readonly Measured[], places: Places, holdMs: number): Claim[] {
  const nexts = new Map(
    [...grouped(measured, (m) => m.device)].map(([device, own]) => [device, nextOf(own)]),
  );
  return measured.map((sample) => {
    if (sample.fromMs < sample.toMs) return claimOf(sample, places);
    const nextMs = nexts.get(sample.device)?.get(sample.fromMs) ?? Number.POSITIVE_INFINITY;
    return claimOf(sample, places, Math.min(sample.fromMs + holdMs, nextMs));
  });
}

/** For each start the one that follows it. */
function nextOf(measured: readonly Measured[]): ReadonlyMap<Instant, Instant> {
  const starts = [...new Set(measured.map((m) => m.fromMs))].sort((a, b) => a - b);
  return new Map(starts.map((at, i) => [at, starts[i + 1] ?? Number.POSITIVE_INFINITY]));
}
