/** A day beside the seven before it. An observation, never a judgement: more is not always better. */
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import { number } from "../../design/format.ts";
import { said } from "../../readings/metric-words.ts";

export const trendDays = 7;
/** A change smaller than this is how measuring goes. */
const levelPercent = 1;

export interface Trend {
  readonly mean: number;
  /** Of the seven, those that were measured. */
  readonly days: number;
  readonly percent: number;
}

/** Null: none of the days before was measured, or they came to nothing. */
export function trendOf(value: number, before: readonly number[]): Trend | null {
  if (before.length === 0) return null;
  const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
  if (mean === 0) return null;
  return { mean, days: before.length, percent: ((value - mean) / mean) * 100 };
}

export type Direction = "up" | "down" | "level";
export const directionOf = ({ percent }: Trend): Direction => {
  if (Math.abs(percent) < levelPercent) return "level";
  return percent > 0 ? "up" : "down";
};

/** What grows all day is not compared before the day is over. */
export function saidTrend(metric: Metric, trend: Trend | null, isOver: boolean): string {
  if (trend === null) return "Nothing to compare with yet";
  const week = trend.days === trendDays ? "the 7 days before" : `${daysSaid(trend.days)} before`;
  if (metricOf(metric).fold === "sum" && !isOver)
    return `${said(metric, trend.mean)} a day on ${week}`;
  const direction = directionOf(trend);
  if (direction === "level") return `Level with ${week}`;
  return `${number(Math.abs(trend.percent))} % ${direction === "up" ? "above" : "below"} ${week}`;
}

const daysSaid = (days: number): string => (days === 1 ? "the one day" : `the ${days} days`);
