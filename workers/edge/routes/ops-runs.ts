/**
 * For operators: asking the archive to settle or to make a partition anew, and how far it is. A run
 * stands in the warehouse before anybody is woken for it, so none is lost that was answered.
 */
import * as z from "zod";
import type { Partition } from "../../../domain/ports.ts";
import { type StreamName, streamNamed } from "../../../domain/streams.ts";
import { formatMoment, isLocalDate } from "../../../domain/time.ts";
import { randomName } from "../../../durable-objects/erasing.ts";
import { errorClass, logLine } from "../../../kernel/wide-event.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const faultsShownMax = 500;
const bucketMax = 99;
const access = { role: "operator" } as const;

export const day = z.string().refine(isLocalDate, "a day");
export const streamName = z
  .string()
  .max(64)
  .refine((name) => streamNamed(name) !== undefined, "a stream")
  .transform((name) => name as StreamName);

interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}
export const isRange = ({ from = "", to = "~" }: Days): boolean => from <= to;
/** Names the end that lies before its beginning. */
export const aRange = { path: ["to"], error: "a range" };

const settle = z
  .strictObject({ kind: z.literal("settle"), from: day.optional(), to: day.optional() })
  .refine(isRange, aRange);
const rebuild = z
  .strictObject({
    kind: z.literal("rebuild"),
    stream: streamName,
    day,
    bucket: z.int().min(0).max(bucketMax),
  })
  .refine(({ stream, bucket }) => bucket < (streamNamed(stream)?.buckets ?? 0), {
    path: ["bucket"],
    error: "a bucket",
  });
const asked = z.discriminatedUnion("kind", [settle, rebuild]);

const moment = z.string().nullable();
const run = z
  .object({
    id: z.string(),
    kind: z.enum(["settle", "rebuild", "erase", "snapshot", "redact"]),
    of: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe(
        "The range or the partition; null for an erasure or a redaction, which say not whose they are.",
      ),
    askedAt: z.string(),
    startedAt: moment,
    finishedAt: moment,
    stage: z.string().describe("Empty until it is begun."),
    done: z.number().int(),
    total: z.number().int(),
    outcome: z.string().nullable().describe("Null until it is finished."),
  })
  .meta({ id: "Run" });
const fault = z.object({ object: z.string(), fault: z.string(), at: z.string() });

const params = z.object({ id: z.string().max(128) });
const query = pageQuery(200);

export const opsRunRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/ops/runs",
    tag: "operations",
    access,
    audit: { deed: "settle", by: "edge" },
    summary: "Have the archive settle, or make one partition anew from its ledgers",
    body: asked,
    answers: { 202: { description: "It stands in line; nothing of it is done yet.", schema: run } },
    problems: ["invalid-request", "not-json", "unauthenticated", "forbidden", "unavailable"],
    handle: ask,
  }),
  route({
    method: "get",
    path: "/v1/ops/runs",
    tag: "operations",
    access,
    audit: { deed: "see-archive", by: "edge" },
    summary: "What the archive was asked to do, the newest first",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(run), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/ops/runs/:id",
    tag: "operations",
    access,
    audit: { deed: "see-archive", by: "edge" },
    summary: "How far a run is, and what stood in its way",
    params,
    answers: {
      200: {
        description: "`faults` name the objects; nothing of them was overwritten.",
        schema: run.extend({ faults: z.array(fault) }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: show,
  }),
];

interface RunRow {
  readonly id: string;
  readonly kind: string;
  readonly args: string;
  readonly asked_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly outcome: string | null;
}
const columns = "id, kind, args, asked_at, started_at, finished_at, stage, done, total, outcome";

const momentOf = (atMs: number | null) => (atMs === null ? null : formatMoment(atMs));
/** An erasure's arguments would say whose it is, and so would a redaction's. */
const hasOwner = (kind: string): boolean => kind === "erase" || kind === "redact";
const shown = ({ args, asked_at, started_at, finished_at, ...row }: RunRow) => ({
  ...row,
  of: hasOwner(row.kind) ? null : JSON.parse(args),
  askedAt: formatMoment(asked_at),
  startedAt: momentOf(started_at),
  finishedAt: momentOf(finished_at),
});

function argsOf(body: z.output<typeof asked>): object {
  const { kind, ...args } = body;
  return kind === "settle" ? args : { partition: args as Partition };
}

/**
 *   1. the run stands in the warehouse   a crash here: the archive's clock finds it, and begins
 *   2. the archive is woken              it may be told more often than once: one at a time has it
 */
async function ask(call: Call<undefined, undefined, z.output<typeof asked>>): Promise<Response> {
  const { ports, body, nowMs, requestId } = call;
  const row: RunRow = {
    id: randomName("run"),
    kind: body.kind,
    args: JSON.stringify(argsOf(body)),
    asked_at: nowMs,
    started_at: null,
    finished_at: null,
    stage: "",
    done: 0,
    total: 0,
    outcome: null,
  };
  await ports.sql((db) =>
    db
      .prepare(
        "INSERT INTO run (id, kind, args, asked_at, stage, state) VALUES (?, ?, ?, ?, '', '{}')",
      )
      .bind(row.id, row.kind, row.args, row.asked_at)
      .run(),
  );
  try {
    await ports.runs.send({ run: row.id });
  } catch (error) {
    logLine({ event: "run", requestId, outcome: "not-woken", error: errorClass(error) });
  }
  return json(shown(row), 202);
}

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { cursor, limit } = call.query;
  const before = afterCursor(cursor, [Number.MAX_SAFE_INTEGER, ""] as const);
  if (before === null) return call.fail("invalid-request", badCursor);
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(
        `SELECT ${columns} FROM run WHERE (asked_at, id) < (?, ?)
         ORDER BY asked_at DESC, id DESC LIMIT ?`,
      )
      .bind(...before, limit + 1)
      .all<RunRow>(),
  );
  return json(pageOf(results, limit, (r) => [r.asked_at, r.id], shown));
}

async function show(call: Call<z.output<typeof params>, undefined, undefined>): Promise<Response> {
  const { id } = call.params;
  const [runs, faults] = await call.ports.sql((db) =>
    db.batch<unknown>([
      db.prepare(`SELECT ${columns} FROM run WHERE id = ?`).bind(id),
      db
        .prepare("SELECT object, fault, at FROM run_fault WHERE run = ? ORDER BY object LIMIT ?")
        .bind(id, faultsShownMax),
    ]),
  );
  const [row] = (runs?.results ?? []) as RunRow[];
  if (row === undefined) return call.fail("not-found");
  const stood = (faults?.results ?? []) as { object: string; fault: string; at: number }[];
  return json({
    ...shown(row),
    faults: stood.map((f) => ({ ...f, at: formatMoment(f.at) })),
  });
}
