/** Two records beside each other: what is a copy, how far away it may lie, and what a near miss is. */
import { describe, expect, test } from "vitest";
import { groupWorkouts } from "../../../domain/workouts/group.ts";
import { shiftMsMax } from "../../../domain/workouts/pair.ts";
import { isRelayOf, relayedFrom } from "../../../domain/workouts/relay.ts";
import { isLengthApart } from "../../../domain/workouts/shifted.ts";
import {
  fromApple,
  fromGoogle,
  grouped,
  groupWith,
  hour,
  minute,
  morning,
  second,
  workout,
} from "./facts.ts";

const original = workout({ id: "o", energyMcal: 500 });
const relayed = { ...fromApple, id: "c", app: "com.garmin.connect.mobile", energyMcal: 500 };

describe("a copy that took the end for the start", () => {
  test("is one with its original, to the minute, before it or behind it", () => {
    for (const [awayMs, is] of [
      [hour, true],
      [-hour, true],
      [hour + minute, true],
      [hour - minute, true],
      [-hour - minute, true],
      [hour + minute + 1, false],
      [hour - minute - 1, false],
      [-hour + minute + 1, false],
      [2 * hour, false],
      [0, false],
    ] as const) {
      const copy = workout({ ...relayed, at: morning + awayMs });
      expect([isLengthApart(original, copy), isLengthApart(copy, original)], `${awayMs}`).toEqual([
        is,
        is,
      ]);
    }
  });

  test("says so, though its length is no zone's offset", () => {
    const long = { elapsedMs: 100 * minute };
    const facts = [
      workout({ id: "o", energyMcal: 500, ...long }),
      workout({ ...relayed, at: morning + 100 * minute, ...long }),
    ];
    const { joined } = groupWith(groupWorkouts(facts), "o");
    expect(joined.map(({ rule, because }) => `${rule}: ${because}`)).toEqual([
      "shifted: garmin's cycling and apple-health's cycling are a copy and its original, one of which took the end for the start.",
    ]);
  });

  test("is told by its maker's app alone: two of one's own, or of a third, are two", () => {
    const after = morning + 100 * minute;
    const long = { elapsedMs: 100 * minute };
    const first = workout({ id: "o", energyMcal: 500, ...long });
    for (const other of [
      { ...relayed, app: null },
      { ...relayed, app: "com.apple.health" },
      { ...relayed, app: "com.strava" },
      { ...relayed, ...fromGoogle, app: null },
    ])
      expect(grouped(first, workout({ ...other, at: after, ...long }))).toHaveLength(2);
  });
});

describe("a copy that names its original", () => {
  const silent = { distanceMm: null };
  const first = workout({ id: "o", ...silent });
  const copyAt = (at: number) =>
    workout({ id: "c", ...fromGoogle, ...silent, at, copyOf: first.originId });

  test("is one with it up to fourteen hours and a minute away, and no farther", () => {
    for (const awayMs of [shiftMsMax, -shiftMsMax]) {
      expect(grouped(first, copyAt(morning + awayMs))).toEqual([["c", "o"]]);
      const farther = groupWorkouts([first, copyAt(morning + awayMs + Math.sign(awayMs))]);
      expect(farther.map(({ apart }) => apart)).toEqual([[], []]);
    }
  });

  test("says nothing of two that go by the same original's name", () => {
    const second = workout({
      id: "p",
      ...silent,
      originId: first.originId,
      at: morning + 5 * hour,
    });
    const groups = groupWorkouts([first, second, copyAt(morning)]);
    expect(groups.flatMap(({ facts }) => facts)).toHaveLength(3);
    for (const { joined, apart } of groups)
      expect([...joined, ...apart].map(({ a, b }) => `${a} ${b}`)).not.toContain("o p");
  });

  test("has no reason to be one with itself, though it names itself", () => {
    const itself = { ...first, copyOf: first.originId };
    expect(groupWorkouts([itself])).toEqual([{ facts: [itself], joined: [], apart: [] }]);
  });
});

describe("who really recorded", () => {
  const made = (provider: string, app: string | null) => ({ provider, app });

  test("is told by the app where it is another provider's, by store names or in words", () => {
    for (const [provider, app, from] of [
      ["apple-health", "com.garmin.connect.mobile", "garmin"],
      ["apple-health", "Garmin Connect", "garmin"],
      ["garmin", "com.garmin.connect.mobile", null],
      ["apple-health", "com.apple.health", null],
      ["terra", "fi.polar.polarflow", "polar"],
      ["terra", "com.polar.x", "polar"],
      ["terra", "com.stt.android.suunto", "suunto"],
      ["terra", "com.sports-tracker", "suunto"],
      ["terra", "com.coros.coros", "coros"],
      ["terra", "com.yf.coros", "coros"],
      ["terra", "com.onepeloton.x", "peloton"],
      ["terra", "com.sec.android.app.shealth", "samsung-health"],
      ["terra", "com.samsung.x", "samsung-health"],
      ["terra", "com.google.android.apps.fitness", "google-health"],
      ["fitbit", "com.fitbit.FitbitMobile", null],
      ["google-health", "Fitbit", null],
      ["fitbit", "Strava", "strava"],
      ["terra", "not com.garmin.x", null],
      ["terra", "", null],
      ["terra", null, null],
    ] as const)
      expect(relayedFrom(made(provider, app)), `${provider} ${app}`).toBe(from);
  });

  test("a relay is one of what its maker itself says, and of nothing that was relayed too", () => {
    const copy = made("apple-health", "com.garmin.connect.mobile");
    expect(isRelayOf(copy, made("garmin", null))).toBe(true);
    expect(isRelayOf(copy, made("garmin", "com.garmin.connect.mobile"))).toBe(true);
    for (const other of [
      made("polar", null),
      made("garmin", "com.strava"),
      copy,
      made("apple-health", null),
    ])
      expect(isRelayOf(copy, other)).toBe(false);
    expect(isRelayOf(made("garmin", null), made("garmin", null))).toBe(false);
    expect(isRelayOf(made("terra", "com.fitbit.x"), made("fitbit", null))).toBe(true);
    expect(isRelayOf(made("terra", "com.fitbit.x"), made("google-health", null))).toBe(true);
  });
});

describe("a near miss", () => {
  const ride = workout({ id: "r", elapsedMs: 100 * minute });
  const apartOf = (shape: object) =>
    groupWith(groupWorkouts([ride, workout({ id: "n", ...fromApple, ...shape })]), "r").apart;

  test("is what shares a moment, whatever it is; what shares none only if it is alike and close", () => {
    const vague = { type: "other", elapsedMs: 50 * minute };
    expect(apartOf({ ...vague, at: morning + 90 * minute })).toHaveLength(1);
    expect(apartOf({ ...vague, at: morning + 100 * minute + second })).toHaveLength(0);
    expect(apartOf({ type: "cycling", at: morning + 100 * minute + second })).toHaveLength(1);
    expect(apartOf({ type: "cycling", at: morning + 100 * minute + 20 * minute })).toHaveLength(0);
    expect(apartOf({ type: "running", at: morning + 90 * minute })).toHaveLength(1);
    expect(apartOf({ type: "running", at: morning + 100 * minute + second })).toHaveLength(0);
  });
});
