/** Worlds by the thousand: what happens in each, and what must be true of it, is in `worlds/`. */
import { byJobs, Job, type WorldsTold } from "./worlds/jobs.ts";
import { type Plant, plants } from "./worlds/plants.ts";
import { shrinkTriesMax } from "./worlds/shrink.ts";
import type { OneFault } from "./worlds/wire.ts";

export interface WorldsOptions {
  readonly seed: number;
  readonly worlds: number;
  readonly jobs: number;
  /** Bugs to be found; none: the code as it is. */
  readonly plants: readonly Plant[];
}

const worldsAtOnce = 20;
const progressEvery = 500;
/** Within so many worlds each planted bug has to be found. */
const foundWithinMax = 1_000;
/** Of a run with many that fail, so many are told and shrunk. */
const toldMax = 3;
const violationsShownMax = 12;

const say = (text: string) => process.stdout.write(`${text}\n`);
const result = (figures: object) => say(`RESULT ${JSON.stringify(figures)}`);
const secondsSince = (beganMs: number) => Math.round((performance.now() - beganMs) / 100) / 10;

function* ranges(worlds: number): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0; from < worlds; from += worldsAtOnce)
    yield { from, to: Math.min(worlds, from + worldsAtOnce) };
}

export function isPlant(name: string): name is Plant {
  return plants.some((plant) => plant === name);
}
export const plantNames = plants.join(", ");

/** How many worlds are wrong. */
export async function worlds({ seed, worlds: count, jobs }: WorldsOptions): Promise<number> {
  const beganMs = performance.now();
  const sums = { worlds: 0, calls: 0, crashes: 0, failures: 0, cpuMs: 0 };
  const wrong: WorldsTold["wrong"][number][] = [];
  await byJobs(jobs, ranges(count), async (job, range) => {
    const ask = { kind: "worlds", seed, plant: null, untilFirst: false } as const;
    const told = await job.ask<"worlds">({ ...ask, ...range });
    const before = Math.floor(sums.worlds / progressEvery);
    sums.worlds += told.done;
    for (const key of ["calls", "crashes", "failures", "cpuMs"] as const) sums[key] += told[key];
    wrong.push(...told.wrong);
    if (Math.floor(sums.worlds / progressEvery) > before)
      say(`${sums.worlds} worlds, ${wrong.length} wrong, ${secondsSince(beganMs)} s`);
    return "more";
  });
  const seconds = secondsSince(beganMs);
  for (const { nth, violations } of wrong.sort((a, b) => a.nth - b.nth).slice(0, toldMax)) {
    say("");
    for (const line of violations.slice(0, violationsShownMax)) say(`world ${nth}: ${line}`);
    await tellShrunk(seed, nth, null);
  }
  say("");
  say(`worlds              ${sums.worlds}`);
  say(`calls of ports      ${sums.calls}`);
  say(`crashes             ${sums.crashes}`);
  say(`calls that failed   ${sums.failures}`);
  say(`ms of CPU a world   ${Math.round(sums.cpuMs / sums.worlds)}`);
  say(`with a violation    ${wrong.length}`);
  result({ name: "worlds", seed, ...sums, violations: wrong.length, seconds });
  return wrong.length;
}

/** The shortest script that was found, and how it is run again. */
async function tellShrunk(seed: number, nth: number, plant: string | null): Promise<void> {
  const job = new Job();
  try {
    const triesMax = shrinkTriesMax;
    const { script, tries, violations } = await job.ask<"shrink">({
      ...{ kind: "shrink", seed, nth, plant, triesMax },
    });
    const planted = plant === null ? "" : ` --plant ${plant}`;
    say("");
    say(`World ${nth} is wrong. The shortest script of it that was found, in ${tries} tries:`);
    for (const line of script) say(`  ${line}`);
    for (const line of violations.slice(0, violationsShownMax)) say(`  WRONG: ${line}`);
    say(`Again: npm run sim -- --seed ${seed}${planted} --only ${nth}`);
  } finally {
    job.end();
  }
}

/** One world, everything that happens in it, and its shortest script if it is wrong. */
export async function oneWorld(seed: number, nth: number, plant: string | null): Promise<number> {
  const job = new Job();
  try {
    const { lines, violations } = await job.ask<"one">({ kind: "one", seed, nth, plant });
    for (const line of lines) say(line);
    for (const line of violations.slice(0, violationsShownMax)) say(`WRONG: ${line}`);
    if (violations.length > 0) await tellShrunk(seed, nth, plant);
    result({ name: "world", seed, world: nth, violations: violations.length });
    return violations.length;
  } finally {
    job.end();
  }
}

/** How many planted bugs were not found. */
export async function planted({ seed, jobs, ...asked }: WorldsOptions): Promise<number> {
  const beganMs = performance.now();
  const found = new Map<Plant, { readonly world: number; readonly violation: string }>();
  const most = Math.min(asked.worlds, foundWithinMax);
  for (const plant of asked.plants) {
    const hits: WorldsTold["wrong"][number][] = [];
    await byJobs(jobs, ranges(most), async (job, range) => {
      const ask = { kind: "worlds", seed, plant, untilFirst: true } as const;
      hits.push(...(await job.ask<"worlds">({ ...ask, ...range })).wrong);
      return hits.length > 0 ? "enough" : "more";
    });
    const [first] = hits.sort((a, b) => a.nth - b.nth);
    if (first === undefined) say(`${plant}: not found in ${most} worlds`);
    else {
      found.set(plant, { world: first.nth, violation: first.violations[0] ?? "" });
      if (asked.plants.length === 1) await tellShrunk(seed, first.nth, plant);
      else say(`${plant}: found`);
    }
  }
  say("");
  say("planted bug            found in world   first violation");
  for (const plant of asked.plants) {
    const hit = found.get(plant);
    const world = hit === undefined ? "not found" : String(hit.world);
    say(`${plant.padEnd(22)} ${world.padEnd(16)} ${(hit?.violation ?? "").slice(0, 80)}`);
  }
  const missed = asked.plants.length - found.size;
  const worldsOf = Object.fromEntries([...found].map(([plant, { world }]) => [plant, world]));
  const seconds = secondsSince(beganMs);
  result({ name: "planted", seed, planted: asked.plants.length, missed, found: worldsOf, seconds });
  return missed;
}

/** How many runs were wrong in which exactly one call fails. */
export async function everyCall(jobs: number): Promise<number> {
  const beganMs = performance.now();
  const wrong: string[] = [];
  let runs = 0;
  const { fixedScenarios } = await import("./worlds/every-call.ts");
  const tasks: { readonly scenario: number; readonly one: OneFault }[] = [];
  const first = new Job();
  for (const [scenario, { name }] of fixedScenarios.entries()) {
    const { calls, violations } = await first.ask<"every-call">({
      ...{ kind: "every-call", scenario, one: null },
    });
    say(`${name}: ${calls} calls`);
    for (const line of violations) wrong.push(`${name}, nothing fails: ${line}`);
    for (let nth = 1; nth <= calls; nth++)
      for (const when of ["before", "after", "crash"] as const)
        tasks.push({ scenario, one: { nth, when } });
  }
  first.end();
  await byJobs(jobs, tasks, async (job, { scenario, one }) => {
    const { violations } = await job.ask<"every-call">({ kind: "every-call", scenario, one });
    const name = fixedScenarios[scenario]?.name ?? "";
    for (const line of violations) wrong.push(`${name}, call ${one.nth} ${one.when}: ${line}`);
    if (++runs % progressEvery === 0)
      say(`${runs} of ${tasks.length} runs, ${wrong.length} wrong, ${secondsSince(beganMs)} s`);
    return "more";
  });
  for (const line of wrong.slice(0, violationsShownMax)) say(`WRONG: ${line}`);
  const seconds = secondsSince(beganMs);
  result({
    name: "every-call",
    scenarios: fixedScenarios.length,
    runs,
    violations: wrong.length,
    seconds,
  });
  return wrong.length;
}
