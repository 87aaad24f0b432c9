/** Starts the real ledger alone in workerd, over a folder of its own, and talks to it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { bundle } from "../../local/runtime.ts";
import { hour, workout } from "../domain/workouts/facts.ts";
import type { LedgerAnswer, LedgerCall, LedgerCost, LedgerShown } from "../fakes/ledger-calls.ts";

export class LoneLedger {
  readonly #runtime: Miniflare;
  readonly #name: string;

  constructor(runtime: Miniflare, name: string, stream: string) {
    this.#runtime = runtime;
    this.#name = `${stream}/${name}`;
  }

  async run(calls: LedgerCall["calls"], settle = true): Promise<LedgerAnswer> {
    const call: LedgerCall = { ledger: this.#name, calls, settle };
    const response = await this.#runtime.dispatchFetch("http://ledger/", {
      method: "POST",
      body: JSON.stringify(call),
    });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as LedgerAnswer;
  }

  async ask<T>(method: string, ...args: unknown[]): Promise<T> {
    return (await this.run([[method, ...args]])).answers[0] as T;
  }

  /** All that it holds, and what it still has to tell; nobody is told of anything by asking. */
  async shown(): Promise<LedgerShown> {
    return (await this.run([["shown"]], false)).answers[0] as LedgerShown;
  }

  /** Rows read and written by recording these, and telling everyone of it. */
  async costOf(...statements: OpenStatement[]): Promise<LedgerCost> {
    return (await this.run([["record", statements]])).cost;
  }

  async fill(facts: readonly OpenFact[]): Promise<void> {
    for (let i = 0; i < facts.length; i += fillAtOnce)
      await this.run([["record", facts.slice(i, i + fillAtOnce)]]);
  }
}

const fillAtOnce = 250;

export interface LoneLedgers {
  named(name: string, stream?: string): LoneLedger;
  /** Puts every object out of memory. */
  evictAll(): Promise<void>;
  end(): Promise<void>;
}

export async function startLedgers(before = ""): Promise<LoneLedgers> {
  const folder = await mkdtemp(join(tmpdir(), "singlet-ledger-"));
  const contents = await bundle(resolve(import.meta.dirname, "../fakes/ledger-worker.ts"));
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "ledger",
      modules: [{ type: "ESModule", path: "ledger.mjs", contents }],
      compatibilityDate: "2026-10-01",
      durableObjects: {
        LEDGER: { className: "Ledger", useSQLite: true },
      },
      bindings: { BEFORE: before },
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
  await runtime.ready;
  return {
    named: (name, stream = "workouts") => new LoneLedger(runtime, name, stream),
    async evictAll() {
      for (const id of await runtime.listDurableObjectIds("Ledger", "ledger"))
        await runtime.unsafeEvictDurableObject("ledger", "Ledger", { id }).catch((error) => {
          if (!String(error).includes("not currently running")) throw error;
        });
    },
    async end() {
      await runtime.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Monday in May: the days around it lie in one week and one month. */
export const middle = Date.UTC(2012, 4, 14, 6);

/** One ride a morning on each of `count` days around the middle, no two alike. */
export const mornings = (count: number): OpenFact[] =>
  Array.from({ length: count }, (_, i) => {
    const n = i - Math.floor(count / 2);
    const shape = { elapsedMs: 3 * hour + n * 100, distanceMm: 80_000_000 + n * 7_000 };
    return workout({ id: `morning-${n}`, at: middle + n * msPerDay, ...shape });
  });

/** A ride in the evening of the nth day. */
export const evening = (n: number): OpenFact => {
  const at = middle + n * msPerDay + 12 * hour;
  return workout({ id: `evening-${n}`, at, elapsedMs: hour, distanceMm: 30_000_000 + n * 1000 });
};
