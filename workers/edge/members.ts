/** The warehouse's rows about members and their connections, and nothing but internal ids. */
import { accountHash, type ConnectionId, type MemberId } from "../../domain/identity.ts";
import type { MemberSettings } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
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
}

const idBytes = 16;
const replacedMax = 10;
const ofAccountMax = 200;

/** A random internal id, "m_…" or "c_…". */
export function randomId(prefix: "m" | "c"): string {
  const bytes = crypto.getRandomValues(new Uint8Array(idBytes));
  return `${prefix}_${[...bytes].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
}

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
}
const connectionOf = (row: ConnectionColumns): ConnectionRow => ({
  id: row.id as ConnectionId,
  member: row.member as MemberId,
  provider: row.provider,
  account: row.account,
  madeAtMs: row.made_at,
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
        `SELECT id, member, provider, account, made_at FROM connection
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
        `SELECT id, member, provider, account, made_at FROM connection
         WHERE member = ? AND ended_at IS NULL ORDER BY made_at, id`,
      )
      .bind(member)
      .all<ConnectionColumns>(),
  );
  return results.map(connectionOf);
}

/** Connections that a later link to the same account took the place of, newest first. */
export async function replacedConnections(
  ports: Ports,
  { id, member, provider, account }: Omit<ConnectionRow, "madeAtMs">,
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

/** This one and every other of the member's to the same account, ended ones too; none: not theirs. */
export async function connectionsOfAccount(
  ports: Ports,
  member: MemberId,
  id: ConnectionId,
): Promise<ConnectionId[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT other.id FROM connection AS this
         JOIN connection AS other ON other.member = this.member
           AND other.provider = this.provider AND other.account = this.account
         WHERE this.id = ? AND this.member = ? ORDER BY other.made_at DESC, other.id LIMIT ?`,
      )
      .bind(id, member, ofAccountMax)
      .all<{ id: string }>(),
  );
  return results.map((row) => row.id as ConnectionId);
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
  const id = randomId("c") as ConnectionId;
  const claimed = await claimAccount(ports, { id, member, provider, account }, nowMs);
  return typeof claimed === "string" ? null : claimed;
}

export type Claimed = ConnectionRow | "held-by-another" | "forgotten";

/**
 * Binds an account to a member. One member holds an account at a time; a second claim is refused
 * and noted for both. The same member claiming again gets a fresh connection to the same account.
 */
export async function claimAccount(
  ports: Ports,
  claim: Omit<ConnectionRow, "madeAtMs">,
  nowMs: Instant,
): Promise<Claimed> {
  const { id, member, provider, account } = claim;
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
          `INSERT INTO connection (id, member, provider, account, made_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING`,
        )
        .bind(id, member, provider, account, nowMs),
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
