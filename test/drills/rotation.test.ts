/**
 * A rotation of many members' keys (100,000 in the long run) in the real runtime, killed over and over without a warning:
 * it ends complete, every key is the one that it was, and every key could be read all along.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { afterEach, describe, expect, it } from "vitest";
import type { KeysStatus, RotationStatus } from "../../domain/ports.ts";
import { bundle, declaredDatabases, migrate } from "../../local/runtime.ts";
import type { KeyPrints, RotationCall } from "../fakes/rotation-calls.ts";
import { tries } from "../long.ts";

const members = tries(100_000, 10_000);
const shards = 2;
const seededAtOnce = 2_500;
const checkedAtOnce = 5_000;
const rowsPerStep = members / 25;
const kills = tries(10, 5);
/** A kill comes this long after a step began, or sooner: most come before its end. */
const untilKilledMs = tries(600, 60);
const stepsMax = 400;
const probes = 20;
const nowMs = Date.UTC(2026, 10, 21);
/** The log takes no part: nobody looks. */
const unasked = { LOG_COUNTS: "1", LOG_ORIGIN: "log.test", LOG_KEEPS_ACTORS: "[]" };
const secret = () => randomBytes(32).toString("base64");

interface Vars {
  readonly ROOT_KEY: string;
  readonly ROOT_KEY_PREVIOUS?: string;
}

/** The worker over a folder that outlives it; a kill takes the runtime's process away at once. */
class Drill {
  readonly #folder: string;
  readonly #contents: string;
  readonly #printKey = secret();
  #runtime: Miniflare | null = null;
  #pid = 0;

  constructor(folder: string, contents: string) {
    this.#folder = folder;
    this.#contents = contents;
  }

  async start(vars: Vars): Promise<void> {
    const before = runtimes();
    const names = (await declaredDatabases()).filter(({ worker }) => worker === "vault");
    this.#runtime = new Miniflare(
      convertV4MiniflareOptions({
        name: "rotation",
        modules: [{ type: "ESModule", path: "rotation.mjs", contents: this.#contents }],
        compatibilityDate: "2026-10-01",
        bindings: { ENVIRONMENT: "test", IDENTITY_KEY: this.#printKey, ...unasked, ...vars },
        d1Databases: Object.fromEntries(names.map(({ binding }) => [binding, binding])),
        r2Buckets: ["KEYRING", "SEALED"],
        host: "127.0.0.1",
        port: 0,
        cf: false,
        log: new Log(LogLevel.NONE),
        resourcePersistencePath: this.#folder,
        telemetry: { enabled: false },
      }),
    );
    await this.#runtime.ready;
    [this.#pid = 0] = runtimes().filter((pid) => !before.includes(pid));
    for (const { binding, migrations } of names)
      await migrate(await this.#runtime.getD1Database(binding), migrations);
  }

  async ask<T>(call: RotationCall): Promise<T> {
    const request = { method: "POST", body: JSON.stringify(call) };
    const response = await this.#runtime?.dispatchFetch("http://rotation/", request);
    if (response?.status !== 200) throw new Error(await response?.text());
    return (await response.json()) as T;
  }

  async kill(): Promise<void> {
    if (this.#pid === 0) throw new Error("the runtime's process is not known");
    process.kill(this.#pid, "SIGKILL");
    await this.stop();
  }

  async stop(): Promise<void> {
    await this.#runtime?.dispose();
    this.#runtime = null;
  }
}

/** Runtimes that this very process started. */
const runtimes = (): number[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => parent === String(process.pid) && name === "workerd")
    .map(([pid]) => Number(pid));

let drill: Drill;
let folder = "";

async function prepare(vars: Vars): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "singlet-rotation-"));
  const contents = await bundle(resolve(import.meta.dirname, "../fakes/rotation-worker.ts"));
  drill = new Drill(folder, contents);
  await drill.start(vars);
}
afterEach(async () => {
  await drill?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Fills every shard with its part of the members; what their keys are known by. */
async function seed(count: number): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  const each = count / shards;
  for (let shard = 0; shard < shards; shard++)
    for (let from = 0; from < each; from += seededAtOnce) {
      const part = Math.min(seededAtOnce, each - from);
      const call = { what: "seed", shard, from: shard * each + from, count: part, nowMs } as const;
      for (const [member, print] of Object.entries((await drill.ask<KeyPrints>(call)).prints))
        known.set(member, print);
    }
  return known;
}

/** A few keys from somewhere in a shard are what they were. */
async function probe(known: ReadonlyMap<string, string>): Promise<void> {
  const nth = Math.floor(Math.random() * (known.size - probes));
  const after = `m_${String(nth).padStart(7, "0")}`;
  const shard = nth < known.size / shards ? 0 : 1;
  const call = { what: "prints", shard, after, count: probes, nowMs } as const;
  const { prints } = await drill.ask<KeyPrints>(call);
  for (const [member, print] of Object.entries(prints)) expect(print).toBe(known.get(member));
}

/** Every key there is, which is how many, and how many are not under the newest epoch. */
async function compareAll(known: ReadonlyMap<string, string>) {
  const found = { same: 0, stale: 0 };
  for (let shard = 0; shard < shards; shard++)
    for (let after = ""; ; ) {
      const call = { what: "prints", shard, after, count: checkedAtOnce, nowMs } as const;
      const { prints, stale } = await drill.ask<KeyPrints>(call);
      const entries = Object.entries(prints);
      found.same += entries.filter(([member, print]) => known.get(member) === print).length;
      found.stale += stale;
      if (entries.length < checkedAtOnce) break;
      after = entries.at(-1)?.[0] ?? "";
    }
  return found;
}

const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

describe("a rotation that is killed at random moments", () => {
  it(`of ${members} keys ends complete, with every key as it was`, async () => {
    const root = { ROOT_KEY: secret() };
    await prepare(root);
    const known = await seed(members);
    expect(known.size).toBe(members);
    let killed = 0;
    let interrupted = 0;
    let status: RotationStatus | null = null;
    for (let steps = 0; status?.done !== true; steps++) {
      expect(steps).toBeLessThan(stepsMax);
      const step = drill
        .ask<RotationStatus>({ what: "step", nowMs, rowsMax: rowsPerStep })
        .catch(() => null);
      if (killed < kills && Math.random() < 0.5) {
        await sleep(Math.random() * untilKilledMs);
        await drill.kill();
        killed++;
        if ((await step) === null) interrupted++;
        await drill.start(root);
        await probe(known);
        continue;
      }
      [status] = await Promise.all([step, probe(known)]);
      expect(status).not.toBeNull();
    }
    expect(killed).toBeGreaterThanOrEqual(kills * 0.8);
    expect(interrupted).toBeGreaterThan(0);
    const keys = await drill.ask<KeysStatus>({ what: "status" });
    expect(keys.epochs).toEqual([2]);
    expect(status?.left).toBe(0);
    expect(await compareAll(known)).toEqual({ same: members, stale: 0 });
  }, 240_000);

  it("of the root key leaves nothing under the one before, which may go", async () => {
    const before = secret();
    const after = { ROOT_KEY: secret(), ROOT_KEY_PREVIOUS: before };
    await prepare({ ROOT_KEY: before });
    const known = await seed(200);
    await drill.stop();
    await drill.start(after);
    for (let i = 0; i < tries(8, 4); i++) {
      const step = drill.ask<RotationStatus>({ what: "root" }).catch(() => null);
      await sleep(Math.random() * 30);
      await drill.kill();
      await step;
      await drill.start(after);
      await probe(known);
    }
    expect(await drill.ask<RotationStatus>({ what: "root" })).toMatchObject({
      left: 0,
      done: true,
    });
    await drill.stop();
    await drill.start({ ROOT_KEY: after.ROOT_KEY });
    expect((await drill.ask<KeysStatus>({ what: "status" })).underOldRoot).toBe(0);
    expect(await compareAll(known)).toEqual({ same: 200, stale: 0 });
  });
});
