import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { families, familiesFit, familyOf } from "../../../domain/workouts/activity.ts";
import { type Group, groupWorkouts } from "../../../domain/workouts/group.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import {
  factSets,
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  toldTwice,
  workout,
} from "./facts.ts";

const idsOf = (groups: readonly Group[]) =>
  groups.map((g) => g.facts.map((f) => f.id as string).sort()).sort((a, b) => (a < b ? -1 : 1));
const grouped = (...facts: WorkoutFact[]) => idsOf(groupWorkouts(facts));
const groupWith = (groups: readonly Group[], id: string): Group =>
  groups.find((g) => g.facts.some((f) => f.id === id)) ?? { facts: [], joined: [], apart: [] };

/** What DESIGN §4 says of a pair, written anew. */
function pairFits(a: WorkoutFact, b: WorkoutFact): boolean {
  const start = Math.max(a.at, b.at);
  const end = Math.min(a.at + a.elapsedMs, b.at + b.elapsedMs);
  if (end <= start) return false;
  if (a.copyOf === b.originId || b.copyOf === a.originId) return true;
  const same = a.connection === b.connection && a.app === b.app && a.deviceModel === b.deviceModel;
  const [x, y] = [familyOf(a.type), familyOf(b.type)];
  const fits = x === y || x === "other" || y === "other";
  return !same && fits && 2 * (end - start) >= Math.min(a.elapsedMs, b.elapsedMs);
}
const pairs = <T>(list: readonly T[]): [T, T][] =>
  list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));

describe("grouping is a function of the set", () => {
  test("the same records in any order and said again give identical bytes", () => {
    fc.assert(
      fc.property(toldTwice, ([once, again]) => {
        expect(JSON.stringify(groupWorkouts(again))).toBe(JSON.stringify(groupWorkouts(once)));
      }),
      { numRuns: 1000 },
    );
  });

  test("every record is in exactly one group", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        const ids = groupWorkouts(facts).flatMap((g) => g.facts.map((f) => f.id));
        expect(ids.sort()).toEqual(facts.map((f) => f.id).sort());
      }),
    );
  });

  test("all of a group fit one another, so no chain and no source folds into itself", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const { facts: members } of groupWorkouts(facts))
          for (const [a, b] of pairs(members)) expect(pairFits(a, b)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("no two groups stay apart that fit in every pair", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const [g, h] of pairs(groupWorkouts(facts)))
          expect(g.facts.every((a) => h.facts.every((b) => pairFits(a, b)))).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test("a workout that shares no time with the others changes none of their groups", () => {
    const elsewhere = fc.constantFrom(-5 * hour, 7 * hour, 240 * hour);
    fc.assert(
      fc.property(factSets, elsewhere, (facts, shiftMs) => {
        const lone = workout({ id: "z", at: morning + shiftMs, copyOf: "origin-a" });
        const groups = groupWorkouts([...facts, lone]).filter((g) => g.facts[0]?.id !== "z");
        expect(JSON.stringify(groups)).toBe(JSON.stringify(groupWorkouts(facts)));
      }),
    );
  });

  test("nothing groups to nothing", () => {
    expect(groupWorkouts([])).toEqual([]);
  });
});

describe("one workout", () => {
  test("from three providers is one group", () => {
    const groups = groupWorkouts([
      workout({ id: "a", ...fromGarmin }),
      workout({ id: "b", ...fromGoogle, at: morning + minute, type: "other" }),
      workout({ id: "c", ...fromApple, at: morning - minute, type: "gravel_cycling" }),
    ]);
    expect(idsOf(groups)).toEqual([["a", "b", "c"]]);
    expect(groups[0]?.joined).toHaveLength(3);
    expect(groups[0]?.apart).toEqual([]);
  });

  test("shares at least half of the shorter record's time: exactly 50 % is enough", () => {
    const long = workout({ id: "a", elapsedMs: 2 * hour });
    const at = (shared: number, elapsedMs = hour) =>
      workout({ id: "b", ...fromGoogle, elapsedMs, at: long.at + long.elapsedMs - shared });
    expect(grouped(long, at(hour / 2))).toEqual([["a", "b"]]);
    expect(grouped(long, at(hour / 2 - 1))).toEqual([["a"], ["b"]]);
    expect(grouped(long, at(1, 2))).toEqual([["a", "b"]]);
    expect(grouped(long, at(1, 3))).toEqual([["a"], ["b"]]);
  });

  test("does not reach over a mere touch: one ends when the other begins", () => {
    const next = workout({ id: "b", ...fromGoogle, at: morning + hour });
    expect(grouped(workout({ id: "a" }), next)).toEqual([["a"], ["b"]]);
  });

  test("is never of two families, and `other` fits any", () => {
    for (const a of families)
      for (const b of families) expect(familiesFit(a, b)).toBe(a === b || [a, b].includes("other"));
    const run = workout({ id: "b", ...fromGoogle, type: "running" });
    expect(grouped(workout(), run)).toEqual([["a"], ["b"]]);
    expect(grouped(workout(), { ...run, type: "other" })).toEqual([["a", "b"]]);
    expect(grouped(workout(), { ...run, type: "mountain_biking" })).toEqual([["a", "b"]]);
    expect(grouped(workout(), { ...run, type: "e_biking" })).toEqual([["a"], ["b"]]);
  });

  test("a vague record does not glue a run to a ride", () => {
    const groups = grouped(
      workout({ id: "a", ...fromGarmin, type: "cycling" }),
      workout({ id: "b", ...fromGoogle, type: "running" }),
      workout({ id: "c", ...fromApple, type: "other" }),
    );
    expect(groups).toHaveLength(2);
    expect(groups).not.toContainEqual(expect.arrayContaining(["a", "b"]));
  });
});

describe("separate workouts of one source", () => {
  test("never fold into each other, even at the very same time", () => {
    expect(grouped(workout({ id: "a" }), workout({ id: "b" }))).toEqual([["a"], ["b"]]);
  });

  test("stay two under another source's record that covers both", () => {
    const first = workout({ id: "a", elapsedMs: hour });
    const second = workout({ id: "b", at: morning + hour, elapsedMs: hour });
    const whole = workout({ id: "c", ...fromGoogle, elapsedMs: 2 * hour });
    const groups = groupWorkouts([first, second, whole]);
    expect(groups).toHaveLength(2);
    expect(groupWith(groups, "a")).not.toBe(groupWith(groups, "b"));
  });

  test("are told apart by app and by device within one connection", () => {
    const watch = workout({ id: "a", deviceModel: "Watch" });
    expect(grouped(watch, workout({ id: "b", deviceModel: "Phone" }))).toEqual([["a", "b"]]);
    expect(grouped(watch, workout({ id: "b", deviceModel: "Watch", app: "x" }))).toEqual([
      ["a", "b"],
    ]);
    expect(grouped(watch, workout({ id: "b", deviceModel: "Watch" }))).toEqual([["a"], ["b"]]);
  });
});

describe("a chain where only neighbours overlap", () => {
  const a = workout({ id: "a", ...fromGarmin, elapsedMs: 60 * minute });
  const b = workout({ id: "b", ...fromGoogle, at: morning + 25 * minute, elapsedMs: hour });
  const c = workout({ id: "c", ...fromApple, at: morning + 58 * minute, elapsedMs: hour });

  test("is no single workout; the best overlap wins and the other pair says why not", () => {
    const groups = groupWorkouts([a, b, c]);
    expect(idsOf(groups)).toEqual([["a", "b"], ["c"]].sort());
    expect(groupWith(groups, "c").apart.map((r) => [r.a, r.b, r.rule])).toEqual(
      expect.arrayContaining([
        ["b", "c", "apart-in-time"],
        ["a", "c", "apart-in-time"],
      ]),
    );
  });

  test("with two equal links joins the same one in any order", () => {
    const last = { ...c, at: b.at + 25 * minute };
    const orders = [
      [a, b, last],
      [last, b, a],
      [b, last, a],
    ];
    const results = new Set(orders.map((facts) => JSON.stringify(groupWorkouts(facts))));
    expect(results.size).toBe(1);
    const groups = groupWorkouts([a, b, last]);
    expect(idsOf(groups)).toEqual([["a", "b"], ["c"]]);
    expect(groupWith(groups, "c").apart).toContainEqual(
      expect.objectContaining({ a: "b", b: "c", rule: "taken" }),
    );
  });
});

describe("a forwarded copy", () => {
  const original = workout({ id: "a", originId: "o1", elapsedMs: 2 * hour });

  test("belongs to its original, though it was cut short and renamed", () => {
    const cut = { id: "b", ...fromGoogle, copyOf: "o1", type: "running" as const };
    const copy = workout({ ...cut, at: morning + 119 * minute, elapsedMs: hour });
    const groups = groupWorkouts([original, copy]);
    expect(idsOf(groups)).toEqual([["a", "b"]]);
    expect(groups[0]?.joined[0]?.rule).toBe("copy");
  });

  test("goes to its original before a better overlap is looked at", () => {
    const copy = workout({ id: "b", ...fromGoogle, copyOf: "o1", at: morning + hour });
    const rival = workout({ id: "c", ...fromGarmin, at: morning + hour });
    const groups = groupWorkouts([original, copy, rival]);
    expect(idsOf(groups)).toEqual([["a", "b"], ["c"]]);
  });

  test("of something else names nobody here", () => {
    const copy = workout({ id: "b", ...fromGarmin, copyOf: "o2" });
    expect(grouped(original, copy)).toEqual([["a"], ["b"]]);
  });
});

describe("every group says why", () => {
  test("each pair inside is joined by one reason, each near miss has one on both sides", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        const groups = groupWorkouts(facts);
        for (const group of groups) expect(group.joined).toHaveLength(pairs(group.facts).length);
        for (const [a, b] of pairs(facts)) {
          const [g, h] = [groupWith(groups, a.id), groupWith(groups, b.id)];
          const shared =
            Math.min(a.at + a.elapsedMs, b.at + b.elapsedMs) - Math.max(a.at, b.at) > 0;
          if (g === h) continue;
          for (const side of [g, h]) {
            const said = side.apart.filter((r) =>
              [a.id, b.id].every((id) => [r.a, r.b].includes(id)),
            );
            expect(said).toHaveLength(shared ? 1 : 0);
            if (said[0]?.rule === "taken") expect(pairFits(a, b)).toBe(true);
            else if (said[0]) expect(pairFits(a, b)).toBe(false);
          }
        }
      }),
    );
  });

  test.each([
    ["same-source", workout({ id: "b" })],
    ["other-activity", workout({ id: "b", ...fromGoogle, type: "running" })],
    ["apart-in-time", workout({ id: "b", ...fromGoogle, at: morning + 50 * minute })],
  ])("%s, with a sentence anyone can read", (rule, other) => {
    const [group] = groupWorkouts([workout({ id: "a" }), other]);
    expect(group?.apart.map((r) => r.rule)).toEqual([rule]);
    expect(group?.apart[0]?.because.length).toBeGreaterThan(20);
  });

  test("a join names how much was shared", () => {
    const other = workout({ id: "b", ...fromGoogle, at: morning + 15 * minute });
    const [group] = groupWorkouts([workout({ id: "a" }), other]);
    const [reason] = group?.joined ?? [];
    expect(reason).toMatchObject({ a: "a", b: "b", rule: "overlap", overlapPermille: 750 });
    expect(reason?.because).toContain("75 %");
  });
});
