/**
 * What may not creep up: units a fact in a small world that is the same in every run, beside those
 * that `bench/bill-baseline.json` keeps. What depends on the machine (time awake, CPU) is not in it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Unit } from "../../domain/prices.ts";
import { scrobbler, till } from "./plays.ts";
import { type Counted, sumOf } from "./tally.ts";
import { type Say, type Told, World } from "./world.ts";

export const checkedUnits = [
  "object requests",
  "object rows written",
  "D1 rows written",
  "queue operations",
  "R2 class A",
] as const satisfies readonly Unit[];
export const mayRiseBy = 0.02;

const checkedFacts = 120;
const checkedTellings = 60;
const seed = 11;
const rounding = 10_000;
const baselineFile = join(import.meta.dirname, "../bill-baseline.json");

/** Of each unit: all of it, and by part. */
export type UnitsAFact = Readonly<
  Record<string, { readonly all: number; readonly parts: Readonly<Record<string, number>> }>
>;

/** Of workouts, listens and sales; a sender tells each by itself. */
export const checkedStreams = ["facts", "listens", "sales"] as const;
export type UnitsByStream = Readonly<Record<(typeof checkedStreams)[number], UnitsAFact>>;

export async function unitsByStream(say: Say): Promise<UnitsByStream> {
  const world = await World.of(checkedFacts, seed, say);
  const units = ({ counted, of }: Told): UnitsAFact =>
    Object.fromEntries(checkedUnits.map((unit) => [unit, unitOf(counted, unit, of)]));
  try {
    const facts = units(await world.facts());
    const listens = units(await world.told(scrobbler, checkedTellings));
    return { facts, listens, sales: units(await world.told(till, checkedTellings)) };
  } finally {
    await world.end();
  }
}

function unitOf(counted: readonly Counted[], unit: Unit, of: number) {
  const each = (n: number) => Math.round((n * rounding) / of) / rounding;
  const names = new Set(counted.filter((one) => one.unit === unit).map(({ part }) => part));
  const parts = [...names].map((part) => [part, each(sumOf(counted, unit, part))] as const);
  return { all: each(sumOf(counted, unit)), parts: Object.fromEntries(parts) };
}

/** By stream, one line for each unit that rose by too much, with the parts that did. */
export const risen = (before: UnitsByStream, now: UnitsByStream): string[] =>
  checkedStreams.flatMap((of) => risenOf(before[of], now[of]).map((line) => `${of}: ${line}`));

export function risenOf(before: UnitsAFact, now: UnitsAFact): string[] {
  return checkedUnits.flatMap((unit) => {
    const [was, is] = [before[unit], now[unit]];
    if (was === undefined || is === undefined) return [`${unit}: not counted`];
    if (is.all <= was.all * (1 + mayRiseBy)) return [];
    const parts = Object.entries(is.parts)
      .filter(([part, n]) => n > (was.parts[part] ?? 0))
      .map(([part, n]) => `${part} ${was.parts[part] ?? 0} → ${n}`);
    return [`${unit}: ${was.all} → ${is.all} a fact (${parts.join(", ")})`];
  });
}

export const readBaseline = async (): Promise<UnitsByStream> =>
  JSON.parse(await readFile(baselineFile, "utf8")) as UnitsByStream;

export const writeBaseline = (units: UnitsByStream): Promise<void> =>
  writeFile(baselineFile, `${JSON.stringify(units, null, 2)}\n`);
