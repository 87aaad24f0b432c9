import { describe, expect, test } from "vitest";
import { groupWorkouts } from "../../../domain/workouts/group.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  fromStrava,
  grouped,
  groupWith,
  hour,
  idsOf,
  minute,
  morning,
  type Shape,
  sentence,
  workout,
} from "./facts.ts";

/** Two hours by one source, and pieces of it by garmin: each [from, to] in minutes. */
const whole = (shape: Shape = {}) =>
  workout({ id: "w", ...fromGoogle, elapsedMs: 2 * hour, distanceMm: 40_000_000, ...shape });
const piece = (id: string, fromMin: number, toMin: number, shape: Shape = {}) =>
  workout({
    id,
    at: morning + fromMin * minute,
    elapsedMs: Math.round((toMin - fromMin) * minute),
    distanceMm: null,
    ...shape,
  });
const together = (...facts: WorkoutFact[]) => grouped(...facts).length === 1;

describe("one continuous record by another source", () => {
  test("makes two halves its parts", () => {
    const groups = groupWorkouts([whole(), piece("a", 0, 60), piece("b", 60, 120)]);
    expect(idsOf(groups)).toEqual([["a", "b", "w"]]);
    expect(groups[0]?.joined.map((r) => [r.a, r.b, r.rule])).toEqual([
      ["a", "w", "part"],
      ["b", "w", "part"],
    ]);
    for (const { because } of groups[0]?.joined ?? []) expect(because).toMatch(sentence);
  });

  test("makes three pieces its parts, and what mirrors a piece goes with it", () => {
    const pieces = [piece("a", 0, 40), piece("b", 41, 80), piece("c", 81, 120)];
    expect(together(whole(), ...pieces)).toBe(true);
    const mirror = piece("d", 41, 80, fromApple);
    expect(together(whole(), ...pieces, mirror)).toBe(true);
  });

  test("does so from 80 % of its time on", () => {
    expect(together(whole(), piece("a", 0, 48), piece("b", 72, 120))).toBe(true);
    expect(together(whole(), piece("a", 0, 48), piece("b", 72.1, 120))).toBe(false);
  });

  test("does so from 50 % on where moving time and distance add up to 6 %", () => {
    const told = { movingMs: 60 * minute };
    const half = { distanceMm: 20_000_000 };
    const adding = (w: Shape, a: Shape = {}, toMin = 30) =>
      together(
        whole({ ...told, ...w }),
        piece("a", 0, toMin, { ...half, ...a }),
        piece("b", 90, 120, half),
      );
    expect(adding({})).toBe(true);
    expect(adding({}, {}, 29.9)).toBe(false);
    expect(adding({ movingMs: 63 * minute })).toBe(true);
    expect(adding({ movingMs: 64 * minute })).toBe(false);
    expect(adding({ movingMs: null })).toBe(false);
    expect(adding({ distanceMm: 42_500_000 })).toBe(true);
    expect(adding({ distanceMm: 43_000_000 })).toBe(false);
    expect(adding({ distanceMm: null })).toBe(false);
  });

  test("counts time that two pieces share once", () => {
    const short = [piece("a", 0, 50), piece("b", 45, 95)];
    expect(together(whole(), ...short)).toBe(false);
    expect(together(whole(), piece("a", 0, 50), piece("b", 46, 96))).toBe(true);
  });
});

describe("separate records of one source", () => {
  const halves = [piece("a", 0, 60), piece("b", 60, 120)];
  const apart = [["a"], ["b"]];

  test("are two without a record over both", () => {
    expect(grouped(...halves)).toEqual(apart);
  });

  test("stay two under a longer record of that same source", () => {
    expect(grouped(...halves, whole(fromGarmin))).toEqual([...apart, ["w"]]);
  });

  test("stay two under a record that names another activity, or none", () => {
    expect(grouped(...halves, whole({ type: "running" }))).toEqual([...apart, ["w"]]);
    expect(grouped(...halves, whole({ type: "other" }))).toEqual([...apart, ["w"]]);
    expect(grouped(...halves, whole({ type: "cardio" }))).toEqual([...apart, ["w"]]);
  });

  test("stay two under a record that is mostly something else, which says so", () => {
    const groups = groupWorkouts([piece("a", 0, 30), piece("b", 60, 90), whole()]);
    expect(idsOf(groups)).toEqual([["a"], ["b"], ["w"]]);
    const said = groupWith(groups, "w").apart.map((r) => [
      r.rule,
      r.because.replace(/^.* are /, "are "),
    ]);
    const several = [
      "several",
      "are apart: the longer one holds several separate records and is none of them.",
    ];
    expect(said).toEqual([several, several]);
  });

  test("stay two under each other's mirrors: nobody recorded both at once", () => {
    const mirrors = [piece("c", 0, 60, fromApple), piece("d", 60, 120, fromApple)];
    expect(grouped(...halves, ...mirrors)).toEqual([
      ["a", "c"],
      ["b", "d"],
    ]);
  });

  test("stay two though the whole's mirror covers them too, if one source's whole is wider", () => {
    const wide = whole({ elapsedMs: 4 * hour });
    expect(grouped(...halves, wide)).toEqual([["a"], ["b"], ["w"]]);
  });
});

describe("a whole that holds separate records and is not made of them", () => {
  test("is the one that fills 60 % of it, whatever else lies in it", () => {
    expect(grouped(whole(), piece("a", 0, 72), piece("b", 80, 95))).toEqual([["a", "w"], ["b"]]);
    expect(grouped(whole(), piece("a", 0, 71.9), piece("b", 80, 95))).toEqual([
      ["a"],
      ["b"],
      ["w"],
    ]);
  });

  test("and is vague is the one that fills 85 % of it", () => {
    const vague = whole({ type: "other" });
    expect(grouped(vague, piece("a", 0, 102), piece("b", 105, 115))).toEqual([["a", "w"], ["b"]]);
    expect(grouped(vague, piece("a", 0, 101.9), piece("b", 105, 115))).toEqual([
      ["a"],
      ["b"],
      ["w"],
    ]);
  });

  test("and is vague joins a ride and a run of two sources to nothing", () => {
    const legs = [piece("a", 0, 70), piece("b", 71, 120, { ...fromApple, type: "running" })];
    expect(grouped(...legs, whole({ type: "other" }))).toEqual([["a"], ["b"], ["w"]]);
  });

  test("takes single fragments that several sources noticed: each lies in it alone", () => {
    const noticed = [piece("a", 10, 30), piece("b", 60, 85, fromApple)];
    expect(
      together(
        whole({ type: "hiking" }),
        ...noticed.map((f) => ({ ...f, type: "walking" as const })),
      ),
    ).toBe(true);
  });

  test("keeps its forwarded copy, though other records lie in it", () => {
    const copy = piece("c", 0, 120, { ...fromStrava, copyOf: "origin-w", distanceMm: 40_000_000 });
    expect(grouped(whole(), copy, piece("a", 0, 30), piece("b", 60, 90))).toEqual([
      ["a"],
      ["b"],
      ["c", "w"],
    ]);
  });
});

describe("pieces that overlap", () => {
  test("by less than a fifth of the shorter are separate, from there on one stretch", () => {
    const crossing = (fromMin: number) =>
      groupWorkouts([whole(), piece("a", 0, 70), piece("b", fromMin, fromMin + 50)]);
    expect(groupWith(crossing(60.1), "w").joined.map((r) => r.rule)).toContain("part");
    expect(groupWith(crossing(60), "w").joined.map((r) => r.rule)).not.toContain("part");
  });
});

describe("one file three times: whole, whole without its activity, and cut short", () => {
  const file = { connection: "con_files", provider: "files" };
  const full = workout({ id: "full", ...file, type: "running", distanceMm: 41_400_000 });
  const untyped = { ...full, id: "untyped", type: "other" } as typeof full;
  const cut = { ...full, id: "cut", elapsedMs: 27 * minute, distanceMm: 17_300_000 } as typeof full;

  test("is one workout, for what lies in it stands in its likeness too", () => {
    expect(groupWorkouts([full, untyped, cut])).toHaveLength(1);
  });
});
