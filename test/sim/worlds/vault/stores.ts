/**
 * The stores of a world's vault, in memory: each call of one over the world's faults and in a seeded
 * order, and everything heard that the oracle has to know.
 */
import type { VaultEnv } from "../../../../workers/vault/env.ts";
import { type LogHome, logHome } from "../../../fakes/log-home.ts";
import { type MemoryR2, memoryR2 } from "../../../fakes/memory-r2.ts";
import { type SqliteD1, sqliteD1 } from "../../../fakes/sqlite-d1.ts";
import { type Chance, chanceOf } from "../../../oracle/chance.ts";
import type { WorldContext } from "../side.ts";
import { hear } from "./hearing.ts";
import type { Oracle } from "./oracle.ts";
import { type Append, appendBelieved, plantedIn } from "./plants.ts";

const migrations = (name: string) =>
  decodeURIComponent(new URL(`../../../../migrations/${name}`, import.meta.url).pathname);
export const logNames = ["0", "1"] as const;
const keyBytes = 32;
/** Others come between two steps so often, at most, beside the delays that the world brings. */
const turnsMax = 3;

export class Stores {
  /** Every checkpoint that was ever public, by log. */
  readonly checkpoints = new Map<string, string[]>();
  readonly directory: SqliteD1;
  readonly phi: SqliteD1;
  readonly keys: SqliteD1;
  readonly keyring = memoryR2();
  readonly sealed = memoryR2();
  readonly tiles = memoryR2();
  readonly entries = memoryR2();
  readonly log: LogHome;
  readonly env: VaultEnv;
  /** Nothing fails, and nobody comes between. */
  isCalm = true;
  readonly #context: WorldContext;
  readonly #oracle: Oracle;
  readonly #bytes: Chance;
  readonly #order: Chance;
  readonly #faults = new WeakSet<object>();

  constructor(context: WorldContext, oracle: Oracle) {
    [this.#context, this.#oracle] = [context, oracle];
    this.#bytes = chanceOf(context.seed ^ 0x51ed270b);
    this.#order = chanceOf(context.seed ^ 0x2545f491);
    this.directory = this.#database("directory");
    this.phi = this.#database("phi");
    this.keys = this.#database("keys");
    let syncFails = false;
    const key = this.random(keyBytes);
    this.log = logHome({
      ...{ tiles: this.#heardTiles(), entries: this.#bucket("entries", this.entries), key },
      ...{ now: context.clock.nowMs, random: this.random, origin: "log.world" },
      gate: async (at) => {
        await this.#turns();
        if (at !== "sync") return;
        syncFails = await this.call("log.sync", () => false).catch(() => true);
      },
      failSync: () => syncFails,
    });
    this.env = {
      ENVIRONMENT: "world",
      ROOT_KEY: Buffer.from(this.random(keyBytes)).toString("base64"),
      LOG: { getByName: (name: string) => this.#logPort(name) },
      LOG_TILES: this.#bucket("tiles", this.tiles),
      LOG_ENTRIES: this.#bucket("entries", this.entries),
      ...{ LOG_COUNTS: String(logNames.length), LOG_ORIGIN: "log.world", WITNESS_KEYS: "" },
      LOG_KEEPS_ACTORS: '["coach","operator","auditor","finance"]',
      LOG_KEY: Buffer.from(key).toString("base64"),
      ...{ DIRECTORY: this.directory, PHI_0: this.phi, KEYS_0: this.keys },
      KEYRING: this.#bucket("keyring", this.keyring),
      SEALED: this.#bucket("sealed", this.sealed),
    } as unknown as VaultEnv;
  }

  readonly random = (bytes: number) =>
    Uint8Array.from({ length: bytes }, () => this.#bytes.whole(0, 255));

  /** Whether it is one of those that the world brings. */
  isFault(error: unknown): boolean {
    return this.#faults.has(error as object);
  }

  close(): void {
    for (const database of [this.directory, this.phi, this.keys]) database.raw.close();
  }

  async call<T>(port: string, effect: () => T | Promise<T>): Promise<T> {
    if (this.isCalm) return effect();
    let own: unknown = null;
    const work = async () => {
      try {
        return await effect();
      } catch (error) {
        own = error;
        throw error;
      }
    };
    try {
      return await this.#context.faults.call(port, work);
    } catch (error) {
      if (error !== own && typeof error === "object" && error !== null) this.#faults.add(error);
      throw error;
    }
  }

  async #turns(): Promise<void> {
    if (this.isCalm) return;
    for (let n = this.#order.whole(0, turnsMax); n > 0; n--) await null;
  }

  #database(name: string): SqliteD1 {
    const planted = plantedIn(this.#context.plant);
    return sqliteD1(migrations(name), {
      around: async <T>(statements: readonly string[], work: () => T): Promise<T> => {
        await this.#turns();
        return this.call(name, () => {
          const answer = planted(statements, work) as T;
          hear(this.#oracle, statements, answer);
          return answer;
        });
      },
    });
  }

  #bucket(port: string, bucket: MemoryR2): MemoryR2 {
    return new Proxy(bucket, {
      get: (_, method) => {
        const own: unknown = Reflect.get(bucket, method);
        if (typeof own !== "function") return own;
        return async (...args: unknown[]) => {
          await this.#turns();
          return this.call(`${port}.${String(method)}`, () => own.apply(bucket, args));
        };
      },
    });
  }

  #heardTiles(): MemoryR2 {
    const { tiles } = this;
    const put = async (key: string, ...rest: unknown[]) => {
      const answer: unknown = await Reflect.apply(tiles.put, tiles, [key, ...rest]);
      const [log = "", file] = key.split("/");
      if (file === "checkpoint" && answer !== null) {
        const note = Buffer.from(tiles.objects.get(key)?.bytes ?? []).toString();
        this.checkpoints.set(log, [...(this.checkpoints.get(log) ?? []), note]);
      }
      return answer;
    };
    return this.#bucket("tiles", Object.assign(Object.create(tiles), { put }) as MemoryR2);
  }

  #logPort(name: string): object {
    const port = this.log.getByName(name);
    const reach =
      (method: string) =>
      (...args: unknown[]) =>
        this.call(`log.${method}`, () => Reflect.get(port, method)(...args));
    const append = reach("append") as Append;
    const believed = appendBelieved(append, this.#context.clock.nowMs);
    return new Proxy(port, {
      get: (_, method) => {
        if (method === "then") return undefined;
        if (method === "append") return this.#context.plant === "missed-entry" ? believed : append;
        return reach(String(method));
      },
    });
  }
}
