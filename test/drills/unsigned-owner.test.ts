/**
 * What only Strava knows is its athlete's alone: on no board, and for no coach, whatever was consented
 * to. And a flood of forged notices about one athlete costs the others nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vainMax } from "../../domain/doubt.ts";
import { deliverUnsigned, pushActivities } from "../../local/deliveries.ts";
import { call, enrol, link, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { as, heartRateOf, scoreOn, workoutsOf } from "../system/support.ts";
import { expectState, quiet, shownOf } from "./connection-drill.ts";
import { withinAMinute } from "./drill.ts";
import { member } from "./signed-drill.ts";
import {
  elapsedS,
  expectLengths,
  type LoggedSystem,
  lengthsOf,
  notice,
  type Run,
  readsOf,
  served,
  startMs,
  unsignedSystem,
} from "./unsigned-drill.ts";

let own: LoggedSystem;
let system: System;
beforeAll(async () => {
  own = await unsignedSystem();
  system = own.system;
});
afterAll(() => own.end());

async function athlete(key: string, account: string): Promise<Person> {
  const who = await member(system, key);
  expect((await link(system, who, "strava", account)).status).toBe(201);
  await quiet(system, who, "strava");
  return who;
}
const tell = async (run: Run) =>
  (await deliverUnsigned(system, "strava", notice.strava(run))).status;
async function rode(run: Run, over: object = {}): Promise<void> {
  system.provider.setWorkout("strava", run.account, served.strava(run, over));
  expect(await tell(run)).toBe(200);
}
const iso = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
const startingAt = (atMs: number) => ({
  start_date: iso(atMs),
  start_date_local: iso(atMs + 3_600_000),
});

describe("what only Strava knows", () => {
  const account = "8650001";
  const alone: Run = { account, id: "16500000001", distanceM: 31_310 };
  const twice: Run = { account, id: "16500000002", distanceM: 20_770 };
  const dayMs = 86_400_000;
  const aloneMs = startMs - dayMs;
  /** Unlike any that Garmin tells of. */
  const beats = [61, 62, 63];
  const ridden = {
    type: "Ride",
    sport_type: "Ride",
    streams: { time: { data: [0, 60, 120] }, heartrate: { data: beats } },
  };
  const garminRide: Ride = {
    account: "garmin-account-of-strava",
    id: "9420000017",
    startMs,
    elapsedSeconds: elapsedS,
    distanceM: 20_000,
    everySeconds: 60,
  };
  let who: Person;
  let coach: Person;
  beforeAll(async () => {
    who = await athlete("owner", account);
    expect((await link(system, who, "garmin", garminRide.account)).status).toBe(201);
    coach = await enrol(system, "the-coach", "Coach Carla", ["coach"]);
    const body = { grantee: { member: coach.id }, columns: ["heart_rate", "track"] };
    expect((await as(system, who).post("/v1/consents", body)).status).toBe(201);
    await rode(alone, { ...ridden, ...startingAt(aloneMs) });
    await rode(twice, {
      ...ridden,
      external_id: `garmin_push_${garminRide.id}`,
      device_name: "Garmin Edge 840",
    });
    await expectLengths(system, who, [alone.distanceM, twice.distanceM]);
  });

  const seenByCoach = async () => {
    const { status, body } = await as(system, coach).get(`/v1/members/${who.id}/workouts`);
    expect(status).toBe(200);
    return body.items as { id: string; distanceMm: number }[];
  };
  const heartRate = (of: Person, query: string) =>
    as(system, of).get(`/v1/members/${who.id}/readings/heart_rate?${query}`);
  const between = `from=${iso(aloneMs - dayMs)}&to=${iso(startMs + dayMs)}`;
  const bpmsIn = (body: { readings: { value: { bpm: number }[] }[] }) =>
    body.readings.flatMap(({ value }) => value.map(({ bpm }) => bpm));

  it("is on no board and seen by no coach, while it is all that is known", async () => {
    expect(await seenByCoach()).toEqual([]);
    expect(await scoreOn(system, "distance", "all", who.id)).toBeNull();
    expect((await heartRate(coach, between)).status).toBe(404);
    for (const { id } of await workoutsOf(system, who)) {
      expect((await heartRate(coach, `workout=${id}`)).status).toBe(404);
      expect((await heartRateOf(system, who, id))?.map(({ bpm }) => bpm)).toEqual(beats);
    }
  });

  it("stays so where another tells of the same ride: that one's values are seen and count", async () => {
    await pushActivities(system, garminActivity(garminRide), garminDetails(garminRide));
    const score = await withinAMinute(
      () => scoreOn(system, "distance", "all", who.id),
      (score) => score !== null,
    );
    expect(score).toBe(garminRide.distanceM * 1000);
    const mine = await workoutsOf(system, who);
    expect(mine.map(({ sources }) => sources.length).sort()).toEqual([1, 2]);
    const both = mine.find(({ sources }) => sources.length === 2);
    const seen = await seenByCoach();
    expect(seen.map(({ id }) => id)).toEqual([both.id]);
    expect(JSON.stringify(seen)).not.toContain(String(twice.distanceM * 1000));
    expect(seen[0]?.distanceMm).toBe(garminRide.distanceM * 1000);
    for (const query of [between, `workout=${both.id}`]) {
      const { status, body } = await heartRate(coach, query);
      expect(status).toBe(200);
      expect(bpmsIn(body).length).toBeGreaterThan(10);
      expect(bpmsIn(body).filter((bpm) => beats.includes(bpm))).toEqual([]);
    }
    const own = await heartRate(who, between);
    expect(bpmsIn(own.body).filter((bpm) => beats.includes(bpm))).toEqual([...beats, ...beats]);
    expect(both.sources.map(({ provider }: { provider: string }) => provider).sort()).toEqual([
      "garmin",
      "strava",
    ]);
  });
});

describe("a flood of forged notices about one athlete", () => {
  const flooded: Run = { account: "8660001", id: "16600009999", distanceM: 7_000 };
  const real: Run = { account: "8660002", id: "16600000002", distanceM: 12_000 };
  const forgedCount = 300;
  const atOnce = 25;
  /** A list of the last day in the place of the hints; of what is real the activity and its streams. */
  const callsMax = vainMax + 1 + 2;

  it("costs a few readings, keeps nobody else's waiting, and loses none of their own", async () => {
    const one = await athlete("flooded", flooded.account);
    const other = await athlete("real", real.account);
    const before = readsOf(system, flooded.account).length;
    const today = startingAt(Date.now() - 4 * 3_600_000);
    system.provider.setWorkout("strava", flooded.account, served.strava(flooded, today));
    const forged = Array.from({ length: forgedCount }, (_, i) => ({
      ...flooded,
      id: String(16_700_000_000 + i),
    }));
    const statuses: number[] = [];
    for (let from = 0; from < forgedCount; from += atOnce) {
      if (from === forgedCount / 2) {
        await rode(real);
        expect(await tell(flooded)).toBe(200);
      }
      statuses.push(...(await Promise.all(forged.slice(from, from + atOnce).map(tell))));
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    await expectLengths(system, other, [real.distanceM]);
    expect(readsOf(system, real.account).filter(({ status }) => status !== 200)).toEqual([]);
    await expectLengths(system, one, [flooded.distanceM]);
    const read = readsOf(system, flooded.account).slice(before);
    expect(read.length).toBeGreaterThan(3);
    expect(read.length).toBeLessThanOrEqual(callsMax);
    // Theirs still has hints that wait.
    expect((await shownOf(system, one, "strava"))?.why).toBeNull();
    await expectState(system, other, "connected", null, "strava");
    const { body } = await call(system.url, "GET", "/v1/ops/providers", {
      token: await operatorToken(system),
    });
    const strava = body.items.find((item: { provider: string }) => item.provider === "strava");
    expect(strava.gate.breaker).toBe("closed");
    const { throttled, failed, refused } = strava.gate.calls;
    expect([throttled, failed]).toEqual([0, 0]);
    expect(refused).toBeLessThanOrEqual(vainMax);
    expect(await lengthsOf(system, one)).toEqual([flooded.distanceM * 1000]);
  });
});
