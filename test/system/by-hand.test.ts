/** A member's own word on which records are one: it counts, outlives later data, and is undone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, pushActivities, until } from "../../local/deliveries.ts";
import type { System } from "../../local/system.ts";
import { garminActivity } from "../fakes/rides.ts";
import { rideOf, type Source, saidMm, startMs, tell, untell, week } from "./same-ride.ts";
import {
  type Athlete,
  as,
  athlete,
  type OwnSystem,
  ownSystem,
  scoreOn,
  workoutsOf,
} from "./support.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own.end());

const hourMs = 3_600_000;

interface Shown {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly start: string;
  readonly sources: readonly { readonly record: string; readonly provider: string }[];
  readonly apart: readonly { readonly rule: string; readonly because: string }[];
  readonly joined: readonly { readonly rule: string; readonly because: string }[];
  readonly distanceMm: { readonly value: number };
}

/** Once so many workouts hold so many records together. */
async function settled(who: Athlete, workouts: number, records: number): Promise<Shown[]> {
  const found = await until(
    () => workoutsOf(system, who),
    (w: Shown[]) =>
      w.length === workouts && w.reduce((n, x) => n + x.sources.length, 0) === records,
  );
  if (found === undefined) throw new Error(`never ${workouts} workouts of ${records} records`);
  return found;
}

async function merged(who: Athlete, ...sources: Source[]): Promise<Shown> {
  for (const source of sources) await tell(system, source, who);
  const [workout] = await settled(who, 1, sources.length);
  if (workout === undefined) throw new Error("nothing was merged");
  return workout;
}

const recordOf = (workout: Shown, provider: string): string =>
  workout.sources.find((s) => s.provider === provider)?.record ?? "";

/** What the boards of the week come to, once they have come to this: each is told by itself. */
const boards = (who: Athlete, distance: number | null, count: number | null) =>
  eventually(
    async () => ({
      distance: await scoreOn(system, "distance", week, who.id),
      count: await scoreOn(system, "count", week, who.id),
    }),
    (shown) => shown.distance === distance && shown.count === count,
  );
async function expectBoards(who: Athlete, distance: number | null, count: number | null) {
  expect(await boards(who, distance, count)).toEqual({ distance, count });
}

const split = (who: Athlete, workout: string, ...records: string[]) =>
  as(system, who).post(`/v1/workouts/${workout}/split`, { records });
const join = (who: Athlete, ...workouts: string[]) =>
  as(system, who).post("/v1/workouts/join", { workouts });
const problem = (name: string) => `urn:singlet:problem:${name}`;

describe("a workout split by hand", () => {
  it("is two that both count and say so, and a third record does not glue them", async () => {
    const who = await athlete(system, "split");
    const one = await merged(who, "garmin", "google");
    await expectBoards(who, saidMm.garmin, 1);
    const answer = await split(who, one.id, recordOf(one, "google-health"));
    expect(answer.status).toBe(200);
    const two = await settled(who, 2, 2);
    expect(answer.body.workouts).toEqual(expect.arrayContaining(two));
    for (const workout of two) {
      expect(workout.joined).toEqual([]);
      expect(workout.apart).toMatchObject([{ rule: "by-hand" }]);
      expect(workout.apart[0]?.because).toMatch(/^The member said that .+ are two\.$/);
    }
    await expectBoards(who, saidMm.garmin + saidMm.google, 2);

    await tell(system, "apple", who);
    const three = await settled(who, 2, 3);
    const places = three.map((w) => w.sources.map((s) => s.provider));
    expect(places.filter((p) => p.includes("garmin") && p.includes("google-health"))).toEqual([]);
    const sum = three.reduce((n, w) => n + w.distanceMm.value, 0);
    await expectBoards(who, sum, 2);
  });

  it("and taken back is what it was to the byte, whatever came and went between", async () => {
    const who = await athlete(system, "undone");
    const { get, remove } = as(system, who);
    const one = await merged(who, "garmin", "google");
    const told = async () => [
      JSON.stringify((await get(`/v1/workouts/${one.id}`)).body),
      JSON.stringify((await get("/v1/workouts")).body),
      await boards(who, saidMm.garmin, 1),
    ];
    const before = await told();
    const { body } = await split(who, one.id, recordOf(one, "garmin"));
    await settled(who, 2, 2);
    expect((await get("/v1/decisions")).body.items).toMatchObject([
      { id: body.decision, decision: "split" },
    ]);
    await tell(system, "apple", who);
    await settled(who, 2, 3);
    await untell(system, "apple", who);
    await settled(who, 2, 2);
    const undone = await remove(`/v1/decisions/${body.decision}`);
    expect(undone.status).toBe(200);
    expect(undone.body.workouts).toHaveLength(1);
    expect(await told()).toEqual(before);
    expect((await get("/v1/decisions")).body.items).toEqual([]);
    expect((await remove(`/v1/decisions/${body.decision}`)).status).toBe(404);
  });

  it("can be split by a former id, and again after it was undone", async () => {
    const who = await athlete(system, "again");
    const one = await merged(who, "garmin", "google");
    const [former = ""] = one.aliases;
    for (let round = 0; round < 2; round++) {
      const { status, body } = await split(who, former, recordOf(one, "google-health"));
      expect(status).toBe(200);
      await settled(who, 2, 2);
      await as(system, who).remove(`/v1/decisions/${body.decision}`);
      expect(await settled(who, 1, 2)).toEqual([one]);
    }
  });
});

describe("workouts joined by hand", () => {
  /** Two halves on one device, three hours apart. */
  async function halves(key: string, apartMs = 3 * hourMs): Promise<[Athlete, Shown[]]> {
    const who = await athlete(system, key);
    const morning = rideOf(who);
    const later = { ...morning, id: "31500100201", startMs: startMs + apartMs, distanceM: 12_000 };
    await pushActivities(system, garminActivity(morning), garminActivity(later));
    return [who, await settled(who, 2, 2)];
  }

  it("count once, with both halves' distance, and undone are what they were", async () => {
    const [who, before] = await halves("joined");
    const both = saidMm.garmin + 12_000_000;
    await expectBoards(who, both, 2);
    const { status, body } = await join(who, ...before.map((w) => w.id));
    expect(status).toBe(200);
    const [one] = await settled(who, 1, 2);
    expect(body.workouts).toEqual([one]);
    expect(one?.distanceMm.value).toBe(both);
    expect(one?.joined).toMatchObject([{ rule: "by-hand" }]);
    expect(one?.joined[0]?.because).toMatch(/^The member said that .+ are one\.$/);
    await expectBoards(who, both, 1);
    await as(system, who).remove(`/v1/decisions/${body.decision}`);
    expect(await settled(who, 2, 2)).toEqual(before);
    await expectBoards(who, both, 2);
  });

  it("stay one when a half is corrected and another source arrives", async () => {
    const [who, two] = await halves("outlives");
    await join(who, ...two.map((w) => w.id));
    await settled(who, 1, 2);
    await pushActivities(system, garminActivity({ ...rideOf(who), distanceM: 31_000 }));
    await tell(system, "google", who);
    const [one] = await settled(who, 1, 3);
    expect(one?.distanceMm.value).toBe(43_000_000);
    await expectBoards(who, 43_000_000, 1);
  });

  it("are refused ten days apart, and nothing changes", async () => {
    const [who, before] = await halves("too-far", -240 * hourMs);
    const { status, body } = await join(who, ...before.map((w) => w.id));
    expect([status, body.type]).toEqual([422, problem("too-far-apart")]);
    expect(await workoutsOf(system, who)).toEqual(before);
    expect((await as(system, who).get("/v1/decisions")).body.items).toEqual([]);
  });

  it("are at least two: one said twice, or by a former id as well, is no join", async () => {
    const who = await athlete(system, "twice");
    const one = await merged(who, "garmin", "google");
    for (const other of [one.id, ...one.aliases]) {
      const { status, body } = await join(who, one.id, other);
      expect([status, body.type]).toEqual([400, problem("invalid-request")]);
    }
    expect((await join(who, one.id)).status).toBe(400);
  });
});

describe("a word on what is not there", () => {
  it("is refused: no such workout, no such record, or nothing left of it", async () => {
    const who = await athlete(system, "nothing");
    const one = await merged(who, "garmin", "google");
    const record = recordOf(one, "garmin");
    const all = one.sources.map((s) => s.record);
    expect((await split(who, "w_nothing", record)).status).toBe(404);
    expect((await split(who, "w_", record)).status).toBe(404);
    for (const records of [[`${record}x`], [record, "nothing"], all, []])
      expect((await split(who, one.id, ...records)).status).toBe(400);
    expect((await join(who, one.id, "w_nothing")).status).toBe(404);
    expect((await as(system, who).remove("/v1/decisions/nothing")).status).toBe(404);
    expect(await workoutsOf(system, who)).toEqual([one]);
  });

  it("is refused on another member's ids, and changes nothing of theirs", async () => {
    const who = await athlete(system, "owner");
    const other = await athlete(system, "meddler");
    const { get, remove } = as(system, other);
    const one = await merged(who, "garmin", "google");
    const mine = await merged(other, "garmin", "google");
    const { body } = await split(who, one.id, recordOf(one, "google-health"));
    const two = await settled(who, 2, 2);
    for (const id of [one.id, ...two.map((w) => w.id)]) {
      expect((await get(`/v1/workouts/${id}`)).status).toBe(404);
      expect((await split(other, id, recordOf(one, "garmin"))).status).toBe(404);
      expect((await join(other, mine.id, id)).status).toBe(404);
    }
    expect((await split(other, mine.id, recordOf(one, "garmin"))).status).toBe(400);
    expect((await remove(`/v1/decisions/${body.decision}`)).status).toBe(404);
    expect((await get("/v1/decisions")).body.items).toEqual([]);
    expect(await workoutsOf(system, who)).toEqual(two);
    expect(await workoutsOf(system, other)).toEqual([mine]);
  });
});

describe("an id that was given out", () => {
  it("leads on when a better source becomes the anchor", async () => {
    const who = await athlete(system, "anchor");
    const first = await merged(who, "google");
    const now = await merged(who, "google", "garmin");
    expect(now.id).not.toBe(first.id);
    expect(now.aliases).toContain(first.id);
    const { get, leads } = as(system, who);
    const to = `/v1/workouts/${now.id}`;
    expect(await leads(`/v1/workouts/${first.id}`)).toEqual({ status: 307, to });
    expect((await get(`/v1/workouts/${first.id}`)).body).toEqual(now);
    const readings = `/v1/members/${who.id}/readings/heart_rate?workout=`;
    expect((await get(readings + first.id)).body).toEqual((await get(readings + now.id)).body);
  });

  it("leads on when its record is deleted by its provider, until none is left", async () => {
    const who = await athlete(system, "heirs");
    const first = await merged(who, "google", "apple");
    expect(first.sources[0]?.provider).toBe("apple-health");
    await untell(system, "apple", who);
    const [left] = await settled(who, 1, 1);
    const { leads } = as(system, who);
    expect(await leads(`/v1/workouts/${first.id}`)).toEqual({
      status: 307,
      to: `/v1/workouts/${left?.id}`,
    });
    expect(first.aliases).toEqual([left?.id]);
    await untell(system, "google", who);
    await settled(who, 0, 0);
    for (const id of [first.id, left?.id])
      expect((await leads(`/v1/workouts/${id}`)).status).toBe(404);
  });

  it("leads to the half that holds its record after a split", async () => {
    const who = await athlete(system, "half");
    const one = await merged(who, "garmin", "google");
    const [former] = one.aliases;
    await split(who, one.id, recordOf(one, "google-health"));
    const two = await settled(who, 2, 2);
    expect(two.map((w) => w.id).sort()).toEqual([one.id, former].sort());
    for (const { id } of two)
      expect((await as(system, who).leads(`/v1/workouts/${id}`)).status).toBe(200);
  });
});
