/**
 * Linking an account: what the member's browser brought back becomes a connection, whoever brings
 * it, the browser itself or the member's app. It is in the log of who looked before the link that was
 * begun is taken, and the same account is never held twice.
 */
import {
  accountHash,
  type ConnectionId,
  type FactId,
  type MemberId,
} from "../../domain/identity.ts";
import type {
  AuditPort,
  ConnectionLink,
  ConnectionPort,
  ConnectionStatus,
  LinkOutcome,
} from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { Instant } from "../../domain/time.ts";
import { droppedStatus, randomName } from "../../durable-objects/erasing.ts";
import type { Provider } from "../../providers/provider.ts";
import {
  claimAccount,
  connectionsTo,
  type HeldAccount,
  livingConnection,
  replacedConnections,
} from "./accounts.ts";
import { entered } from "./audit.ts";
import { type Ending, takeAuthorisation } from "./authorisation.ts";
import type { EdgeEnv } from "./env.ts";
import type { Ports } from "./ports.ts";
import { type ProblemName, problem, problemNameOf } from "./problem.ts";
import { type Held, holdCalls, revokeAll } from "./provider-calls.ts";
import { json } from "./route.ts";

export interface Linking {
  readonly ports: Ports;
  readonly requestId: string;
  readonly nowMs: Instant;
  readonly member: MemberId;
  readonly provider: Provider;
  readonly code: string;
  readonly state: string;
  readonly redirectUri: string;
}
export type Linked =
  | { readonly id: ConnectionId }
  /** `waitMs`: nothing was taken; the same may be said again then. */
  | { readonly failed: ProblemName; readonly waitMs?: number };

/** A member waits for their turn at the provider so long; then they say it again. */
const turnMsMax = 3_000;

/** Where this provider sends browsers back to: the same when it is asked and when it is answered. */
export function redirectUriOf(env: EdgeEnv, request: Request, provider: Provider): string {
  const base = env.PUBLIC_URL === "" ? new URL(request.url).origin : env.PUBLIC_URL;
  return `${base.replace(/\/+$/, "")}/oauth/${provider.name}/callback`;
}

/** A connection's tokens are a sealed row of its name; retracted, they are gone for good. */
export const tokensOf = (connection: ConnectionId): Retraction => ({
  id: connection as string as FactId,
  revision: Number.MAX_SAFE_INTEGER,
  retracted: true,
});

/**
 * `begin`: writes the intent, by the member's token or, for a browser that has none, by the link
 * that they began with it.
 *
 *   1. the intent is in the log              a crash: shown as unknown, nothing was done
 *   2. the provider may be called            refused, or a crash: the same may be said again
 *   3. the link that was begun is taken      a crash: it is spent, the member begins anew
 *   4. the account is linked                 see `link`
 *   5. what came of it is in the log         a crash: shown as unknown; it is linked all the same
 */
export async function endLink(
  linking: Linking,
  by: Ending,
  begin: () => ReturnType<AuditPort["begin"]>,
): Promise<Linked> {
  const { ports, requestId, member, provider, state, nowMs } = linking;
  const fail = (name: ProblemName) => problem(name, requestId);
  const asked = { deed: "connect" as const, member, columns: [], purpose: "" };
  const log = { begin, end: ports.log.end };
  let linked: Linked | null = null;
  const answer = await entered(
    { log, token: "", requestId, asked, ground: "own", fail },
    async () => {
      // The vault asks whose account it is and, where it can, what was granted.
      const want = provider.link?.permissions === undefined ? 1 : 2;
      const ask = { want, least: want };
      const held = await holdCalls(ports, provider.name, ask, Date.now() + turnMsMax);
      if ("waitMs" in held) linked = { failed: "unavailable", waitMs: held.waitMs };
      else if (await takeAuthorisation(ports, provider.name, state, by, nowMs))
        linked = await link(linking, held);
      else {
        await held.end(0);
        linked = { failed: "link-expired" };
      }
      return "failed" in linked ? fail(linked.failed) : json(null, 201);
    },
  );
  return linked ?? { failed: problemNameOf(answer) ?? "internal" };
}

/**
 *   1. the vault exchanges the code and seals the tokens    a crash: tokens of a connection that
 *                                                           nobody knows; the member links again
 *      an earlier connection to the account is still        refused: the tokens go; the member
 *      being erased, since its provider ended it            links again once that is done
 *   2. the warehouse binds the account to the member, and   refused if another member holds either:
 *      with it the one whose place it took; the member's    the tokens go and nothing is changed
 *      own earlier connections to either end
 *   3. the connection learns whom it reads for, what was    a crash before: it is live and asks for
 *      read already, and what those it took the place of    nothing; the sweep opens it
 *      leave to it; they stop, see `openInPlace`
 *   4. the former account's provider is told; its data      a crash: it is not told
 *      stays
 *   5. tokens that nobody may use any more go, and what     a crash: the next link takes them along
 *      is shown of those connections
 *   6. the member may have linked anew, or disconnected,    a crash: it asks with no token, and is
 *      meanwhile: then it stops                             refused, until the next link
 */
async function link(linking: Linking, held: Held): Promise<Linked> {
  const { ports, member, provider, code, state, redirectUri, nowMs } = linking;
  const id = randomName("c") as ConnectionId;
  const grant = { code, state, redirectUri };
  const granted = await ports.connect.link(member, id, provider.name, grant);
  if ("failed" in granted) {
    // Else only the vault knows how far it came: the calls stay spent.
    if (granted.failed === "code") await held.end(0);
    // The code is spent by now: the same request again would find nothing to end.
    return { failed: granted.failed === "forgotten" ? "unavailable" : "provider-refused" };
  }
  await held.end(held.granted);
  const { account, formerly } = await hashesOf(ports, provider.name, granted);
  const claim = { id, member, provider: provider.name, account, formerly };
  const earlier = await statusesOf(ports.connection, await connectionsTo(ports, claim));
  if (earlier.some(({ ending }) => ending)) {
    await ports.vault.retract(member, [tokensOf(id)]);
    return { failed: "unavailable" };
  }
  const claimed = await claimAccount(ports, claim, nowMs);
  if (typeof claimed === "string" || claimed.id !== id) {
    await ports.vault.retract(member, [tokensOf(id)]);
    if (typeof claimed !== "string") return { id: claimed.id };
    return { failed: claimed === "ended" ? "unavailable" : "conflict" };
  }
  const replaced = await replacedConnections(ports, claim, claim);
  const former = formerly === null ? [] : await replacedConnections(ports, claim, formerly);
  const reads = { connection: id, member, provider: provider.name, account };
  const { forgottenToMs } = claimed;
  await openInPlace(
    ports.connection,
    { ...reads, forgottenToMs, scopes: granted.scopes, have: null },
    replaced,
    former,
  );
  if (formerly !== null)
    await revokeAll(
      ports,
      former.map((each) => ({ id: each, member, provider: formerly.provider })),
    );
  await dropTokens(ports, member, [...replaced, ...former]);
  const living = await livingConnection(ports, claim);
  if (living?.id !== id) {
    await ports.connection(id).forget();
    await dropTokens(ports, member, [id]);
  }
  return { id: living?.id ?? id };
}

/**
 * Opens it with what those whose place it took leave to it. An object that is being erased leaves
 * nothing, and goes on with that. `former` were at another provider, or another account there.
 *
 *   1. they ask nothing any more, and say what they leave   a crash: asked again, they say the same
 *   2. it is opened with that                               a crash: it is opened again; to be left
 *                                                           the same twice changes nothing
 *   3. they stop                                            a crash: they ask nothing
 */
export async function openInPlace(
  connection: (id: string) => ConnectionPort,
  link: ConnectionLink,
  replaced: readonly ConnectionId[],
  former: readonly ConnectionId[],
): Promise<void> {
  const before = await statusesOf(connection, [...replaced, ...former]);
  const leaving = replaced.filter((_, i) => !before[i]?.ending);
  const handed = await Promise.all(leaving.map((each) => connection(each).handOver()));
  // Of the newest that has read anything; one whose data is erased has forgotten it, or will.
  const newest = before.find(({ have, ending }) => have !== null && !ending)?.have ?? null;
  await connection(link.connection).open({ ...link, have: link.have ?? newest }, handed);
  for (const each of [...replaced, ...former]) await connection(each).forget();
}

const statusesOf = (
  connection: (id: string) => ConnectionPort,
  ids: readonly ConnectionId[],
): Promise<ConnectionStatus[]> => Promise.all(ids.map((id) => connection(id).status()));

/** And what is shown of those connections. */
async function dropTokens(ports: Ports, member: MemberId, ids: readonly ConnectionId[]) {
  if (ids.length === 0) return;
  await ports.vault.retract(member, ids.map(tokensOf));
  await ports.sql((db) => db.batch(droppedStatus(db, ids)));
}

async function hashesOf(
  ports: Ports,
  provider: string,
  { account, formerly }: Exclude<LinkOutcome, { readonly failed: unknown }>,
): Promise<{ readonly account: string; readonly formerly: HeldAccount | null }> {
  const hash = (of: string, name: string) => accountHash(ports.digest, of, name);
  return {
    account: await hash(provider, account),
    formerly: formerly && {
      provider: formerly.provider,
      account: await hash(formerly.provider, formerly.account),
    },
  };
}
