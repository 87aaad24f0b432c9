/**
 * Whom a member lets read what or forbids to, and who went in without asking. All of it lives in
 * the vault.
 */
import * as z from "zod";
import { purposes, readableColumns } from "../../../domain/consent.ts";
import { type BreakGlassNotice, type Consent, isRefusal } from "../../../domain/ports.ts";
import { formatMoment, parseMoment } from "../../../domain/time.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
export const memberId = z.string().regex(/^[\w-]{1,64}$/, "a member's id");
/**
 * Whole, so that hardly a slip of the pen is one. Whether anybody has it is not said: an id that nobody
 * has reads nothing, and never becomes somebody's.
 */
const wholeId = z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id");
const grantee = z.union([
  z.object({ member: wholeId }).strict(),
  z.object({ role: z.enum(["coach"]) }).strict(),
]);

const effect = z.enum(["permit", "forbid"]).describe("A forbid beats every permit that it meets.");

const draft = z
  .object({
    grantee: grantee.describe("A person by their id, or everyone who holds a role."),
    columns: z.array(z.enum(readableColumns)).min(1).max(readableColumns.length),
    purpose: z.enum(purposes).default("coaching"),
    effect: effect.default("permit"),
    from: moment.optional().describe("Absent: at once."),
    until: moment.optional().describe("The last moment of it; absent: until it is revoked."),
  })
  .strict();

export const consent = z
  .object({
    id: z.string(),
    version: z.number().int(),
    effect,
    grantee,
    columns: z.array(z.enum(readableColumns)),
    purpose: z.enum(purposes),
    granted: z.string(),
    from: z.string().nullable(),
    until: z.string().nullable(),
    revoked: z.string().nullable(),
  })
  .meta({ id: "Consent" });

const notice = z
  .object({
    id: z.string(),
    operator: z.string(),
    reason: z.string(),
    at: z.string(),
    until: z.string(),
  })
  .meta({ id: "BreakGlass" });

const params = z.object({ id: z.string().max(64) });

export const consentRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/consents",
    tag: "restricted",
    access: "member",
    audit: { deed: "see-settings", by: "nobody", why: "members see their own consents" },
    summary: "What I have allowed and forbidden, revoked ones included, and who went in without",
    answers: {
      200: {
        description: "Consents, and each time an operator broke the glass.",
        schema: z.object({
          items: z.array(consent),
          breakGlass: z.array(notice).describe("Newest first, with the reason that was given."),
          next: z.null(),
        }),
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
    audit: { deed: "grant-consent", by: "vault" },
    summary: "Allow a person or a role to read columns for a purpose, or forbid it",
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
    audit: { deed: "revoke-consent", by: "vault" },
    summary: "Revoke, at once",
    params,
    answers: { 200: { description: "Revoked.", schema: z.object({ revoked: z.string() }) } },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: revoke,
  }),
];

async function list(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const answer = await call.ports.open.consents(call.token);
  if (isRefusal(answer)) return call.fail(refusalOf(answer));
  return json({
    items: answer.items.map(shown),
    breakGlass: answer.breakGlass.map(told),
    next: null,
  });
}

async function grant(call: Call<undefined, undefined, z.output<typeof draft>>): Promise<Response> {
  const { grantee: to, columns, purpose, effect: draftEffect, from, until } = call.body;
  const period = { notBeforeMs: momentOf(from), notAfterMs: momentOf(until) };
  const wrong = wrongIn(call, period);
  if (wrong !== null) return call.fail("invalid-request", { fields: [wrong] });
  const granted = await call.ports.open.grant(call.token, {
    effect: draftEffect,
    grantee: "role" in to ? { kind: "role", id: to.role } : { kind: "member", id: to.member },
    columns,
    purpose,
    ...period,
  });
  return isRefusal(granted) ? call.fail(refusalOf(granted)) : json(shown(granted), 201);
}

type Period = Pick<Consent, "notBeforeMs" | "notAfterMs">;

function momentOf(text: string | undefined): number | null {
  const parsed = text === undefined ? null : parseMoment(text);
  return parsed?.ok ? parsed.value.atMs : null;
}

function wrongIn(
  { member, nowMs, body }: Call<undefined, undefined, z.output<typeof draft>>,
  { notBeforeMs, notAfterMs }: Period,
) {
  const rule = (field: string, name: string) => ({ field: `body.${field}`, rule: name });
  if (notAfterMs !== null && notAfterMs <= nowMs) return rule("until", "in_the_past");
  if (notBeforeMs !== null && notAfterMs !== null && notBeforeMs >= notAfterMs)
    return rule("from", "not_before_until");
  const isOneself = "member" in body.grantee && body.grantee.member === member;
  return isOneself ? rule("grantee", "oneself") : null;
}

async function revoke(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const revoked = await call.ports.open.revoke(call.token, call.params.id);
  return isRefusal(revoked) ? call.fail(refusalOf(revoked)) : json(revoked);
}

const told = ({ id, operator, reason, atMs, untilMs }: BreakGlassNotice) => ({
  id,
  operator,
  reason,
  at: formatMoment(atMs),
  until: formatMoment(untilMs),
});

const orNull = (atMs: number | null) => (atMs === null ? null : formatMoment(atMs));

export const shown = (c: Consent) => ({
  id: c.id,
  version: c.version,
  effect: c.effect,
  grantee: c.grantee.kind === "role" ? { role: c.grantee.id } : { member: c.grantee.id },
  columns: c.columns,
  purpose: c.purpose,
  granted: formatMoment(c.grantedAtMs),
  from: orNull(c.notBeforeMs),
  until: orNull(c.notAfterMs),
  revoked: orNull(c.revokedAtMs),
});
