/**
 * What a member does while versions change, by every kind of door, and what must then be true of all
 * that they ever did: each workout once, with its readings, on the boards, in the archive.
 */
import { eventually, notifyGoogle, pushActivities, syncPhone } from "../../local/deliveries.ts";
import { call, enrol, link, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminDetails, googleExercise } from "../fakes/rides.ts";

export interface Account {
  readonly subject: string;
  readonly garmin: string;
  readonly google: string;
}
export const account: Account = {
  subject: "subject-of-releases",
  garmin: "garmin-of-releases",
  google: "google-of-releases",
};

const dayMs = 86_400_000;
/** Whole days before it the stages tell of; long past, so that no day is still open anywhere. */
const firstMs = Date.UTC(2026, 7, 3, 7);
const distanceM = 20_000;
const ridesEach = 3;

/** Who it is; linked once. */
export async function memberIn(system: System): Promise<Person> {
  const settings = { zone: "Europe/Amsterdam", onBoards: true };
  const person = await enrol(system, account.subject, "Of Releases", ["member"], settings);
  for (const provider of ["garmin", "google-health"] as const) {
    const id = provider === "garmin" ? account.garmin : account.google;
    const linked = await link(system, person, provider, id);
    // Linked by an earlier stage.
    if (linked.status !== 201 && linked.status !== 200 && linked.status !== 409)
      throw new Error(`linking ${provider}: ${linked.status}`);
  }
  return person;
}

/** One day by three doors: a push, a notice that is followed, a phone. Every stage has its own days. */
export async function deliver(system: System, person: Person, stage: number): Promise<void> {
  const ride = (n: number) => ({
    account: account.garmin,
    id: `31600${String(stage).padStart(3, "0")}${n}`,
    startMs: firstMs + (stage * ridesEach + n) * dayMs,
    ...{ elapsedSeconds: 3600, distanceM, everySeconds: 60 },
  });
  const noticed = ride(1);
  const told = googleExercise({ ...noticed, account: account.google });
  system.provider.setExercise(account.google, told.point);
  system.provider.setHeartRate(account.google, told.heartRate);
  const id = `0F3C1E52-4B0C-4C39-9E55-${String(stage).padStart(12, "0")}`;
  const answers = [
    await pushActivities(system, garminDetails(ride(0))),
    await notifyGoogle(system, account.google, noticed.startMs, noticed.startMs + 3_600_000),
    await syncPhone(system, person, `stage-${stage}`, [appleWorkout({ ...ride(2), id })]),
  ];
  for (const { status } of answers)
    if (status < 200 || status > 299) throw new Error(`stage ${stage}: answered ${status}`);
}

/** Of so many stages. */
export const expectedOf = (stages: number) => ({
  workouts: stages * ridesEach,
  distanceMm: stages * ridesEach * distanceM * 1000,
  readings: stages * ridesEach,
  landed: stages * ridesEach,
  parked: 0,
});
export type Standing = ReturnType<typeof expectedOf>;

// biome-ignore lint/suspicious/noExplicitAny: as documented.
async function all(system: System, path: string, token: string): Promise<any[]> {
  const { body } = await call(system.url, "GET", path, { token });
  return Array.isArray(body.items) ? body.items : [];
}

async function distanceOn(system: System, member: string): Promise<number> {
  const path = "/v1/leaderboards/distance?period=all&limit=100";
  const { body } = await call(system.url, "GET", path);
  const found = body.items?.find((each: { readonly member: string }) => each.member === member);
  return found?.score ?? 0;
}

async function hasReadings(system: System, { id, token }: Person, workout: string) {
  const path = `/v1/members/${id}/readings/heart_rate?workout=${workout}`;
  const { status, body } = await call(system.url, "GET", path, { token });
  return status === 200 && (body.readings?.length ?? 0) > 0;
}

interface Line {
  readonly ledger: string;
  readonly statement: { readonly id: string };
}

/** What the archive holds of the member, as it came by the queue. */
export async function landedLines({ runtime }: System, member: string): Promise<Line[]> {
  const warehouse = await runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  const bucket = await runtime.mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const { results } = await warehouse
    .prepare("SELECT object FROM landed")
    .all<{ object: string }>();
  const lines: Line[] = [];
  for (const { object } of results)
    for (const line of ((await (await bucket.get(object))?.text()) ?? "").split("\n"))
      if (line !== "") lines.push(JSON.parse(line));
  return lines.filter(({ ledger }) => ledger === `workouts/${member}`);
}

/** Identities of the member's that it holds, and messages that nobody could read. */
async function archived(system: System, member: string) {
  const lines = await landedLines(system, member);
  const warehouse = await system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  const parked = await warehouse.prepare("SELECT count(*) AS n FROM parked_change").first("n");
  return {
    landed: new Set(lines.map(({ statement }) => statement.id)).size,
    parked: Number(parked),
  };
}

export async function standingOf(system: System, person: Person): Promise<Standing> {
  const workouts = await all(system, "/v1/workouts?limit=200", person.token);
  let readings = 0;
  for (const { id } of workouts) if (await hasReadings(system, person, id)) readings++;
  return {
    workouts: workouts.length,
    distanceMm: await distanceOn(system, person.id),
    readings,
    ...(await archived(system, person.id)),
  };
}

const triesMax = 60;
const everyMs = 1_000;

/** As it stands once everything has been published; the last look, if that never comes. */
export function standingAfter(system: System, person: Person, stages: number): Promise<Standing> {
  const wanted = JSON.stringify(expectedOf(stages));
  return eventually(
    () => standingOf(system, person),
    (standing) => JSON.stringify(standing) === wanted,
    { tries: triesMax, everyMs },
  );
}
