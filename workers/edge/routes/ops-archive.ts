/**
 * For operators: what the archive holds and counts, how far the live boards are from it, and
 * whether everything adds up. Nothing here is about one member.
 */
import * as z from "zod";
import { isRefusal } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment, parsePeriod } from "../../../domain/time.ts";
import { archiveHolds, holds, readBalance } from "../balance.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { aRange, day, isRange, opsRunRoutes, streamName } from "./ops-runs.ts";

const count = z.number().int();
const read = {
  method: "get",
  tag: "operations",
  access: { role: "operator" },
  audit: { deed: "see-archive", by: "edge" },
  problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
} as const;
const listOf = (item: z.ZodType) => ({
  200: {
    description: "A page.",
    schema: z.object({ items: z.array(item), next: z.string().nullable() }),
  },
});

const total = z.object({ measure: z.string(), key: z.string(), n: count }).meta({ id: "Total" });
const drift = z
  .object({
    stream: z.string(),
    period: z.string(),
    measure: z.string(),
    key: z.string(),
    live: count,
    exact: count,
    differing: count.describe("Members whose live number is another than the exact one."),
    at: z.string().describe("The oldest of the comparisons that this is made of."),
  })
  .meta({ id: "Drift" });
const partition = z
  .object({
    stream: z.string(),
    day: z.string(),
    bucket: count,
    version: count,
    factsRows: count,
    factsBytes: count,
    resolvedRows: count,
    resolvedBytes: count,
    rule: count.describe("Of resolving, that it was resolved by."),
    rules: count.describe("Of counting, that it was counted by."),
    settledAt: z.string(),
    checkedAt: z.string(),
    dirty: z.boolean().describe("Something landed that is not in it yet."),
    damaged: z.string().nullable().describe("The object that was found damaged."),
  })
  .meta({ id: "Partition" });
const balance = z
  .object({
    ledgers: count,
    reported: count.describe("Ledgers that ever reported."),
    from: z.string().nullable().describe("The oldest report: the watermark."),
    to: z.string().nullable().describe("The newest report."),
    received: count,
    applied: count,
    duplicate: count,
    rejected: count,
    parked: count,
    pending: count,
    holds: z.boolean().describe("received = applied + duplicate + rejected + parked + pending"),
    archive: z.object({
      held: count.describe("(identity, day) pairs that ledgers published."),
      rows: count.describe("Rows of all partitions."),
      landed: count.describe("Lines that are in no version yet, repetitions too."),
      dirty: count,
      neverSettled: count,
      unresolved: count,
      damaged: count,
    }),
    archiveHolds: z.boolean().nullable().describe("held = rows; null while something moves."),
  })
  .meta({ id: "Balance" });

const period = z.string().max(16);
const totalsQuery = pageQuery(500).extend({
  stream: streamName.default("workouts"),
  period: period.default("all").describe("week, month, all, 2026-W47 or 2026-11"),
  rules: z.coerce.number().int().min(0).optional().describe("Today's unless said."),
});
const driftQuery = pageQuery(500);
const partitionsQuery = pageQuery(500)
  .extend({
    from: day.optional(),
    to: day.optional().describe("Both days included."),
    damaged: z.enum(["true", "false"]).optional(),
  })
  .refine(isRange, aRange);

export const opsArchiveRoutes: readonly Route[] = [
  ...opsRunRoutes,
  route({
    ...read,
    path: "/v1/ops/totals",
    summary: "Exact totals of a period, under one version of the rules",
    query: totalsQuery,
    answers: listOf(total),
    handle: totals,
  }),
  route({
    ...read,
    path: "/v1/ops/drift",
    summary: "How far the live boards were from the exact totals when last compared",
    query: driftQuery,
    answers: listOf(drift),
    handle: drifts,
  }),
  route({
    ...read,
    path: "/v1/ops/partitions",
    summary: "The archive's partitions, by day",
    query: partitionsQuery,
    answers: listOf(partition),
    handle: partitions,
  }),
  route({
    ...read,
    path: "/v1/ops/balance",
    summary: "Whether everything that was received is accounted for",
    answers: { 200: { description: "As of the oldest report.", schema: balance } },
    handle: balanced,
  }),
];

async function totals(
  call: Call<undefined, z.output<typeof totalsQuery>, undefined>,
): Promise<Response> {
  const { stream, cursor, limit, rules = streams[stream].rules.version } = call.query;
  const asked = parsePeriod(call.query.period, call.nowMs);
  if (!asked.ok)
    return call.fail("invalid-request", { fields: [{ field: "query.period", rule: "custom" }] });
  const after = afterCursor(cursor, ["", ""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(
        `SELECT measure, key, n FROM total WHERE stream = ? AND rules = ? AND period = ?
         AND (measure, key) > (?, ?) ORDER BY measure, key LIMIT ?`,
      )
      .bind(stream, rules, asked.value, ...after, limit + 1)
      .all<{ measure: string; key: string; n: number }>(),
  );
  return json(
    pageOf(
      results,
      limit,
      (r) => [r.measure, r.key],
      (r) => r,
    ),
  );
}

async function drifts(
  call: Call<undefined, z.output<typeof driftQuery>, undefined>,
): Promise<Response> {
  const { cursor, limit } = call.query;
  const after = afterCursor(cursor, ["", "", "", ""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  type Row = Readonly<Record<"stream" | "period" | "measure" | "key", string>> &
    Readonly<Record<"live" | "exact" | "differing" | "at", number>>;
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(
        `SELECT stream, period, measure, key, sum(live) AS live, sum(exact) AS exact,
           sum(differing) AS differing, min(at) AS at
         FROM drift WHERE (stream, period, measure, key) > (?, ?, ?, ?)
         GROUP BY stream, period, measure, key
         ORDER BY stream, period, measure, key LIMIT ?`,
      )
      .bind(...after, limit + 1)
      .all<Row>(),
  );
  const keyOf = (r: Row) => [r.stream, r.period, r.measure, r.key];
  return json(pageOf(results, limit, keyOf, (r) => ({ ...r, at: formatMoment(r.at) })));
}

type PartitionRow = Readonly<Record<"stream" | "day", string>> &
  Readonly<
    Record<
      | "bucket"
      | "version"
      | "factsRows"
      | "factsBytes"
      | "resolvedRows"
      | "resolvedBytes"
      | "rule"
      | "rules"
      | "settledAt"
      | "checkedAt"
      | "dirty",
      number
    >
  > & { readonly damaged: string | null };

async function partitions(
  call: Call<undefined, z.output<typeof partitionsQuery>, undefined>,
): Promise<Response> {
  const { cursor, limit, from = "", to = "~", damaged } = call.query;
  const after = afterCursor(cursor, ["", "", -1] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const only = { true: "AND damaged IS NOT NULL", false: "AND damaged IS NULL", any: "" };
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(
        `SELECT stream, day, bucket, version, facts_rows AS factsRows, facts_bytes AS factsBytes,
           resolved_rows AS resolvedRows, resolved_bytes AS resolvedBytes, rule, rules,
           settled_at AS settledAt, checked_at AS checkedAt, damaged,
           EXISTS (SELECT 1 FROM dirty AS d WHERE d.stream = p.stream AND d.day = p.day
             AND d.bucket = p.bucket) AS dirty
         FROM partition AS p WHERE day BETWEEN ? AND ? AND (stream, day, bucket) > (?, ?, ?)
         ${only[damaged ?? "any"]} ORDER BY stream, day, bucket LIMIT ?`,
      )
      .bind(from, to, ...after, limit + 1)
      .all<PartitionRow>(),
  );
  const keyOf = (r: PartitionRow) => [r.stream, r.day, r.bucket];
  const shown = ({ settledAt, checkedAt, dirty, ...row }: PartitionRow) => ({
    ...row,
    settledAt: formatMoment(settledAt),
    checkedAt: formatMoment(checkedAt),
    dirty: dirty === 1,
  });
  return json(pageOf(results, limit, keyOf, shown));
}

/** What the vault keeps because it could not be read came in too, before any ledger saw it. */
async function balanced(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const kept = await call.ports.work.parkedCount(call.token);
  if (isRefusal(kept)) return call.fail(refusalOf(kept));
  const b = await call.ports.sql(readBalance);
  const { ledgers, reported, applied, duplicate, rejected, pending } = b;
  const { held, rows, landed, dirty, neverSettled, unresolved, damaged } = b;
  const momentOf = (atMs: number | null) => (atMs === null ? null : formatMoment(atMs));
  return json({
    ledgers,
    reported,
    from: momentOf(b.fromMs),
    to: momentOf(b.toMs),
    received: b.received + kept.count,
    applied,
    duplicate,
    rejected,
    parked: b.parked + kept.count,
    pending,
    holds: holds(b),
    archive: { held, rows, landed, dirty, neverSettled, unresolved, damaged },
    archiveHolds: archiveHolds(b),
  });
}
