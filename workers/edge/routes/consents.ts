/** Whom a member lets read what, and the record of everyone who looked. Both live in the vault. */
import { z } from "zod";
import { purposes, readableColumns } from "../../../domain/consent.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { type Consent, isRefusal } from "../../../domain/ports.ts";
import { formatMoment, parseMoment } from "../../../domain/time.ts";
import { memberRow } from "../members.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const grantee = z.union([
  z.object({ member: z.string().regex(/^[\w-]{1,64}$/, "a member's id") }).strict(),
  z.object({ role: z.enum(["coach"]) }).strict(),
]);

const draft = z
  .object({
    grantee: grantee.describe("A person by their id, or everyone who holds a role."),
    columns: z.array(z.enum(readableColumns)).min(1).max(readableColumns.length),
    purpose: z.enum(purposes).default("coaching"),
    until: moment.optional(),
  })
  .strict();

const consent = z
  .object({
    id: z.string(),
    version: z.number().int(),
    grantee,
    columns: z.array(z.enum(readableColumns)),
    purpose: z.enum(purposes),
    granted: z.string(),
    until: z.string().nullable(),
    revoked: z.string().nullable(),
  })
  .meta({ id: "Consent" });

const entry = z
  .object({
    at: z.string(),
    who: z.object({ id: z.string(), name: z.string().nullable(), role: z.string() }),
    action: z.enum(["view", "edit", "delete", "admin"]),
    columns: z.array(z.string()),
    records: z.number().int(),
    purpose: z.string(),
    outcome: z.string(),
    ground: z.string().describe("Own data, the consent that allowed it, or why it was refused."),
  })
  .meta({ id: "AccessEntry" });

const params = z.object({ id: z.string().max(64) });
const query = pageQuery(200);

export const consentRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/consents",
    tag: "restricted",
    access: "member",
    summary: "What I have allowed, revoked ones included",
    answers: {
      200: {
        description: "Consents.",
        schema: z.object({ items: z.array(consent), next: z.null() }),
      },
    },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "post",
    path: "/v1/consents",
    tag: "restricted",
    access: "member",
    summary: "Allow a person or a role to read columns for a purpose",
    body: draft,
    answers: { 201: { description: "Granted.", schema: consent } },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "forbidden",
      "not-a-member",
      "unavailable",
    ],
    handle: grant,
  }),
  route({
    method: "delete",
    path: "/v1/consents/:id",
    tag: "restricted",
    access: "member",
    summary: "Revoke, at once",
    params,
    answers: { 200: { description: "Revoked.", schema: z.object({ revoked: z.string() }) } },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: revoke,
  }),
  route({
    method: "get",
    path: "/v1/access-log",
    tag: "restricted",
    access: "member",
    summary: "Who looked at my restricted data, when, at what and on what ground",
    query,
    answers: {
      200: {
        description: "Entries, newest first.",
        schema: z.object({ items: z.array(entry), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: accessLog,
  }),
];

async function list(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const answer = await call.ports.open.consents(call.token);
  if (isRefusal(answer)) return call.fail(refusalOf(answer));
  return json({ items: answer.items.map(shown), next: null });
}

async function grant(call: Call<undefined, undefined, z.output<typeof draft>>): Promise<Response> {
  const { grantee: to, columns, purpose, until } = call.body;
  const notAfter = until === undefined ? null : parseMoment(until);
  if (notAfter?.ok && notAfter.value.atMs <= call.nowMs)
    return call.fail("invalid-request", { fields: [{ field: "body.until", rule: "in_the_past" }] });
  const isKnown = "role" in to || (await memberRow(call.ports, to.member as MemberId)) !== null;
  if (!isKnown)
    return call.fail("invalid-request", { fields: [{ field: "body.grantee", rule: "nobody" }] });
  const granted = await call.ports.open.grant(call.token, {
    grantee: "role" in to ? { kind: "role", id: to.role } : { kind: "member", id: to.member },
    columns,
    purpose,
    notAfterMs: notAfter?.ok ? notAfter.value.atMs : null,
  });
  return isRefusal(granted) ? call.fail(refusalOf(granted)) : json(shown(granted), 201);
}

async function revoke(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const revoked = await call.ports.open.revoke(call.token, call.params.id);
  return isRefusal(revoked) ? call.fail(refusalOf(revoked)) : json(revoked);
}

async function accessLog(
  call: Call<undefined, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { cursor = null, limit } = call.query;
  if (cursor !== null && !/^\d{1,15}$/.test(cursor)) return call.fail("invalid-request");
  const log = await call.ports.open.accessLog(call.token, cursor, limit);
  if (isRefusal(log)) return call.fail(refusalOf(log));
  const items = log.items.map((e) => ({
    at: formatMoment(e.atMs),
    who: { id: e.actor, name: e.actorName, role: e.actorRole },
    action: e.action,
    columns: e.columns,
    records: e.rows,
    purpose: e.purpose,
    outcome: e.outcome,
    ground: e.ground,
  }));
  return json({ items, next: log.next });
}

const shown = (c: Consent) => ({
  id: c.id,
  version: c.version,
  grantee: c.grantee.kind === "role" ? { role: c.grantee.id } : { member: c.grantee.id },
  columns: c.columns,
  purpose: c.purpose,
  granted: formatMoment(c.grantedAtMs),
  until: c.notAfterMs === null ? null : formatMoment(c.notAfterMs),
  revoked: c.revokedAtMs === null ? null : formatMoment(c.revokedAtMs),
});
