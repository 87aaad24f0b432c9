/**
 * The running system, asked so many times, so many at a time. Every answer is judged, memory is
 * sampled, what is logged is searched for faults that no answer tells of.
 */
import { endFolder, keepFolder, passingFolder } from "../../local/passing.ts";
import { type System, startSystem } from "../../local/system.ts";
import { type Document, documentFrom, type OpenApi } from "../conformance/promises.ts";
import { type Ask, askBy, type Described, isWebhook, routesOf, type World } from "./asks.ts";
import { canaries, record, setUpCallers } from "./callers.ts";
import type { Fixtures } from "./fixtures.ts";
import { type Heaps, heapsOf } from "./heaps.ts";
import { curlOf, type Judged, judge } from "./judge.ts";
import { putRight } from "./left.ts";
import { residentKiB, type Sample } from "./memory.ts";
import { linkAccounts, shapesOf } from "./shapes.ts";
import { shrunk } from "./shrink.ts";

export interface RunOptions {
  readonly requests: number;
  readonly seed: number;
  /** Only routes with this in their name. */
  readonly only?: string;
  /** Only this one, of its number; its answer is told whole. */
  readonly number?: number;
  readonly fixtures: Fixtures;
  readonly keep: boolean;
  /** After so many requests something new is recorded, so that there is something to ask about. */
  readonly recordEvery?: number;
  readonly isShrunk?: boolean;
  /** What else is done with the system once it was asked; what is wrong. */
  readonly afterwards?: (system: System) => Promise<readonly string[]>;
  readonly onProgress?: (line: string) => void;
}

export interface Violation {
  readonly index: number;
  readonly route: string;
  readonly mode: string;
  readonly caller: string;
  readonly wrong: readonly string[];
  readonly status: number;
  readonly said: string;
  readonly curl: string;
  readonly smaller: string;
}

export interface Slow {
  readonly index: number;
  readonly route: string;
  readonly ms: number;
}

/** `kiB`: what is resident; null: the runtime was too busy to say what its heaps hold. */
export interface MemorySample extends Sample {
  readonly heaps: Heaps | null;
}

export interface Ran {
  readonly requests: number;
  /** By route, how often each status. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly violations: readonly Violation[];
  readonly memory: readonly MemorySample[];
  /** Faults in the log, by what they are called. */
  readonly faults: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly afterwards: readonly string[];
  readonly slowest: Slow;
}

/** The same wrong on the same route is told in full so often. */
const toldMax = 3;
const concurrency = 32;
const memoryEvery = 500;
const progressEvery = 1_000;

export async function run(options: RunOptions): Promise<Ran> {
  const state = await passingFolder("fuzz");
  const log = new Log();
  const system = await startSystem({
    ...{ state, isInspected: true },
    onLog: (line) => log.hear(line),
  });
  try {
    const { requests, seed, only, number, fixtures, recordEvery = 2_000 } = options;
    const callers = await setUpCallers(system);
    await linkAccounts(system, callers);
    const described = await (await fetch(`${system.url}/openapi.json`)).json();
    const document = documentFrom(described as OpenApi);
    const { components } = described as Described;
    const shapes = shapesOf(system);
    const routes = routesOf(described as Described);
    const world: World = {
      ...{ system, callers, seed, schemas: components.schemas, ...fixtures },
      shapes: shapes.filter((s) => only === undefined || `/webhooks/${s.provider}`.includes(only)),
      routes: routes.filter((r) => isAsked(r, only)),
    };
    await knowCanaries(world);
    const asking = new Asking(world, document, options);
    log.marker = `Quastenflosser${seed}x`;
    const began = performance.now();
    const numbers = number === undefined ? [0, requests] : [number, number + 1];
    const early = await asking.all(numbers as [number, number], async (done) => {
      if (done % memoryEvery === 0) {
        const [kiB, heaps] = await Promise.all([residentKiB(), heapsOf(system)]);
        asking.memory.push({ requests: done, kiB, heaps });
      }
      if (done % recordEvery === 0) await record(system, callers, Math.floor(done / recordEvery));
      if (done % progressEvery === 0) {
        const seconds = Math.round((performance.now() - began) / 1000);
        const wrong = asking.violations.length;
        options.onProgress?.(`${done} of ${requests}, ${seconds} s, ${wrong} wrong`);
      }
    });
    const seconds = (performance.now() - began) / 1000;
    const { statuses, violations, memory } = asking;
    // What sockets are abused with makes the listener itself log faults: each has its answer judged.
    const faults = new Map(log.faults);
    const afterwards = early.length > 0 ? early : await afterwardsOf(system, options);
    return {
      ...{ requests: asking.done, statuses, violations, memory, faults, seconds, afterwards },
      slowest: asking.slowest,
    };
  } finally {
    await system.close();
    if (options.keep) {
      keepFolder(state);
      process.stderr.write(`kept in ${state}\n`);
    } else await endFolder(state);
  }
}

/** What was found by then is told, whatever comes of the rest. */
async function afterwardsOf(
  system: System,
  { afterwards }: RunOptions,
): Promise<readonly string[]> {
  try {
    return (await afterwards?.(system)) ?? [];
  } catch (error) {
    return [`it ended after the last number: ${String(error)}`];
  }
}

const isAsked = (route: World["routes"][number], only: string | undefined): boolean =>
  only === undefined ||
  route.name.includes(only) ||
  (isWebhook(route) && only.startsWith("/webhooks/"));

/** What she cannot read herself would never be found in another's answer either. */
async function knowCanaries({ system, callers }: World): Promise<void> {
  const { id, token } = callers.by.canary;
  const headers = { authorization: `Bearer ${token}` };
  const span = "from=2026-10-14T00:00:00Z&to=2026-10-15T00:00:00Z";
  const columns = ["heart_rate", "track", "title", "notes", "device_name"];
  const paths = [
    ...columns.map((column) => `/v1/members/${id}/readings/${column}?${span}`),
    ...["/v1/summary?date=2026-10-14", "/v1/devices"],
  ];
  const texts = await Promise.all(
    paths.map(async (path) => (await fetch(`${system.url}${path}`, { headers })).text()),
  );
  for (const { value, mayShow } of canaries)
    if (mayShow.includes("canary") && !texts.some((text) => text.includes(value)))
      throw new Error(`a canary is not where it was planted: ${value.slice(0, 6)}…`);
}

/** In full, with what asks it again. */
export const toldOf = (v: Violation): string =>
  [
    `wrong: number ${v.index}, ${v.route}, ${v.mode}, as ${v.caller}: ${v.wrong.join("; ")}`,
    `   ${v.status} ${v.said}`,
    `   ${v.curl}`,
    ...(v.smaller === v.curl ? [] : [`   smaller: ${v.smaller}`]),
  ].join("\n");

class Asking {
  readonly world: World;
  readonly document: Document;
  readonly options: RunOptions;
  readonly statuses = new Map<string, Map<number, number>>();
  readonly violations: Violation[] = [];
  readonly memory: MemorySample[] = [];
  done = 0;
  slowest: Slow = { index: 0, route: "", ms: 0 };
  readonly #told = new Map<string, number>();
  /** Nobody asks anything new meanwhile. */
  #putRight: Promise<unknown> = Promise.resolve();

  constructor(world: World, document: Document, options: RunOptions) {
    [this.world, this.document, this.options] = [world, document, options];
  }

  /**
   * From one number to another, so many at once. Why it ended early, for what was found by then is
   * told in any case; nothing: it did not.
   */
  async all(
    [from, to]: [number, number],
    after: (done: number) => Promise<void>,
  ): Promise<readonly string[]> {
    let next = from;
    const early: string[] = [];
    const one = async () => {
      while (next < to) {
        const index = next++;
        try {
          await this.#one(index);
          await after(++this.done);
        } catch (error) {
          next = to;
          early.push(`it ended at number ${index}: ${String(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, to - from) }, one));
    return early;
  }

  async #one(index: number): Promise<void> {
    const { world, document } = this;
    await this.#putRight;
    const ask = await askBy(world, index);
    const judged = await judge(world, document, ask);
    const by = this.statuses.get(ask.route) ?? new Map<number, number>();
    this.statuses.set(ask.route, by.set(judged.status, (by.get(judged.status) ?? 0) + 1));
    if (this.options.number !== undefined)
      this.options.onProgress?.(`${curlOf(world, ask)}\n${judged.status} ${judged.said}`);
    if (judged.ms > this.slowest.ms) this.slowest = { index, route: ask.route, ms: judged.ms };
    if (judged.wrong.length > 0) await this.#violated(index, ask, judged);
    const mine = putRight(world, ask, judged.status);
    this.#putRight = Promise.allSettled([this.#putRight, mine]);
    await mine;
  }

  async #violated(index: number, ask: Ask, judged: Judged): Promise<void> {
    const { world, document } = this;
    const { wrong, status, said } = judged;
    const kind = `${ask.route} ${wrong.join()}`;
    const told = this.#told.get(kind) ?? 0;
    this.#told.set(kind, told + 1);
    const isTold = told < toldMax;
    const isSame = async (smaller: Ask) =>
      (await judge(world, document, smaller)).wrong.join() === wrong.join();
    const isShrunk = isTold && (this.options.isShrunk ?? true);
    const least = isShrunk ? await shrunk(ask, isSame) : ask;
    const violation = {
      ...{ index, route: ask.route, mode: ask.mode, caller: ask.caller ?? "nobody" },
      ...{ wrong, status, said },
      curl: isTold ? curlOf(world, ask) : "",
      smaller: isTold ? curlOf(world, least) : "",
    };
    this.violations.push(violation);
    if (isTold) this.options.onProgress?.(toldOf(violation));
  }
}

/** What the workers write: faults are counted, and neither input nor canary may stand there. */
class Log {
  readonly faults = new Map<string, number>();
  marker: string | null = null;

  hear(line: string): void {
    const isFault = /"outcome":"internal"|uncaught|Error:/i.test(line);
    const isLeak =
      (this.marker !== null && line.includes(this.marker)) ||
      canaries.some(({ value }) => line.includes(value));
    if (!isFault && !isLeak) return;
    const name = isLeak
      ? "input or a canary in the log"
      : line.replaceAll(/"requestId":"[^"]+"|\d{3,}/g, "");
    this.faults.set(name.slice(0, 300), (this.faults.get(name.slice(0, 300)) ?? 0) + 1);
  }
}
