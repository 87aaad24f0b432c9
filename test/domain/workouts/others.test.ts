/**
 * What others can see does not hang on what is an owner's alone: neither boards, with their times and
 * periods, nor the list that a coach reads, nor what an operator is shown of a held workout.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rulesAt } from "../../../domain/stream.ts";
import { localDate } from "../../../domain/time.ts";
import { asOthersSee } from "../../../domain/workouts/others.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { factSets } from "./crowds.ts";
import {
  fromApple,
  fromStrava,
  hour,
  idsIn,
  minute,
  morning,
  oneOf,
  resolveOf,
  type Shape,
  second,
  withSettings,
  workout,
} from "./facts.ts";

const { resolve } = workouts;
if (resolve === undefined) throw new Error("workouts are resolved");
const ownerOnly = ["strava"];
const settings = withSettings({ zone: "Europe/Berlin", ownerOnly });
const isOwn = (f: WorkoutFact) => ownerOnly.includes(f.provider);

/** All that boards count of these, and all that others find in lists, in their order. */
function seenIn(resolved: readonly ResolvedWorkout[]) {
  const counted = resolved.flatMap((w) =>
    workouts.measures.flatMap((m) =>
      [...m.of(w, rulesAt(workouts.rules))].map((row) =>
        JSON.stringify([m.name, ...row, resolve?.day(w), resolve?.at(w)]),
      ),
    ),
  );
  const listed = resolved.flatMap((w) => {
    const place = resolve?.othersPlace(w);
    return place ? [{ ...place, scored: w.scored, held: w.held.map((h) => h.rule) }] : [];
  });
  const columns = workouts.columns.filter(({ name }) => name.startsWith("scored_"));
  return {
    counted: counted.sort(),
    listed: listed.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)),
    settled: resolved
      .filter((w) => w.scored !== null)
      .map((w) => JSON.stringify([resolve?.day(w), resolve?.at(w), columns.map((c) => c.of(w))]))
      .sort(),
  };
}

const midnight = Date.UTC(2026, 10, 15);
const stravas = (shape: Shape = {}) =>
  workout({ id: "s", ...fromStrava, at: midnight - 20 * second, offsetMin: 0, ...shape });
const garmins = (shape: Shape = {}) =>
  workout({ id: "g", at: midnight + 20 * second, offsetMin: 0, ...shape });

describe("a workout that an owner's own source and another tell of", () => {
  test("counts at the other's second, on its day; its owner sees the start that is told best", () => {
    const w = oneOf([stravas({ elapsedMs: 2 * hour }), garmins({ elapsedMs: 2 * hour })], settings);
    expect(w).toMatchObject({ at: midnight - 20 * second, day: "2026-11-14" });
    expect([resolve.at(w), resolve.day(w)]).toEqual([midnight + 20 * second, "2026-11-15"]);
    expect(resolve.ownPlace(w)).toEqual({ at: w.at, id: w.id });
    expect(resolve.othersPlace(w)).toEqual({ at: midnight + 20 * second, id: "w_g" });
  });

  test("counts on the day of the other's clock", () => {
    const told = stravas({ at: midnight - hour, elapsedMs: 2 * hour, offsetMin: 120 });
    const w = oneOf([told, garmins({ at: midnight - hour, elapsedMs: 2 * hour })], settings);
    expect(resolve.day(w)).toBe("2026-11-14");
    expect(resolve.day(oneOf([told], settings))).toBe("2026-11-15");
  });

  test("is found under the other's id, which leads to it", () => {
    const w = oneOf([stravas({ elapsedMs: 2 * hour }), garmins()], settings);
    expect([w.id, w.scored?.id]).toEqual(["w_s", "w_g"]);
    expect(resolve.factsOf(w)).toContain("g");
  });

  test("lies on the day and at the time of one of its facts, so that whoever settles finds it", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const w of resolveOf(facts, settings)) {
          const members = facts.filter((f) => w.sources.some((s) => s.fact === f.id));
          expect(members.map((f) => f.at)).toContain(resolve.at(w));
          const at = resolve.at(w);
          const days = members.map((f) => workouts.day({ ...f, at }, settings));
          expect(days).toContain(resolve.day(w));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("a hold that others learn of", () => {
  test("rests on what they may see of a whole and of what lies in it", () => {
    const leg = (id: string, fromMin: number, toMin: number) =>
      workout({
        ...{ id, type: "walking", distanceMm: 2_000_000 },
        ...{ at: morning + fromMin * minute, elapsedMs: (toMin - fromMin) * minute },
      });
    const lasting = { at: morning, elapsedMs: 3 * hour, distanceMm: 5_001_000 };
    const whole = workout({ id: "whole", ...fromApple, ...lasting, type: "other" });
    const own = workout({ id: "own", ...fromStrava, ...lasting, type: "hiking" });
    const walks = [leg("s", 10, 30), leg("r", 90, 120)];
    const both = resolveOf([...walks, whole, own], settings);
    expect(idsIn(both)).toEqual([["own", "whole"], ["r"], ["s"]]);
    expect(both.find((w) => w.held.length > 0)?.type).toBe("hiking");
    expect(seenIn(both)).toEqual(seenIn(resolveOf([...walks, whole], settings)));
  });
});

describe("a hold of one record", () => {
  const held = (shape: Shape, kept: readonly string[]) =>
    oneOf([workout({ id: "a", ...fromStrava, ...shape })], withSettings({ ownerOnly: kept })).held;

  test("rests on no value of it that is its owner's alone", () => {
    // Ten kilometres an hour from start to end, but forty while it moved.
    const slow = { elapsedMs: 2 * hour, movingMs: 30 * minute, speedMmps: 5556 };
    expect(held(slow, []).map(({ rule }) => rule)).toEqual(["speed-disagrees"]);
    for (const kept of [["strava/movingMs"], ["polar", "strava/movingMs", "garmin/distanceMm"]])
      expect(held(slow, kept)).toEqual([]);
  });

  test("is told to its owner also where all of it is the owner's alone", () => {
    const fast = { elapsedMs: 5 * minute };
    for (const kept of [[], ["strava"]])
      expect(held(fast, kept).map(({ rule }) => rule)).toEqual(["too-fast"]);
  });
});

describe("everything that others see", () => {
  const amount = fc.constantFrom(null, 0, 1_000_000, 20_000_000, 300_000_000);
  const change = fc.record({
    distanceMm: amount,
    energyMcal: amount,
    elevationGainMm: amount,
    speedMmps: fc.constantFrom(null, 5556, 1),
    offsetMin: fc.constantFrom(null, 0, 60, -300, 345, 840),
    byAt: fc.integer({ min: -90, max: 90 }).map((n) => n * second),
    byEnd: fc.integer({ min: -90, max: 90 }).map((n) => n * second),
  });
  const changes = fc.array(change, { minLength: 16, maxLength: 16 });
  /** Around noon and around midnight, so that days differ by seconds. */
  const moves = fc.constantFrom(0, 13 * hour, 14 * hour, 15 * hour);
  const movedBy = (facts: readonly WorkoutFact[], ms: number) =>
    facts.map((f) => ({ ...f, at: f.at + ms }));

  test("is the same whatever the owner's own facts say, as long as the same are one", () => {
    let compared = 0;
    fc.assert(
      fc.property(factSets, changes, moves, (drawn, told, ms) => {
        const facts = movedBy(drawn, ms);
        const changed = facts.map((f, i) => {
          const { byAt = 0, byEnd = 0, ...values } = told[i] ?? {};
          if (!isOwn(f)) return f;
          const elapsedMs = Math.max(second, f.elapsedMs + byEnd - byAt);
          const movingMs = f.movingMs === null ? null : Math.min(f.movingMs, elapsedMs);
          return { ...f, ...values, at: f.at + byAt, elapsedMs, movingMs };
        });
        const [was, is] = [resolveOf(facts, settings), resolveOf(changed, settings)];
        fc.pre(
          facts.some(isOwn) &&
            JSON.stringify(idsIn(was).sort()) === JSON.stringify(idsIn(is).sort()),
        );
        compared++;
        expect(seenIn(is)).toEqual(seenIn(was));
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  test("is the same without them, where they make no two others one and part none", () => {
    fc.assert(
      fc.property(factSets, moves, (drawn, ms) => {
        const facts = movedBy(drawn, ms);
        const theirs = facts.filter((f) => !isOwn(f));
        const all = resolveOf(facts, settings);
        const alone = resolveOf(theirs, settings);
        const own = new Set<string>(facts.filter(isOwn).map((f) => f.id));
        const left = idsIn(all).map((ids) => ids.filter((id) => !own.has(id)));
        const groups = (list: string[][]) => list.map((ids) => ids.join()).sort();
        fc.pre(own.size > 0);
        fc.pre(
          groups(left.filter((ids) => ids.length > 0)).join(";") === groups(idsIn(alone)).join(";"),
        );
        expect(seenIn(all)).toEqual(seenIn(alone));
      }),
      { numRuns: 400 },
    );
  });
});

describe("a held workout, as an operator sees it", () => {
  const fast = { distanceMm: 150_000_000 };
  const own = workout({
    ...fromStrava,
    id: "s",
    at: morning - 7 * second,
    elapsedMs: hour + 13 * second,
    distanceMm: 151_234_567,
    energyMcal: 7_654_321,
    offsetMin: 345,
    deviceModel: "Own Model",
  });

  test("is in full where nothing of it is its owner's alone", () => {
    const w = oneOf([workout(fast)], settings);
    expect(w.held).not.toEqual([]);
    expect(asOthersSee(w, ownerOnly)).toEqual(w);
  });

  test("holds nothing that only its owner's own source says", () => {
    const w = oneOf([workout({ ...fast, id: "g" }), own], settings);
    const seen = asOthersSee(w, ownerOnly);
    expect(seen).toMatchObject({
      id: "w_g",
      at: morning,
      offsetMin: 60,
      day: localDate(morning, 60),
    });
    expect(seen?.distance?.value).toBe(fast.distanceMm);
    expect(seen?.held).toEqual(w.held);
    expect(seen?.sources.map((s) => s.provider)).toEqual(["garmin"]);
    const text = JSON.stringify(seen);
    for (const told of [
      "strava",
      '"s"',
      own.at,
      own.elapsedMs,
      own.distanceMm,
      own.energyMcal,
      345,
    ])
      expect(text).not.toContain(String(told));
    expect(text).not.toContain("Own Model");
  });

  test("is not there where all of it is its owner's, nor named by what lies beside it", () => {
    expect(asOthersSee(oneOf([own], settings), ownerOnly)).toBeNull();
    const beside = workout({ id: "run", type: "running", at: morning + 40 * minute });
    const [w] = resolveOf([beside, own], settings).filter(({ scored }) => scored !== null);
    expect(w?.apart.length).toBeGreaterThan(0);
    expect(w && asOthersSee(w, ownerOnly)?.apart).toEqual([]);
  });

  test("lacks the one field that is its owner's alone", () => {
    const field = ["strava/distanceMm"];
    const w = oneOf([own], withSettings({ ownerOnly: field }));
    const seen = asOthersSee(w, field);
    expect(seen).toMatchObject({ distance: null, energy: { value: own.energyMcal } });
    expect(JSON.stringify(seen)).not.toContain(String(own.distanceMm));
  });
});
