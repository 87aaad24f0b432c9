/**
 * Days as weeks (ISO 8601) and months: only those in which there is something, each with its own
 * bounds, in order of time. A week's sum is the sum of its days, its average that of all its time.
 */
import { daysOfPeriod, type LocalDate, monthOf, weekOf } from "../time.ts";
import type { DayAggregates, PeriodAggregate } from "./aggregate.ts";
import { foldAggregates } from "./fold.ts";
import { grouped } from "./grouped.ts";
import { type Grain, type Metric, metricOf } from "./metrics.ts";
import { textOrder } from "./record-key.ts";

const labelOf: Readonly<Record<Exclude<Grain, "hour">, (date: LocalDate) => string>> = {
  day: (date) => date,
  week: weekOf,
  month: monthOf,
};

/** `days`: each date once, in any order. */
export function foldDays(
  metric: Metric,
  days: readonly DayAggregates[],
  grain: Exclude<Grain, "hour">,
): readonly PeriodAggregate[] {
  const some = days
    .flatMap(({ date, metrics }) => (metrics[metric] ? [{ date, of: metrics[metric] }] : []))
    .sort((a, b) => textOrder(a.date, b.date));
  return [...grouped(some, ({ date }) => labelOf[grain](date))].map(([label, parts]) => ({
    label,
    ...(grain === "day" ? { from: label, to: label } : daysOfPeriod(label)),
    days: parts.length,
    ...foldAggregates(
      metricOf(metric).fold,
      parts.map((part) => part.of),
    ),
  }));
}
