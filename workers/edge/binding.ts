/**
 * From a proven account to a connection that reads for its member, however the account was proven:
 * by a code that was exchanged, or by a word that its provider said back. What it takes the place of
 * leaves it what it knows, and stops.
 */
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import type { ConnectionLink, ConnectionPort, ConnectionStatus } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { Instant } from "../../domain/time.ts";
import { droppedStatus } from "../../durable-objects/erasing.ts";
import {
  type Claim,
  claimAccount,
  connectionsTo,
  livingConnection,
  replacedConnections,
} from "./accounts.ts";
import type { ConnectionRow } from "./members.ts";
import type { Ports } from "./ports.ts";
import { revokeAll } from "./provider-calls.ts";

/** A connection's tokens are a sealed row of its name; retracted, they are gone for good. */
export const tokensOf = (connection: ConnectionId): Retraction => ({
  id: connection as string as FactId,
  revision: Number.MAX_SAFE_INTEGER,
  retracted: true,
});

/** `id`: of the connection that stands now; another than was asked for, if the member was quicker. */
export type Bound = { readonly id: ConnectionId } | "conflict" | "unavailable";

/**
 *      an earlier connection to the account is still        refused: it can be bound once that is
 *      being erased, since its provider ended it            done
 *   1. the warehouse binds the account to the member, and   refused if another member holds either,
 *      with it the one whose place it took; the member's    and nothing is changed
 *      own earlier connections to either end
 *   2. the connection learns whom it reads for, what was    a crash before: it is live and asks for
 *      read already, and what those it took the place of    nothing; the sweep opens it
 *      leave to it; they stop, see `openInPlace`
 *   3. the former account's provider is told; its data      a crash: it is not told
 *      stays
 *   4. tokens that nobody may use any more go, and what     a crash: the next link takes them along
 *      is shown of those connections
 *   5. the member may have linked anew, or disconnected,    a crash: it asks with no token, and is
 *      meanwhile: then it stops                             refused, until the next link
 */
export async function bindAccount(
  ports: Ports,
  claim: Claim,
  scopes: readonly string[] | null,
  nowMs: Instant,
): Promise<Bound> {
  const { id, member, provider, account, formerly } = claim;
  const earlier = await statusesOf(ports.connection, await connectionsTo(ports, claim));
  if (earlier.some(({ ending }) => ending)) return "unavailable";
  const claimed = await claimAccount(ports, claim, nowMs);
  if (typeof claimed === "string") return claimed === "ended" ? "unavailable" : "conflict";
  if (claimed.id !== id) return { id: claimed.id };
  const replaced = await replacedConnections(ports, claim, claim);
  const former = formerly === null ? [] : await replacedConnections(ports, claim, formerly);
  const { forgottenToMs } = claimed;
  const reads = { connection: id, member, provider, account, forgottenToMs };
  await openInPlace(ports.connection, { ...reads, scopes, have: null }, replaced, former);
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

/** One that stands already, as whoever bound it would have gone on to; opened twice it is the same. */
export async function openAgain(ports: Ports, row: ConnectionRow): Promise<Bound> {
  const { id, member, provider, account, forgottenToMs } = row;
  const reads = { connection: id, member, provider, account, forgottenToMs };
  if ((await ports.connection(id).status()).ending) return "unavailable";
  await openInPlace(ports.connection, reads, await replacedConnections(ports, row, row), []);
  return { id };
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
