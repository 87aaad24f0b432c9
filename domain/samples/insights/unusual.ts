/**
 * A day of the last week whose reading lies outside of what the four weeks before it held: further
 * from their median than three and a half times their spread. What hardly ever moves is given a
 * least spread, so that a step of the device is no finding; and a day of far fewer readings than those
 * had, such as one that has only begun, is not compared with them.
 */
import { addDays, type LocalDate } from "../../time.ts";
import type { DayAggregates } from "../aggregate.ts";
import { type Metric, metricOf } from "../metrics.ts";
import { median, spread } from "./robust.ts";
import {
  amount,
  type Insight,
  insightId,
  type Measured,
  measuredIn,
  rounded,
  said,
} from "./told.ts";

const lookedAtDays = 7;
const beforeDays = 28;
const beforeMeasuredMin = 21;
const spreadsOff = 3.5;
/** Of the readings that a day before had. */
const readingsMin = 0.5;

/** In `unit`. */
const leastSpread = {
  resting_heart_rate: 1,
  hrv_sdnn: 3,
  hrv_rmssd: 3,
  respiratory_rate: 0.4,
  oxygen_saturation: 0.5,
  body_temperature: 0.1,
} as const satisfies Readonly<Partial<Record<Metric, number>>>;
type Watched = keyof typeof leastSpread;
const watched = Object.keys(leastSpread) as readonly Watched[];

export const unusualIn = (days: readonly DayAggregates[], today: LocalDate): Insight[] =>
  watched.flatMap((metric) =>
    measuredIn(days, metric, addDays(today, 1 - lookedAtDays), today)
      .toReversed()
      .flatMap((reading) => unusual(metric, reading, days)),
  );

function unusual(
  metric: Watched,
  { date, value, count }: Measured,
  days: readonly DayAggregates[],
): Insight[] {
  const before = measuredIn(days, metric, addDays(date, -beforeDays), addDays(date, -1));
  if (before.length < beforeMeasuredMin) return [];
  if (count < readingsMin * median(before.map((one) => one.count))) return [];
  const values = before.map((one) => one.value);
  const usual = median(values);
  const off = spreadsOff * Math.max(spread(values), leastSpread[metric]);
  if (Math.abs(value - usual) <= off) return [];
  const { title, range: possible } = metricOf(metric);
  const [low, high] = [Math.max(usual - off, possible[0]), Math.min(usual + off, possible[1])];
  const where = value > usual ? "higher" : "lower";
  const range = `${said(low)} to ${amount(metric, high)}`;
  return [
    {
      id: insightId("unusual", metric, date),
      ...{ kind: "unusual", metric, from: date, to: date },
      sentence: `On ${date} your ${nameIn(title)} was ${amount(metric, value)}, ${where} than the ${before.length} measured days before it lead to expect (${range}).`,
      numbers: {
        ...{ value: rounded(value), median: rounded(usual), spread: rounded(spread(values)) },
        ...{ low: rounded(low), high: rounded(high), days: before.length },
      },
      confidence: null,
    },
  ];
}

/** What stands in brackets keeps its capitals. */
const nameIn = (title: string): string => `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
