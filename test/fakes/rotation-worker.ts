/**
 * The vault's real keys alone, over a folder: filled in bulk through the code that wraps keys,
 * rotated a step at a time, and asked what it still opens. Nothing is remembered between requests.
 */
import { type Bytes, importKey } from "../../workers/vault/chunked.ts";
import { makeShards, shardAt, type Vault, type VaultEnv } from "../../workers/vault/env.ts";
import { KeyWraps } from "../../workers/vault/key-wraps.ts";
import { rotateEpoch, rotateRoot } from "../../workers/vault/rotation.ts";
import { keysStatus } from "../../workers/vault/shard-status.ts";
import type { KeyPrints, RotationAnswer, RotationCall } from "./rotation-calls.ts";

const random = (bytes: number): Bytes => crypto.getRandomValues(new Uint8Array(bytes));
const wrapsAtOnce = 100;
const utf8 = new TextEncoder();

export default {
  async fetch(request: Request, env: VaultEnv): Promise<Response> {
    const call = (await request.json()) as RotationCall;
    const shards = makeShards(env, random);
    switch (call.what) {
      case "step":
        return answer(await rotateEpoch(shards, call.nowMs, call.rowsMax));
      case "root":
        return answer(await rotateRoot(shards));
      case "status":
        return answer(await keysStatus(shards));
      case "seed":
        return answer(await seed(shardAt(shards, call.shard), env, call));
      case "prints":
        return answer(await prints(shardAt(shards, call.shard), env, call));
    }
  },
};

const answer = (body: RotationAnswer): Response => Response.json(body);

const wrapsOf = (vault: Vault): KeyWraps =>
  new KeyWraps(vault.keyring.epochs, vault.environment, random);

/** Makes member keys and returns what they are known by. */
async function seed(
  vault: Vault,
  env: VaultEnv,
  { from, count, nowMs }: Extract<RotationCall, { what: "seed" }>,
): Promise<KeyPrints> {
  const epoch = await vault.keyring.memberKeys.currentEpoch();
  const wraps = wrapsOf(vault);
  const known: Record<string, string> = {};
  const rows = await inBatches(
    Array.from({ length: count }, (_, i) => `m_${String(from + i).padStart(7, "0")}`),
    async (member) => {
      const of = { member, generation: wraps.newId() };
      const raw = wraps.newKey();
      known[member] = await printOf(env, raw);
      const wrapped = await wraps.wrapMember(of, epoch, raw, nowMs);
      return { ...of, wrapped: hex(wrapped) };
    },
  );
  await vault.keyring.database
    .prepare(
      `INSERT INTO member_key (member, key_id, epoch, wrapped, made_at)
       SELECT value ->> 'member', value ->> 'generation', ?2, unhex(value ->> 'wrapped'), ?3
       FROM json_each(?1)`,
    )
    .bind(JSON.stringify(rows), epoch, nowMs)
    .run();
  return { prints: known, stale: 0 };
}

interface Row {
  readonly member: string;
  readonly key_id: string;
  readonly epoch: number;
  readonly wrapped: number[];
}

/** Of the next members' keys as they open now. */
async function prints(
  vault: Vault,
  env: VaultEnv,
  { after, count, nowMs }: Extract<RotationCall, { what: "prints" }>,
): Promise<KeyPrints> {
  const wraps = wrapsOf(vault);
  const { results } = await vault.keyring.database
    .prepare(
      `SELECT member, key_id, epoch, wrapped FROM member_key
       WHERE member > ? ORDER BY member LIMIT ?`,
    )
    .bind(after, count)
    .all();
  const rows = results as unknown as readonly Row[];
  const known: Record<string, string> = {};
  await inBatches(rows, async (row) => {
    const of = { member: row.member, generation: row.key_id };
    known[row.member] = await printOf(env, await wraps.openMember(of, row, nowMs));
  });
  const newest = (await vault.keyring.epochs.list()).at(-1)?.n;
  return { prints: known, stale: rows.filter(({ epoch }) => epoch !== newest).length };
}

let printKey: Promise<CryptoKey> | null = null;

/** A keyed digest: the keys themselves never leave. */
async function printOf(env: VaultEnv, raw: Bytes): Promise<string> {
  const secret = utf8.encode(env.IDENTITY_KEY.padEnd(32, "-").slice(0, 32));
  printKey ??= importKey(secret as Bytes);
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", await printKey, raw)).slice(0, 16));
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += wrapsAtOnce)
    done.push(...(await Promise.all(items.slice(at, at + wrapsAtOnce).map(work))));
  return done;
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
