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
  ConnectionStatus,
  LinkOutcome,
} from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { Instant } from "../../domain/time.ts";
import { droppedStatus, randomName } from "../../durable-objects/erasing.ts";
import type { Provider } from "../../providers/provider.ts";
import {
  claimAccount,
  type HeldAccount,
  livingConnection,
  replacedConnections,
} from "./accounts.ts";
import { entered } from "./audit.ts";
import { type Ending, takeAuthorisation } from "./authorisation.ts";
import type { EdgeEnv } from "./env.ts";
import { revokeAll } from "./erase.ts";
import type { Ports } from "./ports.ts";
import { type ProblemName, problem, problemNameOf } from "./problem.ts";
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
export type Linked = { readonly id: ConnectionId } | { readonly failed: ProblemName };

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
 *   2. the link that was begun is taken      a crash: it is spent, the member begins anew
 *   3. the account is linked                 see `link`
 *   4. what came of it is in the log         a crash: shown as unknown; it is linked all the same
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
      const taken = await takeAuthorisation(ports, provider.name, state, by, nowMs);
      linked = taken === null ? { failed: "link-expired" } : await link(linking);
      return "failed" in linked ? fail(linked.failed) : json(null, 201);
    },
  );
  return linked ?? { failed: problemNameOf(answer) ?? "internal" };
}

/**
 *   1. the vault exchanges the code and seals the tokens    a crash: tokens of a connection that
 *                                                           nobody knows; the member links again
 *   2. the warehouse binds the account to the member, and   refused if another member holds either:
 *      with it the one whose place it took; the member's    the tokens go and nothing is changed
 *      own earlier connections to either end
 *   3. the connection learns whom it reads for and what     a crash before: it is live and asks for
 *      was read already                                     nothing; linking again makes up for it
 *   4. those it took the place of read what still waits     a crash: the next link does it
 *      there with the new tokens; with nothing left they
 *      stop at once
 *   5. the former account's own connection stops, and its   a crash: the next link does it
 *      provider is told; its data stays
 *   6. tokens that nobody may use any more go, and what     a crash: the next link takes them along
 *      is shown of those connections
 *   7. the member may have linked anew, or disconnected,    a crash: it asks with no token, and is
 *      meanwhile: then it stops                             refused, until the next link
 */
async function link(linking: Linking): Promise<Linked> {
  const { ports, member, provider, code, state, redirectUri, nowMs } = linking;
  const id = randomName("c") as ConnectionId;
  const grant = { code, state, redirectUri };
  const granted = await ports.connect.link(member, id, provider.name, grant);
  if ("failed" in granted)
    return { failed: granted.failed === "code" ? "provider-refused" : "unavailable" };
  const { account, formerly } = await hashesOf(ports, provider.name, granted);
  const claim = { id, member, provider: provider.name, account, formerly };
  const claimed = await claimAccount(ports, claim, nowMs);
  if (typeof claimed === "string" || claimed.id !== id) {
    await ports.vault.retract(member, [tokensOf(id)]);
    if (typeof claimed !== "string") return { id: claimed.id };
    return { failed: claimed === "ended" ? "unavailable" : "conflict" };
  }
  const replaced = await replacedConnections(ports, claim, claim);
  const former = formerly === null ? [] : await replacedConnections(ports, claim, formerly);
  const before = await statusesOf(ports, [...replaced, ...former]);
  const reads: ConnectionLink = {
    connection: id,
    member,
    provider: provider.name,
    account,
    forgottenToMs: claimed.forgottenToMs,
    scopes: granted.scopes,
    // Of the newest that has read anything; one whose data was erased has forgotten it.
    have: before.find(({ have }) => have !== null)?.have ?? null,
  };
  await ports.connection(id).open(reads);
  for (const [i, each] of replaced.entries()) {
    const old = ports.connection(each);
    await ((before[i]?.pending ?? 0) > 0 ? old.open(reads) : old.forget());
  }
  for (const each of former) await ports.connection(each).forget();
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

const statusesOf = (ports: Ports, ids: readonly ConnectionId[]): Promise<ConnectionStatus[]> =>
  Promise.all(ids.map((id) => ports.connection(id).status()));

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
