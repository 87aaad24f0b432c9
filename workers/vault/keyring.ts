/**
 * One shard's keys: an epoch key wraps member keys, a member key wraps data keys, one a connection.
 * Wrapped with the same envelope, so a key moved to another row does not unwrap.
 *
 * A member key has a generation, mirrored in the member's row: whoever uses a data key has read the
 * generation from there, in the batch that counts. Once it is gone from there, what is kept here
 * under it is never asked for again, so no cached key outlives an erasure.
 */
import { BoundedCache } from "./bounded-cache.ts";
import { type Bytes, importKey, type Random } from "./chunked.ts";
import type { Epochs } from "./epochs.ts";
import {
  EpochGone,
  type Generation,
  KeyWraps,
  type WrappedDataKey,
  type WrappedMemberKey,
} from "./key-wraps.ts";

const cachedKeysMax = 1000;
const cachedForMs = 60_000;
const attemptsMax = 5;

export interface DataKey {
  readonly id: string;
  readonly key: CryptoKey;
}
/** What a new generation does otherwise than the one before it. */
export interface Renewal {
  /** Connections that get a new data key; the one before opens and seals nothing new. */
  readonly renew: readonly string[];
  /** Data keys that are left behind, for good. */
  readonly drop: readonly string[];
}
interface DataKeyRow extends WrappedDataKey {
  readonly retired: number;
}
/** A data key on its way into a generation: unwrapped for no longer than that takes. */
interface Carried extends Omit<DataKeyRow, "wrapped"> {
  readonly raw: Bytes;
}
export class Keyring {
  readonly database: D1Database;
  readonly epochs: Epochs;
  readonly #wraps: KeyWraps;
  /** By member, generation and data key, and by connection for the live one. */
  readonly #cached = new BoundedCache<DataKey>(cachedKeysMax, cachedForMs);

  constructor(database: D1Database, epochs: Epochs, environment: string, random: Random) {
    this.database = database;
    this.epochs = epochs;
    this.#wraps = new KeyWraps(epochs, environment, random);
  }

  /** The generation of the member's key, made on first use; null for an erased member. */
  async memberKey(member: string, nowMs: number): Promise<string | null> {
    const made = { member, generation: this.#wraps.newId() };
    return this.#underEpoch(made, this.#wraps.newKey(), nowMs, async (epoch, wrapped) => {
      const [, held] = await this.database.batch<{ key_id: string }>([
        this.#insertMember(
          made,
          epoch,
          wrapped,
          nowMs,
          "AND NOT EXISTS (SELECT 1 FROM member_key WHERE member = ?1)",
        ),
        this.database
          .prepare("SELECT key_id FROM member_key WHERE member = ? ORDER BY closing LIMIT 1")
          .bind(member),
      ]);
      return held?.results[0]?.key_id ?? null;
    });
  }

  /**
   * The connection's live data key, made on first use. Null when that generation is gone or being
   * replaced: then it has to be looked up again.
   */
  async dataKey(of: Generation, connection: string, nowMs: number): Promise<DataKey | null> {
    const found = await this.#live(of, connection, nowMs);
    if (found !== null) return found;
    const memberKey = await this.#memberKey(of, nowMs);
    if (memberKey === null) return null;
    const id = this.#wraps.newId();
    const raw = this.#wraps.newKey();
    const wrapped = await this.#wraps.wrapData(memberKey, of, { key_id: id, connection }, raw);
    await this.database
      .prepare(
        `INSERT OR IGNORE INTO data_key (member, generation, key_id, connection, wrapped, made_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS
           (SELECT 1 FROM member_key WHERE member = ?1 AND key_id = ?2 AND closing = 0)`,
      )
      .bind(of.member, of.generation, id, connection, wrapped, nowMs)
      .run();
    return this.#live(of, connection, nowMs);
  }

  /** Data keys by their ids, retired ones too; those that are gone are absent. */
  async dataKeys(
    of: Generation,
    ids: readonly string[],
    nowMs: number,
  ): Promise<Map<string, DataKey>> {
    const keys = new Map<string, DataKey>();
    for (const id of new Set(ids)) {
      const kept = this.#cached.get(cacheName(of, id), nowMs);
      if (kept !== undefined) keys.set(id, kept);
    }
    const missing = [...new Set(ids)].filter((id) => !keys.has(id));
    if (missing.length === 0) return keys;
    const { results } = await this.database
      .prepare(
        `SELECT key_id, connection, wrapped, retired FROM data_key
         WHERE member = ? AND generation = ? AND key_id IN (SELECT value FROM json_each(?))`,
      )
      .bind(of.member, of.generation, JSON.stringify(missing))
      .all<DataKeyRow>();
    if (results.length === 0) return keys;
    const memberKey = await this.#memberKey(of, nowMs);
    for (const row of memberKey === null ? [] : results)
      keys.set(row.key_id, await this.#unwrapData(memberKey as CryptoKey, of, row, nowMs));
    return keys;
  }

  /** Every key of the member, and none is ever made again; returns how many there were. */
  async destroyMember(member: string): Promise<number> {
    const results = await this.database.batch([
      this.database.prepare("INSERT OR IGNORE INTO gone_member (member) VALUES (?)").bind(member),
      this.database.prepare("DELETE FROM member_key WHERE member = ?").bind(member),
      this.database.prepare("DELETE FROM data_key WHERE member = ?").bind(member),
    ]);
    this.#cached.deleteWhere((name) => (JSON.parse(name) as string[])[0] === member);
    return results.slice(1).reduce((n, result) => n + result.meta.changes, 0);
  }

  /**
   * Makes the generation that replaces another. The caller holds the member's lease, mirrors the
   * new generation in the member's row, and then drops the one before (`lease.ts`).
   *
   * 1. the old generation takes no new data key    undone by trying again; reads go on
   * 2. its data keys are wrapped anew, beside it   a generation that nobody uses: dropped by the
   *                                                next try
   */
  async nextGeneration(of: Generation, renewal: Renewal, nowMs: number): Promise<string | null> {
    await this.database
      .prepare("UPDATE member_key SET closing = 1 WHERE member = ? AND key_id = ?")
      .bind(of.member, of.generation)
      .run();
    const before = await this.#memberKey(of, nowMs);
    if (before === null) return null;
    const carried = await this.#carry(before, of, renewal);
    const next = { member: of.member, generation: this.#wraps.newId() };
    const raw = this.#wraps.newKey();
    const memberKey = await importKey(raw);
    const inserts = await Promise.all(
      carried.map((key) => this.#insertData(memberKey, next, key, nowMs)),
    );
    return this.#underEpoch(next, raw, nowMs, async (epoch, wrapped) => {
      const [made] = await this.database.batch([
        this.#insertMember(next, epoch, wrapped, nowMs),
        ...inserts,
      ]);
      return made?.meta.changes === 1 ? next.generation : null;
    });
  }

  /** For good. Never of one that a member's row may still come to name. */
  async dropGenerations(member: string, generations: readonly string[]): Promise<void> {
    if (generations.length === 0) return;
    const drop = (table: string, column: string) =>
      this.database
        .prepare(
          `DELETE FROM ${table} WHERE member = ? AND ${column} IN (SELECT value FROM json_each(?))`,
        )
        .bind(member, JSON.stringify(generations));
    await this.database.batch([drop("member_key", "key_id"), drop("data_key", "generation")]);
  }

  async generations(member: string): Promise<string[]> {
    const { results } = await this.database
      .prepare("SELECT key_id FROM member_key WHERE member = ?")
      .bind(member)
      .all<{ key_id: string }>();
    return results.map((row) => row.key_id);
  }

  /** Data keys that seal nothing any more and wait for what they sealed to be sealed anew. */
  async retired({ member, generation }: Generation): Promise<{ id: string; connection: string }[]> {
    const { results } = await this.database
      .prepare(
        `SELECT key_id AS id, connection FROM data_key
         WHERE member = ? AND generation = ? AND retired = 1`,
      )
      .bind(member, generation)
      .all<{ id: string; connection: string }>();
    return results;
  }

  async currentEpoch(): Promise<number> {
    const epoch = await this.database.prepare("SELECT current FROM epoch").first<number>("current");
    if (epoch === null) throw new Error("the shard has no epoch");
    return epoch;
  }

  /** A member key's wrap under another epoch; throws `EpochGone`. */
  async rewrap(
    of: Generation,
    row: WrappedMemberKey,
    epoch: number,
    nowMs: number,
  ): Promise<Bytes> {
    return this.#wraps.wrapMember(of, epoch, await this.#wraps.openMember(of, row, nowMs), nowMs);
  }

  /**
   * Wraps under the current epoch and writes, which is refused when a rotation was quicker: then
   * anew. Null for an erased member.
   */
  async #underEpoch(
    of: Generation,
    raw: Bytes,
    nowMs: number,
    write: (epoch: number, wrapped: Bytes) => Promise<string | null>,
  ): Promise<string | null> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const epoch = await this.currentEpoch();
      const written = await write(epoch, await this.#wraps.wrapMember(of, epoch, raw, nowMs));
      if (written !== null || (await this.#isGone(of.member))) return written;
    }
    throw new Error("the epoch kept changing");
  }

  #isGone = async (member: string): Promise<boolean> =>
    (await this.database
      .prepare("SELECT 1 FROM gone_member WHERE member = ?")
      .bind(member)
      .first()) !== null;

  #insertMember = (
    { member, generation }: Generation,
    epoch: number,
    wrapped: Bytes,
    nowMs: number,
    unless = "",
  ): D1PreparedStatement =>
    this.database
      .prepare(
        `INSERT INTO member_key (member, key_id, epoch, wrapped, made_at)
         SELECT ?1, ?2, ?3, ?4, ?5
         WHERE NOT EXISTS (SELECT 1 FROM gone_member WHERE member = ?1)
           AND ?3 = (SELECT current FROM epoch) ${unless}`,
      )
      .bind(member, generation, epoch, wrapped, nowMs);

  async #carry(memberKey: CryptoKey, of: Generation, { renew, drop }: Renewal): Promise<Carried[]> {
    const { results } = await this.database
      .prepare(
        `SELECT key_id, connection, wrapped, retired FROM data_key
         WHERE member = ? AND generation = ?`,
      )
      .bind(of.member, of.generation)
      .all<DataKeyRow>();
    const held = await Promise.all(
      results
        .filter((row) => !drop.includes(row.key_id))
        .map(
          async (row): Promise<Carried> => ({
            ...row,
            raw: await this.#wraps.openData(memberKey, of, row),
            retired: row.retired === 1 || renew.includes(row.connection) ? 1 : 0,
          }),
        ),
    );
    const fresh = renew.map((connection) => ({
      key_id: this.#wraps.newId(),
      connection,
      retired: 0,
      raw: this.#wraps.newKey(),
    }));
    return [...held, ...fresh];
  }

  async #insertData(memberKey: CryptoKey, of: Generation, key: Carried, nowMs: number) {
    const wrapped = await this.#wraps.wrapData(memberKey, of, key, key.raw);
    return this.database
      .prepare(
        `INSERT INTO data_key (member, generation, key_id, connection, wrapped, made_at, retired)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
         WHERE EXISTS (SELECT 1 FROM member_key WHERE member = ?1 AND key_id = ?2)`,
      )
      .bind(of.member, of.generation, key.key_id, key.connection, wrapped, nowMs, key.retired);
  }

  async #live(of: Generation, connection: string, nowMs: number): Promise<DataKey | null> {
    const kept = this.#cached.get(cacheName(of, connection), nowMs);
    if (kept !== undefined) return kept;
    const row = await this.database
      .prepare(
        `SELECT key_id, connection, wrapped, retired FROM data_key
         WHERE member = ? AND generation = ? AND connection = ? AND retired = 0`,
      )
      .bind(of.member, of.generation, connection)
      .first<DataKeyRow>();
    const memberKey = row === null ? null : await this.#memberKey(of, nowMs);
    if (row === null || memberKey === null) return null;
    const key = await this.#unwrapData(memberKey, of, row, nowMs);
    this.#cached.set(cacheName(of, connection), key, nowMs);
    return key;
  }

  /**
   * Null when that generation is gone; throws `EpochGone`. A rotation may end between reading a row
   * and its epoch: only a row that still names an epoch that is gone comes from an old copy.
   */
  async #memberKey(of: Generation, nowMs: number): Promise<CryptoKey | null> {
    for (let before = 0; ; ) {
      const row = await this.database
        .prepare("SELECT epoch, wrapped FROM member_key WHERE member = ? AND key_id = ?")
        .bind(of.member, of.generation)
        .first<WrappedMemberKey>();
      if (row === null) return null;
      try {
        return await this.#wraps.importMember(of, row, nowMs);
      } catch (error) {
        if (!(error instanceof EpochGone) || row.epoch === before) throw error;
        before = row.epoch;
      }
    }
  }

  async #unwrapData(
    memberKey: CryptoKey,
    of: Generation,
    row: DataKeyRow,
    nowMs: number,
  ): Promise<DataKey> {
    const raw = await this.#wraps.openData(memberKey, of, row);
    const key = { id: row.key_id, key: await importKey(raw) };
    this.#cached.set(cacheName(of, key.id), key, nowMs);
    return key;
  }
}

export type { Generation } from "./key-wraps.ts";

const cacheName = ({ member, generation }: Generation, of: string): string =>
  JSON.stringify([member, generation, of]);
