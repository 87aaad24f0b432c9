/** Each verdict on two records, in the words that people read, on both sides of its bounds. */
import { describe, expect, test } from "vitest";
import { bothNamed, judge, longerOf } from "../../../domain/workouts/pair.ts";
import { standings } from "../../../domain/workouts/parts.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  pairsIn,
  type Shape,
  second,
  workout,
} from "./facts.ts";

/** An hour by garmin from nine, and what google tells from so many minutes later on. */
const against = (afterMin: number, told: Shape = {}, base: Shape = {}) => {
  const a = workout({ id: "a", ...base });
  const b = workout({ id: "b", ...fromGoogle, at: morning + afterMin * minute, ...told });
  const { fits, rule, because } = judge(a, b);
  expect(judge(b, a)).toEqual(judge(a, b));
  const names = `${bothNamed(a, b)} `;
  expect(because.startsWith(names)).toBe(true);
  return `${rule} ${fits}: ${because.slice(names.length)}`;
};
const unlike = { distanceMm: null };

describe("why two records are one, or are not", () => {
  test.each<[string, () => string]>([
    [
      "copy true: are one: a forwarded copy and its original.",
      () => against(0, { copyOf: "origin-a" }),
    ],
    ["apart-in-time false: share no time.", () => against(60)],
    [
      "copy true: are one: a forwarded copy and its original.",
      () => against(60, { copyOf: "third" }, { copyOf: "third" }),
    ],
    [
      "apart-in-time false: share no time.",
      () => against(60, { ...fromGarmin, copyOf: "third" }, { copyOf: "third" }),
    ],
    [
      "apart-in-time false: share only 59 % of the shorter one's time.",
      () => against(24.1, unlike),
    ],
    [
      "overlap true: share 60 % of the shorter one's time and the same activity.",
      () => against(24, unlike),
    ],
    [
      "overlap true: share 26 % of the shorter one's time, and their starts and ends differ no more than two clocks do.",
      () => against(3, { elapsedMs: 246 * second, ...unlike }, { elapsedMs: 246 * second }),
    ],
    [
      "apart-in-time false: share only 26 % of the shorter one's time.",
      () =>
        against(3, { elapsedMs: 432 * second, ...unlike }, { elapsedMs: 246 * second, ...unlike }),
    ],
    [
      "overlap true: share 50 % of the shorter one's time, and their time and distance agree, so one clock was wrong.",
      () => against(15, { elapsedMs: 30 * minute }, { elapsedMs: 30 * minute }),
    ],
    [
      "apart-in-time false: share only 50 % of the shorter one's time.",
      () => against(15, { elapsedMs: 30 * minute, ...unlike }, { elapsedMs: 30 * minute }),
    ],
    [
      "apart-in-time false: share only 18 % of the shorter one's time.",
      () => against(13, { elapsedMs: 16 * minute }, { elapsedMs: 16 * minute }),
    ],
    [
      "overlap true: share 50 % of the shorter one's time, and one was typed in from memory with about the same numbers.",
      () => against(30, {}, { method: "manual" }),
    ],
    [
      "overlap true: share 50 % of the shorter one's time, and one was typed in from memory with about the same numbers.",
      () => against(30, { method: "manual" }),
    ],
    [
      "apart-in-time false: share only 50 % of the shorter one's time.",
      () => against(30, { method: "phone" }),
    ],
    [
      "twin true: cover the same time: one source told of it twice.",
      () => against(12, { ...fromGarmin, ...unlike }),
    ],
    [
      "same-source false: come from the same source, which recorded them as two.",
      () => against(12.1, { ...fromGarmin, ...unlike }),
    ],
    [
      "overlap true: share 60 % of the shorter one's time and the same activity.",
      () => against(24, { ...fromGarmin, method: "manual", ...unlike }),
    ],
    [
      "overlap true: share 100 % of the shorter one's time and the same activity.",
      () => against(0, { ...fromGarmin, elapsedMs: 30 * minute, ...unlike }),
    ],
    [
      "same-source false: come from the same source, which recorded them as two.",
      () => against(0, { ...fromGarmin, type: "other", elapsedMs: 30 * minute, ...unlike }),
    ],
    [
      "same-source false: come from the same source, which recorded them as two.",
      () => against(0, { ...fromGarmin, elapsedMs: 12 * hour, ...unlike }),
    ],
    [
      "overlap true: start together and went the same distance: one was never stopped.",
      () => against(3, { elapsedMs: 12 * hour }),
    ],
    [
      "overlap true: start together and went the same distance: one was never stopped.",
      () => against(3, { elapsedMs: 12 * hour, movingMs: 2 * hour }),
    ],
    [
      "all-day false: share only 7 % of the longer one's time, which runs all day and says little of what lies in it.",
      () => against(3.1, { elapsedMs: 12 * hour }),
    ],
    [
      "overlap true: start together and went the same distance: one was never stopped.",
      () => against(15, { elapsedMs: 12 * hour, movingMs: hour }, { movingMs: hour }),
    ],
    [
      "all-day false: share only 6 % of the longer one's time, which runs all day and says little of what lies in it.",
      () => against(15.1, { elapsedMs: 12 * hour, movingMs: hour }, { movingMs: hour }),
    ],
    [
      "all-day false: share only 8 % of the longer one's time, which runs all day and says little of what lies in it.",
      () => against(0, { type: "other", elapsedMs: 12 * hour }),
    ],
    [
      "overlap true: share 100 % of the shorter one's time, and nothing speaks against the same activity.",
      () => against(0, { type: "other", elapsedMs: 36 * minute, ...unlike }),
    ],
    [
      "overlap true: share 100 % of the shorter one's time, and nothing speaks against the same activity.",
      () => against(0, { type: "other", elapsedMs: 30 * minute, ...unlike }),
    ],
    [
      "vague false: share only 50 % of the longer one's time, and one of them does not say what was done.",
      () => against(0, { type: "other", elapsedMs: 2 * hour, ...unlike }),
    ],
    [
      "relabelled true: agree to the second and the metre: one was labelled anew.",
      () =>
        against(
          0,
          { type: "running", elapsedMs: hour + 2 * second, distanceMm: 20_000_001 },
          { elapsedMs: hour + second, distanceMm: 20_000_001 },
        ),
    ],
    [
      "other-activity false: share 100 % of the time but name two activities.",
      () => against(0, { type: "running" }),
    ],
  ])("%s", (expected, said) => {
    expect(said()).toBe(expected);
  });
});

describe("the names in a reason", () => {
  test("begin with who began first, and have the times where they are the same", () => {
    const [a, b] = [workout({ id: "a" }), workout({ id: "b", at: morning - minute })];
    for (const pair of [
      [a, b],
      [b, a],
    ] as const)
      expect(bothNamed(...pair)).toBe(
        "garmin's cycling of 08:59:00 UTC and garmin's cycling of 09:00:00 UTC",
      );
    const google = workout({ id: "0", ...fromGoogle, type: "trail_running" });
    expect(bothNamed(google, a)).toBe("google-health's trail running and garmin's cycling");
    expect(bothNamed(a, google)).toBe("google-health's trail running and garmin's cycling");
  });

  test("the longer of two is that one, and of equals the first by id", () => {
    const [a, b, long] = [
      workout({ id: "a" }),
      workout({ id: "b" }),
      workout({ id: "c", elapsedMs: hour + 1 }),
    ];
    for (const [x, y, longer] of [
      [a, b, a],
      [a, long, long],
    ] as const)
      expect([longerOf(x, y).id, longerOf(y, x).id]).toEqual([longer.id, longer.id]);
  });
});

describe("what is said of a whole because of what lies in it", () => {
  const piece = (id: string, fromMin: number, toMin: number, shape: Shape = {}) =>
    workout({
      ...{ id, at: morning + fromMin * minute },
      elapsedMs: Math.round((toMin - fromMin) * minute),
      ...{ distanceMm: null, ...shape },
    });
  const whole = (shape: Shape = {}) => workout({ id: "w", ...fromApple, ...shape });
  const said = (...facts: WorkoutFact[]) => {
    const pairs = pairsIn(facts).map(([a, b]) => judge(a, b));
    return standings(facts, pairs).map((s) => [
      s.whole.id,
      s.inner.map((f) => f.id).sort(),
      s.part,
    ]);
  };

  test("nothing, of one that holds none, or one", () => {
    expect(said(whole())).toEqual([]);
    expect(said(whole(), piece("a", 0, 30))).toEqual([]);
  });

  test("two that cover it are its parts, by 85 % of their own time", () => {
    expect(said(whole(), piece("a", 0, 30), piece("b", 30, 60))).toEqual([["w", ["a", "b"], true]]);
    const [inside, outside] = [piece("b", 31.6, 65), piece("b", 31.7, 65)];
    expect(said(whole(), piece("a", 0, 30), inside)).toEqual([["w", ["a", "b"], true]]);
    expect(said(whole(), piece("a", 0, 30), outside)).toEqual([]);
  });

  test("two activities in one that names none: it is neither", () => {
    const vague = whole({ type: "other" });
    const [ride, run] = [piece("a", 0, 30), piece("b", 0, 30, { type: "running" })];
    expect(said(vague, ride, run)).toEqual([["w", ["a", "b"], false]]);
    expect(said(vague, ride, piece("b", 0, 30, { ...fromGoogle }))).toEqual([]);
    expect(said(vague, ride, piece("b", 30, 60, { type: "other" }))).toEqual([]);
  });

  test("one that is as long holds nothing, and of those that share time the longest counts", () => {
    expect(said(whole(), workout({ id: "a", distanceMm: null }))).toEqual([]);
    const [long, within, second] = [piece("a", 0, 35), piece("b", 5, 20), piece("c", 35, 60)];
    for (const order of [
      [long, within, second],
      [second, within, long],
      [within, second, long],
    ])
      expect(said(whole(), ...order)).toContainEqual(["w", ["a", "b", "c"], true]);
  });
});
