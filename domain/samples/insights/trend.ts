/**
 * Whether resting heart rate or weight moved within four weeks: by how much the line through the
 * days rises or falls, if that is more than a member would shrug at, more than the days scatter
 * around the line, and in an order that chance hardly ever makes.
 */
import { addDays, type LocalDate, weekOf } from "../../time.ts";
import type { DayAggregates } from "../aggregate.ts";
import { type Metric, metricOf } from "../metrics.ts";
import { chanceOfOrder, lineThrough, spread } from "./robust.ts";
import { amount, daysFrom, type Insight, insightId, measuredIn, rounded, said } from "./told.ts";

const windowDays = 28;
const daysAWeek = 7;
/** Of five hundred members whose readings only scatter, two or three are told of a trend. */
const chanceMax = 0.005;

interface TrendRule {
  readonly metric: Metric;
  readonly daysMin: number;
  /** In `unit`. */
  readonly changeMin: number;
}
const rules: readonly TrendRule[] = [
  { metric: "resting_heart_rate", daysMin: 14, changeMin: 3 },
  { metric: "weight", daysMin: 6, changeMin: 0.5 },
];

export const trendsOf = (days: readonly DayAggregates[], today: LocalDate): Insight[] =>
  rules.flatMap((rule) => trendOf(rule, days, today));

function trendOf(
  { metric, daysMin, changeMin }: TrendRule,
  days: readonly DayAggregates[],
  today: LocalDate,
): Insight[] {
  const measured = measuredIn(days, metric, addDays(today, 1 - windowDays), today);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || measured.length < daysMin) return [];
  const points = measured.map(({ date, value }) => ({
    x: daysFrom(first.date, date),
    y: value,
  }));
  const { slope, at } = lineThrough(points);
  const span = daysFrom(first.date, last.date);
  const change = slope * span;
  const scatter = spread(points.map(({ x, y }) => y - slope * x));
  const chance = chanceOfOrder(points);
  if (Math.abs(change) < Math.max(changeMin, scatter) || chance > chanceMax) return [];
  const isUp = change > 0;
  const { title } = metricOf(metric);
  const went = `went ${isUp ? "up" : "down"} by about ${amount(metric, Math.abs(change))}`;
  const ends = `from about ${said(at)} to about ${said(at + change)}`;
  return [
    {
      id: insightId("trend", metric, `${isUp ? "up" : "down"}.${weekOf(today)}`),
      ...{ kind: "trend", metric, from: first.date, to: last.date },
      sentence: `Your ${title.toLowerCase()} ${went} within ${span + 1} days, ${ends}, measured on ${measured.length} of them.`,
      numbers: {
        ...{ days: measured.length, span: span + 1, change: rounded(change) },
        ...{ changePerWeek: rounded(slope * daysAWeek), scatter: rounded(scatter) },
        ...{ start: rounded(at), end: rounded(at + change) },
      },
      confidence: rounded(1 - chance),
    },
  ];
}
