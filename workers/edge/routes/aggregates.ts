/**
 * What samples came to: a local day at a glance, and hours, days, weeks and months of what is asked
 * for. Their own member's, or by the member's consent; each look is on the record. Fresh once the
 * sync that brought the samples is answered.
 */
import * as z from "zod";
import { readPurposes } from "../../../domain/consent.ts";
import { aggregateDaysMax, type MemberSettings } from "../../../domain/ports.ts";
import type { DayAggregates } from "../../../domain/samples/aggregate.ts";
import {
  type Grain,
  grains,
  isMetric,
  type Metric,
  metricOf,
  metrics,
} from "../../../domain/samples/metrics.ts";
import { foldDays } from "../../../domain/samples/periods.ts";
import {
  addDays,
  daysOfPeriod,
  isLocalDate,
  type LocalDate,
  monthOf,
  weekOf,
} from "../../../domain/time.ts";
import {
  aggregatesShape,
  shownAggregate,
  shownGoal,
  shownMoment,
  shownPeriod,
  shownRow,
  summaryShape,
} from "../aggregate-shape.ts";
import { dayAt, meantMember, readAggregates, settingsOf } from "../aggregates-read.ts";
import { type Call, json, type Route, route } from "../route.ts";

/** Of days that are shown by the hour. */
export const hourDaysMax = 31;

const day = z.string().refine(isLocalDate, "a day");
const types = z
  .string()
  .max(400)
  .transform((text) => [...new Set(text.split(","))])
  .refine((types) => types.every(isMetric), "metrics")
  .optional()
  .describe("Metrics, with commas between them; absent: all that are worth showing so finely.");
const reader = {
  member: z
    .string()
    .regex(/^m_[0-9a-f]{32}$/, "a member's id")
    .optional()
    .describe("Whose, by their consent; absent: the caller's own."),
  purpose: z.enum(readPurposes).default("coaching"),
};
const summaryQuery = z.object({
  date: day.optional().describe("Absent: today, where the member lives."),
  types,
  ...reader,
});
const aggregatesQuery = z.object({
  types,
  period: z.enum(grains).default("day"),
  start: day.describe("The first local day."),
  end: day.describe("The last one, included."),
  ...reader,
});

const common = {
  method: "get",
  tag: "samples",
  access: "signed-in",
  audit: { deed: "read-samples", by: "vault" },
  problems: [
    "invalid-request",
    "unauthenticated",
    "not-a-member",
    "forbidden",
    "not-found",
    "unavailable",
  ],
} as const;
const unchanged = { description: "As it was known by its `ETag`; nothing was opened." };

export const aggregateRoutes: readonly Route[] = [
  route({
    ...common,
    path: "/v1/summary",
    summary: "A local day at a glance: every metric, what it came to and what made it",
    query: summaryQuery,
    answers: { 200: { description: "The day.", schema: summaryShape }, 304: unchanged },
    handle: summary,
  }),
  route({
    ...common,
    path: "/v1/aggregates",
    summary: "Metrics by hour, day, week or month, with what made them",
    query: aggregatesQuery,
    answers: { 200: { description: "Row by row.", schema: aggregatesShape }, 304: unchanged },
    handle: aggregates,
  }),
];

async function summary(
  call: Call<undefined, z.output<typeof summaryQuery>, undefined>,
): Promise<Response> {
  const { purpose } = call.query;
  const member = meantMember(call, call.query.member);
  if (member === null) return call.fail("not-a-member");
  const settings = await settingsOf(call, member);
  const date = call.query.date ?? dayAt(settings, call.nowMs);
  const wanted = call.query.types ?? metrics;
  const asked = {
    member,
    metrics: wanted,
    from: date,
    to: date,
    hours: false,
    goals: true,
    purpose,
  };
  const read = await readAggregates(call, asked, settings);
  if (read instanceof Response) return read;
  const shown = wanted.flatMap((metric) => {
    const of = read.days.find((d) => d.date === date)?.metrics[metric];
    if (of === undefined) return [];
    const aggregate = shownAggregate(metric, of, settings.zones);
    return [[metric, { ...aggregate, ...shownGoal(metric, read.goals) }]];
  });
  return json({ date, metrics: Object.fromEntries(shown) }, 200, read.headers);
}

async function aggregates(
  call: Call<undefined, z.output<typeof aggregatesQuery>, undefined>,
): Promise<Response> {
  const { types, period, start, end, purpose } = call.query;
  const range = wholePeriods(period, start, end);
  if (range === null) return broken(call, "end", "window");
  const member = meantMember(call, call.query.member);
  if (member === null) return call.fail("not-a-member");
  const settings = await settingsOf(call, member);
  const wanted = types ?? shownBy(period);
  const asked = { member, metrics: wanted, ...range, hours: period === "hour", purpose };
  const read = await readAggregates(call, asked, settings);
  if (read instanceof Response) return read;
  const items = wanted.flatMap((metric) => rowsOf(metric, period, read.days, settings));
  const { from, to } = range;
  return json({ period, start: from, end: to, items, next: null }, 200, read.headers);
}

const broken = (call: Pick<Call, "fail">, field: string, rule: string): Response =>
  call.fail("invalid-request", { fields: [{ field: `query.${field}`, rule }] });

/** By the hour only what is worth showing so. */
const shownBy = (period: Grain): readonly Metric[] =>
  metrics.filter((metric) => period !== "hour" || metricOf(metric).grain === "hour");

/** Half a week is no week, so what is asked for is rounded up; null: it is no stretch, or too long. */
function wholePeriods(
  period: Grain,
  start: LocalDate,
  end: LocalDate,
): { readonly from: LocalDate; readonly to: LocalDate } | null {
  if (end < start) return null;
  const periodOf = period === "week" ? weekOf : period === "month" ? monthOf : null;
  const from = periodOf === null ? start : daysOfPeriod(periodOf(start)).from;
  const to = periodOf === null ? end : daysOfPeriod(periodOf(end)).to;
  const days = period === "hour" ? hourDaysMax : aggregateDaysMax;
  return to < addDays(from, days) ? { from, to } : null;
}

function rowsOf(
  metric: Metric,
  period: Grain,
  days: readonly DayAggregates[],
  { zones }: Pick<MemberSettings, "zones">,
) {
  if (period !== "hour")
    return foldDays(metric, days, period).map((of) => shownPeriod(metric, of, zones));
  return days.flatMap(({ date, hours }) =>
    (hours?.[metric] ?? []).map((of) => {
      const label = shownMoment(of.fromMs, zones);
      return shownRow(metric, { label, from: date, to: date, days: 1 }, of, zones);
    }),
  );
}
