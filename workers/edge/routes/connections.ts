/** Linking a provider's account, and how each link is doing. */
import * as z from "zod";
import type { ConnectionId } from "../../../domain/identity.ts";
import { type ConnectionStatus, isRefusal } from "../../../domain/ports.ts";
import { formatMoment } from "../../../domain/time.ts";
import { ledgersOf } from "../../../durable-objects/erasing.ts";
import { errorClass, logLine } from "../../../kernel/wide-event.ts";
import { providerNamed } from "../../../providers/index.ts";
import { tokensOf } from "../binding.ts";
import { connection, shownConnection } from "../connection-shape.ts";
import { askedByMember, endAccount, eraseAccount, receipt, receiptOfEnding } from "../erase.ts";
import {
  connectionsOfAccount,
  connectionsOfMember,
  liftForgotten,
  refusedClaimsOf,
} from "../members.ts";
import type { Ports } from "../ports.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const refusedClaimsMax = 50;
/** Identities that the vault is told of at once. */
const liftedAtOnce = 5_000;

const refusedClaim = z.object({
  provider: z.string(),
  at: z.string(),
  side: z.enum(["claimant", "holder"]),
});

const params = z.object({
  connection: z.string().max(64).describe("A connection's id."),
});
const ending = z.object({
  data: z.enum(["keep", "erase"]).default("keep").describe("What becomes of what came by it."),
});

export const connectionRoutes: readonly Route[] = [
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

/** Only what can be asked: what a member's own device sends waits for the device. */
async function syncNow(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const { ports, member } = call;
  const id = call.params.connection;
  const found = (await connectionsOfMember(ports, member)).find((one) => one.id === id);
  const provider = found && providerNamed(found.provider);
  if (found === undefined || (provider?.link === undefined && provider?.pull === undefined))
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
  for (const [stream, shard] of ledgersOf({ member, provider: found.provider })) {
    const ledger = ports.ledger(stream, shard);
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
