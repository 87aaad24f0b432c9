/** Linking a provider's account, and how each link is doing. */
import { z } from "zod";
import type { ConnectionId } from "../../../domain/identity.ts";
import { type ConnectionStatus, isRefusal } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment } from "../../../domain/time.ts";
import { errorClass, logLine } from "../../../kernel/wide-event.ts";
import { providerNamed, providers } from "../../../providers/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import { keepAuthorisation, newSecret, stateCharsMax } from "../authorisation.ts";
import { connection, shownConnection } from "../connection-shape.ts";
import { askedByMember, endAccount, eraseAccount, receipt, receiptOfEnding } from "../erase.ts";
import { endLink, redirectUriOf, tokensOf } from "../linking.ts";
import {
  connectionsOfAccount,
  connectionsOfMember,
  liftForgotten,
  refusedClaimsOf,
} from "../members.ts";
import type { Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { browserCookie, browserSecret, isReturnTo } from "./oauth.ts";

const refusedClaimsMax = 50;
/** Identities that the vault is told of at once. */
const liftedAtOnce = 5_000;
const codeCharsMax = 2_048;
const returnToCharsMax = 2_048;

const refusedClaim = z.object({
  provider: z.string(),
  at: z.string(),
  side: z.enum(["claimant", "holder"]),
});

const link = z
  .strictObject({
    returnTo: z
      .string()
      .max(returnToCharsMax)
      .optional()
      .describe("To begin: where the browser is sent in the end; an origin that is allowed here."),
    code: z
      .string()
      .min(1)
      .max(codeCharsMax)
      .optional()
      .describe("To end: as the provider gave it."),
    state: z.string().min(1).max(stateCharsMax).optional().describe("To end: as it was begun."),
  })
  .superRefine(({ returnTo, code, state }, at) => {
    const said = (path: string) =>
      at.addIssue({ code: "custom", path: [path], message: "code and state, or neither" });
    if (code === undefined && state !== undefined) said("code");
    if (code !== undefined && state === undefined) said("state");
    if (code !== undefined && returnTo !== undefined) said("returnTo");
  });
const begun = z.object({
  authorise: z.string().describe("Where the member grants access: an address at the provider."),
  state: z.string().describe("Comes back with the code; good once, and only for this member."),
  expires: z.string(),
  scopes: z.array(z.object({ scope: z.string(), why: z.string(), needed: z.boolean() })),
});
const linked = z.object({ id: z.string(), provider: z.string() });
const params = z.object({
  connection: z.string().max(64).describe("To link: a provider's name. Else: a connection's id."),
});
const ending = z.object({
  data: z.enum(["keep", "erase"]).default("keep").describe("What becomes of what came by it."),
});

export const connectionRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/providers",
    tag: "providers",
    access: "public",
    audit: { none: "facts about providers, nobody's data" },
    summary: "Which providers are known, and what they are like",
    answers: { 200: { description: "Facts by provider." } },
    problems: [],
    handle: async () =>
      json({
        items: Object.values(providers).map(({ name, stream, facts }) => ({
          name,
          stream,
          ...facts,
        })),
        next: null,
      }),
  }),
  route({
    method: "get",
    path: "/v1/connections",
    tag: "members",
    access: "member",
    audit: { deed: "see-settings", by: "nobody", why: "members see their own connections" },
    summary: "My linked accounts, and claims on them that were refused",
    answers: {
      200: {
        description: "Connections.",
        schema: z.object({
          items: z.array(connection),
          next: z.null(),
          refusedClaims: z.array(refusedClaim),
        }),
      },
    },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "post",
    path: "/v1/connections/:connection",
    tag: "members",
    access: "member",
    audit: { deed: "connect", by: "handler" },
    summary: "Begin to link an account, or end it with the code that its provider gave",
    params,
    body: link,
    answers: {
      201: {
        description: "Begun, for ten minutes, with the cookie `__Host-link`; or linked.",
        schema: z.union([begun, linked]),
      },
    },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "not-a-member",
      "not-found",
      "conflict",
      "provider-refused",
      "link-expired",
      "unavailable",
    ],
    handle: connect,
  }),
  route({
    method: "delete",
    path: "/v1/connections/:connection",
    tag: "members",
    access: "member",
    audit: { deed: "disconnect", by: "edge", also: ["erase-connection"] },
    summary: "End a connection: its tokens go, and if asked everything that came from the account",
    params,
    query: ending,
    answers: { 200: { description: "What was done, step by step.", schema: receipt } },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: disconnect,
  }),
  route({
    method: "post",
    path: "/v1/connections/:connection/sync",
    tag: "members",
    access: "member",
    audit: { deed: "sync-now", by: "edge" },
    summary: "Read what is newest at the provider now",
    params,
    answers: {
      202: {
        description: "It is read at `next`: at once, or as soon as it may be asked again.",
        schema: z.object({ next: z.string() }),
      },
    },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: syncNow,
  }),
  route({
    method: "post",
    path: "/v1/connections/:connection/lift",
    tag: "members",
    access: "member",
    audit: { deed: "lift-forgotten", by: "edge" },
    summary: "What was erased of this account may come again",
    params,
    answers: {
      200: {
        description: "From now on it is taken; `lifted` counts records that were retracted here.",
        schema: z.object({ id: z.string(), lifted: z.number().int() }),
      },
    },
    problems: ["unauthenticated", "not-a-member", "not-found", "too-many", "unavailable"],
    handle: lift,
  }),
];

async function list(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const { ports, member } = call;
  const rows = await connectionsOfMember(ports, member);
  const items = await Promise.all(
    rows.map(async (row) => shownConnection(row, await statusOf(ports, row.id))),
  );
  const refusedClaims = await refusedClaimsOf(ports, member, refusedClaimsMax);
  return json({ items, next: null, refusedClaims });
}

/** One that has never shown anything and does not answer: known is only that we are to blame. */
const silent: ConnectionStatus = {
  state: "behind",
  why: "ours",
  pending: 0,
  behindSinceMs: null,
  backfill: null,
  lastReceivedMs: null,
  lastCheckedMs: null,
  nextMs: null,
  unconfirmed: [],
  scopes: null,
  have: null,
  ending: false,
};

/** Of one that does not answer, what it showed last: the others' are no less true for it. */
async function statusOf(ports: Ports, id: ConnectionId): Promise<ConnectionStatus> {
  try {
    return await ports.connection(id).status();
  } catch (error) {
    if (errorClass(error) !== "Unavailable") throw error;
    logLine({ worker: "edge", event: "status", outcome: "unavailable", error: errorClass(error) });
  }
  const shown = await ports.sql((db) =>
    db
      .prepare("SELECT body FROM connection_status WHERE connection = ?")
      .bind(id)
      .first<{ body: string }>(),
  );
  return shown === null ? silent : { ...silent, ...JSON.parse(shown.body) };
}

type LinkCall = Call<z.output<typeof params>, undefined, z.output<typeof link>>;

async function connect(call: LinkCall): Promise<Response> {
  const provider = providerNamed(call.params.connection);
  if (provider?.link === undefined) return call.fail("not-found");
  const { code, state } = call.body;
  if (code === undefined || state === undefined) return begin(call, provider);
  const { env, ports, requestId, nowMs, member, token } = call;
  const redirectUri = redirectUriOf(env, call.request, provider);
  const done = await endLink(
    { ports, requestId, nowMs, member, provider, code, state, redirectUri },
    { member },
    () => ports.log.begin(token, { deed: "connect", member, columns: [], purpose: "" }),
  );
  if ("failed" in done) {
    if (done.waitMs === undefined) return call.fail(done.failed);
    const seconds = String(Math.ceil(done.waitMs / 1_000));
    return problem(done.failed, requestId, {}, { "retry-after": seconds });
  }
  return json({ id: done.id, provider: provider.name }, 201);
}

/** Nothing is linked yet: the member is told where to grant, and the browser that it is the one. */
async function begin(call: LinkCall, provider: Provider): Promise<Response> {
  const { ports, env, member, nowMs } = call;
  const { returnTo = null } = call.body;
  if (returnTo !== null && !isReturnTo(env.RETURN_TO, returnTo))
    return call.fail("invalid-request", {
      fields: [{ field: "body.returnTo", rule: "not-allowed" }],
    });
  const [state, browser] = [newSecret(), browserSecret(call.request)];
  const redirectUri = redirectUriOf(env, call.request, provider);
  const authorise = await ports.connect.begin(provider.name, state, redirectUri);
  if (authorise === null) return call.fail("not-found");
  const of = { member, provider: provider.name, returnTo, state, browser };
  const expires = formatMoment(await keepAuthorisation(ports, of, nowMs));
  const scopes = provider.link?.scopes.map(({ scope, why, needed }) => ({ scope, why, needed }));
  const cookie = { "set-cookie": browserCookie(browser) };
  return json({ authorise, state, expires, scopes: scopes ?? [] }, 201, cookie);
}

/** Only what can be asked: what a member's own device sends waits for the device. */
async function syncNow(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const { ports, member } = call;
  const id = call.params.connection;
  const found = (await connectionsOfMember(ports, member)).find((one) => one.id === id);
  if (found === undefined || providerNamed(found.provider)?.link === undefined)
    return call.fail("not-found");
  const { nextMs } = await ports.connection(found.id).readNow();
  return json({ next: formatMoment(nextMs) }, 202);
}

/** Kept or erased, nothing more is taken from the account; `eraseAccount` says in which order. */
async function disconnect(
  call: Call<z.output<typeof params>, z.output<typeof ending>, undefined>,
): Promise<Response> {
  const { ports, member, nowMs } = call;
  const id = call.params.connection as ConnectionId;
  const account = await connectionsOfAccount(ports, member, id);
  if (account === null) return call.fail("not-found");
  const asking = askedByMember(call);
  if (call.query.data === "erase") {
    const erased = await eraseAccount(asking, account);
    return isRefusal(erased) ? call.fail(refusalOf(erased)) : json(erased);
  }
  const steps = await endAccount(asking, account);
  await ports.vault.retract(member, account.ids.map(tokensOf));
  const tokens = { step: "tokens", atMs: nowMs, count: account.ids.length };
  return json(await receiptOfEnding(asking, [...steps, tokens]));
}

/**
 * Not while all of it is being erased.
 *
 *   1. the ledgers tell the vault what they retracted and take those facts again
 *                                                    a crash before 2: the readings stay refused
 *                                                    until it is asked again; what has not come
 *                                                    again is named again
 *   2. the vault takes their readings again          until 3 nothing of it is accepted
 *   3. the warehouse knows it, then the connection   asked again, the connection is told again
 */
async function lift(call: Call<z.output<typeof params>, undefined, undefined>): Promise<Response> {
  const { ports, member, token } = call;
  const id = call.params.connection as ConnectionId;
  const found = (await connectionsOfMember(ports, member)).find((one) => one.id === id);
  if (found === undefined) return call.fail("not-found");
  const { scopes, have, ending: isEnding } = await ports.connection(id).status();
  if (isEnding) return call.fail("unavailable");
  let lifted = 0;
  for (const stream of Object.values(streams)) {
    const ledger = ports.ledger(stream, member);
    await ledger.nudge();
    const facts = await ledger.lift(found.account);
    for (let i = 0; i < facts.length; i += liftedAtOnce) {
      const rows = await ports.open.lift(token, facts.slice(i, i + liftedAtOnce));
      if (isRefusal(rows)) return call.fail(refusalOf(rows));
    }
    lifted += facts.length;
  }
  await liftForgotten(ports, id);
  const { provider, account } = found;
  const link = { connection: id, member, provider, account, forgottenToMs: null, scopes, have };
  await ports.connection(id).open(link);
  return json({ id, lifted });
}
