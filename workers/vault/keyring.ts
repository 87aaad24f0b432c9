/**
 * One shard's keys: an epoch key wraps member keys (member-keys.ts), a member key wraps data keys, one
 * a connection. Wrapped with the same envelope, so a key moved to another row does not unwrap.
 *
 * A member key has a generation, mirrored in the member's row: whoever uses a data key has read the
 * generation from there, in the batch that counts. Once it is gone from there, what is kept here
 * under it is never asked for again, so no cached key outlives an erasure.
 */
import { BoundedCache } from "./bounded-cache.ts";
import { type Bytes, importKey, type Random } from "./chunked.ts";
import type { Epochs } from "./epochs.ts";
import { type Generation, KeyWraps, type WrappedDataKey } from "./key-wraps.ts";
import { MemberKeys } from "./member-keys.ts";

export type { Generation } from "./key-wraps.ts";

const cachedKeysMax = 1000;
const cachedForMs = 60_000;

export interface DataKey {
  readonly id: string;
  readonly key: CryptoKey;
}
/** A connection's live data key under a generation, as it was found. */
export interface Sealer extends Generation {
  readonly connection: string;
  readonly key: DataKey;
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
  readonly memberKeys: MemberKeys;
  readonly #wraps: KeyWraps;
  /** By member, generation and data key, and by connection for the live one. */
  readonly #cached = new BoundedCache<DataKey>(cachedKeysMax, cachedForMs);

  /** By member and connection, what was sealed with last. */
  readonly #remembered = new BoundedCache<Sealer>(cachedKeysMax, cachedForMs);

  constructor(database: D1Database, epochs: Epochs, environment: string, random: Random) {
    this.database = database;
    this.epochs = epochs;
    this.#wraps = new KeyWraps(epochs, environment, random);
    this.memberKeys = new MemberKeys(database, this.#wraps);
  }

  /**
   * The connection's live data key, made on first use. Null when that generation is gone or being
   * replaced: then it has to be looked up again.
   */
  async dataKey(of: Generation, connection: string, nowMs: number): Promise<DataKey | null> {
    const found = await this.#live(of, connection, nowMs);
    if (found !== null) return found;
    const memberKey = await this.memberKeys.open(of, nowMs);
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

  /** For a guess at what to seal with: the statement that writes it decides whether it still holds. */
  remembered(member: string, connection: string, nowMs: number): Sealer | null {
    return this.#remembered.get(JSON.stringify([member, connection]), nowMs) ?? null;
  }

  remember(sealer: Sealer, nowMs: number): void {
    const { member, connection } = sealer;
    this.#remembered.set(JSON.stringify([member, connection]), sealer, nowMs);
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
    const memberKey = await this.memberKeys.open(of, nowMs);
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
    const isTheirs = (name: string) => (JSON.parse(name) as string[])[0] === member;
    this.#cached.deleteWhere(isTheirs);
    this.#remembered.deleteWhere(isTheirs);
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
    await this.memberKeys.close(of);
    const before = await this.memberKeys.open(of, nowMs);
    if (before === null) return null;
    const carried = await this.#carry(before, of, renewal);
    const next = { member: of.member, generation: this.#wraps.newId() };
    const raw = this.#wraps.newKey();
    const memberKey = await importKey(raw);
    const inserts = carried.map((key) => this.#insert(memberKey, next, key, nowMs));
    const isKept = await this.memberKeys.keep(next, raw, await Promise.all(inserts), nowMs);
    return isKept ? next.generation : null;
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

  async #insert(memberKey: CryptoKey, of: Generation, key: Carried, nowMs: number) {
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
    const memberKey = row === null ? null : await this.memberKeys.open(of, nowMs);
    if (row === null || memberKey === null) return null;
    const key = await this.#unwrapData(memberKey, of, row, nowMs);
    this.#cached.set(cacheName(of, connection), key, nowMs);
    return key;
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

const cacheName = ({ member, generation }: Generation, of: string): string =>
  JSON.stringify([member, generation, of]);
