/**
 * Labelled cases: records of one member, and which of them are one workout. Every case is recorded
 * in a ledger's tables in memory, once as it is written and then in other orders with some of it
 * said twice; the groups must be the labelled ones, and the bytes the same whatever the order.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import type { Retraction } from "../../domain/stream.ts";
import { parseMoment } from "../../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../../domain/units.ts";
import type { ActivityType } from "../../domain/workouts/activity.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import { elapsedMsMax, type Method, workoutSchema } from "../../domain/workouts/schema.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { record } from "../../kernel/record.ts";
import { table } from "../../local/table.ts";
import { MemoryStore } from "../kernel/memory-store.ts";
import {
  areGroups,
  type Case,
  type CaseEvent,
  faultOf,
  idOf,
  isFields,
  nameOf,
} from "./case-form.ts";

export interface Verdict {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
  readonly isRight: boolean;
  readonly isOrderDependent: boolean;
  /** Pairs of records: said to be one and are, said to be one, are one. */
  readonly pairs: { readonly both: number; readonly found: number; readonly expected: number };
}

/** Common spellings of what is done, without blanks, dashes and case. */
const spellings: Readonly<Record<string, string>> = {
  running: "run running jog jogging outdoorrun roadrun trackrunning streetrunning",
  trail_running: "trailrun trailrunning runningtrail",
  treadmill_running:
    "treadmill treadmillrun treadmillrunning runningtreadmill indoorrun indoorrunning virtualrun virtualrunning",
  walking:
    "walk walking outdoorwalk indoorwalk treadmillwalk treadmillwalking speedwalking nordicwalking powerwalking",
  hiking: "hike hiking trekking mountaineering rucking",
  cycling:
    "ride bike biking cycling roadcycling roadbiking roadbike outdoorcycling outdoorride bikeride roadride cyclingroad",
  mountain_biking: "mtb mountainbike mountainbiking mountainbikeride mountaincycling",
  gravel_cycling: "gravel gravelride gravelcycling gravelbiking gravelbike",
  indoor_cycling:
    "indoorcycling indoorbiking indoorbike indoorride spin spinning stationarybike stationarybiking bikingstationary trainer",
  virtual_cycling: "virtualride virtualcycling virtualbike virtualbiking zwift",
  e_biking: "ebike ebiking ebikeride ecycling emountainbikeride emtb electricbike ebikefitness",
  swimming: "swim swimming poolswim poolswimming lapswim lapswimming swimmingpool",
  open_water_swimming: "openwaterswim openwaterswimming openwater swimmingopenwater",
  rowing: "row rowing outdoorrowing",
  indoor_rowing: "indoorrow indoorrowing rowingmachine rower erg virtualrow rowerg",
  skiing: "ski skiing alpineski alpineskiing downhillskiing",
  cross_country_skiing: "nordicski nordicskiing crosscountryski crosscountryskiing xcski",
  strength_training:
    "strength strengthtraining weighttraining weights weightlifting weightlift lifting traditionalstrengthtraining functionalstrengthtraining functionalfitness resistance",
  yoga: "yoga hathayoga vinyasa",
  cardio: "cardio hiit elliptical highintensityintervaltraining crossfit",
};
const typeBySpelling = new Map(
  Object.entries(spellings).flatMap(([type, words]) =>
    words.split(" ").map((word): [string, ActivityType] => [word, type as ActivityType]),
  ),
);
export const typeOf = (said: string): ActivityType =>
  typeBySpelling.get(said.toLowerCase().replaceAll(/[^a-z]/g, "")) ?? "other";

const phones = /iphone|pixel|galaxy (s|a|note|z)|phone|android/i;

/** What was typed in by hand; but an app that imports marks its imports as manual too. */
function methodOf({ manual, app, device, provider }: CaseEvent): Method {
  if (manual) return app !== undefined && !app.includes(provider) ? "unknown" : "manual";
  return device !== undefined && phones.test(device) ? "phone" : "device";
}

const orNull = (n: number | null | undefined, to: (n: number) => number) =>
  n === undefined || n === null ? null : to(n);

/** An event without a revision follows the ones before it of the same record. */
const revisionStep = 1000;

export function statementsOf(events: readonly CaseEvent[]): OpenStatement[] {
  const last = new Map<string, number>();
  return events.map((event) => {
    const id = idOf(event);
    const revision =
      event.revision === undefined ? (last.get(id) ?? 0) + 1 : (event.revision + 1) * revisionStep;
    last.set(id, Math.max(revision, last.get(id) ?? 0));
    return event.deleted
      ? ({ id, revision, retracted: true } as Retraction)
      : factOf(event, id, revision);
  });
}

function factOf(event: CaseEvent, id: string, revision: number): OpenFact {
  const start = parseMoment(event.start ?? "");
  if (!start.ok) throw new Error(`${id}: start is not RFC 3339`);
  return workoutSchema.parse({
    id,
    revision,
    at: start.value.atMs,
    member: "member",
    connection: event.provider,
    provider: event.provider,
    originId: id,
    copyOf: event.origin === undefined ? null : `${event.origin.provider}:${event.origin.id}`,
    type: typeOf(event.type ?? "other"),
    elapsedMs: Math.min(Math.max(1, secondsToMs(event.elapsed_s ?? 0)), elapsedMsMax),
    movingMs: orNull(event.moving_s, secondsToMs),
    distanceMm: orNull(event.distance_m, metresToMm),
    energyMcal: orNull(event.energy_kcal, kcalToMcal),
    elevationGainMm: null,
    offsetMin: start.value.offsetMin,
    method: methodOf(event),
    deviceModel: event.device ?? null,
    app: event.app ?? null,
  }) as OpenFact;
}

/** Linear congruential: orders must be the same on every machine. */
function* numbers(seed: number): Generator<number> {
  for (let n = seed; ; ) {
    n = (Math.imul(n, 1_664_525) + 1_013_904_223) >>> 0;
    yield n / 2 ** 32;
  }
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const chance = numbers(seed);
  const left = [...list];
  const out: T[] = [];
  while (left.length > 0) {
    const [taken] = left.splice(Math.floor(Number(chance.next().value) * left.length), 1);
    if (taken !== undefined) out.push(taken);
  }
  return out;
}

const ordersTried = 12;

function recorded(orders: readonly OpenStatement[][]): MemoryStore {
  const store = new MemoryStore();
  for (const batch of orders) record(store, workouts, noSettings, batch);
  return store;
}

const groupsOf = (bytes: readonly string[]): string[][] =>
  bytes.map((text) => (JSON.parse(text) as ResolvedWorkout).sources.map((s) => s.fact as string));

const written = (groups: readonly (readonly string[])[]): string =>
  groups
    .map((g) => [...g].sort().join(" + "))
    .sort()
    .join(" | ");

/** A case that cannot be read is wrong, and says why; the others are judged all the same. */
export function judgeCase(given: unknown): Verdict {
  const fault = faultOf(given);
  if (fault !== null) return unreadable(given, fault);
  try {
    return judged(given as Case);
  } catch (error) {
    return unreadable(given, sentenceOf(error));
  }
}

function unreadable(given: unknown, why: string): Verdict {
  const groups = isFields(given) && isFields(given.expect) ? given.expect.groups : null;
  const expected = areGroups(groups) ? groups : [];
  return {
    name: nameOf(given),
    expected: written(expected),
    found: `unreadable: ${why}`,
    isRight: false,
    isOrderDependent: false,
    pairs: { both: 0, found: 0, expected: pairsIn(expected).size },
  };
}

/** An error in one line; of a schema's the first thing it found. */
function sentenceOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.path.join(".")}: ${issue?.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function judged(given: Case): Verdict {
  const statements = statementsOf(given.events);
  const bytes = recorded([statements]).resolvedBytes();
  const said = bytes.join("\n");
  const isOrderDependent = Array.from({ length: ordersTried }, (_, i) => i).some((seed) => {
    const order = shuffled([...statements, ...(seed % 2 === 0 ? statements : [])], seed + 1);
    return (
      recorded(order.map((s) => [s]))
        .resolvedBytes()
        .join("\n") !== said
    );
  });
  const groups = groupsOf(bytes);
  const expectedGroups = completed(given, groups.flat());
  const [found, expected] = [written(groups), written(expectedGroups)];
  const [a, b] = [pairsIn(groups), pairsIn(expectedGroups)];
  const both = [...a].filter((pair) => b.has(pair)).length;
  return {
    name: nameOf(given),
    expected,
    found,
    isRight: found === expected,
    isOrderDependent,
    pairs: { both, found: a.size, expected: b.size },
  };
}

/** A record that no label names is expected to be a workout by itself. */
function completed({ expect }: Case, live: readonly string[]): (readonly string[])[] {
  const labelled = new Set(expect.groups.flat());
  const alone = live.filter((id) => !labelled.has(id)).map((id) => [id]);
  return [...expect.groups.filter((group) => group.length > 0), ...alone];
}

const pairsIn = (groups: readonly (readonly string[])[]): Set<string> =>
  new Set(
    groups.flatMap((group) => {
      const ids = [...group].sort();
      return ids.flatMap((a, i) => ids.slice(i + 1).map((b) => `${a} ${b}`));
    }),
  );

/** One file of cases, or every `.json` in a folder. Throws a sentence when it is none. */
export function readCases(path: string): unknown[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((file) => file.endsWith(".json"))
        .sort()
        .map((file) => join(path, file))
    : [path];
  return files.flatMap((file) => {
    const cases = parsed(file);
    if (!Array.isArray(cases)) throw new NoCases(`${file} is not an array of cases.`);
    return cases;
  });
}

/** What was named holds no cases; the message is for whoever named it. */
export class NoCases extends Error {}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = (error as Error).message.replaceAll(/\s+/g, " ");
    throw new NoCases(`${file} is not JSON: ${why}.`);
  }
}

const share = (part: number, of: number) => (of === 0 ? 1 : Number((part / of).toFixed(4)));

export function summary(verdicts: readonly Verdict[]) {
  const sum = (pick: (v: Verdict) => number) => verdicts.reduce((n, v) => n + pick(v), 0);
  const both = sum((v) => v.pairs.both);
  return {
    cases: verdicts.length,
    right: verdicts.filter((v) => v.isRight).length,
    orderDependent: verdicts.filter((v) => v.isOrderDependent).length,
    precision: share(
      both,
      sum((v) => v.pairs.found),
    ),
    recall: share(
      both,
      sum((v) => v.pairs.expected),
    ),
  };
}

/** Prints a verdict for each wrong case and the figures; the exit code. */
export function runCases(cases: readonly unknown[]): number {
  const verdicts = cases.map(judgeCase);
  for (const { name, expected, found, isRight, isOrderDependent } of verdicts) {
    if (!isRight)
      process.stdout.write(`WRONG ${name}\n  expected ${expected}\n  found    ${found}\n`);
    if (isOrderDependent) process.stdout.write(`ORDER ${name}\n`);
  }
  const figures = summary(verdicts);
  process.stdout.write(
    `${table(
      ["figure", "value"],
      Object.entries(figures).map(([k, v]) => [k, String(v)]),
    )}\n`,
  );
  process.stdout.write(`RESULT ${JSON.stringify(figures)}\n`);
  return figures.right === figures.cases && figures.orderDependent === 0 ? 0 : 1;
}
