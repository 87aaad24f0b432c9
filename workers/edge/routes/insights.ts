/**
 * What the last three months of a member's own days show them, made anew from the aggregates each
 * time they look: nothing of it is kept but which they took note of. While nothing changed nothing
 * is opened.
 */
import * as z from "zod";
import { isRefusal, type MemberSettings, type Refusal } from "../../../domain/ports.ts";
import {
  type Insight,
  insightDays,
  insightKinds,
  insightMetrics,
  insightsOf,
  isInsightId,
} from "../../../domain/samples/insights.ts";
import { metricOf } from "../../../domain/samples/metrics.ts";
import { addDays, type LocalDate } from "../../../domain/time.ts";
import { dayAt, settingsOf } from "../aggregates-read.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const shape = z
  .object({
    id: z.string(),
    kind: z.enum(insightKinds),
    type: z.enum(insightMetrics),
    from: z.string().describe("Local days, both included."),
    to: z.string(),
    sentence: z.string(),
    numbers: z
      .record(z.string(), z.number())
      .describe("All that the sentence rests on; amounts in the unit."),
    unit: z.string().describe("UCUM."),
    confidence: z
      .number()
      .nullable()
      .describe("1 less the chance that readings without a trend fall so; null: nothing tested."),
    acknowledged: z.boolean(),
  })
  .meta({ id: "Insight" });

const params = z.object({ id: z.string().max(80).refine(isInsightId, "an insight's id") });

export const insightRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/insights",
    tag: "samples",
    access: "member",
    audit: {
      deed: "see-insights",
      by: "nobody",
      why: "members see their own; that the days were opened for it is what the vault writes down",
    },
    summary: "What my last three months show, compared with my own past and goals",
    answers: {
      200: {
        description: "Insights; none while there is little to go by.",
        schema: z.object({
          date: z.string().describe("Today, where the member lives."),
          items: z.array(shape),
          next: z.null(),
        }),
      },
      304: { description: "As it was known by its `ETag`; nothing was opened." },
    },
    problems: ["unauthenticated", "not-a-member", "forbidden", "too-many", "unavailable"],
    handle: list,
  }),
  route({
    method: "post",
    path: "/v1/insights/:id/ack",
    tag: "samples",
    access: "member",
    audit: { deed: "acknowledge-insight", by: "vault", also: ["read-samples"] },
    summary: "Take note of an insight that is there now; for as long as its period lasts",
    params,
    answers: {
      200: { description: "Noted.", schema: z.object({ acknowledged: z.string() }) },
    },
    problems: [
      ...(["invalid-request", "unauthenticated", "not-a-member", "forbidden"] as const),
      ...(["not-found", "too-many", "unavailable"] as const),
    ],
    handle: acknowledge,
  }),
];

type Reader = Pick<Call, "ports" | "token" | "member">;

interface Made {
  /** Null: nothing was opened, it is as it was known. */
  readonly insights: readonly Insight[] | null;
  readonly version: string;
  readonly entry: string | null;
}

async function makeInsights(
  { ports, token, member }: Reader,
  today: LocalDate,
  { zones }: MemberSettings,
  knownVersion: string | null,
): Promise<Made | Refusal> {
  const answer = await ports.open.aggregates(token, {
    ...{ member, metrics: insightMetrics, from: addDays(today, 1 - insightDays), to: today },
    ...{ hours: false, goals: true, purpose: "coaching", zones, knownVersion },
  });
  if (isRefusal(answer)) return answer;
  const { days, goals, version, entry } = answer;
  return {
    insights: days === null ? null : insightsOf(days, today, goals ?? {}),
    version,
    entry: entry === null ? null : `${entry.log}/${entry.index}`,
  };
}

async function list(call: Call): Promise<Response> {
  const noted = await call.ports.open.acknowledged(call.token);
  if (isRefusal(noted)) return call.fail(refusalOf(noted));
  const settings = await settingsOf(call, call.member);
  const today = dayAt(settings, call.nowMs);
  // The same days show other insights tomorrow, and one less that is new once it was taken note of.
  const notes = await call.ports.digest(["insights", 1, ...[...noted.ids].sort()]);
  const about = `${today}.${settings.version}.${notes}.`;
  const made = await makeInsights(call, today, settings, knownTo(call.request, about));
  if ("refused" in made) return call.fail(refusalOf(made));
  const { insights, version, entry } = made;
  const headers = { "cache-control": "no-store", etag: `"${about}${version}"` };
  if (insights === null) return new Response(null, { status: 304, headers });
  const items = insights.map((insight) => shown(insight, noted.ids));
  const entered = entry === null ? {} : { "audit-entry": entry };
  return json({ date: today, items, next: null }, 200, { ...headers, ...entered });
}

/** Of a client that has it as it was then. */
function knownTo(request: Request, about: string): string | null {
  const [, known] = /^(?:W\/)?"([^"]*)"$/.exec(request.headers.get("if-none-match") ?? "") ?? [];
  return known?.startsWith(about) ? known.slice(about.length) : null;
}

const shown = ({ metric, ...insight }: Insight, noted: readonly string[]) => ({
  ...insight,
  ...{ type: metric, unit: metricOf(metric).unit, acknowledged: noted.includes(insight.id) },
});

async function acknowledge(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const settings = await settingsOf(call, call.member);
  const made = await makeInsights(call, dayAt(settings, call.nowMs), settings, null);
  if ("refused" in made) return call.fail(refusalOf(made));
  const { id } = call.params;
  if (!made.insights?.some((insight) => insight.id === id)) return call.fail("not-found");
  const noted = await call.ports.open.acknowledge(call.token, id);
  return isRefusal(noted) ? call.fail(refusalOf(noted)) : json(noted);
}
