/**
 * The keys: the root key (a secret) wraps member keys, a member key wraps data keys, one a
 * connection. Wrapped with the same envelope, so a key moved to another row does not unwrap.
 *
 * Unwrapped data keys are kept for a short while under the generation of their member key. Whoever
 * uses one has read that generation from the member's row in the same batch as the data: once it is
 * gone from there, what is kept here is never asked for again.
 */
import { base64Url } from "../../kernel/hmac.ts";
import { type Context, importKey, open, type Random, seal } from "./envelope.ts";

const keyBytes = 32;
const keyIdBytes = 16;
const wrapSchema = 1;
const cachedKeysMax = 1000;
const cachedForMs = 60_000;

export interface DataKey {
  readonly id: string;
  readonly key: CryptoKey;
}
/** Which data key, of which generation of its member's key. */
export interface KeyName {
  readonly member: string;
  readonly generation: string;
  readonly connection: string;
}
interface WrappedPair extends KeyName {
  readonly outer: number[];
  readonly id: string;
  readonly inner: number[];
}

const cached = new Map<string, DataKey & { readonly untilMs: number }>();
const cacheName = (n: KeyName) => JSON.stringify([n.generation, n.member, n.connection]);

function keep(name: KeyName, key: DataKey, nowMs: number): void {
  const oldest = cached.keys().next();
  if (cached.size >= cachedKeysMax && !oldest.done) cached.delete(oldest.value);
  cached.set(cacheName(name), { ...key, untilMs: nowMs + cachedForMs });
}

function kept(name: KeyName, nowMs: number): DataKey | undefined {
  const entry = cached.get(cacheName(name));
  return entry !== undefined && entry.untilMs > nowMs ? entry : undefined;
}

/** The root key's bytes, from the secret. */
export function rootBytes(base64: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  if (bytes.length !== keyBytes) throw new Error(`ROOT_KEY is not ${keyBytes} bytes`);
  return bytes;
}

export class Keyring {
  readonly #keys: D1Database;
  readonly #rootKey: string;
  readonly #environment: string;
  readonly #random: Random;

  constructor(keys: D1Database, rootKey: string, environment: string, random: Random) {
    this.#keys = keys;
    this.#rootKey = rootKey;
    this.#environment = environment;
    this.#random = random;
  }

  /** The generation of the member's key, made on first use; two racers get the same one. */
  async memberKey(member: string, nowMs: number): Promise<string> {
    const id = base64Url(this.#random(keyIdBytes));
    const wrapped = await this.#wrap(await this.#root(), this.#memberContext(member, id));
    const [, held] = await this.#keys.batch<{ key_id: string }>([
      this.#keys
        .prepare(
          "INSERT OR IGNORE INTO member_key (member, key_id, wrapped, made_at) VALUES (?, ?, ?, ?)",
        )
        .bind(member, id, wrapped, nowMs),
      this.#keys.prepare("SELECT key_id FROM member_key WHERE member = ?").bind(member),
    ]);
    const row = held?.results[0];
    if (row === undefined) throw new Error("the member key was not kept");
    return row.key_id;
  }

  /** Made on first use, unless that generation of the member's key is gone: then null. */
  async dataKey(name: KeyName, nowMs: number): Promise<DataKey | null> {
    const found = await this.#find(name, nowMs);
    if (found !== null) return found;
    const outer = await this.#keys
      .prepare("SELECT wrapped FROM member_key WHERE member = ? AND key_id = ?")
      .bind(name.member, name.generation)
      .first<{ wrapped: number[] }>();
    if (outer === null) return null;
    const memberKey = await this.#unwrap(
      await this.#root(),
      this.#memberContext(name.member, name.generation),
      outer.wrapped,
    );
    const id = base64Url(this.#random(keyIdBytes));
    const wrapped = await this.#wrap(memberKey, this.#dataContext(name, id));
    await this.#keys
      .prepare(
        `INSERT OR IGNORE INTO data_key (member, connection, key_id, wrapped, made_at)
         SELECT ?1, ?2, ?3, ?4, ?5
         WHERE EXISTS (SELECT 1 FROM member_key WHERE member = ?1 AND key_id = ?6)`,
      )
      .bind(name.member, name.connection, id, wrapped, nowMs, name.generation)
      .run();
    return this.#find(name, nowMs);
  }

  /** Those of these data keys that exist, in the order asked. */
  async dataKeys(names: readonly KeyName[], nowMs: number): Promise<(DataKey | null)[]> {
    const missing = names.filter((name) => kept(name, nowMs) === undefined);
    const fresh = new Map<string, DataKey>();
    for (const pair of missing.length === 0 ? [] : await this.#load(missing)) {
      const key = await this.#open(pair);
      fresh.set(cacheName(pair), key);
      keep(pair, key, nowMs);
    }
    return names.map((name) => fresh.get(cacheName(name)) ?? kept(name, nowMs) ?? null);
  }

  /** Every key of the member; returns how many there were. */
  async destroyMember(member: string): Promise<number> {
    const results = await this.#keys.batch([
      this.#keys.prepare("DELETE FROM member_key WHERE member = ?").bind(member),
      this.#keys.prepare("DELETE FROM data_key WHERE member = ?").bind(member),
    ]);
    for (const name of cached.keys())
      if ((JSON.parse(name) as string[])[1] === member) cached.delete(name);
    return results.reduce((n, result) => n + result.meta.changes, 0);
  }

  async #find(name: KeyName, nowMs: number): Promise<DataKey | null> {
    const [key] = await this.dataKeys([name], nowMs);
    return key ?? null;
  }

  async #load(names: readonly KeyName[]): Promise<WrappedPair[]> {
    const { results } = await this.#keys
      .prepare(
        `SELECT d.member, d.connection, m.key_id AS generation, m.wrapped AS "outer",
           d.key_id AS id, d.wrapped AS "inner"
         FROM json_each(?) AS asked
         JOIN data_key AS d ON d.member = asked.value ->> 'member'
           AND d.connection = asked.value ->> 'connection'
         JOIN member_key AS m ON m.member = d.member
           AND m.key_id = asked.value ->> 'generation'`,
      )
      .bind(JSON.stringify(names))
      .all<WrappedPair>();
    return results;
  }

  async #open(pair: WrappedPair): Promise<DataKey> {
    const outer = this.#memberContext(pair.member, pair.generation);
    const memberKey = await this.#unwrap(await this.#root(), outer, pair.outer);
    const key = await this.#unwrap(memberKey, this.#dataContext(pair, pair.id), pair.inner);
    return { id: pair.id, key };
  }

  #root = (): Promise<CryptoKey> => importKey(rootBytes(this.#rootKey));

  #wrap = (key: CryptoKey, context: Context) =>
    seal(key, context, this.#random(keyBytes), this.#random);

  #unwrap = async (key: CryptoKey, context: Context, wrapped: readonly number[]) =>
    importKey(await open(key, context, Uint8Array.from(wrapped)));

  #memberContext = (member: string, keyId: string): Context =>
    this.#context(member, "member_key", member, keyId);

  /** The generation is part of the row: a data key opens under the member key that wrapped it. */
  #dataContext = (name: KeyName, keyId: string): Context =>
    this.#context(
      name.member,
      "data_key",
      JSON.stringify([name.connection, name.generation]),
      keyId,
    );

  #context = (member: string, column: string, row: string, keyId: string): Context => ({
    environment: this.#environment,
    member,
    table: "keys",
    column,
    row,
    schema: wrapSchema,
    keyId,
  });
}
