/** The warehouse's rows about members and their connections, and nothing but internal ids. */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { MemberSettings } from "../../domain/ports.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import type { Account } from "../../durable-objects/erasing.ts";
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

/** For what is written beside an erasure, which would take it away no second time. `id`: in SQL. */
export const isErased = (id: string): string =>
  `EXISTS (SELECT 1 FROM member WHERE id = ${id} AND erased_at IS NOT NULL)`;

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

export interface ConnectionColumns {
  id: string;
  member: string;
  provider: string;
  account: string;
  made_at: number;
  forgotten_to: number | null;
}
export const connectionColumns = "id, member, provider, account, made_at, forgotten_to";
export const connectionOf = (row: ConnectionColumns): ConnectionRow => ({
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
        `SELECT ${connectionColumns} FROM connection
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
        `SELECT ${connectionColumns} FROM connection
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
      .prepare(
        `SELECT ${connectionColumns} FROM connection WHERE member = ? ORDER BY made_at DESC LIMIT ?`,
      )
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

/** This one and every other of the member's to the same account, ended ones too; null: not theirs. */
export async function connectionsOfAccount(
  ports: Ports,
  member: MemberId,
  id: ConnectionId,
): Promise<Account | null> {
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

/** What was forgotten may come again by this connection. */
export const liftForgotten = (ports: Ports, id: ConnectionId): Promise<unknown> =>
  ports.sql((db) =>
    db.prepare("UPDATE connection SET forgotten_to = NULL WHERE id = ?").bind(id).run(),
  );

export const forgottenToOf = (ports: Ports, id: ConnectionId): Promise<Instant | null> =>
  ports.sql((db) =>
    db.prepare("SELECT forgotten_to FROM connection WHERE id = ?").bind(id).first("forgotten_to"),
  );
