/**
 * The real vault code over stand-ins for its databases and buckets: fast enough to run through a
 * hundred thousand interleavings, with the real migrations.
 */
import { resolve } from "node:path";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { Bytes } from "../../workers/vault/chunked.ts";
import {
  makeShards,
  type Shards,
  shardAt,
  type Vault,
  type VaultEnv,
} from "../../workers/vault/env.ts";
import { enrolPerson } from "../../workers/vault/principal.ts";
import { memoryR2 } from "../fakes/memory-r2.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

const migrations = (name: string) => resolve(import.meta.dirname, `../../migrations/${name}`);
export const random = (bytes: number): Bytes => crypto.getRandomValues(new Uint8Array(bytes));

export interface World {
  readonly env: VaultEnv;
  readonly shards: Shards;
  readonly stores: {
    readonly directory: ReturnType<typeof sqliteD1>;
    readonly phi: readonly ReturnType<typeof sqliteD1>[];
    readonly keys: readonly ReturnType<typeof sqliteD1>[];
    readonly keyring: ReturnType<typeof memoryR2>;
    readonly sealed: ReturnType<typeof memoryR2>;
  };
  /** Shards anew over the same stores: what an isolate remembers is gone. */
  restarted(changes?: Partial<VaultEnv>): Shards;
  /** A member with a place, a key and a row. */
  enrol(name: string, nowMs: number): Promise<{ member: MemberId; vault: Vault }>;
}

export interface WorldOptions {
  readonly shards?: number;
  /** Awaited before every call to a store. */
  readonly gate?: () => Promise<void>;
}

export function makeWorld({ shards: count = 2, gate }: WorldOptions = {}): World {
  const options = gate === undefined ? {} : { gate };
  const each = Array.from({ length: count }, (_, n) => n);
  const stores = {
    directory: sqliteD1(migrations("directory"), options),
    phi: each.map(() => sqliteD1(migrations("phi"), options)),
    keys: each.map(() => sqliteD1(migrations("keys"), options)),
    keyring: memoryR2(options),
    sealed: memoryR2(options),
  };
  const env = {
    ENVIRONMENT: "test",
    ROOT_KEY: Buffer.from(random(32)).toString("base64"),
    DIRECTORY: stores.directory,
    KEYRING: stores.keyring,
    SEALED: stores.sealed,
    ...Object.fromEntries(stores.phi.map((db, n) => [`PHI_${n}`, db])),
    ...Object.fromEntries(stores.keys.map((db, n) => [`KEYS_${n}`, db])),
  } as unknown as VaultEnv;
  const shards = makeShards(env, random);
  return {
    env,
    shards,
    stores,
    restarted: (changes = {}) => makeShards({ ...env, ...changes } as VaultEnv, random),
    async enrol(name, nowMs) {
      const person = { hash: `person-${name}`, issuedAtMs: nowMs, bound: null };
      const enrolled = await enrolPerson(shards, person, `m_${name}` as MemberId, nowMs);
      if (typeof enrolled === "string") throw new Error(`enrolling ${name}: ${enrolled}`);
      const shard = await shards.directory.shardOf(enrolled.member);
      return { member: enrolled.member, vault: shardAt(shards, shard ?? -1) };
    },
  };
}

export const connectionNamed = (name: string): ConnectionId => `c_${name}` as ConnectionId;
