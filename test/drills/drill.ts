/**
 * What every drill needs: a system of flaky workers, switches for them, and the questions that
 * decide whether it recovered: is every accepted statement in the archive once, on its board, and
 * confirmed? Everything is asked again for at most a minute.
 */
import { resolve } from "node:path";
import { expect, vi } from "vitest";
import { eventually, pushActivities } from "../../local/deliveries.ts";
import type { Answer, Person } from "../../local/people.ts";
import type { System, SystemOptions } from "../../local/system.ts";
import type { FaultsOf, LedgerContents } from "../fakes/faults.ts";
import { garminDetails, type Ride } from "../fakes/rides.ts";
import { runtimePids } from "../fakes/runtime-pids.ts";
import { type Athlete, ownSystem, scoreOn, workoutsOf } from "../system/support.ts";

/** Longer than any one wait, so that a drill that fails says what is missing. */
vi.setConfig({ testTimeout: 180_000 });

const flaky = (worker: string) => resolve(import.meta.dirname, `../fakes/flaky-${worker}.ts`);

export const drillSystem = (options: Omit<SystemOptions, "state" | "mains"> = {}) =>
  ownSystem({
    ...options,
    mains: { edge: flaky("edge"), vault: flaky("vault"), archive: flaky("archive") },
  });

/** Without a warning, and started anew over the same folder. */
export async function killRuntime(system: System): Promise<void> {
  const pids = await runtimePids();
  expect(pids).toHaveLength(1);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await system.restart();
}

/** Asks again for a minute; the last answer, satisfying or not, is the caller's to judge. */
export const withinAMinute = <T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
): Promise<T> => eventually(ask, satisfied, { tries: 600, everyMs: 100 });

const workerNamed = (system: System, worker: keyof FaultsOf) =>
  system.runtime.mf.getWorker(`singlet-${worker}`);

/** What goes wrong from now on; `{}` mends everything. */
export async function setFaults<W extends keyof FaultsOf>(
  system: System,
  worker: W,
  faults: FaultsOf[W],
): Promise<void> {
  const body = JSON.stringify(faults);
  await (await workerNamed(system, worker)).fetch("http://drill/__faults", {
    method: "POST",
    body,
  });
}

/** How often the present faults struck: a drill without one proves nothing. */
export async function struck(system: System, worker: keyof FaultsOf): Promise<number> {
  const answer = await (await workerNamed(system, worker)).fetch("http://drill/__faults");
  return ((await answer.json()) as { failed: number }).failed;
}

export const hasStruck = (system: System, worker: keyof FaultsOf, times = 1): Promise<number> =>
  withinAMinute(
    () => struck(system, worker),
    (n) => n >= times,
  );

export async function ledgerOf(system: System, member: string): Promise<LedgerContents> {
  const name = encodeURIComponent(`workouts/${member}`);
  const edge = await workerNamed(system, "edge");
  return (await (await edge.fetch(`http://drill/__ledger?name=${name}`)).json()) as LedgerContents;
}

interface LandedLine {
  readonly ledger: string;
  readonly seq: number;
  readonly day: string;
  readonly statement: { readonly id: string; readonly revision: number; retracted?: true };
}

/** Every line of every object that the index names. */
export async function landedLines(system: System, member: string): Promise<LandedLine[]> {
  const { mf } = system.runtime;
  const warehouse = await mf.getD1Database("WAREHOUSE", "singlet-edge");
  const bucket = await mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const { results } = await warehouse
    .prepare("SELECT object FROM landed")
    .all<{ object: string }>();
  const lines: LandedLine[] = [];
  for (const { object } of results) {
    const text = (await (await bucket.get(object))?.text()) ?? "";
    for (const line of text.split("\n")) if (line !== "") lines.push(JSON.parse(line));
  }
  return lines.filter((line) => line.ledger === `workouts/${member}`);
}

/** What it says, whatever order its fields are written in. */
const content = (statement: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(statement).sort()));

const keyOf = ({ day, statement }: LandedLine) =>
  JSON.stringify([day, statement.id, statement.revision, statement.retracted === true]);

/**
 * The whole of recovery, for one member: nothing waits, and the newest statement of each identity
 * on each day is the ledger's, with nothing beside it that says otherwise.
 */
export async function expectAllArrived(system: System, member: string): Promise<void> {
  const held = await withinAMinute(
    () => ledgerOf(system, member),
    (l) => l.unconfirmed + l.unpublished === 0,
  );
  expect(held).toMatchObject({ unconfirmed: 0, unpublished: 0 });
  const lines = await landedLines(system, member);
  const bodies = new Map<string, Set<string>>();
  for (const line of lines) {
    const said = bodies.get(keyOf(line)) ?? new Set<string>();
    bodies.set(keyOf(line), said.add(content(line.statement)));
  }
  for (const [key, said] of bodies) expect(said.size, key).toBe(1);
  for (const { id, revision, body, days } of held.facts) {
    const all: string[] = JSON.parse(days);
    const today = body === null ? undefined : all.at(-1);
    for (const day of all) {
      const key = JSON.stringify([day, id, revision, day !== today]);
      const gone = { id, revision, retracted: true };
      const expected = content(day === today ? JSON.parse(body ?? "") : gone);
      expect([...(bodies.get(key) ?? [])], key).toEqual([expected]);
    }
  }
  const known = new Set(held.facts.map((f) => f.id));
  expect(lines.filter((line) => !known.has(line.statement.id))).toEqual([]);
}

export interface Standing {
  readonly workouts: number;
  readonly distanceMm: number | null;
  readonly count: number | null;
}

export async function standingOf(system: System, who: Person): Promise<Standing> {
  const [workouts, distanceMm, count] = await Promise.all([
    workoutsOf(system, who),
    scoreOn(system, "distance", "all", who.id),
    scoreOn(system, "count", "all", who.id),
  ]);
  return { workouts: workouts.length, distanceMm, count };
}

/** So many workouts, each counted once, within a minute. */
export async function expectStanding(
  system: System,
  who: Person,
  workouts: number,
  distanceM: number,
): Promise<void> {
  const expected: Standing = { workouts, distanceMm: distanceM * 1000, count: workouts };
  const found = await withinAMinute(
    () => standingOf(system, who),
    (s) => JSON.stringify(s) === JSON.stringify(expected),
  );
  expect(found).toEqual(expected);
}

/** 503, when to repeat, and a problem document: nothing was promised. */
export function expectUnavailable({ status, body, headers }: Answer): void {
  expect(status).toBe(503);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(body).toMatchObject({ type: "urn:singlet:problem:unavailable", status: 503 });
}

const rideMs = Date.UTC(2026, 9, 14, 7);

/** A member's nth ride of 20 km, each on a day of its own; Garmin's unless said otherwise. */
export const rideOf = (who: Athlete, n: number, changed: Partial<Ride> = {}): Ride => ({
  account: who.garmin,
  id: `3150010${String(n).padStart(4, "0")}`,
  startMs: rideMs - n * 86_400_000,
  elapsedSeconds: 3600,
  distanceM: 20_000,
  everySeconds: 60,
  ...changed,
});

export const pushRide = async (system: System, ...rides: Ride[]): Promise<number> =>
  (await pushActivities(system, ...rides.map(garminDetails))).status;
