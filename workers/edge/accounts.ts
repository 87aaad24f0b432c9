/**
 * Who holds which account at a provider. One member at a time; a second one is refused and both are
 * told. An account may have taken the place of another of the same person's: then that one is held
 * with it, nobody else links it, and what was forgotten of it stays forgotten.
 */
import { accountHash, type ConnectionId, type MemberId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { forgottenAccount, forgottenPerson, randomName } from "../../durable-objects/erasing.ts";
import {
  type ConnectionColumns,
  type ConnectionRow,
  connectionColumns,
  connectionOf,
  connectionsOf,
  isErased,
  memberRow,
  personsOf,
} from "./members.ts";
import type { Ports } from "./ports.ts";

/** An account by its keyed hash. */
export interface HeldAccount {
  readonly provider: string;
  readonly account: string;
}

/** A connection to be made. */
export interface Claim extends HeldAccount {
  readonly id: ConnectionId;
  readonly member: MemberId;
  /** The account whose place this one took; null: none that is known. */
  readonly formerly: HeldAccount | null;
}

const replacedMax = 10;
const formersMax = 200;

/** Connections that a later link took the place of, newest first. */
export async function replacedConnections(
  ports: Pick<Ports, "sql">,
  { id, member }: Pick<Claim, "id" | "member">,
  { provider, account }: HeldAccount,
): Promise<ConnectionId[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT id FROM connection
         WHERE member = ? AND provider = ? AND account = ? AND id <> ? AND ended_at IS NOT NULL
         ORDER BY ended_at DESC LIMIT ?`,
      )
      .bind(member, provider, account, id, replacedMax)
      .all<{ id: string }>(),
  );
  return results.map((row) => row.id as ConnectionId);
}

/** Every connection of the member's to these accounts, living or ended, newest first. */
export async function connectionsTo(
  ports: Ports,
  { member, provider, account, formerly }: Omit<Claim, "id">,
): Promise<ConnectionId[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT id FROM connection WHERE member = ?1
           AND (provider = ?2 AND account = ?3 OR provider = ?4 AND account = ?5)
         ORDER BY made_at DESC LIMIT ?6`,
      )
      .bind(
        ...[member, provider, account],
        ...[formerly?.provider ?? null, formerly?.account ?? null, replacedMax],
      )
      .all<{ id: string }>(),
  );
  return results.map((row) => row.id as ConnectionId);
}

/** Accounts whose place those of these connections took, as they are remembered once forgotten. */
export async function formerAccounts(
  ports: Ports,
  ids: readonly ConnectionId[],
): Promise<string[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT DISTINCT account FROM former_account
         WHERE connection IN (SELECT value FROM json_each(?)) LIMIT ?`,
      )
      .bind(JSON.stringify(ids), formersMax)
      .all<{ account: string }>(),
  );
  return results.map((row) => row.account);
}

/**
 * The connection that a member's own uploads come by, made by the first: of two that come at once, one
 * makes it, for what came by another would not be known again. Whoever was erased meanwhile has none,
 * and is answered as they are from then on.
 */
export async function ownConnection(
  ports: Ports,
  provider: string,
  member: MemberId,
  nowMs: Instant,
): Promise<ConnectionRow | "unauthenticated" | "unavailable"> {
  const account = await accountHash(ports.digest, provider, member);
  const known = (await connectionsOf(ports, provider, [account])).get(account);
  if (known !== undefined) return known;
  const id = randomName("c") as ConnectionId;
  const claim = { id, member, provider, account, formerly: null };
  const claimed = await claimAccount(ports, claim, nowMs, []);
  if (typeof claimed !== "string") return claimed;
  return (await memberRow(ports, member)) === null ? "unauthenticated" : "unavailable";
}

/** ended: somebody let go of it again at the same time, or its member is erased. */
export type Claimed = ConnectionRow | "held-by-another" | "ended";

/*
 * In what follows: ?1 the claim's id, ?2 its member, ?3 provider, ?4 account, ?5 now, ?6 every
 * account that it claims, as JSON [[provider, account], …].
 */

/** Other members who hold one of the accounts, or hold it with the one that took its place. */
const heldByAnother = `
  SELECT holder.member FROM json_each(?6) AS claimed JOIN connection AS holder
    ON holder.provider = claimed.value ->> 0 AND holder.account = claimed.value ->> 1
    WHERE holder.ended_at IS NULL AND holder.member <> ?2
  UNION SELECT holder.member FROM json_each(?6) AS claimed JOIN former_account AS former
    ON former.provider = claimed.value ->> 0 AND former.account = claimed.value ->> 1
    JOIN connection AS holder ON holder.id = former.connection
    WHERE holder.ended_at IS NULL AND holder.member <> ?2`;

const endOwn = `UPDATE connection SET ended_at = ?5
  WHERE member = ?2 AND id <> ?1 AND ended_at IS NULL
    AND (provider, account) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?6))
    AND NOT EXISTS (${heldByAnother})`;

/** The one that the batch ended just before; one that ended with its data is not among them. */
const replaced = "provider = ?3 AND account = ?4 AND member = ?2 AND ended_at = ?5 AND id <> ?1";

/**
 * ?7: the account as it is remembered once forgotten; ?8: the member's persons likewise, as JSON. A
 * member is erased in one batch with their connections: what came before it goes with it, and
 * nothing comes after.
 */
const insert = `INSERT INTO connection (id, member, provider, account, made_at, forgotten_to)
  SELECT ?1, ?2, ?3, ?4, ?5, iif(
    EXISTS (SELECT 1 FROM connection WHERE ${replaced}),
    (SELECT forgotten_to FROM connection WHERE ${replaced} LIMIT 1),
    (SELECT max(at) FROM forgotten WHERE (kind = 'account' AND hash = ?7)
      OR (kind = 'person' AND hash IN (SELECT value FROM json_each(?8)))))
  WHERE NOT EXISTS (${heldByAnother})
    AND NOT EXISTS (SELECT 1 FROM member WHERE id = ?2 AND erased_at IS NOT NULL)
  ON CONFLICT DO NOTHING`;

/**
 * ?3 and ?4 are the former account here, ?7 it as it is remembered once forgotten. What was forgotten
 * of it holds for the new one too, unless that took the place of one that knew of it already: what
 * its person lifted there stays lifted.
 */
const forgetAsFormer = `UPDATE connection SET forgotten_to = nullif(max(
    coalesce(forgotten_to, 0),
    coalesce(iif(
      EXISTS (SELECT 1 FROM connection WHERE ${replaced}),
      (SELECT forgotten_to FROM connection WHERE ${replaced} LIMIT 1),
      (SELECT max(at) FROM forgotten WHERE kind = 'account' AND hash = ?7)), 0)), 0)
  WHERE id = ?1 AND NOT EXISTS (
    SELECT 1 FROM former_account AS known JOIN connection AS before ON before.id = known.connection
    WHERE known.provider = ?3 AND known.account = ?4 AND before.member = ?2
      AND before.ended_at = ?5 AND before.id <> ?1)`;

const keepFormer = `INSERT INTO former_account (provider, account, connection)
  SELECT ?1, ?2, ?3 FROM connection WHERE id = ?3 AND ended_at IS NULL ON CONFLICT DO NOTHING`;

/**
 * Binds an account, and the one whose place it took, to a member: all of it at once or nothing. The
 * same member claiming again gets a fresh connection to the same account. What was forgotten of the
 * account or of the member's person is not taken by it; one that takes the place of another is told
 * what that one was told. `first`: what has to make room; nothing: the one that is there stands.
 */
export async function claimAccount(
  ports: Ports,
  claim: Claim,
  nowMs: Instant,
  first: readonly string[] = [endOwn],
): Promise<Claimed> {
  const { id, member, provider, account, formerly } = claim;
  const persons = (await personsOf(ports, member)).map((p) => forgottenPerson(ports.forgotten, p));
  const person = JSON.stringify(await Promise.all(persons));
  const remembered = await forgottenAccount(ports.forgotten, account);
  const former = formerly && {
    ...formerly,
    remembered: await forgottenAccount(ports.forgotten, formerly.account),
  };
  const claimed = [claim, ...(formerly === null ? [] : [formerly])];
  const pairs = JSON.stringify(claimed.map((held) => [held.provider, held.account]));
  const said = [id, member, provider, account, nowMs, pairs];
  const outcomes = await ports.sql((db) =>
    db.batch<{ member: string }>([
      ...first.map((query) => db.prepare(query).bind(...said)),
      db.prepare(insert).bind(...said, remembered, person),
      ...(former === null
        ? []
        : [
            db
              .prepare(forgetAsFormer)
              .bind(id, member, former.provider, former.account, nowMs, null, former.remembered),
            db.prepare(keepFormer).bind(former.provider, former.account, id),
          ]),
      db.prepare(heldByAnother).bind(...said),
    ]),
  );
  const holders = outcomes.at(-1)?.results ?? [];
  if (holders.length === 0) return (await livingConnection(ports, claim)) ?? "ended";
  await noteRefusal(
    ports,
    claim,
    holders.map((row) => row.member),
    nowMs,
  );
  return "held-by-another";
}

/** The member's own to that account. */
export async function livingConnection(ports: Ports, claim: Claim): Promise<ConnectionRow | null> {
  const { member, provider, account } = claim;
  const row = await ports.sql((db) =>
    db
      .prepare(
        `SELECT ${connectionColumns} FROM connection
         WHERE provider = ? AND account = ? AND member = ? AND ended_at IS NULL`,
      )
      .bind(provider, account, member)
      .first<ConnectionColumns>(),
  );
  return row === null ? null : connectionOf(row);
}

/** Whether the member linked that account since then, and ended that again. */
export async function wasLetGo(ports: Ports, claim: Claim, sinceMs: Instant): Promise<boolean> {
  const { member, provider, account } = claim;
  const row = await ports.sql((db) =>
    db
      .prepare(
        `SELECT id FROM connection WHERE provider = ? AND account = ? AND member = ?
           AND made_at >= ? AND ended_at IS NOT NULL LIMIT 1`,
      )
      .bind(provider, account, member, sinceMs)
      .first(),
  );
  return row !== null;
}

const noteRefusal = (
  ports: Ports,
  { member, provider }: Claim,
  holders: readonly string[],
  nowMs: Instant,
): Promise<unknown> => {
  const sides = [[member, "claimant"], ...holders.map((holder) => [holder, "holder"])];
  return ports.sql((db) =>
    db.batch(
      sides.map(([who, side]) =>
        db
          .prepare(
            `INSERT INTO refused_link (member, provider, at, side)
             SELECT ?1, ?2, ?3, ?4 WHERE NOT ${isErased("?1")}`,
          )
          .bind(who, provider, nowMs, side),
      ),
    ),
  );
};
