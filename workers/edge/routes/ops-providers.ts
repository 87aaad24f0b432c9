/**
 * For operators: how each provider's gate and connections are doing, what is the matter now and
 * was lately. Counts and times only; nothing here is about one member.
 */
import * as z from "zod";
import { thresholds } from "../../../domain/alerts.ts";
import {
  callClasses,
  connectionStates,
  type GateStatus,
  observedOutcomes,
} from "../../../domain/ports.ts";
import { healthColours, providerHealth } from "../../../domain/provider-health.ts";
import { formatMoment, type Instant } from "../../../domain/time.ts";
import { type AlertRow, readAlerts, shownAlert } from "../alerts.ts";
import { type ProviderFigures, queueDepth, readFigures } from "../provider-figures.ts";
import { type Call, json, type Route, route } from "../route.ts";

const count = z.number().int();
const moment = z.string().nullable();
const countsBy = <K extends string>(names: readonly K[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, count])) as Record<K, typeof count>);
const percentiles = z
  .object({ count, p50: z.number(), p90: z.number(), p99: z.number() })
  .describe("Of the last day, in milliseconds.");

const gate = z
  .object({
    since: z.string().describe("What calls, door and recorded count from."),
    breaker: z.enum(["closed", "open", "half-open"]),
    openSince: moment,
    pausedUntil: moment.describe("Nobody asks before that, because the provider said so."),
    budgets: z.array(
      z.object({
        window: z.string(),
        windowMs: count,
        limit: count,
        used: count.describe("Spent, and promised, within the stretch that ends now."),
      }),
    ),
    calls: countsBy(callClasses),
    lately: z
      .object({ calls: count, failed: count })
      .describe("Calls of the last five minutes, by which the breaker judges."),
    door: z.object({
      deliveries: count,
      notices: count,
      items: count,
      refused: count,
      observed: countsBy(observedOutcomes)
        .partial()
        .optional()
        .describe("Of signatures that are only observed; unkeyed: none to check one with."),
    }),
    recorded: z
      .object({
        recorded: count.describe("New, corrected or retracted."),
        duplicates: count.describe("Known before, or older than what is known."),
        parked: count.describe("Could not be read, and is kept."),
      })
      .describe("What came of items that were delivered and of records that were read."),
    keys: z
      .array(z.object({ kid: z.string(), deliveries: count, last: z.string() }))
      .describe("What deliveries were proven by, the newest first: one that signs no more can go."),
    latencyMs: percentiles,
    freshnessMs: percentiles,
    subscription: z
      .object({
        state: z.enum(["active", "missing", "failing", "not-configured"]),
        checked: moment,
        until: moment,
      })
      .nullable()
      .describe("Null: it needs none."),
  })
  .meta({ id: "Gate" });
const providerStatus = z
  .object({
    provider: z.string(),
    title: z.string(),
    gate: gate.nullable().describe("Null: it did not answer."),
    connections: z.object({
      byState: countsBy(connectionStates),
      behindOver2h: count.describe("Not those that wait for their member to link them again."),
      oldestBehind: moment.describe("Since when the one that waits for longest has."),
    }),
    health: z
      .object({
        colour: z.enum(healthColours),
        because: z.array(z.string()).describe("The gravest first; none is green."),
      })
      .describe("Of all that stands above."),
  })
  .meta({ id: "ProviderStatus" });
const alert = z
  .object({
    name: z.string(),
    value: count,
    threshold: count,
    text: z.string(),
    since: z.string(),
    ended: moment.describe("Null: it stands."),
    told: z.boolean().describe("Whether the webhook took it as it is now."),
  })
  .meta({ id: "Alert" });

const read = {
  method: "get",
  tag: "operations",
  access: { role: "operator" },
  audit: { deed: "see-providers", by: "edge" },
  problems: ["unauthenticated", "forbidden", "unavailable"],
} as const;

export const opsProviderRoutes: readonly Route[] = [
  route({
    ...read,
    path: "/v1/ops/providers",
    summary: "How each provider is doing: calls, budgets, breaker, freshness, connections",
    answers: {
      200: {
        description: "As of now.",
        schema: z.object({
          items: z.array(providerStatus),
          queueDepth: count.nullable().describe("Changes that wait for the archive, if known."),
        }),
      },
    },
    handle: providersStatus,
  }),
  route({
    ...read,
    path: "/v1/ops/alerts",
    summary: "What is the matter, and what was in the last seven days",
    answers: {
      200: {
        description: "Those that stand first, then the newest.",
        schema: z.object({
          items: z.array(alert),
          thresholds: countsBy(Object.keys(thresholds) as (keyof typeof thresholds)[]),
          webhook: z.boolean().describe("Whether anybody is told."),
        }),
      },
    },
    handle: alerts,
  }),
];

type Plain = Call<undefined, undefined, undefined>;

async function providersStatus({ env, ports, nowMs }: Plain): Promise<Response> {
  const [figures, depth] = await Promise.all([
    ports.sql((WAREHOUSE) => readFigures({ GATE: env.GATE, WAREHOUSE }, nowMs)),
    queueDepth(env.CHANGES),
  ]);
  return json({ items: figures.map((one) => shownProvider(one, nowMs)), queueDepth: depth });
}

const momentOf = (atMs: Instant | null) => (atMs === null ? null : formatMoment(atMs));

function shownProvider({ provider, gate, connections }: ProviderFigures, nowMs: Instant) {
  const { byState, behindOver2h, oldestBehindMs } = connections;
  return {
    provider: provider.name,
    title: provider.facts.title,
    gate: gate === null ? null : shownGate(gate),
    connections: { byState, behindOver2h, oldestBehind: momentOf(oldestBehindMs) },
    health: providerHealth({ gate, connections }, nowMs),
  };
}

function shownGate(status: GateStatus) {
  const { sinceMs, breaker, openSinceMs, pausedUntilMs, subscription } = status;
  const { budgets, calls, lately, door, recorded, keys, latencyMs, freshnessMs } = status;
  return {
    since: formatMoment(sinceMs),
    breaker,
    openSince: momentOf(openSinceMs),
    pausedUntil: momentOf(pausedUntilMs),
    budgets,
    calls,
    lately,
    door,
    recorded,
    keys: keys.map(({ kid, deliveries, lastMs }) => ({
      kid,
      deliveries,
      last: formatMoment(lastMs),
    })),
    latencyMs,
    freshnessMs,
    subscription: subscription && {
      state: subscription.state,
      checked: momentOf(subscription.checkedMs),
      until: momentOf(subscription.until),
    },
  };
}

async function alerts({ env, ports }: Plain): Promise<Response> {
  const rows = await ports.sql(readAlerts);
  return json({
    items: rows.map((row) => ({ ...shownAlert(row), told: isTold(row) })),
    thresholds,
    webhook: Boolean(env.ALERT_URL && env.ALERT_SECRET),
  });
}

const isTold = ({ told_at, ended_at }: AlertRow): boolean =>
  told_at !== null && (ended_at === null || told_at >= ended_at);
