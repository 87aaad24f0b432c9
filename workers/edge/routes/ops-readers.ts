/**
 * For operators: whom a role lets read what. The role stands in the token, what it is good for in
 * these rows: an artist's name for artists and labels, a merchant's member id for the others.
 */
import * as z from "zod";
import type { MemberId } from "../../../domain/identity.ts";
import { nameKey } from "../../../domain/listens/names.ts";
import { formatMoment } from "../../../domain/time.ts";
import { entered } from "../audit.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { isErased, memberRow } from "../members.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const ofArtists = ["artist", "label"] as const;
const ofMerchants = ["merchandiser", "finance", "scientist"] as const;
const memberId = z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id");

const isOfArtists = (role: Role): boolean => ofArtists.some((one) => one === role);
type Role = (typeof ofArtists)[number] | (typeof ofMerchants)[number];

/** As it stands in its row: artists by the key of their names, so that any spelling is one. */
const keyOf = ({ role, of }: { readonly role: Role; readonly of: string }): string =>
  isOfArtists(role) ? nameKey(of) : of;
const reader = z
  .strictObject({
    member: memberId,
    role: z.enum([...ofArtists, ...ofMerchants]),
    of: z
      .string()
      .min(1)
      .max(500)
      .describe("An artist's name in any spelling, or a merchant's id."),
  })
  .refine((r) => (isOfArtists(r.role) ? keyOf(r) !== "" : memberId.safeParse(r.of).success), {
    path: ["of"],
    error: "an artist or a merchant",
  });
type Reader = z.output<typeof reader>;

const shown = z
  .object({
    member: z.string(),
    role: z.enum([...ofArtists, ...ofMerchants]),
    of: z.string().describe("An artist's name as names are compared, or a merchant's member id."),
    made: z.string(),
  })
  .meta({ id: "Reader" });

const query = pageQuery(500).extend({ member: memberId.optional() });
const operator = {
  path: "/v1/ops/readers",
  tag: "operations",
  access: { role: "operator" },
} as const;
/** Looking is about the operator alone; letting is about the merchant whose sales it is. */
const looking = { deed: "set-readers", by: "edge" } as const;
const letting = { deed: "set-readers", by: "handler" } as const;

export const opsReaderRoutes: readonly Route[] = [
  route({
    ...operator,
    method: "get",
    audit: looking,
    summary: "Who reads whose listens or sales, by member",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(shown), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: list,
  }),
  route({
    ...operator,
    method: "put",
    audit: letting,
    summary: "Let a member read an artist's listens or a merchant's sales, in a role of theirs",
    body: reader,
    answers: { 200: { description: "They read it, and may have before.", schema: shown } },
    problems: [
      ...(["invalid-request", "not-json", "unauthenticated", "forbidden"] as const),
      ...(["not-found", "unavailable"] as const),
    ],
    handle: (call) => logged(call, call.body, () => put(call)),
  }),
  route({
    ...operator,
    method: "delete",
    audit: letting,
    summary: "Let a member read it no more",
    query: reader,
    answers: { 204: { description: "They read it no more, and may not have before." } },
    problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: (call) => logged(call, call.query, () => remove(call)),
  }),
];

/** Artists are nobody's accounts: of them the entry is about who is to read. */
function logged(
  { ports, token, requestId, fail }: Call<unknown, unknown, unknown>,
  { member, role, of }: Reader,
  act: () => Promise<Response>,
): Promise<Response> {
  const about = (isOfArtists(role) ? member : of) as MemberId;
  const asked = { deed: "set-readers", member: about, columns: [], purpose: role } as const;
  return entered({ log: ports.log, token, requestId, asked, ground: "operator", fail }, act);
}

interface Row {
  member: string;
  role: Role;
  of: string;
  made_at: number;
}
const shownRow = ({ made_at, ...row }: Row) => ({ ...row, made: formatMoment(made_at) });

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { limit, cursor, member } = call.query;
  const after = afterCursor(cursor, ["", "", ""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { results } = await call.ports.sql((db) =>
    db
      .prepare(
        `SELECT member, role, of, made_at FROM reader
         WHERE (member, role, of) > (?1, ?2, ?3) AND (?4 IS NULL OR member = ?4)
         ORDER BY member, role, of LIMIT ?5`,
      )
      .bind(...after, member ?? null, limit + 1)
      .all<Row>(),
  );
  return json(pageOf(results, limit, (row) => [row.member, row.role, row.of], shownRow));
}

async function put({ ports, nowMs, body, fail }: Call<undefined, undefined, Reader>) {
  const { member, role } = body;
  if ((await memberRow(ports, member as MemberId)) === null) return fail("not-found");
  const [row] = await ports.sql(async (db) => {
    const { results } = await db
      .prepare(
        `INSERT INTO reader (member, role, of, made_at)
         SELECT ?1, ?2, ?3, ?4 WHERE NOT ${isErased("?1")} AND NOT ${isErased("?3")}
         ON CONFLICT (member, role, of) DO UPDATE SET made_at = made_at
         RETURNING member, role, of, made_at`,
      )
      .bind(member, role, keyOf(body), nowMs)
      .all<Row>();
    return results;
  });
  return row === undefined ? fail("not-found") : json(shownRow(row));
}

async function remove({ ports, query }: Call<undefined, Reader, undefined>): Promise<Response> {
  const { member, role } = query;
  await ports.sql((db) =>
    db
      .prepare("DELETE FROM reader WHERE member = ? AND role = ? AND of = ?")
      .bind(member, role, keyOf(query))
      .run(),
  );
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}
