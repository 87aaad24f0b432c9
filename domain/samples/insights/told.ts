/**
 * What an insight is, and how its numbers read. A sentence compares a member with their own past or
 * their own goal and says nothing else: no cause, no advice, no word of illness.
 */
import { type LocalDate, msPerDay, parseMoment } from "../../time.ts";
import type { DayAggregates } from "../aggregate.ts";
import { type Metric, metricOf } from "../metrics.ts";

export const insightKinds = ["trend", "streak", "sleep-debt", "unusual"] as const;
export type InsightKind = (typeof insightKinds)[number];

export interface Insight {
  /**
   * Kind, metric and period, so that who took note of it is not told again while that period lasts:
   * a week for what slides with the days, the first day of a streak, the day of a reading.
   */
  readonly id: string;
  readonly kind: InsightKind;
  readonly metric: Metric;
  /** The days it speaks of, both included. */
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly sentence: string;
  /** All that the sentence rests on; amounts in the metric's `unit`. */
  readonly numbers: Readonly<Record<string, number>>;
  /** 1 less the chance that readings without a trend fall so; null where nothing was tested. */
  readonly confidence: number | null;
}

/** What was measured on days from one to another, both included, in order, in the metric's `unit`. */
export interface Measured {
  readonly date: LocalDate;
  readonly value: number;
  /** Readings that it rests on. */
  readonly count: number;
}
export function measuredIn(
  days: readonly DayAggregates[],
  metric: Metric,
  from: LocalDate,
  to: LocalDate,
): Measured[] {
  const { scale } = metricOf(metric);
  return days.flatMap(({ date, metrics }) => {
    const aggregate = metrics[metric];
    const isIn = aggregate !== undefined && from <= date && date <= to;
    return isIn ? [{ date, value: aggregate.value / scale, count: aggregate.count }] : [];
  });
}

function noonMs(date: LocalDate): number {
  const noon = parseMoment(`${date}T12:00:00Z`);
  return noon.ok ? noon.value.atMs : Number.NaN;
}
/** From one day to another. */
export const daysFrom = (from: LocalDate, to: LocalDate): number =>
  (noonMs(to) - noonMs(from)) / msPerDay;

export const insightId = (kind: InsightKind, metric: Metric, period: string): string =>
  `${kind}.${metric}.${period}`;

const thousandths = 1000;
/** As it stands among the numbers: finer than anything that measures. */
export const rounded = (value: number): number => Math.round(value * thousandths) / thousandths;

/** "10,000", "58.4": at most one digit behind the point. */
export function said(value: number): string {
  const [whole = "", rest = "0"] = Math.abs(value).toFixed(1).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = rest === "0" ? grouped : `${grouped}.${rest}`;
  return value < 0 && text !== "0" ? `-${text}` : text;
}

/** "6 h 20 min". */
export function saidDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** How units are said in a sentence; UCUM's own are for machines. */
const unitWords: Readonly<Record<string, string>> = {
  "/min": " a minute",
  "%": " %",
  Cel: " °C",
  kg: " kg",
  ms: " ms",
};
export const amount = (metric: Metric, value: number): string =>
  `${said(value)}${unitWords[metricOf(metric).unit] ?? ""}`;
