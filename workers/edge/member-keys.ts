/**
 * Keys by which a member's own app delivers: random, shown once, and kept as a keyed digest only. A
 * connection has one; another takes its place at once, since the app that holds it is the member's
 * own to tell. Whoever has a key may add to that one connection, and learns nothing by it.
 */
import { accountHash, type ConnectionId, type MemberId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { randomName } from "../../durable-objects/erasing.ts";
import { bearerOf } from "../../kernel/token.ts";
import type { Provider } from "../../providers/provider.ts";
import { livingConnection } from "./accounts.ts";
import { newSecret } from "./authorisation.ts";
import { type Bound, bindAccount, openAgain } from "./binding.ts";
import {
  type ConnectionColumns,
  type ConnectionRow,
  connectionColumns,
  connectionOf,
} from "./members.ts";
import type { Ports } from "./ports.ts";

/** One member's at one provider come no sooner after another; letting go of one is no way around. */
export const keyEveryMs = 60_000;
/** What stands in logs and figures for every one of them: it names neither key nor member. */
export const memberKid = "member";

const prefix = "wk_";
const keyForm = /^wk_[A-Za-z0-9_-]{43}$/;

const digestOf = (ports: Ports, provider: string, key: string): Promise<string> =>
  ports.digest(["member-key", 1, provider, key]);

export type GivenKey =
  | { readonly id: ConnectionId; readonly key: string }
  | { readonly waitMs: number }
  | "conflict"
  | "unavailable";

/**
 *   1. the member had none there just now       too soon: nothing was done, the former key counts
 *   2. the member's own connection is there     a crash: it has no key yet, or still the former one
 *   3. the key counts, and none before it       a crash: nobody ever saw it; asked again, there is
 *                                               another one
 */
export async function giveKey(
  ports: Ports,
  member: MemberId,
  { name }: Pick<Provider, "name">,
  nowMs: Instant,
): Promise<GivenKey> {
  const waitMs = await waitOf(ports, member, name, nowMs);
  if (waitMs > 0) return { waitMs };
  const bound = await ownConnection(ports, name, member, nowMs);
  if (typeof bound === "string") return bound;
  const key = `${prefix}${newSecret()}`;
  const hash = await digestOf(ports, name, key);
  const kept = await ports.sql((db) =>
    db
      .prepare(
        `UPDATE connection SET key_hash = ?4, key_at = ?5
         WHERE id = ?1 AND ended_at IS NULL AND NOT EXISTS (
           SELECT 1 FROM connection WHERE member = ?2 AND provider = ?3 AND key_at > ?6)
         RETURNING id`,
      )
      .bind(bound.id, member, name, hash, nowMs, nowMs - keyEveryMs)
      .first(),
  );
  if (kept !== null) return { id: bound.id, key };
  // Asked twice at once, the other was quicker; or somebody let go of the connection meanwhile.
  const laterMs = await waitOf(ports, member, name, nowMs);
  return laterMs > 0 ? { waitMs: laterMs } : "unavailable";
}

/** How long until another may be given; of ended connections too. */
async function waitOf(
  ports: Ports,
  member: MemberId,
  provider: string,
  nowMs: Instant,
): Promise<number> {
  const row = await ports.sql((db) =>
    db
      .prepare("SELECT max(key_at) AS at FROM connection WHERE member = ? AND provider = ?")
      .bind(member, provider)
      .first<{ at: number | null }>(),
  );
  const lastMs = row?.at ?? null;
  return lastMs === null ? 0 : Math.max(0, lastMs + keyEveryMs - nowMs);
}

/** The one there is, or a new one that reads for its member. */
async function ownConnection(
  ports: Ports,
  provider: string,
  member: MemberId,
  nowMs: Instant,
): Promise<Bound> {
  const account = await accountHash(ports.digest, provider, member);
  const id = randomName("c") as ConnectionId;
  const claim = { id, member, provider, account, formerly: null };
  const living = await livingConnection(ports, claim);
  return living === null ? bindAccount(ports, claim, null, nowMs) : openAgain(ports, living);
}

/**
 * Whose app it is that calls; null: nobody's. The key stands in the path or is the bearer, or is both;
 * two that differ are refused, like none. A header that is no bearer's is not meant for us where the
 * path has a key.
 */
export async function connectionByKey(
  ports: Ports,
  { name }: Pick<Provider, "name">,
  pathKey: string | null,
  authorization: string | null,
): Promise<ConnectionRow | null> {
  const bearer = bearerOf(authorization);
  // Both are the caller's own words: what shows in the time of comparing them, it knows.
  const differ = pathKey !== null && bearer !== null && pathKey !== bearer;
  const given = differ ? null : (pathKey ?? bearer);
  // One of another form is looked up too: that it is none shows in nothing, time included.
  const key = given !== null && keyForm.test(given) ? given : "";
  const hash = await digestOf(ports, name, key);
  const row = await ports.sql((db) =>
    db
      .prepare(
        `SELECT ${connectionColumns} FROM connection
         WHERE provider = ? AND key_hash = ? AND ended_at IS NULL`,
      )
      .bind(name, hash)
      .first<ConnectionColumns>(),
  );
  return row === null ? null : connectionOf(row);
}
