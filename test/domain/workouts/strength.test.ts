/** Which of two pairs is joined first, and which waits until better explanations were tried. */
import { describe, expect, test } from "vitest";
import { groupWorkouts } from "../../../domain/workouts/group.ts";
import { judge, type Pair } from "../../../domain/workouts/pair.ts";
import { byStrength, isWeak, PairTable } from "../../../domain/workouts/pair-table.ts";
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

const km = (n: number) => n * 1_000_000;

/** Of two hours and of what another source says from one minute of them to another. */
const pairOf = (fromMin: number, toMin: number, shape: Shape = {}, base: Shape = {}): Pair =>
  judge(
    workout({ id: "a", elapsedMs: 100 * minute, distanceMm: km(100), ...base }),
    workout({
      ...{ id: "b", ...fromGoogle, at: morning + fromMin * minute },
      ...{ elapsedMs: (toMin - fromMin) * minute, distanceMm: km(100), ...shape },
    }),
  );
const isFirst = (first: Pair, second: Pair) => {
  expect(byStrength(first, second)).toBeLessThan(0);
  expect(byStrength(second, first)).toBeGreaterThan(0);
};

describe("joined first", () => {
  test("is what the member joined, before one source's twins", () => {
    const [a, b] = [workout({ id: "a" }), workout({ id: "b" })];
    const later = workout({ id: "c", at: morning + 48 * minute });
    expect(grouped(a, b, later)).toEqual([["a", "b"], ["c"]]);
    expect(idsOf(groupWorkouts([a, b, later], [decide("join", [["b", "c"]])]))).toEqual([
      ["a"],
      ["b", "c"],
    ]);
  });

  test("is nothing by a decision on a record that is gone", () => {
    const [a, b] = [workout({ id: "a" }), workout({ id: "b", at: morning + 3 * hour })];
    for (const ids of [
      ["a", "gone"],
      ["gone", "a"],
      ["gone", "lost"],
    ])
      expect(idsOf(groupWorkouts([a, b], [decide("join", [ids])]))).toEqual([["a"], ["b"]]);
  });

  test("is a copy, before what shares more time and agrees in its numbers", () => {
    const copy = workout({ id: "a", ...fromGoogle, at: morning + 30 * minute });
    const original = workout({ id: "d", ...fromApple });
    const rival = workout({ id: "b", ...fromApple, at: morning + 36 * minute });
    expect(grouped(copy, original, rival)).toEqual([["a", "b"], ["d"]]);
    const named = { ...copy, copyOf: original.originId };
    expect(grouped(named, original, rival)).toEqual([["a", "d"], ["b"]]);
  });

  test("is a copy, however its numbers differ", () => {
    const copy = { ...fromGoogle, at: morning + 30 * minute, copyOf: "origin-d" };
    const original = workout({ id: "d", ...fromApple, elapsedMs: 75 * minute });
    const rival = workout({ id: "b", ...fromApple, at: morning + 36 * minute });
    expect(grouped(workout({ id: "a", ...copy }), original, rival)).toEqual([["a", "d"], ["b"]]);
  });

  test("is nothing that does not fit", () => {
    const ride = workout({ id: "a" });
    const facts = [ride, workout({ id: "b", ...fromApple, type: "running" })];
    expect(new PairTable(facts, new Map()).pairs).toHaveLength(1);
    expect(new PairTable(facts, new Map()).bestFirst()).toEqual([]);
  });
});

describe("of two overlaps the stronger", () => {
  const silent = { distanceMm: null };

  test("shares more of the longer one's time, where none states how far it went", () => {
    const short = { elapsedMs: 20 * minute, ...silent };
    isFirst(pairOf(0, 80, silent, silent), pairOf(0, 14, silent, short));
  });

  test("agrees in length and distance: the closer, the more overlap it is worth", () => {
    const skewed = (fromMin: number, distanceMm: number) =>
      pairOf(fromMin, fromMin + 100, { distanceMm });
    isFirst(skewed(30, km(99)), skewed(20, km(97.5)));
    isFirst(skewed(29, km(100)), skewed(10, km(98)));
    isFirst(skewed(10, km(98)), skewed(31, km(100)));
  });

  test("gains nothing and loses nothing from three per cent of difference on", () => {
    isFirst(pairOf(20, 120, { distanceMm: km(60) }), pairOf(21, 121, { distanceMm: km(96) }));
    isFirst(pairOf(20, 120, { distanceMm: km(97) }), pairOf(21, 121, { distanceMm: km(96) }));
    isFirst(pairOf(20, 120, { distanceMm: km(96) }), pairOf(21, 121, { distanceMm: km(97) }));
  });

  test("is worth no more for a distance that only one of them states", () => {
    for (const distanceMm of [null, 0])
      isFirst(pairOf(20, 120, { distanceMm: km(98) }), pairOf(19, 119, { distanceMm }));
  });

  test("begins and ends closer, where it shares as much", () => {
    isFirst(pairOf(20, 100, silent), pairOf(20, 120, silent));
  });
});

describe("what only shares time", () => {
  test("is weak from more than five per cent of the greater number on", () => {
    expect(isWeak(pairOf(0, 100, { distanceMm: km(95) }))).toBe(false);
    expect(isWeak(pairOf(0, 100, { distanceMm: km(94.9) }))).toBe(true);
    expect(isWeak(pairOf(0, 95))).toBe(false);
    expect(isWeak(pairOf(0, 94))).toBe(true);
  });

  test("is not weak for a number that one of them leaves out, nor what says it is a copy", () => {
    for (const distanceMm of [null, 0]) expect(isWeak(pairOf(0, 80, { distanceMm }))).toBe(false);
    expect(isWeak(pairOf(0, 80, { copyOf: "origin-a" }))).toBe(false);
  });
});

describe("a whole that holds several", () => {
  test("keeps its copy, though it names no activity and the copy is half of it", () => {
    const whole = workout({ id: "w", ...fromGoogle, type: "cardio", elapsedMs: 2 * hour });
    const copy = workout({ id: "c", ...fromStrava, type: "running", copyOf: "origin-w" });
    const ride = workout({ id: "r", ...fromApple });
    expect(grouped(whole, copy, ride)).toEqual([["c", "w"], ["r"]]);
  });

  test("and is none of them makes nothing one that lies in it", () => {
    const whole = workout({ id: "w", ...fromGoogle, type: "cardio", elapsedMs: 2 * hour });
    const long = { ...fromApple, elapsedMs: 100 * minute };
    const ride = workout({ id: "r", ...long });
    const unnamed = workout({ id: "v", ...long, type: "other" });
    const run = workout({ id: "x", ...fromStrava, type: "running" });
    expect(grouped(whole, ride, unnamed, run)).toEqual([["r", "v", "w"], ["x"]]);
    expect(grouped(whole, workout({ id: "r", ...fromGarmin }), run)).toEqual([["r"], ["w"], ["x"]]);
  });
});
