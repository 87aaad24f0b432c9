/**
 * The whole system over one folder, under load, killed again and again: at random moments and at
 * named steps, with SIGKILL, and started anew. Then it is left alone, and everything is counted.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { endFolder, keepFolder, passingFolder } from "../../local/passing.ts";
import { enrol } from "../../local/people.ts";
import { type System, startSystem } from "../../local/system.ts";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { copyMigrated } from "../system/migrated.ts";
import type { Athlete } from "../system/support.ts";
import { type Balance, balanceOf } from "./balance.ts";
import { Clients } from "./clients.ts";
import { Company } from "./company.ts";
import { uuidOf } from "./door.ts";
import { drained } from "./drained.ts";
import { type Killer, startKiller } from "./killing.ts";
import { peopleOf } from "./people.ts";
import { ClientRecord } from "./record.ts";
import { type Back, backIn, type Write, writeOf } from "./service.ts";
import { steps as allSteps, errands, type Step } from "./steps.ts";
import type { StepsDoor } from "./workout-doors.ts";

export interface CrashOptions {
  readonly kills: number;
  readonly facts: number;
  readonly seed: number;
  /** The moment that everything the clients tell of lies before. */
  readonly nowMs: number;
  /** Those to die at; absent: all of them in turn, and every other time at any moment. */
  readonly steps?: readonly (Step | undefined)[];
  readonly say: (text: string) => void;
}

export interface Lived {
  readonly system: System;
  readonly record: ClientRecord;
  readonly clients: Clients;
  readonly company: Company;
  readonly athletes: readonly Athlete[];
  readonly steps: readonly StepsDoor[];
}

export interface Killed {
  /** Null: at any moment. */
  readonly step: Step | null;
  /** Whether it came to that step; if not, it was killed all the same. */
  readonly isReached: boolean;
  readonly afterMs: number;
  readonly back: Back;
}

export interface Crashed extends Balance {
  readonly kills: readonly Killed[];
  readonly record: ClientRecord;
  /** What went wrong besides: a run, an erasure, a drain that did not end. */
  readonly wrong: readonly string[];
  readonly state: string;
}

/** When it is killed at any moment: between this and what it took to be back, on a slow machine. */
const livesMs = [50, 2_500] as const;
/** So long a step may take to be come to, and so many times what it took to be back. */
const stepWithin = { leastMs: 6_000, times: 3, mostMs: 40_000 } as const;

function lastsMs(step: Step | null, back: Back, chance: Chance): number {
  const [least, most] = livesMs;
  if (step === null) return chance.whole(least, Math.max(most, Math.round(back.writeMs)));
  const { leastMs, times, mostMs } = stepWithin;
  return Math.min(mostMs, Math.max(leastMs, times * back.writeMs));
}

/** A step is died at when it is passed so many times; one of an errand comes once. */
const timesMax = 3;
const timesOf = (step: Step | null, chance: Chance): number => {
  const isRare = step?.isRare || (step?.needs !== undefined && step.needs !== "settle");
  return isRare ? 1 : chance.whole(1, timesMax);
};
/** Of a hundred lives so many have each errand run though no step asks for it. */
const errandShare = 12;
/**
 * An object that landed without its row is nobody's for ten minutes (workers/archive/adopt.ts): an
 * erasure waits for that, and settling leaves it. In the end nobody here waits: it is old by then.
 */
const aheadMs = 11 * 60_000;

const main = (worker: string) => resolve(import.meta.dirname, `dying-${worker}.ts`);
const mains = { edge: main("edge"), vault: main("vault"), archive: main("archive") };

/** What it lives over is kept when `isKept` says so of what came of it. */
export async function crash(
  options: CrashOptions,
  isKept: (crashed: Crashed) => boolean,
): Promise<Crashed> {
  const state = await passingFolder("crash");
  const killer = await startKiller();
  const armed = { CRASH_URL: killer.url, CRASH_AT: "", CRASH_AHEAD_MS: "0" };
  const vars = { edge: armed, vault: armed, archive: armed };
  const isMigrated = await copyMigrated(join(state, "storage"));
  const system = await startSystem({ state, mains, vars, isMigrated });
  let crashed: Crashed | null = null;
  try {
    crashed = { ...(await lived(system, killer, armed, options, state)), state };
    return crashed;
  } finally {
    await system.close();
    await killer.close();
    if (crashed !== null && !isKept(crashed)) await endFolder(state);
    else await keep(state, crashed);
    if (crashed === null) options.say(`seed ${options.seed}; everything is in ${state}`);
  }
}

/** What the clients know goes beside what the system knew. */
async function keep(state: string, crashed: Crashed | null): Promise<void> {
  keepFolder(state);
  if (crashed === null) return;
  await writeFile(join(state, "clients.json"), JSON.stringify(crashed.record.all(), null, 1));
}

type Armed = Record<"CRASH_URL" | "CRASH_AT" | "CRASH_AHEAD_MS", string>;

async function lived(
  system: System,
  killer: Killer,
  armed: Armed,
  options: CrashOptions,
  state: string,
): Promise<Omit<Crashed, "state">> {
  const { kills: killsMax, facts, seed, nowMs, say } = options;
  const chance = chanceOf(seed);
  const record = new ClientRecord();
  const { doors, athletes, steps } = await peopleOf(system, { facts, seed, nowMs });
  const clients = new Clients(doors, record, chanceOf(seed + 1));
  const company = new Company();
  await company.arrive(system, record, nowMs);
  const phone = await enrol(system, "prober", "Prober", ["member"], { zone: "UTC" });
  let probes = 0;
  const write = writeOf(
    () => system.url,
    phone,
    () => uuidOf(`probe ${++probes}`),
  );
  const life = { system, record, clients, company, athletes, steps };
  const plan = planOf(killsMax, options.steps, chance);

  const kills: Killed[] = [];
  arm(armed, plan[0]);
  // Nothing is armed as it is started.
  let back = plan[0] === null ? unhurried : await restarted(system, write);
  for (const [n, step] of plan.entries()) {
    await killer.aim(system.runtime, timesOf(step, chance));
    const newMax = Math.ceil((facts * (n + 1)) / killsMax) - clients.told;
    const lasts = lastsMs(step, back, chance);
    const killed = await oneLife(life, killer, step, chance, { newMax, lasts });
    arm(armed, plan[n + 1]);
    back = await restarted(system, write);
    kills.push({ ...killed, step, back });
    say(
      `  ${String(n + 1).padStart(String(killsMax).length)} of ${killsMax}: ${step?.name ?? "any moment"}` +
        `${killed.isReached ? "" : " (not come to)"}, after ${Math.round(killed.afterMs)} ms; back in ` +
        `${Math.round(back.healthMs)} and ${Math.round(back.writeMs)} ms; ${record.acknowledged().facts} facts answered`,
    );
  }
  const wrong = await drained(life, say);
  return { ...(await balanceOf(life, state, say)), kills, record, wrong };
}

const unhurried: Back = { healthMs: 0, writeMs: 0 };

/** For the next life; after the last one nobody dies any more. */
function arm(armed: Armed, step: Step | null | undefined): void {
  armed.CRASH_AT = step?.at ?? "";
  armed.CRASH_AHEAD_MS = step === undefined ? String(aheadMs) : "0";
}

/** Every other life ends at a step: all steps in turn, mixed. */
function planOf(kills: number, only: CrashOptions["steps"], chance: Chance): (Step | null)[] {
  const mixed: Step[] = [];
  return Array.from({ length: kills }, (_, n) => {
    if (only !== undefined) return only[n] ?? null;
    if (n % 2 === 0) return null;
    if (mixed.length === 0) mixed.push(...chance.shuffled(allSteps));
    return mixed.pop() ?? null;
  });
}

/** From the restart's begin on: somebody asks all the time. */
async function restarted(system: System, write: Write): Promise<Back> {
  const { url } = system;
  const startedMs = performance.now();
  const [, back] = await Promise.all([system.restart(), backIn(url, write, startedMs)]);
  return back;
}

async function oneLife(
  { system, clients, company }: Lived,
  killer: Killer,
  step: Step | null,
  chance: Chance,
  { newMax, lasts }: { readonly newMax: number; readonly lasts: number },
): Promise<Pick<Killed, "isReached" | "afterMs">> {
  const startedMs = performance.now();
  const asked = errands.filter((errand) => step?.needs === errand || chance.in100(errandShare));
  clients.start(system, newMax, step?.needs === "take-back");
  company.start(system, asked);
  let timer: ReturnType<typeof setTimeout> | null = null;
  const over = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), lasts);
  });
  const isReached = await Promise.race([killer.reached.then(() => true), over]);
  if (timer !== null) clearTimeout(timer);
  if (!isReached) killer.strike();
  const afterMs = performance.now() - startedMs;
  await Promise.all([clients.stop(), company.stop()]);
  return { isReached: isReached || step === null, afterMs };
}
