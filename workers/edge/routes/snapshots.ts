/**
 * For a merchant's scientists: frozen days to learn from. The archive copies them once under a name
 * of theirs; here one is asked for, looked at, and read object by object. Everybody else is told
 * that there is nothing here.
 */
import * as z from "zod";
import { findCardNumbers } from "../../../domain/cards/find.ts";
import {
  type SnapshotObject,
  snapshotDaysMax,
  snapshotObject,
} from "../../../domain/finance/snapshot.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { addDays, formatMoment, type Instant } from "../../../domain/time.ts";
import { randomName } from "../../../durable-objects/erasing.ts";
import { errorClass, logLine } from "../../../kernel/wide-event.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { isErased } from "../members.ts";
import { Unavailable } from "../ports.ts";
import { mayRead } from "../readers.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { merchantId } from "./books.ts";
import { aRange, day, isRange } from "./ops-runs.ts";

const redactionsShownMax = 1_000;

const snapshotName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a snapshot's name")
  .refine((name) => findCardNumbers(name).length === 0, "no card number");
const ofMerchant = z.object({ merchant: merchantId });
const ofSnapshot = ofMerchant.extend({ name: snapshotName });
const ofDay = ofSnapshot.extend({ day });
const query = pageQuery(100);
const asked = z
  .strictObject({ name: snapshotName, from: day, to: day })
  .refine(isRange, aRange)
  .refine(({ from, to }) => to < addDays(from, snapshotDaysMax), {
    path: ["to"],
    error: "too far",
  });

const integer = z.number().int();
const snapshot = z
  .object({
    name: z.string(),
    from: z.string(),
    to: z.string(),
    state: z.enum(["making", "made", "failed"]),
    asked: z.string(),
    made: z.string().nullable(),
    days: integer.describe("That have lines; each is an object of its own."),
    rows: integer,
    bytes: integer,
  })
  .meta({ id: "Snapshot" });
const whole = snapshot.extend({
  objects: z.array(
    z.object({
      day: z.string(),
      rows: integer,
      bytes: integer,
      sha256: z.string(),
      versions: z
        .array(z.tuple([integer, integer]))
        .describe("Of which buckets of the archive it was copied, and of which version of each."),
      href: z.string(),
    }),
  ),
  redactions: z
    .array(
      z.object({
        day: z.string(),
        at: z.string(),
        why: z.string(),
        rows: integer,
        sha256Before: z.string(),
        sha256After: z.string(),
      }),
    )
    .describe("All that ever changed it, the oldest first."),
});

const access = { role: "scientist" } as const;
const see = {
  method: "get",
  tag: "books",
  access,
  audit: { deed: "see-snapshots", by: "edge", of: "merchant" },
  problems: [
    ...(["invalid-request", "unauthenticated", "forbidden"] as const),
    ...(["not-found", "unavailable"] as const),
  ],
} as const;

export const snapshotRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/merchants/:merchant/snapshots",
    tag: "books",
    access,
    audit: { deed: "make-snapshot", by: "edge", of: "merchant" },
    summary: "Have a merchant's lines of some business days copied, once, under a name",
    params: ofMerchant,
    body: asked,
    answers: {
      200: { description: "It was asked for before.", schema: snapshot },
      202: { description: "It stands in line; nothing of it is copied yet.", schema: snapshot },
    },
    problems: [
      ...(["not-json", "invalid-request", "unauthenticated", "forbidden"] as const),
      ...(["not-found", "name-used", "unavailable"] as const),
    ],
    handle: (call) => asScientist(call, () => make(call)),
  }),
  route({
    ...see,
    path: "/v1/merchants/:merchant/snapshots",
    summary: "Which snapshots there are",
    params: ofMerchant,
    query,
    answers: {
      200: {
        description: "A page, by name.",
        schema: z.object({ items: z.array(snapshot), next: z.string().nullable() }),
      },
    },
    handle: (call) => asScientist(call, () => list(call)),
  }),
  route({
    ...see,
    path: "/v1/merchants/:merchant/snapshots/:name",
    summary: "What a snapshot is made of, and what was ever taken out of it",
    params: ofSnapshot,
    answers: { 200: { description: "Object by object.", schema: whole } },
    handle: (call) => asScientist(call, () => show(call)),
  }),
  route({
    ...see,
    path: "/v1/merchants/:merchant/snapshots/:name/:day",
    summary: "A day of a snapshot, as Parquet",
    params: ofDay,
    answers: {
      200: {
        description: "Its lines; `ETag` is the digest that the snapshot's list says.",
        type: "application/vnd.apache.parquet",
      },
    },
    handle: (call) => asScientist(call, () => read(call)),
  }),
];

type MerchantCall = Call<{ readonly merchant: MemberId }>;

async function asScientist(call: MerchantCall, act: () => Promise<Response>): Promise<Response> {
  const { ports, member, params } = call;
  const may = await mayRead(ports, member, "scientist", params.merchant);
  return may ? act() : call.fail("not-found");
}

interface SnapshotRow {
  readonly name: string;
  readonly from_day: string;
  readonly to_day: string;
  readonly objects: string;
  readonly run: string;
  readonly asked_at: Instant;
  readonly made_at: Instant | null;
  readonly finished_at: Instant | null;
}
const columns = `s.name, s.from_day, s.to_day, s.objects, s.run, s.asked_at, s.made_at,
  r.finished_at FROM snapshot AS s LEFT JOIN run AS r ON r.id = s.run`;

function shown(row: SnapshotRow): z.output<typeof snapshot> {
  const objects = JSON.parse(row.objects) as readonly SnapshotObject[];
  const state = row.made_at !== null ? "made" : row.finished_at === null ? "making" : "failed";
  return {
    ...{ name: row.name, from: row.from_day, to: row.to_day, state },
    asked: formatMoment(row.asked_at),
    made: row.made_at === null ? null : formatMoment(row.made_at),
    days: objects.length,
    rows: objects.reduce((n, { rows }) => n + rows, 0),
    bytes: objects.reduce((n, { bytes }) => n + bytes, 0),
  };
}

/**
 *   1. name and run stand in the warehouse, together   a crash here: the archive's clock begins it;
 *                                                      of a merchant erased meanwhile, neither does
 *   2. the archive is woken
 */
async function make(
  call: Call<z.output<typeof ofMerchant>, undefined, z.output<typeof asked>>,
): Promise<Response> {
  const { ports, body, nowMs, requestId } = call;
  const { merchant } = call.params;
  const { name, from, to } = body;
  const run = randomName("run");
  const results = await ports.sql((db) =>
    db.batch<unknown>([
      db
        .prepare(
          `INSERT INTO snapshot (merchant, name, from_day, to_day, objects, run, asked_at)
           SELECT ?1, ?2, ?3, ?4, '[]', ?5, ?6 WHERE NOT ${isErased("?1")}
           ON CONFLICT DO NOTHING`,
        )
        .bind(merchant, name, from, to, run, nowMs),
      db
        .prepare(
          `INSERT INTO run (id, kind, args, asked_at, stage, state)
           SELECT ?1, 'snapshot', ?2, ?3, '', '{}' FROM snapshot
           WHERE merchant = ?4 AND name = ?5 AND run = ?1`,
        )
        .bind(run, JSON.stringify({ merchant, name, from, to }), nowMs, merchant, name),
      db.prepare(`SELECT ${columns} WHERE s.merchant = ? AND s.name = ?`).bind(merchant, name),
    ]),
  );
  const row = results[2]?.results[0] as SnapshotRow | undefined;
  if (row === undefined) return call.fail("not-found");
  if (row.run !== run)
    return row.from_day === from && row.to_day === to ? json(shown(row)) : call.fail("name-used");
  try {
    await ports.runs.send({ run });
  } catch (error) {
    logLine({ event: "run", requestId, outcome: "not-woken", error: errorClass(error) });
  }
  return json(shown(row), 202);
}

async function list(
  call: Call<z.output<typeof ofMerchant>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { cursor, limit } = call.query;
  const after = afterCursor(cursor, [""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(`SELECT ${columns} WHERE s.merchant = ? AND s.name > ? ORDER BY s.name LIMIT ?`)
      .bind(call.params.merchant, after[0], limit + 1)
      .all<SnapshotRow & Record<string, unknown>>(),
  );
  return json(pageOf(results, limit, ({ name }) => [name], shown));
}

interface RedactionRow {
  readonly object: string;
  readonly at: Instant;
  readonly why: string;
  readonly rows: number;
  readonly sha256Before: string;
  readonly sha256After: string;
}

async function show(
  call: Call<z.output<typeof ofSnapshot>, undefined, undefined>,
): Promise<Response> {
  const { merchant, name } = call.params;
  const [rows, redactions] = await call.ports.sql((db) =>
    db.batch<unknown>([
      db.prepare(`SELECT ${columns} WHERE s.merchant = ? AND s.name = ?`).bind(merchant, name),
      db
        .prepare(
          `SELECT object, at, why, rows, sha256_before AS sha256Before, sha256_after AS sha256After
           FROM snapshot_redaction WHERE merchant = ? AND name = ? ORDER BY at, object LIMIT ?`,
        )
        .bind(merchant, name, redactionsShownMax),
    ]),
  );
  const row = rows?.results[0] as SnapshotRow | undefined;
  if (row === undefined) return call.fail("not-found");
  const objects = JSON.parse(row.objects) as readonly SnapshotObject[];
  return json({
    ...shown(row),
    objects: objects.map(({ object: _, ...one }) => ({
      ...one,
      href: `/v1/merchants/${merchant}/snapshots/${name}/${one.day}`,
    })),
    redactions: ((redactions?.results ?? []) as RedactionRow[]).map(({ object, at, ...one }) => ({
      day: object.slice(object.lastIndexOf("/") + 1, object.lastIndexOf(".")),
      at: formatMoment(at),
      ...one,
    })),
  });
}

async function read(call: Call<z.output<typeof ofDay>, undefined, undefined>): Promise<Response> {
  const { merchant, name, day: of } = call.params;
  let object: R2ObjectBody | null;
  try {
    object = await call.env.SNAPSHOTS.get(snapshotObject(merchant, name, of));
  } catch (error) {
    throw new Unavailable("snapshots", error);
  }
  if (object === null) return call.fail("not-found");
  return new Response(object.body, {
    headers: {
      "content-type": "application/vnd.apache.parquet",
      "content-length": String(object.size),
      "cache-control": "no-store",
      etag: `"${object.customMetadata?.sha256 ?? ""}"`,
    },
  });
}
