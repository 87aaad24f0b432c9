/**
 * What the samples of one metric come to on one of its local days. It hangs on the samples that
 * touch the day, on the order of devices and on nothing else: neither on the order in which they came
 * nor on how often. Samples may begin before the day and end after it; only what lies inside counts.
 */
import type { MetricDay } from "./aggregate.ts";
import { weighAverages } from "./averages.ts";
import type { Hours } from "./days.ts";
import { noteLatest } from "./latest.ts";
import { type Measured, placesOf } from "./measured.ts";
import { type Metric, metricOf } from "./metrics.ts";
import type { DeviceId } from "./sample.ts";
import { countSums } from "./sums.ts";
import { Tallies } from "./tally.ts";

export type { Measured } from "./measured.ts";

/** Greater whenever the same samples may come to something else: what was kept is resolved anew. */
export const samplesVersion = 1;

/** `hours`: of the metric's local day. Null: nothing counted; a sum of nothing that was measured is 0. */
export function resolveMetric(
  metric: Metric,
  measured: readonly Measured[],
  rank: (device: DeviceId) => number,
  hours: Hours,
): MetricDay | null {
  const { fold } = metricOf(metric);
  const places = placesOf(measured, rank);
  const tallies = new Tallies(hours);
  if (fold === "sum") countSums(metric, measured, places, tallies);
  if (fold === "average") weighAverages(metric, measured, places, tallies);
  if (fold === "latest") noteLatest(measured, places, tallies);
  return tallies.day(fold);
}
