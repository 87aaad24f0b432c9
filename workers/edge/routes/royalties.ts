/**
 * For labels and artists: statements of royalties, of each the lines of the artists that they read
 * (`readers.ts`) and no others. What an operator does about them is in `ops-royalties.ts`.
 */
import * as z from "zod";
import { type DsrMessage, dpid, dsr, dsrName } from "../../../domain/royalties/dsr.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { readsOf } from "../readers.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import {
  type KeptStatement,
  placeOf,
  readLines,
  readOwnSums,
  readStatement,
  readStatements,
  sha256Of,
} from "../royalty-rows.ts";
import {
  lineShape,
  month,
  shownLine,
  shownStatement,
  statementShape,
  versionsMax,
} from "../royalty-shape.ts";
import { linesMax } from "../royalty-totals.ts";

const params = z.object({ period: month });
const version = z.coerce.number().int().min(1).max(versionsMax).optional();
const listQuery = pageQuery(120);
const linesQuery = pageQuery(1_000).extend({
  version: version.describe("The newest unless said."),
});
const cellText = z.string().regex(/^[^\p{Cc}]{1,200}$/u);
const dsrQuery = z
  .object({
    version,
    recipient: z.string().regex(dpid, "a DDEX party id").optional(),
    recipientName: cellText.optional(),
  })
  .refine((q) => (q.recipient === undefined) === (q.recipientName === undefined), {
    path: ["recipientName"],
    error: "both or neither",
  });

const read = {
  method: "get",
  tag: "royalties",
  access: "member",
  audit: { deed: "see-royalties", by: "edge" },
} as const;
const refusals = ["invalid-request", "unauthenticated", "not-a-member", "forbidden"] as const;

export const royaltyRoutes: readonly Route[] = [
  route({
    ...read,
    path: "/v1/royalties",
    summary: "Statements of royalties by month and version, with what they come to for the caller",
    query: listQuery,
    answers: {
      200: {
        description: "A page, the latest first. For the roles label and artist.",
        schema: z.object({ items: z.array(statementShape), next: z.string().nullable() }),
      },
    },
    problems: [...refusals, "unavailable"],
    handle: list,
  }),
  route({
    ...read,
    path: "/v1/royalties/:period",
    summary: "A month's statement: the lines of the artists that the caller reads",
    params,
    query: linesQuery,
    answers: {
      200: {
        description: "A page, by artist, track and territory.",
        schema: statementShape.extend({ items: z.array(lineShape), next: z.string().nullable() }),
      },
    },
    problems: [...refusals, "not-found", "unavailable"],
    handle: show,
  }),
  route({
    ...read,
    path: "/v1/royalties/:period/dsr",
    summary: "The same lines as a DDEX digital sales report, Basic Audio Profile 1.2",
    params,
    query: dsrQuery,
    answers: { 200: { description: "A flat file.", type: "text/tab-separated-values" } },
    problems: [...refusals, "not-found", "unavailable"],
    handle: report,
  }),
];

/** Null: the caller has neither role. */
async function artistsOf({ ports, member, caller }: Call): Promise<string[] | null> {
  const held = (["artist", "label"] as const).filter((role) => caller?.roles.includes(role));
  if (held.length === 0) return null;
  const read = await Promise.all(held.map((role) => readsOf(ports, member, role)));
  return [...new Set(read.flat())].sort();
}

const latest: readonly [string, number] = ["~", 0];

async function list(
  call: Call<undefined, z.output<typeof listQuery>, undefined>,
): Promise<Response> {
  const { limit, cursor } = call.query;
  const before = afterCursor(cursor, latest);
  if (before === null) return call.fail("invalid-request", badCursor);
  const artists = await artistsOf(call);
  if (artists === null) return call.fail("forbidden");
  const rows = await call.ports.sql((db) => readStatements(db, artists, before, limit + 1));
  return json(
    pageOf(
      rows,
      limit,
      ({ head }) => [head.period, head.version],
      (row) => shownStatement(row, row.own),
    ),
  );
}

type Of<Q extends z.ZodType> = Call<z.output<typeof params>, z.output<Q>, undefined>;

const kept = ({ ports, params: { period }, query }: Of<typeof linesQuery | typeof dsrQuery>) =>
  ports.sql((db) => readStatement(db, period, query.version ?? null));

async function show(call: Of<typeof linesQuery>): Promise<Response> {
  const { limit, cursor } = call.query;
  const after = afterCursor(cursor, ["", "", ""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const artists = await artistsOf(call);
  if (artists === null) return call.fail("forbidden");
  const statement = await kept(call);
  if (statement === null) return call.fail("not-found");
  const [own, lines] = await call.ports.sql((db) =>
    Promise.all([
      readOwnSums(db, statement.head, artists),
      readLines(db, statement.head, artists, after, limit + 1),
    ]),
  );
  return json({ ...shownStatement(statement, own), ...pageOf(lines, limit, placeOf, shownLine) });
}

const senderShape = z.object({ id: z.string().regex(dpid), name: cellText });

async function report(call: Of<typeof dsrQuery>): Promise<Response> {
  const artists = await artistsOf(call);
  if (artists === null) return call.fail("forbidden");
  const { DSR_SENDER = "" } = call.env;
  const statement = DSR_SENDER === "" ? null : await kept(call);
  if (statement === null) return call.fail("not-found");
  const lines = await call.ports.sql((db) =>
    readLines(db, statement.head, artists, ["", "", ""], linesMax),
  );
  if (lines.length === 0) return call.fail("not-found");
  const { recipient: id, recipientName: name } = call.query;
  const recipient = id === undefined || name === undefined ? null : { id, name };
  const of = { sender: senderShape.parse(JSON.parse(DSR_SENDER)), recipient, lines };
  const message = await messageOf(statement, artists, of);
  return new Response(dsr(message), {
    headers: {
      "content-type": "text/tab-separated-values; charset=utf-8",
      "content-disposition": `attachment; filename="${dsrName(message)}"`,
      "cache-control": "no-store",
    },
  });
}

/** The same statement for the same party is the same message, byte for byte. */
async function messageOf(
  { head, sha256, madeAtMs }: KeptStatement,
  artists: readonly string[],
  of: Pick<DsrMessage, "sender" | "recipient" | "lines">,
): Promise<DsrMessage> {
  const about = await sha256Of(JSON.stringify([sha256, artists, of.recipient]));
  const messageId = `${head.period}.${head.version}.${about.slice(0, 32)}`;
  const { period, currency } = head;
  return { messageId, createdAtMs: madeAtMs, period, currency, ...of };
}
