/**
 * What a member's own days show them: a trend, a streak, what sleep lacks, a reading that is unlike
 * those before it. Each compares them with their own past or goal, says its numbers, and stays away
 * when there are too few. Nothing is told of causes, nothing is advised, nothing is diagnosed. The
 * order in which days are given does not matter.
 */
import type { LocalDate } from "../time.ts";
import type { DayAggregates } from "./aggregate.ts";
import type { Goals } from "./goals.ts";
import { sleepDebtOf } from "./insights/sleep-debt.ts";
import { streaksOf } from "./insights/streak.ts";
import type { Insight } from "./insights/told.ts";
import { trendsOf } from "./insights/trend.ts";
import { unusualIn } from "./insights/unusual.ts";
import type { Metric } from "./metrics.ts";

export { type Insight, type InsightKind, insightKinds } from "./insights/told.ts";

/** Days up to today, today included, that are worth handing in. */
export const insightDays = 90;

/** What insights are made of. */
export const insightMetrics = [
  "steps",
  "resting_heart_rate",
  "hrv_sdnn",
  "hrv_rmssd",
  "oxygen_saturation",
  "respiratory_rate",
  "body_temperature",
  "weight",
  "sleep",
] as const satisfies readonly Metric[];

const idPattern = /^[a-z-]{1,20}\.[a-z_]{1,30}\.[\w.-]{1,20}$/;
/** Has the form of an insight's id, whether there is such a one or not. */
export const isInsightId = (text: string): boolean => idPattern.test(text);

export function insightsOf(
  days: readonly DayAggregates[],
  today: LocalDate,
  goals: Goals,
): readonly Insight[] {
  const known = days
    .filter(({ date }) => date <= today)
    .toSorted((a, b) => (a.date < b.date ? -1 : 1));
  return [
    ...unusualIn(known, today),
    ...trendsOf(known, today),
    ...sleepDebtOf(known, today, goals),
    ...streaksOf(known, today, goals),
  ];
}
