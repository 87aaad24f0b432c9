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
import { type LogHome, logHome } from "../fakes/log-home.ts";
import { memoryR2 } from "../fakes/memory-r2.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

const migrations = (name: string) => resolve(import.meta.dirname, `../../migrations/${name}`);
const drawnBytes = 65_536;
let drawn: Bytes = new Uint8Array(0);
let used = 0;

/** Drawn in advance: a salt at a time is a call to the system each. */
export function random(bytes: number): Bytes {
  if (used + bytes > drawn.length) {
    drawn = crypto.getRandomValues(new Uint8Array(Math.max(bytes, drawnBytes)));
    used = 0;
  }
  used += bytes;
  return drawn.slice(used - bytes, used);
}

export interface World {
  readonly env: VaultEnv;
  readonly shards: Shards;
  readonly stores: {
    readonly directory: ReturnType<typeof sqliteD1>;
    readonly phi: readonly ReturnType<typeof sqliteD1>[];
    readonly keys: readonly ReturnType<typeof sqliteD1>[];
    readonly keyring: ReturnType<typeof memoryR2>;
    readonly sealed: ReturnType<typeof memoryR2>;
    readonly log: LogHome;
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
  /** Awaited within the logs too, at each of their syncs; it never rejects. */
  readonly logGate?: () => Promise<void>;
}

/** A log that is called as every other store is. */
const gated = (log: LogHome, gate?: () => Promise<void>): Pick<LogHome, "getByName"> => ({
  getByName: (name) =>
    new Proxy(log.getByName(name), {
      get: (port, method) =>
        method === "then"
          ? undefined
          : async (...args: readonly unknown[]) => {
              await gate?.();
              return Reflect.get(port, method)(...args);
            },
    }),
});

const keyBytes = 32;
const logOrigin = "log.test";
export const logNames = ["0", "1"] as const;
const lookMs = 1_000;

/** The logs' clock: nobody is refused too often within a minute of it, unless a test means it. */
function eachLookLater(): () => number {
  let nowMs = Date.now();
  return () => {
    nowMs += lookMs;
    return nowMs;
  };
}

export function makeWorld({ shards: count = 2, gate, logGate }: WorldOptions = {}): World {
  const options = gate === undefined ? {} : { gate };
  const each = Array.from({ length: count }, (_, n) => n);
  const logKey = random(keyBytes);
  const [tiles, entries] = [memoryR2(options), memoryR2(options)];
  const now = eachLookLater();
  const log = logHome({
    ...(logGate === undefined ? {} : { gate: logGate }),
    ...{ tiles, entries, now, random, key: logKey, origin: logOrigin },
  });
  const stores = {
    log,
    directory: sqliteD1(migrations("directory"), options),
    phi: each.map(() => sqliteD1(migrations("phi"), options)),
    keys: each.map(() => sqliteD1(migrations("keys"), options)),
    keyring: memoryR2(options),
    sealed: memoryR2(options),
  };
  const env = {
    ENVIRONMENT: "test",
    ROOT_KEY: Buffer.from(random(keyBytes)).toString("base64"),
    LOG: gated(log, gate),
    LOG_TILES: tiles,
    LOG_ENTRIES: entries,
    LOG_COUNTS: String(logNames.length),
    LOG_ORIGIN: logOrigin,
    LOG_KEEPS_ACTORS: '["coach","operator","auditor"]',
    WITNESS_KEYS: "",
    LOG_KEY: Buffer.from(logKey).toString("base64"),
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
