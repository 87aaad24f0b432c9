/** The warehouse's rows about members and their connections, and nothing but internal ids. */
import { accountHash, type ConnectionId, type MemberId } from "../../domain/identity.ts";
import type { MemberSettings } from "../../domain/ports.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import {
  type Account,
  forgottenAccount,
  forgottenPerson,
  randomName,
} from "../../durable-objects/erasing.ts";
import type { Ports } from "./ports.ts";

export interface MemberRow {
  readonly id: MemberId;
  readonly settings: MemberSettings;
  readonly madeAtMs: Instant;
}

export interface ConnectionRow {
  readonly id: ConnectionId;
  readonly member: MemberId;
  readonly provider: string;
  readonly account: string;
  readonly madeAtMs: Instant;
  /** What happened up to then was forgotten and is not taken until its person lifts it. */
  readonly forgottenToMs: Instant | null;
}
/** A connection to be made. */
export type Claim = Omit<ConnectionRow, "madeAtMs" | "forgottenToMs">;

const replacedMax = 10;
const ofAccountMax = 200;
const ofMemberMax = 1_000;
const personsMax = 20;

export async function memberRow(ports: Ports, id: MemberId): Promise<MemberRow | null> {
  const row = await ports.sql((db) =>
    db
      .prepare(
        `SELECT made_at, settings_version, zones, on_boards FROM member
         WHERE id = ? AND erased_at IS NULL`,
      )
      .bind(id)
      .first<{ made_at: number; settings_version: number; zones: string; on_boards: number }>(),
  );
  if (row === null) return null;
  const settings = {
    version: row.settings_version,
    zones: JSON.parse(row.zones),
    onBoards: row.on_boards === 1,
  };
  return { id, settings, madeAtMs: row.made_at };
}

interface ConnectionColumns {
  id: string;
  member: string;
  provider: string;
  account: string;
  made_at: number;
  forgotten_to: number | null;
}
const columns = "id, member, provider, account, made_at, forgotten_to";
const connectionOf = (row: ConnectionColumns): ConnectionRow => ({
  id: row.id as ConnectionId,
  member: row.member as MemberId,
  provider: row.provider,
  account: row.account,
  madeAtMs: row.made_at,
  forgottenToMs: row.forgotten_to,
});

/** The live connections of these accounts, by account hash; unknown accounts are absent. */
export async function connectionsOf(
  ports: Ports,
  provider: string,
  accounts: readonly string[],
): Promise<Map<string, ConnectionRow>> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT ${columns} FROM connection
         WHERE provider = ? AND ended_at IS NULL AND account IN (SELECT value FROM json_each(?))`,
      )
      .bind(provider, JSON.stringify(accounts))
      .all<ConnectionColumns>(),
  );
  return new Map(results.map((row) => [row.account, connectionOf(row)]));
}

export async function connectionsOfMember(
  ports: Ports,
  member: MemberId,
): Promise<ConnectionRow[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT ${columns} FROM connection
         WHERE member = ? AND ended_at IS NULL ORDER BY made_at, id`,
      )
      .bind(member)
      .all<ConnectionColumns>(),
  );
  return results.map(connectionOf);
}

/** Ended ones too: whatever there is to let go of. */
export async function everyConnectionOf(ports: Ports, member: MemberId): Promise<ConnectionRow[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(`SELECT ${columns} FROM connection WHERE member = ? ORDER BY made_at DESC LIMIT ?`)
      .bind(member, ofMemberMax)
      .all<ConnectionColumns>(),
  );
  return results.map(connectionOf);
}

/** As their member is told of it: without the account. */
export interface Link {
  readonly id: string;
  readonly provider: string;
  readonly madeAtMs: Instant;
  readonly endedAtMs: Instant | null;
  readonly forgottenToMs: Instant | null;
}

/** Those that ended too, newest first. */
export async function everyLinkOf(ports: Ports, member: MemberId): Promise<Link[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT id, provider, made_at AS madeAtMs, ended_at AS endedAtMs,
           forgotten_to AS forgottenToMs
         FROM connection WHERE member = ? ORDER BY made_at DESC, id LIMIT ?`,
      )
      .bind(member, ofMemberMax)
      .all<Link>(),
  );
  return results;
}

/** Newest first: claims that were refused since another member holds, or claimed, the account. */
export async function refusedClaimsOf(ports: Ports, member: MemberId, limit: number) {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        "SELECT provider, at, side FROM refused_link WHERE member = ? ORDER BY at DESC LIMIT ?",
      )
      .bind(member, limit)
      .all<{ provider: string; at: Instant; side: string }>(),
  );
  return results.map((claim) => ({ ...claim, at: formatMoment(claim.at) }));
}

/** Connections that a later link to the same account took the place of, newest first. */
export async function replacedConnections(
  ports: Ports,
  { id, member, provider, account }: Claim,
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

/** This one and every other of the member's to the same account, ended ones too; null: not theirs. */
export async function connectionsOfAccount(
  ports: Ports,
  member: MemberId,
  id: ConnectionId,
): Promise<(Account & { readonly provider: string }) | null> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT other.id, this.account, this.provider FROM connection AS this
         JOIN connection AS other ON other.member = this.member
           AND other.provider = this.provider AND other.account = this.account
         WHERE this.id = ? AND this.member = ? ORDER BY other.made_at DESC, other.id LIMIT ?`,
      )
      .bind(id, member, ofAccountMax)
      .all<{ id: string; account: string; provider: string }>(),
  );
  const [first] = results;
  if (first === undefined) return null;
  const { account, provider } = first;
  return { member, account, provider, ids: results.map((row) => row.id as ConnectionId) };
}

/** The digests that stand for a member's persons; none: nobody is this member any more. */
export async function personsOf(ports: Ports, member: MemberId): Promise<string[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare("SELECT hash FROM person WHERE member = ? LIMIT ?")
      .bind(member, personsMax)
      .all<{ hash: string }>(),
  );
  return results.map((row) => row.hash);
}

export const endConnections = (
  ports: Ports,
  ids: readonly ConnectionId[],
  nowMs: Instant,
): Promise<unknown> =>
  ports.sql((db) =>
    db
      .prepare(
        `UPDATE connection SET ended_at = ? WHERE ended_at IS NULL
           AND id IN (SELECT value FROM json_each(?))`,
      )
      .bind(nowMs, JSON.stringify(ids))
      .run(),
  );

/** The connection that a member's own uploads come by, made by the first; null if it is refused. */
export async function ownConnection(
  ports: Ports,
  provider: string,
  member: MemberId,
  nowMs: Instant,
): Promise<ConnectionRow | null> {
  const account = await accountHash(ports.digest, provider, member);
  const known = (await connectionsOf(ports, provider, [account])).get(account);
  if (known !== undefined) return known;
  const id = randomName("c") as ConnectionId;
  const claimed = await claimAccount(ports, { id, member, provider, account }, nowMs);
  return typeof claimed === "string" ? null : claimed;
}

export type Claimed = ConnectionRow | "held-by-another" | "forgotten";

/** The one that the batch ended just before; one that ended with its data is not among them. */
const replaced = "provider = ?3 AND account = ?4 AND member = ?2 AND ended_at = ?5 AND id <> ?1";

/**
 * Binds an account to a member. One member holds an account at a time; a second claim is refused
 * and noted for both. The same member claiming again gets a fresh connection to the same account.
 * What was forgotten of the account or of the member's person is not taken by it; one that takes the
 * place of another is told what that one was told.
 */
export async function claimAccount(ports: Ports, claim: Claim, nowMs: Instant): Promise<Claimed> {
  const { id, member, provider, account } = claim;
  const persons = (await personsOf(ports, member)).map((p) => forgottenPerson(ports.forgotten, p));
  const person = JSON.stringify(await Promise.all(persons));
  const remembered = await forgottenAccount(ports.forgotten, account);
  await ports.sql((db) =>
    db.batch([
      db
        .prepare(
          `UPDATE connection SET ended_at = ?
           WHERE provider = ? AND account = ? AND member = ? AND ended_at IS NULL AND id <> ?`,
        )
        .bind(nowMs, provider, account, member, id),
      db
        .prepare(
          `INSERT INTO connection (id, member, provider, account, made_at, forgotten_to)
           SELECT ?1, ?2, ?3, ?4, ?5, iif(
             EXISTS (SELECT 1 FROM connection WHERE ${replaced}),
             (SELECT forgotten_to FROM connection WHERE ${replaced} LIMIT 1),
             (SELECT max(at) FROM forgotten WHERE (kind = 'account' AND hash = ?6)
               OR (kind = 'person' AND hash IN (SELECT value FROM json_each(?7)))))
           WHERE true ON CONFLICT DO NOTHING`,
        )
        .bind(id, member, provider, account, nowMs, remembered, person),
    ]),
  );
  const holder = (await connectionsOf(ports, provider, [account])).get(account);
  if (holder?.member === member) return holder;
  const sides: [MemberId | undefined, string][] = [
    [member, "claimant"],
    [holder?.member, "holder"],
  ];
  await ports.sql((db) =>
    db.batch(
      sides.map(([who, side]) =>
        db
          .prepare("INSERT INTO refused_link (member, provider, at, side) VALUES (?, ?, ?, ?)")
          .bind(who ?? member, provider, nowMs, side),
      ),
    ),
  );
  return "held-by-another";
}

/** What was forgotten may come again by this connection. */
export const liftForgotten = (ports: Ports, id: ConnectionId): Promise<unknown> =>
  ports.sql((db) =>
    db.prepare("UPDATE connection SET forgotten_to = NULL WHERE id = ?").bind(id).run(),
  );

export const forgottenToOf = (ports: Ports, id: ConnectionId): Promise<Instant | null> =>
  ports.sql((db) =>
    db.prepare("SELECT forgotten_to FROM connection WHERE id = ?").bind(id).first("forgotten_to"),
  );
