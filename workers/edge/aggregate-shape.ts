/**
 * What samples come to, as the API shows it: numbers in the metric's own unit, times in RFC 3339, and
 * of each source its share. A metric of which there is nothing is not there, never a zero.
 */
import * as z from "zod";
import type { Zones } from "../../domain/ports.ts";
import type { Aggregate, PeriodAggregate, Share } from "../../domain/samples/aggregate.ts";
import { dayGoalOf, type Goals, goalKinds } from "../../domain/samples/goals.ts";
import { type Metric, metricOf, metrics, sleepStages } from "../../domain/samples/metrics.ts";
import { fromScaled } from "../../domain/samples/units.ts";
import { noSettings, offsetAt } from "../../domain/settings.ts";
import { formatMoment, type Instant, type LocalDate } from "../../domain/time.ts";

const sharePlaces = 10_000;

const shown = z.object({
  value: z.number().describe("A sum, an average by time, or the last one, as the metric goes."),
  unit: z.string().describe("UCUM."),
  min: z.number().describe("The least single reading that counted."),
  max: z.number(),
  count: z.number().int().describe("Readings that counted, in part or whole."),
  sources: z.array(
    z.object({
      device: z.string().describe("As GET /v1/devices has it."),
      share: z.number().describe("Of a sum, of the time that an average rests on; 0 to 1."),
    }),
  ),
  at: z.string().optional().describe("When that was, where the last one counts."),
  stages: z
    .partialRecord(z.enum(sleepStages), z.number())
    .optional()
    .describe("Of sleep, in its unit; time awake is no sleep."),
});

/** On everything that shows a goal. */
export const goalShape = {
  goal: z.number().nullable().describe("A day's, in the unit; null: none, or not the caller's."),
  goalFrom: z
    .enum(["own", "default"])
    .nullable()
    .describe("Who said so: the member, or nobody and it is the common one."),
  goalKind: z
    .enum(goalKinds)
    .nullable()
    .describe("at-least: so much or more; reach: to come to from either side."),
};

export const summaryShape = z
  .object({
    date: z.string().describe("A local day, where the member lived then."),
    metrics: z.partialRecord(z.enum(metrics), shown.extend(goalShape)),
  })
  .meta({ id: "Summary" });

export const aggregatesShape = z
  .object({
    period: z.string(),
    start: z.string().describe("The first local day that is counted."),
    end: z.string().describe("The last: weeks and months are counted whole."),
    items: z.array(
      shown.extend({
        type: z.enum(metrics),
        label: z.string().describe("2026-11-14, 2026-W46, 2026-11; of an hour, when it begins."),
        from: z.string().describe("Local days, both included."),
        to: z.string(),
        days: z.number().int().describe("Days of it that have something."),
      }),
    ),
    next: z.null(),
  })
  .meta({ id: "Aggregates" });

/** In the local time of the zone lived in then. */
export const shownMoment = (atMs: Instant, zones: Zones): string =>
  formatMoment(atMs, offsetAt(null, { ...noSettings, zones }, atMs));

function shownSources(sources: readonly Share[]) {
  const total = sources.reduce((sum, { amount }) => sum + amount, 0);
  return sources.map(({ device, amount }) => {
    const share = total > 0 ? amount / total : 1 / sources.length;
    return { device, share: Math.round(share * sharePlaces) / sharePlaces };
  });
}

export function shownAggregate(
  metric: Metric,
  { value, min, max, count, sources, atMs, stages }: Aggregate,
  zones: Zones,
): z.output<typeof shown> {
  const inUnit = (n: number) => fromScaled(metric, n);
  const staged = Object.entries(stages ?? {}).map(([stage, n]) => [stage, inUnit(n)]);
  return {
    ...{ value: inUnit(value), unit: metricOf(metric).unit, min: inUnit(min), max: inUnit(max) },
    ...{ count, sources: shownSources(sources) },
    ...(atMs === null ? {} : { at: shownMoment(atMs, zones) }),
    ...(stages === null ? {} : { stages: Object.fromEntries(staged) }),
  };
}

/** Null: somebody else's, which nobody is shown. */
export const shownGoal = (metric: Metric, goals: Goals | null) =>
  (goals === null ? null : dayGoalOf(metric, goals)) ?? noGoal;
const noGoal = { goal: null, goalFrom: null, goalKind: null };

/** What a row stands for. */
export interface Stretch {
  readonly label: string;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly days: number;
}

export const shownRow = (metric: Metric, stretch: Stretch, of: Aggregate, zones: Zones) => {
  const { label, from, to, days } = stretch;
  return { type: metric, label, from, to, days, ...shownAggregate(metric, of, zones) };
};

export const shownPeriod = (metric: Metric, period: PeriodAggregate, zones: Zones) =>
  shownRow(metric, period, period, zones);
