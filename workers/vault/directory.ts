/**
 * Where each member is kept and which member a caller is: the few things that must be known before
 * the shard is. A place is written once, so it may be remembered for good.
 */
import type { MemberId } from "../../domain/identity.ts";

const placesCachedMax = 20_000;
const rosterPageMax = 100;

export interface BoundPrincipal {
  readonly member: MemberId;
  readonly erased: boolean;
  /** Tokens issued up to here are refused. */
  readonly notBeforeMs: number;
}

/** What comes after an erasure would stay: nothing takes it away a second time. Of the member ?1. */
const isPlaced = "EXISTS (SELECT 1 FROM placement WHERE member = ?1 AND erased_at IS NULL)";

export class Directory {
  readonly database: D1Database;
  readonly #places = new Map<string, number>();

  constructor(database: D1Database) {
    this.database = database;
  }

  /** Null for somebody who never enrolled. */
  async shardOf(member: string): Promise<number | null> {
    const kept = this.#places.get(member);
    if (kept !== undefined) return kept;
    const shard = await this.database
      .prepare("SELECT shard FROM placement WHERE member = ?")
      .bind(member)
      .first<number>("shard");
    if (shard !== null) this.#keep(member, shard);
    return shard;
  }

  /** Enrolled, and not erased as far as the directory knows. */
  async isLiving(member: string): Promise<boolean> {
    const place = await this.database
      .prepare("SELECT 1 FROM placement WHERE member = ? AND erased_at IS NULL")
      .bind(member)
      .first();
    return place !== null;
  }

  /** Those of the members that are known, by shard. */
  async shardsOf(members: readonly string[]): Promise<Map<number, string[]>> {
    const missing = members.filter((member) => !this.#places.has(member));
    if (missing.length > 0) {
      const { results } = await this.database
        .prepare(
          `SELECT member, shard FROM placement
           WHERE member IN (SELECT value FROM json_each(?))`,
        )
        .bind(JSON.stringify(missing))
        .all<{ member: string; shard: number }>();
      for (const { member, shard } of results) this.#keep(member, shard);
    }
    const byShard = new Map<number, string[]>();
    for (const member of members) {
      const shard = this.#places.get(member);
      if (shard !== undefined) byShard.set(shard, [...(byShard.get(shard) ?? []), member]);
    }
    return byShard;
  }

  async principal(hash: string): Promise<BoundPrincipal | null> {
    const row = await this.database
      .prepare(
        `SELECT p.member, p.not_before, w.erased_at FROM principal AS p
         JOIN placement AS w ON w.member = p.member WHERE p.hash = ?`,
      )
      .bind(hash)
      .first<{ member: MemberId; not_before: number; erased_at: number | null }>();
    if (row === null) return null;
    return { member: row.member, erased: row.erased_at !== null, notBeforeMs: row.not_before };
  }

  /**
   * Binds a person to a member and gives the member a place among the open shards; the first
   * binding stands, unless its member is erased. Returns who the person is bound to now. `bound`:
   * how many shards this deployment has.
   */
  async bind(hash: string, member: MemberId, bound: number): Promise<BoundPrincipal | null> {
    const open = (await this.openShards()).filter((shard) => shard < bound);
    const shard = open[spread(member) % open.length];
    if (shard === undefined) throw new Error("no shard is open");
    await this.database.batch([
      this.database
        .prepare(
          `INSERT INTO principal (hash, member)
           SELECT ?1, ?2
           WHERE NOT EXISTS (SELECT 1 FROM principal WHERE member = ?2)
             AND NOT EXISTS (SELECT 1 FROM placement WHERE member = ?2 AND erased_at IS NOT NULL)
           ON CONFLICT (hash) DO UPDATE SET member = excluded.member
           WHERE (SELECT erased_at FROM placement WHERE member = principal.member) IS NOT NULL`,
        )
        .bind(hash, member),
      this.database
        .prepare(
          `INSERT OR IGNORE INTO placement (member, shard)
           SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM principal WHERE hash = ?3 AND member = ?1)`,
        )
        .bind(member, shard, hash),
    ]);
    return this.principal(hash);
  }

  /** After the shard's tombstone: the person's tokens issued up to now are refused. */
  async markErased(member: string, erasedAtMs: number): Promise<void> {
    await this.database.batch([
      this.database
        .prepare("UPDATE placement SET erased_at = coalesce(erased_at, ?) WHERE member = ?")
        .bind(erasedAtMs, member),
      this.database
        .prepare("UPDATE principal SET not_before = max(not_before, ?) WHERE member = ?")
        .bind(erasedAtMs, member),
      this.database
        .prepare("DELETE FROM roster WHERE member = ?1 OR grantee = 'member:' || ?1")
        .bind(member),
      this.database.prepare("DELETE FROM share WHERE member = ?").bind(member),
    ]);
  }

  /** Before a consent is granted: a hint of where to look that may lead nowhere. None to the erased. */
  async enter(grantee: string, member: string): Promise<void> {
    await this.database
      .prepare(`INSERT OR IGNORE INTO roster (grantee, member) SELECT ?2, ?1 WHERE ${isPlaced}`)
      .bind(member, grantee)
      .run();
  }

  /** By its code's hash; none to the erased. */
  async leadToShare(hash: string, member: string, expiresAtMs: number): Promise<void> {
    await this.database
      .prepare(`INSERT INTO share (hash, member, expires_at) SELECT ?2, ?1, ?3 WHERE ${isPlaced}`)
      .bind(member, hash, expiresAtMs)
      .run();
  }

  /** Members that may have allowed one of these something, after `after`, in order. */
  async membersFor(grantees: readonly string[], after: string, limit: number): Promise<string[]> {
    const { results } = await this.database
      .prepare(
        `SELECT DISTINCT member FROM roster
         WHERE grantee IN (SELECT value FROM json_each(?)) AND member > ?
         ORDER BY member LIMIT ?`,
      )
      .bind(JSON.stringify(grantees), after, Math.min(limit, rosterPageMax))
      .all<{ member: string }>();
    return results.map((row) => row.member);
  }

  async openShards(): Promise<number[]> {
    const { results } = await this.database
      .prepare("SELECT number FROM shard WHERE open = 1 ORDER BY number")
      .all<{ number: number }>();
    return results.map((row) => row.number);
  }

  async setOpen(shard: number, open: boolean): Promise<void> {
    await this.database
      .prepare(
        `INSERT INTO shard (number, open) VALUES (?1, ?2)
         ON CONFLICT (number) DO UPDATE SET open = excluded.open`,
      )
      .bind(shard, open ? 1 : 0)
      .run();
  }

  /** How many members each shard keeps, erased ones included. */
  async counts(): Promise<Map<number, number>> {
    const { results } = await this.database
      .prepare("SELECT shard, count(*) AS members FROM placement GROUP BY shard")
      .all<{ shard: number; members: number }>();
    return new Map(results.map(({ shard, members }) => [shard, members]));
  }

  #keep(member: string, shard: number): void {
    const oldest = this.#places.keys().next();
    if (this.#places.size >= placesCachedMax && !oldest.done) this.#places.delete(oldest.value);
    this.#places.set(member, shard);
  }
}

/** Spreads ids evenly (FNV-1a, 32 bit). Where one lands is stored, so this may change. */
function spread(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
