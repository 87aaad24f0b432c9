/** Two records that do not fit by themselves: what beside them in a group lets them stand in it. */
import { describe, expect, test } from "vitest";
import { groupWorkouts } from "../../../domain/workouts/group.ts";
import {
  decide,
  fromApple,
  fromGarmin,
  fromGoogle,
  fromStrava,
  grouped,
  hour,
  idsOf,
  minute,
  morning,
  type Shape,
  workout,
} from "./facts.ts";

/** A record from one minute of the morning to another. */
const during = (id: string, fromMin: number, toMin: number, shape: Shape = {}) =>
  workout({
    id,
    at: morning + Math.round(fromMin * minute),
    elapsedMs: Math.round((toMin - fromMin) * minute),
    ...shape,
  });
const vague = { type: "cardio" } as const;
const running = { type: "running" } as const;
const garmins = { ...fromApple, app: "com.garmin.connect.mobile" };

describe("two that one source recorded apart", () => {
  test("are one where one says that it is the other's copy, and shares most of its time", () => {
    const copy = during("b", 0, 60, { copyOf: "origin-a" });
    expect(grouped(during("a", 24, 84), copy)).toEqual([["a", "b"]]);
    expect(grouped(during("a", 24, 84), during("b", 0, 60))).toEqual([["a"], ["b"]]);
  });

  test("are one only if both say that they are the same record's", () => {
    const original = during("o", 120, 180, fromGoogle);
    const copy = during("a", 0, 60, { ...fromApple, copyOf: "origin-o" });
    const beside = during("b", 120, 180, fromApple);
    expect(grouped(original, copy, beside)).toEqual([["a", "o"], ["b"]]);
    expect(grouped(original, copy, { ...beside, copyOf: original.originId })).toEqual([
      ["a", "b", "o"],
    ]);
  });

  test("are two where a third is a copy of the one, and the other a copy of that", () => {
    const first = during("b", 0, 60, fromApple);
    const copy = during("c", 0, 60, { ...fromGoogle, copyOf: "origin-b" });
    const again = during("a", 24, 84, { ...fromApple, copyOf: "origin-c" });
    expect(grouped(first, copy, again)).toEqual([["a"], ["b", "c"]]);
  });

  test("are two where one names the original, but has neither its time nor its length", () => {
    const original = during("a", 48, 108, garmins);
    const over = during("b", 48, 348, fromStrava);
    const copy = during("d", 0, 60, { ...fromGoogle, copyOf: "origin-a" });
    const named = during("c", 100, 140, { ...fromGoogle, copyOf: "origin-a" });
    expect(grouped(original, over, copy, named)).toEqual([["a", "b", "d"], ["c"]]);
  });

  test("are two where the original that one names is farther away than any copy lies", () => {
    const original = during("o", -20 * 60, -19 * 60, fromStrava);
    const beside = during("r", 0, 60);
    const named = during("l", 40, 100, { copyOf: "origin-o" });
    const between = during("m", 20, 80, fromApple);
    const joined = groupWorkouts(
      [original, beside, named, between],
      [decide("join", [["r", "o"]])],
    );
    expect(idsOf(joined)).toEqual([
      ["l", "m"],
      ["o", "r"],
    ]);
  });

  test("are two, though one that covers the one's time lies in the other", () => {
    const whole = during("w", 0, 180);
    const within = during("c", 120, 180, fromApple);
    const unnamed = during("v", 120, 170, vague);
    expect(grouped(whole, within, unnamed)).toEqual([["c", "w"], ["v"]]);
  });

  test("are two, though the one lies in the other and a third fits both", () => {
    const long = during("l", 20, 100, vague);
    const within = during("c", 24, 84);
    const third = during("b", 30, 90, { ...fromStrava, distanceMm: 40_000_000 });
    expect(grouped(long, within, third)).toEqual([["b", "c"], ["l"]]);
  });
});

describe("what covers the same time stands in for a record that names no activity", () => {
  const fiveHours = during("v", 0, 300, { ...fromStrava, ...vague });
  const within = during("w", 0, 120, fromApple);

  test("so what fits the one belongs to the other as well", () => {
    expect(grouped(fiveHours, within)).toEqual([["v"], ["w"]]);
    for (const distanceMm of [null, 20_000_000]) {
      const named = during("n", 48, 348, { ...fromGoogle, distanceMm });
      expect(grouped(fiveHours, within, named)).toEqual([["n", "v", "w"]]);
    }
  });

  test("from four fifths of the longer one's time on", () => {
    const unnamed = (fromMin: number) =>
      during("v", fromMin, fromMin + 80, { ...garmins, ...vague, distanceMm: null });
    const long = during("l", 20, 100, fromGoogle);
    const short = during("s", 20, 80, fromGoogle);
    expect(grouped(long, short, unnamed(36))).toEqual([["l", "s", "v"]]);
    expect(grouped(long, short, unnamed(36.2))).toEqual([["l", "v"], ["s"]]);
  });
});

describe("what lies in a record", () => {
  test("belongs to its copy that a wrong zone moved too, even if it names no activity", () => {
    const whole = during("a", 0, 180, fromGoogle);
    const moved = during("b", 120, 300, fromApple);
    expect(grouped(whole, moved, during("v", 0, 60, vague))).toEqual([["a", "b", "v"]]);
  });

  test("belongs to what else lies in it, from 85 % of the shorter one's time on", () => {
    const whole = during("w", 30, 130, fromStrava);
    const unnamed = during("v", 36, 96, { ...fromApple, ...vague });
    expect(grouped(whole, unnamed, during("p", 24, 64))).toEqual([["p", "v", "w"]]);
    const crossing = grouped(whole, unnamed, during("p", 23.9, 63.9));
    expect(crossing).not.toContainEqual(["p", "v", "w"]);
  });

  test("does not belong to what only crosses it", () => {
    const long = during("e", 40, 115, fromApple);
    const crossing = during("c", 80, 130, fromGoogle);
    expect(grouped(long, during("b", 36, 96), crossing)).toEqual([["b", "e"], ["c"]]);
    const run = during("r", 0, 100, { ...fromApple, ...running });
    const longRun = during("l", 20, 320, { ...fromGoogle, ...running });
    const unnamed = during("v", 0, 60, { type: "other" });
    expect(grouped(run, longRun, unnamed)).toEqual([["l", "r"], ["v"]]);
  });

  test("is no more one for it if it names no activity, though all three are as long", () => {
    const ride = during("d", 0, 60, fromStrava);
    const run = during("e", 0, 60, { ...fromStrava, ...running });
    const unnamed = during("c", 0, 60, { ...fromApple, ...vague });
    expect(grouped(ride, run, unnamed)).toEqual([["c", "d"], ["e"]]);
  });
});

test("A run that the member joined to a ride draws no other ride to it through a vague record", () => {
  const far = { distanceMm: 40_000_000 };
  const facts = [
    during("a", 0, 300, far),
    during("b", 0, 300, { ...fromStrava, ...running, ...far }),
    during("c", 0, 60, fromApple),
    { ...during("d", 0, 300, { ...fromGoogle, ...vague, ...far }), elapsedMs: 5 * hour + 1000 },
    during("e", 100, 160, fromGarmin),
  ];
  expect(idsOf(groupWorkouts(facts, [decide("join", [["b", "c"]])]))).toEqual([
    ["a", "b", "c", "d"],
    ["e"],
  ]);
});
