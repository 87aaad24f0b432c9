/** Linking a provider's account, and how each link is doing. */
import { z } from "zod";
import { accountHash, type ConnectionId, type FactId } from "../../../domain/identity.ts";
import { isRefusal } from "../../../domain/ports.ts";
import type { Retraction } from "../../../domain/stream.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment } from "../../../domain/time.ts";
import { randomName } from "../../../durable-objects/erasing.ts";
import { providerNamed, providers } from "../../../providers/index.ts";
import { askedByMember, endAccount, eraseAccount, receipt, receiptOfEnding } from "../erase.ts";
import {
  claimAccount,
  connectionsOfAccount,
  connectionsOfMember,
  liftForgotten,
  refusedClaimsOf,
  replacedConnections,
} from "../members.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const connection = z
  .object({
    id: z.string(),
    provider: z.string(),
    since: z.string(),
    status: z.enum(["connected", "syncing", "behind", "needs-reconnecting"]),
    lastRead: z.string().nullable(),
    forgottenTo: z
      .string()
      .nullable()
      .describe("What happened up to then was erased and is not taken, until it is lifted."),
    unconfirmed: z
      .array(z.string())
      .describe("Said of the account without proof; nothing changed."),
  })
  .meta({ id: "Connection" });

const refusedClaimsMax = 50;
/** Identities that the vault is told of at once. */
const liftedAtOnce = 5_000;

const refusedClaim = z.object({
  provider: z.string(),
  at: z.string(),
  side: z.enum(["claimant", "holder"]),
});

const link = z.object({ code: z.string().min(1).max(2048) }).strict();
const params = z.object({
  connection: z.string().max(64).describe("To link: a provider's name. Else: a connection's id."),
});
const ending = z.object({
  data: z.enum(["keep", "erase"]).default("keep").describe("What becomes of what came by it."),
});

/** A connection's tokens are a sealed row of its name; retracted, they are gone for good. */
const tokensOf = (connection: ConnectionId): Retraction => ({
  id: connection as string as FactId,
  revision: Number.MAX_SAFE_INTEGER,
  retracted: true,
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
    audit: { deed: "connect", by: "edge" },
    summary: "Link an account with the code that its provider gave",
    params,
    body: link,
    answers: {
      201: { description: "Linked.", schema: z.object({ id: z.string(), provider: z.string() }) },
    },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "not-a-member",
      "not-found",
      "conflict",
      "provider-refused",
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
    rows.map(async (row) => {
      const status = await ports.connection(row.id).status();
      return {
        id: row.id,
        provider: row.provider,
        since: formatMoment(row.madeAtMs),
        status: status.failing ?? (status.pending > 0 ? "syncing" : "connected"),
        lastRead: status.lastReadMs === null ? null : formatMoment(status.lastReadMs),
        forgottenTo: row.forgottenToMs === null ? null : formatMoment(row.forgottenToMs),
        unconfirmed: status.unconfirmed,
      };
    }),
  );
  const refusedClaims = await refusedClaimsOf(ports, member, refusedClaimsMax);
  return json({ items, next: null, refusedClaims });
}

/**
 *   1. the vault exchanges the code and seals the tokens    a crash: tokens of a connection that
 *                                                           nobody knows; the member asks again
 *   2. the warehouse binds the account to the member        refused if another member holds it
 *   3. the connection learns whom it reads for, and so do   a crash: asking again makes up for it
 *      those it takes the place of: what they were told
 *      of and could not read is read with the new tokens
 *   4. tokens that nobody may use any more go             a crash: the next link takes them along
 */
async function connect(
  call: Call<z.output<typeof params>, undefined, z.output<typeof link>>,
): Promise<Response> {
  const { ports, member, nowMs } = call;
  const provider = providerNamed(call.params.connection);
  if (provider?.link === undefined) return call.fail("not-found");
  const id = randomName("c") as ConnectionId;
  const linked = await ports.connect.link(member, id, provider.name, call.body.code);
  if ("failed" in linked)
    return call.fail(linked.failed === "code" ? "provider-refused" : "unavailable");
  const account = await accountHash(ports.digest, provider.name, linked.account);
  const claim = { id, member, provider: provider.name, account };
  const claimed = await claimAccount(ports, claim, nowMs);
  if (typeof claimed === "string") {
    await ports.vault.retract(member, [tokensOf(id)]);
    return call.fail("conflict");
  }
  const { forgottenToMs } = claimed;
  const reads = { connection: id, member, provider: provider.name, account, forgottenToMs };
  const replaced = await replacedConnections(ports, claim);
  for (const each of [id, ...replaced]) await ports.connection(each).open(reads);
  if (replaced.length > 0) await ports.vault.retract(member, replaced.map(tokensOf));
  return json({ id, provider: provider.name }, 201);
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
  const link = { connection: id, member, provider, account, forgottenToMs: null };
  await ports.connection(id).open(link);
  return json({ id, lifted });
}
