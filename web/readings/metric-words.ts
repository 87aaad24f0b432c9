/** Metrics as people read them: in the unit that they are spoken of, as finely as it means something. */
import { type Metric, metricOf } from "../../domain/samples/metrics.ts";
import { hoursAndMinutes, number } from "../design/format.ts";

interface Spoken {
  readonly unit: string;
  /** Of the table's unit to one of this. */
  readonly per: number;
  readonly digits: number;
}

const byUnit: Readonly<Record<string, Spoken>> = {
  "1": { unit: "steps", per: 1, digits: 0 },
  m: { unit: "km", per: 1_000, digits: 2 },
  kcal: { unit: "kcal", per: 1, digits: 0 },
  "/min": { unit: "bpm", per: 1, digits: 0 },
  ms: { unit: "ms", per: 1, digits: 0 },
  "%": { unit: "%", per: 1, digits: 1 },
  "mg/dL": { unit: "mg/dL", per: 1, digits: 0 },
  "mm[Hg]": { unit: "mmHg", per: 1, digits: 0 },
  Cel: { unit: "°C", per: 1, digits: 1 },
  kg: { unit: "kg", per: 1, digits: 1 },
  s: { unit: "h", per: 3_600, digits: 2 },
};
const breaths: Spoken = { unit: "a minute", per: 1, digits: 1 };

const spokenOf = (metric: Metric): Spoken => {
  if (metric === "respiratory_rate") return breaths;
  const { unit } = metricOf(metric);
  return byUnit[unit] ?? { unit, per: 1, digits: 1 };
};

export const titleOfMetric = (metric: Metric): string => metricOf(metric).title;
/** Where there is little room; the metric's own page has all of it. */
const short: Readonly<Partial<Record<Metric, string>>> = {
  hrv_sdnn: "HRV (SDNN)",
  hrv_rmssd: "HRV (RMSSD)",
};
export const shortTitleOf = (metric: Metric): string => short[metric] ?? titleOfMetric(metric);
export const unitOf = (metric: Metric): string => spokenOf(metric).unit;

/** To and from the unit that people speak of. */
export const spoken = (metric: Metric, value: number): number => value / spokenOf(metric).per;
export const unspoken = (metric: Metric, value: number): number => value * spokenOf(metric).per;

/** The number alone; of sleep, hours and minutes. */
export const figure = (metric: Metric, value: number): string =>
  metric === "sleep"
    ? hoursAndMinutes(value * 1_000)
    : number(spoken(metric, value), spokenOf(metric).digits);

/** With its unit: "6.20 km", "7 h 05 min". */
export const said = (metric: Metric, value: number): string =>
  metric === "sleep" ? figure(metric, value) : `${figure(metric, value)} ${unitOf(metric)}`;

/** Of a chart, whose values are in the unit that people speak of. */
export const saidSpoken = (metric: Metric, value: number): string =>
  said(metric, unspoken(metric, value));

/** At a chart's side, where there is little room. */
export const tickSpoken = (value: number): string =>
  new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 }).format(value);
