/**
 * What is near to a workout and is none of its copies: the next one, nineteen seconds later, with
 * copies of its own; a second lap of the same loop; a copy whose zone is wrong.
 */
import { describe, expect, it } from "vitest";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import {
  atConcept2,
  atCoros,
  atGarmin,
  atStrava,
  atWahoo,
  atWithings,
  onTheSpot,
} from "./bodies.ts";
import { endMs, isoAt, orders, resolvedOf, seconds, startMs, type Told } from "./told.ts";

const hourS = 3600;
const providersOf = (all: readonly ResolvedWorkout[]) =>
  all.map(({ sources }) => sources.map(({ provider }) => provider));

/** The same in every order. */
async function inAnyOrder(told: readonly Told[]): Promise<ResolvedWorkout[]> {
  const found = new Map<string, ResolvedWorkout[]>();
  for (const order of orders(told)) {
    const resolved = await resolvedOf(order);
    found.set(JSON.stringify(resolved), resolved);
  }
  expect(found.size).toBe(1);
  return [...found.values()][0] ?? [];
}

describe("two workouts, nineteen seconds apart", () => {
  const [first, second] = [
    { id: 1_111, startS: startMs / 1000, forS: 1_830, metres: 5_120 },
    { id: 2_222, startS: startMs / 1000 + 1_830 + 19, forS: 1_790, metres: 4_980 },
  ];
  type Part = typeof first;
  const run = { activityType: "RUNNING", deviceName: "Garmin Forerunner 265" };
  const recorded = ({ id, startS, forS, metres }: Part) =>
    atGarmin({
      ...run,
      summaryId: String(id),
      activityId: id,
      startTimeInSeconds: startS,
      durationInSeconds: forS,
      movingDurationInSeconds: forS,
      distanceInMeters: metres,
    });
  const passedOn = ({ id, startS, forS, metres }: Part, external_id: string) =>
    atStrava({
      id: 16_000_000_000 + id,
      sport_type: "Run",
      external_id,
      start_date: isoAt(startS * 1000),
      elapsed_time: forS,
      moving_time: forS - 4,
      distance: metres - 6,
    });

  it.each([
    ["by its own id", "garmin_push_1111", "garmin_push_2222"],
    ["by a ping's", "garmin_ping_493123456789", "garmin_ping_493123456790"],
  ])("stay two, each with its copy, known %s", async (_, one, other) => {
    const told = [recorded(first), recorded(second), passedOn(first, one), passedOn(second, other)];
    const both = await inAnyOrder(told);
    expect(providersOf(both)).toEqual([
      ["garmin", "strava"],
      ["garmin", "strava"],
    ]);
    expect(both.map(({ distance }) => distance?.value)).toEqual([5_120_000, 4_980_000]);
    expect(both.map(({ scored }) => scored?.distanceMm)).toEqual([5_120_000, 4_980_000]);
  });

  it("stay two at Strava alone, and at COROS beside it", async () => {
    const copies = [passedOn(first, "a.fit"), passedOn(second, "b.fit")];
    expect(providersOf(await inAnyOrder(copies))).toEqual([["strava"], ["strava"]]);
    const coros = ({ id, startS, forS, metres }: Part) =>
      atCoros({
        labelId: `41817331595637${id}`,
        startTime: startS,
        endTime: startS + forS,
        distance: metres,
        duration: forS,
      });
    const told = [coros(first), coros(second), ...copies];
    expect(providersOf(await inAnyOrder(told))).toEqual([
      ["coros", "strava"],
      ["coros", "strava"],
    ]);
  });

  it("a piece on the rower and the next are two, by when each ended", async () => {
    const next = {
      id: 91_234_568,
      date: "2026-10-18 09:34:24",
      date_utc: "2026-10-18 06:34:24",
      time: 19_200,
      rest_time: 0,
      distance: 7_810,
    };
    const row = { sport_type: "Rowing", ...onTheSpot, device_name: "Concept2" };
    const copy = { start_date: isoAt(endMs + 19_000), elapsed_time: 1_920, moving_time: 1_920 };
    const told = [atConcept2(), atConcept2(next), atStrava({ ...row, ...copy, distance: 7_810 })];
    const both = await inAnyOrder(told);
    expect(providersOf(both)).toEqual([["concept2"], ["concept2", "strava"]]);
    expect(both.map(({ at }) => at)).toEqual([startMs, endMs + 19_000]);
  });
});

describe("a copy that took the end of its original for its start", () => {
  const late = (device_name: string) =>
    atStrava({
      ...{ sport_type: "Rowing", ...onTheSpot, device_name, distance: 14_020 },
      ...{ start_date: isoAt(endMs), elapsed_time: seconds, moving_time: seconds },
    });

  it("is the same workout, and says why", async () => {
    const [one, ...more] = await inAnyOrder([atConcept2(), late("Concept2")]);
    expect(more).toEqual([]);
    expect([one?.at, one?.distance?.value]).toEqual([startMs, 14_020_000]);
    expect(one?.joined).toMatchObject([
      {
        rule: "shifted",
        because: expect.stringMatching(/one of which took the end for the start/),
      },
    ]);
  });

  it("is another where nobody says that it is a copy: the same piece may be rowed twice", async () => {
    const both = await inAnyOrder([atConcept2(), late("Garmin Edge 530")]);
    expect(providersOf(both)).toEqual([["concept2"], ["strava"]]);
  });
});

describe("a copy whose zone is wrong", () => {
  const shifted = (byS: number, over: object = {}) =>
    atStrava({ start_date: isoAt(startMs + byS * 1000), ...over });

  it("is another workout where its numbers are others", async () => {
    const told = [atWahoo(), shifted(3 * hourS, { elapsed_time: seconds + 9, distance: 27_400 })];
    const both = await inAnyOrder(told);
    expect(providersOf(both)).toEqual([["wahoo"], ["strava"]]);
    expect(both.map(({ scored }) => scored === null)).toEqual([false, true]);
    const byPhone = atWithings({
      startdate: startMs / 1000 + 2 * hourS,
      enddate: endMs / 1000 + 2 * hourS,
    });
    expect(await inAnyOrder([atCoros(), byPhone])).toHaveLength(2);
  });

  it("is never one without saying so", async () => {
    const same = { elapsed_time: seconds, distance: 28_144.58, device_name: "Wahoo ELEMNT BOLT" };
    for (const byS of [hourS, 3 * hourS, -3 * hourS]) {
      const [one, ...more] = await inAnyOrder([atWahoo(), shifted(byS, same)]);
      expect(more).toEqual([]);
      expect(one?.at).toBe(startMs);
      expect(one?.joined.map(({ rule }) => rule)).toEqual(["shifted"]);
      expect(one?.joined[0]?.because).toMatch(/zone|hour/);
    }
  });

  it("is nobody's where the loop was really ridden twice", async () => {
    const again = atWahoo(
      { id: 1_234_567_891, starts: isoAt(startMs + 6 * hourS * 1000) },
      { started_at: isoAt(startMs + 6 * hourS * 1000) },
    );
    const between = shifted(3 * hourS, { distance: 28_144.58 });
    const all = await inAnyOrder([atWahoo(), again, between]);
    expect(providersOf(all)).toEqual([["wahoo"], ["strava"], ["wahoo"]]);
  });

  it("by an hour and three quarters, which no zone is off by, is another workout", async () => {
    expect(await inAnyOrder([atGarmin(), shifted(2 * hourS - 900)])).toHaveLength(2);
  });
});
