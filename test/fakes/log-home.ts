/**
 * The log's objects in plain Node: the real LogCore over SQLite in memory. A crash loses whatever
 * was not synced and all that was remembered, and who waited for an answer waits for ever; what was
 * on its way to a bucket may still arrive. It knows no input or output gates.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { R2Bucket } from "@cloudflare/workers-types";
import type { LogPort } from "../../domain/log-ports.ts";
import { LogCore, type LogStorage } from "../../durable-objects/log-core.ts";

export interface LogHomeOptions {
  readonly tiles: R2Bucket;
  readonly entries: R2Bucket;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly origin: string;
  readonly witnesses?: readonly string[];
  /** Awaited by every call of a log, every sync and every call to a bucket. */
  readonly gate?: (at: "call" | "sync" | "bucket") => Promise<unknown>;
  /** Whether this sync fails. */
  readonly failSync?: () => boolean;
}

export interface LogHome {
  getByName(name: string): LogPort;
  /** Every log's object dies; the next call wakes another. */
  crash(): void;
  /** When the log's alarm goes off; null: it is not set. */
  alarmMs(name: string): number | null;
  /** Lets the alarm go off, if one is set. */
  ring(name: string): Promise<void>;
  /** What is durable. */
  snapshot(name: string): Uint8Array;
  /** Puts the log's storage back as it was then; its object dies. */
  restore(name: string, snapshot: Uint8Array): void;
  /** Rows that are durable or not, for tests to look at. */
  rows(name: string, query: string): Record<string, unknown>[];
}

const tables = readFileSync(join(import.meta.dirname, "../../migrations/log/0001_log.sql"), "utf8");
const forEver = () => new Promise<never>(() => undefined);

export function logHome(options: LogHomeOptions): LogHome {
  const disks = new Map<string, Disk>();
  const lives = new Map<string, Life>();
  let deaths = 0;
  const diskOf = (name: string): Disk => {
    const disk = disks.get(name) ?? new Disk();
    disks.set(name, disk);
    return disk;
  };
  const lifeOf = (name: string): Life => {
    const living = lives.get(name);
    if (living?.alive) return living;
    const life = new Life(name, diskOf(name), options);
    lives.set(name, life);
    return life;
  };
  const end = (name: string) => {
    deaths++;
    lives.get(name)?.die();
    lives.delete(name);
  };
  const call =
    (name: string, method: string) =>
    async (...args: readonly unknown[]) => {
      const then = deaths;
      await options.gate?.("call");
      return then === deaths ? lifeOf(name).call(method, args) : forEver();
    };
  return {
    getByName: (name) =>
      new Proxy({} as LogPort, {
        get: (_, method) => (method === "then" ? undefined : call(name, String(method))),
      }),
    crash() {
      deaths++;
      for (const name of [...lives.keys()]) end(name);
    },
    alarmMs: (name) => diskOf(name).alarm,
    async ring(name) {
      if (diskOf(name).takeAlarm()) await lifeOf(name).call("alarm", []);
    },
    snapshot: (name) => diskOf(name).snapshot(),
    restore(name, snapshot) {
      end(name);
      diskOf(name).restore(snapshot);
    },
    rows: (name, query) => diskOf(name).raw.prepare(query).all(),
  };
}

/** What a crash leaves: the transaction that it interrupts was begun by the first write in it. */
class Disk {
  raw = new DatabaseSync(":memory:");
  alarm: number | null = null;
  #alarmBefore: number | null = null;
  readonly #prepared = new Map<string, StatementSync>();

  constructor() {
    this.raw.exec(tables);
  }

  exec(query: string, values: readonly SQLInputValue[]): Record<string, unknown>[] {
    if (!/^\s*SELECT\b/.test(query)) this.begin();
    return this.#prepare(query).all(...values);
  }

  say(command: string): void {
    this.#prepare(command).run();
  }

  #prepare(query: string): StatementSync {
    const known = this.#prepared.get(query);
    if (known !== undefined) return known;
    const statement = this.raw.prepare(query);
    this.#prepared.set(query, statement);
    return statement;
  }

  begin(): void {
    if (this.raw.isTransaction) return;
    this.say("BEGIN");
    this.#alarmBefore = this.alarm;
  }

  commit(): void {
    if (this.raw.isTransaction) this.say("COMMIT");
  }

  lose(): void {
    if (!this.raw.isTransaction) return;
    this.say("ROLLBACK");
    this.alarm = this.#alarmBefore;
  }

  setAlarm(atMs: number): void {
    this.begin();
    this.alarm = atMs;
  }

  /** An alarm that goes off is set no longer, whatever becomes of what it does. */
  takeAlarm(): boolean {
    const was = this.alarm !== null;
    this.alarm = null;
    this.#alarmBefore = null;
    return was;
  }

  snapshot(): Uint8Array {
    if (this.raw.isTransaction) throw new Error("what is not durable is in no snapshot");
    return this.raw.serialize();
  }

  restore(snapshot: Uint8Array): void {
    this.#prepared.clear();
    this.raw.close();
    this.raw = new DatabaseSync(":memory:");
    this.raw.deserialize(snapshot);
    this.alarm = null;
  }
}

/** One object from its first call to its crash. Once dead it reaches nothing any more. */
class Life {
  alive = true;
  readonly #core: LogCore;
  readonly #disk: Disk;
  readonly #options: LogHomeOptions;

  constructor(name: string, disk: Disk, options: LogHomeOptions) {
    this.#disk = disk;
    this.#options = options;
    this.#core = new LogCore(
      {
        storage: this.#storage(),
        tiles: this.#reached(options.tiles),
        entries: this.#reached(options.entries),
        now: options.now,
        random: options.random,
        abort: () => this.die(),
      },
      {
        log: name,
        origin: `${options.origin}/${name}`,
        key: options.key,
        witnesses: options.witnesses ?? [],
      },
    );
  }

  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    const core = this.#core as unknown as Record<string, (...list: unknown[]) => unknown>;
    try {
      const answer = await core[method]?.(...args);
      return this.alive ? structuredClone(answer) : forEver();
    } catch (error) {
      if (!this.alive && !this.#aborted) return forEver();
      throw error;
    }
  }

  #aborted = false;

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#disk.lose();
  }

  #storage(): LogStorage {
    const disk = this.#disk;
    const living = () => {
      if (!this.alive) throw new Error("the object is dead");
    };
    const storage = {
      sql: {
        exec: (query: string, ...values: SQLInputValue[]) => {
          living();
          const rows = disk.exec(query, values);
          return { toArray: () => rows, one: () => onlyOne(rows) };
        },
      },
      transactionSync<T>(work: () => T): T {
        living();
        disk.begin();
        disk.say("SAVEPOINT inner");
        try {
          const answer = work();
          disk.say("RELEASE inner");
          return answer;
        } catch (error) {
          disk.say("ROLLBACK TO inner");
          disk.say("RELEASE inner");
          throw error;
        }
      },
      sync: async () => {
        await this.#gate();
        if (this.#options.failSync?.()) {
          this.#aborted = true;
          throw new Error("the disk failed");
        }
        disk.commit();
        await this.#gate();
      },
      getAlarm: async () => {
        living();
        return disk.alarm;
      },
      setAlarm: async (atMs: number) => {
        living();
        disk.setAlarm(atMs);
      },
    };
    return storage as unknown as LogStorage;
  }

  async #gate(): Promise<void> {
    await this.#options.gate?.("sync");
    if (!this.alive) await forEver();
  }

  /** What was sent arrives, whether its sender lives or not; the answer needs one who lives. */
  #reached(bucket: R2Bucket): globalThis.R2Bucket {
    const reached =
      (method: string) =>
      async (...args: readonly unknown[]) => {
        if (!this.alive) await forEver();
        await this.#options.gate?.("bucket");
        const calls = bucket as unknown as Record<string, (...list: unknown[]) => unknown>;
        const answer = await calls[method]?.(...args);
        return this.alive ? answer : forEver();
      };
    return new Proxy({} as globalThis.R2Bucket, { get: (_, method) => reached(String(method)) });
  }
}

function onlyOne(rows: readonly Record<string, unknown>[]): Record<string, unknown> {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`one row, not ${rows.length}`);
  return row;
}
