/**
 * What the vault is bound to, and the few things every part of it works with. No other worker has
 * these bindings. The clock is `Date.now()` at the entrypoints, chance is `random`.
 */
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { Random } from "./chunked.ts";
import { Directory } from "./directory.ts";
import { Epochs } from "./epochs.ts";
import { assertWhole, Restored } from "./journal.ts";
import { Keyring } from "./keyring.ts";
import { type Logs, logsOf } from "./logs.ts";

export interface VaultEnv {
  readonly ENVIRONMENT: string;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly TOKEN_JWKS_URL: string;
  /** JSON: provider → the hosts that may be called for it (`Hosts` in provider-line.ts). */
  readonly PROVIDER_HOSTS: string;
  /** Secret. JSON: provider → `Credentials` of provider-line.ts. */
  readonly PROVIDER_CREDENTIALS: string;
  /** Secret. 32 bytes in base64. */
  readonly ROOT_KEY: string;
  /** Secret, while root keys are being rotated: the one before. */
  readonly ROOT_KEY_PREVIOUS?: string;
  /** Secret, the edge's: what facts' identities are made with, for replays. */
  readonly IDENTITY_KEY: string;
  readonly DIRECTORY: D1Database;
  /** Keys above the members' keys, and the journal of erasures. No versions are kept there. */
  readonly KEYRING: R2Bucket;
  readonly SEALED: R2Bucket;
  /** The log of who looked, one object a log, named by its number. */
  readonly LOG: DurableObjectNamespace;
  /** Public: checkpoints and hashes, no entry. */
  readonly LOG_TILES: R2Bucket;
  /** Entries of days that are over, under a lock. */
  readonly LOG_ENTRIES: R2Bucket;
  /** How many logs there are, and every number there ever was before it: "2" or "2,8". */
  readonly LOG_COUNTS: string;
  /** What the logs' origins begin with: `<LOG_ORIGIN>/<number>`. */
  readonly LOG_ORIGIN: string;
  /** JSON list of the roles whose holders stay named in entries after they were erased. */
  readonly LOG_KEEPS_ACTORS: string;
  /** Verifier keys of the witnesses, separated by blanks. */
  readonly WITNESS_KEYS: string;
  /** Secret. The 32 bytes of an Ed25519 key in base64: it signs checkpoints. */
  readonly LOG_KEY: string;
  /** PHI_n and KEYS_n of every shard. */
  readonly [shard: `PHI_${number}` | `KEYS_${number}`]: D1Database;
}

/** One shard: two databases, and what all shards share. */
export interface Vault {
  readonly shard: number;
  readonly phi: D1Database;
  readonly keyring: Keyring;
  readonly directory: Directory;
  /** Large sealed values. */
  readonly objects: R2Bucket;
  /** The journal of erasures and the copies of living keys (`restore.ts`). */
  readonly journal: R2Bucket;
  readonly logs: Logs;
  readonly environment: string;
  readonly random: Random;
}

export interface Shards {
  readonly directory: Directory;
  readonly epochs: Epochs;
  readonly logs: Logs;
  /** By number; a number that is not bound is a hole. */
  readonly all: readonly Vault[];
}

const shardsMax = 1_000;
const random: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

/** Caches of keys and places live as long as the isolate: one set of shards for it. */
let held: { readonly env: string; readonly of: D1Database; readonly shards: Shards } | null = null;

export function shardsOf(env: VaultEnv): Shards {
  const name = JSON.stringify([env.ROOT_KEY, env.ROOT_KEY_PREVIOUS, env.ENVIRONMENT]);
  if (held?.env !== name || held.of !== env.DIRECTORY)
    held = { env: name, of: env.DIRECTORY, shards: makeShards(env, random) };
  return held.shards;
}

export function makeShards(env: VaultEnv, chance: Random): Shards {
  const roots = [env.ROOT_KEY, env.ROOT_KEY_PREVIOUS].filter((root) => root !== undefined);
  const epochs = new Epochs(env.KEYRING, roots, env.ENVIRONMENT, chance);
  const directory = new Directory(env.DIRECTORY);
  const logs = logsOf(env);
  const all: Vault[] = [];
  for (let shard = 0; shard < shardsMax; shard++) {
    const phi = env[`PHI_${shard}`];
    const keys = env[`KEYS_${shard}`];
    if (phi === undefined || keys === undefined) break;
    all.push({
      shard,
      phi,
      keyring: new Keyring(keys, epochs, env.ENVIRONMENT, chance),
      directory,
      objects: env.SEALED,
      journal: env.KEYRING,
      logs,
      environment: env.ENVIRONMENT,
      random: chance,
    });
  }
  return { directory, epochs, logs, all };
}

/**
 * The shard that keeps the member; for somebody unknown, the first: they are refused there. Throws
 * `Restored` while its databases are an old copy of what they were.
 */
export async function vaultOf(env: VaultEnv, member: string): Promise<Vault> {
  const shards = shardsOf(env);
  return wholeShardAt(shards, (await shards.directory.shardOf(member)) ?? 0, Date.now());
}

/** Throws `Restored`. */
export async function wholeShardAt(shards: Shards, number: number, nowMs: number): Promise<Vault> {
  const vault = shardAt(shards, number);
  await assertWhole(vault, nowMs);
  return vault;
}

/** For pages over several shards: null, and a line in the log, while this one is not whole. */
export async function wholeShardOrNone(
  shards: Shards,
  number: number,
  nowMs: number,
): Promise<Vault | null> {
  try {
    return await wholeShardAt(shards, number, nowMs);
  } catch (error) {
    if (!(error instanceof Restored)) throw error;
    logLine({ worker: "vault", event: "left-out", items: 1, error: errorClass(error) });
    return null;
  }
}

export function shardAt(shards: Shards, number: number): Vault {
  const vault = shards.all[number];
  if (vault === undefined) throw new Error(`shard ${number} is not bound`);
  return vault;
}
