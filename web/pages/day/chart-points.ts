/** What a chart asks for and what it draws of the answer: every place of its span, known or not. */
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import { type LocalDate, monthOf } from "../../../domain/time.ts";
import type { Answer } from "../../api/client.ts";
import type { ChartProps } from "../../design/chart.tsx";
import { wallTime } from "../../design/format.ts";
import { spoken, titleOfMetric } from "../../readings/metric-words.ts";
import { daysOfSpan, listDays, type Span, spans } from "./days.ts";

export type Row = Answer<"GET /v1/aggregates">["items"][number];
type Points = ChartProps["points"];

const periods = { day: "hour", week: "day", month: "day", year: "month" } as const;

/** A night or a weight has no hours. */
export const spansOf = (metric: Metric): readonly Span[] =>
  metricOf(metric).grain === "hour" ? spans : spans.filter((span) => span !== "day");

export function askedOf(metric: Metric, span: Span, date: LocalDate) {
  const { from, to } = daysOfSpan(span, date);
  return { query: { types: metric, period: periods[span], start: from, end: to } };
}

/** A month's sum says little beside a day's goal: of a year each day's share is drawn. */
export const isDaily = (metric: Metric, span: Span): boolean =>
  span === "year" && metricOf(metric).fold === "sum";

export function seriesOf(metric: Metric, span: Span): ChartProps["series"] {
  if (metricOf(metric).fold === "average")
    return [
      { key: "value", name: "Average" },
      { key: "min", name: "Lowest" },
      { key: "max", name: "Highest" },
    ];
  const title = titleOfMetric(metric);
  return [{ key: "value", name: isDaily(metric, span) ? `${title} a day` : title }];
}

const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short", timeZone: "UTC" });
const monthName = new Intl.DateTimeFormat(undefined, { month: "short", timeZone: "UTC" });
const noon = (date: LocalDate) => new Date(`${date}T12:00:00Z`);
const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);

/** Places in order: what the API calls them, and what they are called here. */
function placesOf(
  span: Span,
  date: LocalDate,
  rows: readonly Row[],
): readonly { readonly at: string; readonly label: string }[] {
  if (span === "day") return hoursOf(rows);
  const { from, to } = daysOfSpan(span, date);
  const days = listDays(from, to);
  if (span === "year")
    return [...new Set(days.map(monthOf))].map((month) => ({
      at: month,
      label: monthName.format(noon(`${month}-01`)),
    }));
  const label = (day: LocalDate) =>
    span === "week" ? `${weekday.format(noon(day))} ${dayOfMonth(day)}` : dayOfMonth(day);
  return days.map((day) => ({ at: day, label: label(day) }));
}
const dayOfMonth = (day: LocalDate): string => String(Number(day.slice(8)));

/** Every hour once; where the clock is set back there are two, told apart by their offset. */
function hoursOf(rows: readonly Row[]) {
  const measured = rows.map(({ label: at }) => ({ at, wall: wallTime(at) }));
  const walls = measured.map(({ wall }) => wall);
  const named = measured.map(({ at, wall }) => ({
    ...{ at, wall },
    label: walls.indexOf(wall) === walls.lastIndexOf(wall) ? wall : `${wall} ${at.slice(-6)}`,
  }));
  const others = hours
    .filter((hour) => !walls.includes(hour))
    .map((hour) => ({ at: hour, wall: hour, label: hour }));
  return [...named, ...others].toSorted((a, b) => a.wall.localeCompare(b.wall));
}

export function pointsOf(
  metric: Metric,
  span: Span,
  date: LocalDate,
  rows: readonly Row[],
): Points {
  const known = new Map(rows.map((row) => [row.label, row]));
  return placesOf(span, date, rows).map(({ at, label }) => {
    const row = known.get(at);
    return { label, values: row === undefined ? nothing : valuesOf(metric, span, row) };
  });
}
const nothing = { value: null, min: null, max: null };

function valuesOf(metric: Metric, span: Span, { value, min, max, days }: Row) {
  const each = isDaily(metric, span) ? value / Math.max(1, days) : value;
  const shown = { value: spoken(metric, each) };
  if (metricOf(metric).fold !== "average") return shown;
  return { ...shown, min: spoken(metric, min), max: spoken(metric, max) };
}

export interface Figure {
  readonly name: string;
  /** In the metric's unit. */
  readonly value: number;
}

/** What the whole span came to, as far as it was measured. */
export function figuresOf(metric: Metric, rows: readonly Row[]): readonly Figure[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { fold } = metricOf(metric);
  if (fold === "latest")
    return [
      { name: "At first", value: first.value },
      { name: "At last", value: last.value },
    ];
  if (fold === "average")
    return [
      { name: "Lowest", value: Math.min(...rows.map(({ min }) => min)) },
      { name: "Highest", value: Math.max(...rows.map(({ max }) => max)) },
    ];
  const total = rows.reduce((sum, { value }) => sum + value, 0);
  const days = new Set(rows.map(({ from }) => from)).size === 1 ? first.days : sumDays(rows);
  return [
    { name: "Together", value: total },
    ...(days > 1 ? [{ name: "A day, on average", value: total / days }] : []),
  ];
}
const sumDays = (rows: readonly Row[]): number => rows.reduce((sum, { days }) => sum + days, 0);
