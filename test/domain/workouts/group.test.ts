import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVague, kinship } from "../../../domain/workouts/activity.ts";
import { groupWorkouts } from "../../../domain/workouts/group.ts";
import { judge } from "../../../domain/workouts/pair.ts";
import { decidedSets, factSets, toldTwice } from "./crowds.ts";
import {
  decide,
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
  pairsIn,
  type Shape,
  sentence,
  workout,
} from "./facts.ts";

const runs = { numRuns: 400 };
/** Near misses kept with a group. */
const apartMax = 40;

describe("grouping is a function of the set", () => {
  test("the same records in any order and said again give identical bytes", () => {
    fc.assert(
      fc.property(toldTwice, ([once, again]) => {
        expect(JSON.stringify(groupWorkouts(again))).toBe(JSON.stringify(groupWorkouts(once)));
      }),
      runs,
    );
  });

  test("every record is in exactly one group", () => {
    fc.assert(
      fc.property(decidedSets, ([facts, decisions]) => {
        const ids = groupWorkouts(facts, decisions).flatMap((g) => g.facts.map((f) => f.id));
        expect(ids.sort()).toEqual(facts.map((f) => f.id).sort());
      }),
      runs,
    );
  });

  test("nothing groups to nothing", () => {
    expect(groupWorkouts([])).toEqual([]);
  });
});

describe("one workout", () => {
  test("from three providers is one group", () => {
    const [group, ...rest] = groupWorkouts([
      workout({ id: "a", ...fromGarmin }),
      workout({ id: "b", ...fromGoogle, at: morning + minute, type: "other" }),
      workout({ id: "c", ...fromApple, at: morning - minute, type: "gravel_cycling" }),
    ]);
    expect(rest).toEqual([]);
    expect(group?.joined).toHaveLength(3);
    expect(group?.apart).toEqual([]);
  });

  describe("never holds a run and a ride, though a vague record fits both", () => {
    const ride = workout({ id: "a", ...fromGarmin, type: "cycling" });
    const run = workout({ id: "b", ...fromGoogle, type: "running", distanceMm: 11_000_000 });
    const vague = { id: "c", ...fromApple, type: "other" as const };

    test.each<[string, Shape]>([
      ["and tells nothing else", { distanceMm: null }],
      ["and has the numbers of one", { distanceMm: ride.distanceMm }],
      ["and is a copy of one", { copyOf: ride.originId }],
      ["and comes from the same source as one", { ...fromGarmin, distanceMm: null }],
    ])("%s", (_how, shape) => {
      const groups = grouped(ride, run, workout({ ...vague, ...shape }));
      expect(groups).toHaveLength(2);
      expect(groups).not.toContainEqual(expect.arrayContaining(["a", "b"]));
    });
  });

  test("of two activities is held together by what names them, never by a vague record", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const { facts: members, joined } of groupWorkouts(facts)) {
          const named = members.filter((f) => !isVague(f.type));
          if (pairsIn(named).every(([a, b]) => kinship(a.type, b.type) === "alike")) continue;
          const reached = new Set<string>(named.slice(0, 1).map((f) => f.id));
          const ids = named.map((f) => f.id as string);
          const among = joined.filter((r) => ids.includes(r.a) && ids.includes(r.b));
          for (const _ of named)
            for (const { a, b } of among)
              if (reached.has(a) || reached.has(b)) reached.add(a).add(b);
          expect([...reached].sort()).toEqual(ids.sort());
        }
      }),
      runs,
    );
  });

  test("is no more for an all-day record over two rides", () => {
    const day = { at: morning - 6 * hour, elapsedMs: 18 * hour, distanceMm: null };
    const rides = [workout({ id: "a" }), workout({ id: "b", at: morning + 4 * hour })];
    for (const type of ["other", "cycling"] as const)
      expect(grouped(...rides, workout({ id: "c", ...fromApple, ...day, type }))).toEqual([
        ["a"],
        ["b"],
        ["c"],
      ]);
  });

  test("of an interval by one device pairs with the same interval by another", () => {
    const interval = (id: string, n: number, from: Shape) =>
      workout({ id, ...from, at: morning + n * 6 * minute, elapsedMs: 4 * minute });
    const own = [0, 1, 2].map((n) => interval(`a${n}`, n, fromGarmin));
    const others = [0, 1, 2].map((n) => interval(`b${n}`, n, fromApple));
    expect(grouped(...own)).toHaveLength(3);
    expect(grouped(...own, ...others)).toEqual([
      ["a0", "b0"],
      ["a1", "b1"],
      ["a2", "b2"],
    ]);
  });
});

describe("a chain where only neighbours overlap", () => {
  const silent = { distanceMm: null };
  const a = workout({ id: "a", ...fromGarmin, ...silent });
  const b = workout({ id: "b", ...fromGoogle, ...silent, at: morning + 20 * minute });
  const c = workout({ id: "c", ...fromApple, ...silent, at: morning + 44 * minute });

  test("is no single workout: the better overlap wins, the other says why it could not", () => {
    const groups = groupWorkouts([a, b, c]);
    expect(idsOf(groups)).toEqual([["a", "b"], ["c"]]);
    expect(groupWith(groups, "c").apart.map((r) => [r.a, r.b, r.rule])).toEqual([
      ["b", "c", "taken"],
      ["a", "c", "apart-in-time"],
    ]);
    for (const { because } of groupWith(groups, "c").apart) expect(because).toMatch(sentence);
  });

  test("with two equal links joins the same one in any order, by identity", () => {
    const last = { ...c, at: b.at + 20 * minute };
    const orders = [
      [a, b, last],
      [last, b, a],
      [b, last, a],
    ];
    const results = new Set(orders.map((facts) => JSON.stringify(groupWorkouts(facts))));
    expect(results.size).toBe(1);
    expect(idsOf(groupWorkouts([a, b, last]))).toEqual([["a", "b"], ["c"]]);
    const swapped = [{ ...a, id: c.id }, b, { ...last, id: a.id }];
    expect(idsOf(groupWorkouts(swapped))).toEqual([["a", "b"], ["c"]]);
  });

  test("is one where every link is told to be the same record", () => {
    const copy = { ...c, copyOf: b.originId };
    expect(grouped(a, b, copy)).toEqual([["a", "b", "c"]]);
  });
});

describe("best first", () => {
  const ride = workout({ id: "a", elapsedMs: 2 * hour, distanceMm: 50_000_000 });

  test("a copy goes to its original before a better overlap is looked at", () => {
    const copy = workout({
      ...{ id: "b", ...fromGoogle, copyOf: "origin-a", at: morning + hour, elapsedMs: hour },
      distanceMm: null,
    });
    const rival = { id: "c", ...fromGarmin, at: morning + 70 * minute, elapsedMs: 100 * minute };
    expect(grouped(ride, copy, workout(rival))).toEqual([["a", "b"], ["c"]]);
  });

  test("a record that names its activity goes before one that does not", () => {
    const named = workout({ id: "b", ...fromGoogle, elapsedMs: 80 * minute });
    const vague = workout({ id: "c", ...fromGoogle, type: "other", elapsedMs: 99 * minute });
    const groups = grouped(ride, named, vague);
    expect(groups).toEqual([["a", "b", "c"]]);
    const rivals = [
      { ...named, at: morning + 40 * minute, elapsedMs: 2 * hour },
      { ...vague, at: morning + 10 * minute, elapsedMs: 2 * hour },
    ];
    expect(grouped(ride, ...rivals)).toEqual([["a", "b"], ["c"]]);
  });

  test("of two overlaps alike the one whose numbers agree is taken", () => {
    const [x, y] = [
      workout({ id: "x", at: morning - 10 * minute, distanceMm: 30_000_000 }),
      workout({ id: "y", at: morning + 10 * minute, distanceMm: 20_000_000 }),
    ];
    const told = (distanceMm: number) =>
      workout({ id: "m", ...fromGoogle, at: morning, distanceMm });
    expect(grouped(x, y, told(20_000_000))).toEqual([["m", "y"], ["x"]]);
    expect(grouped(x, y, told(30_000_000))).toEqual([["m", "x"], ["y"]]);
  });
});

describe("what a member decided", () => {
  const [a, b, c] = [
    workout({ id: "a" }),
    workout({ id: "b", ...fromGoogle }),
    workout({ id: "c", ...fromApple }),
  ];

  test("splits what fits, and says who said so on both sides", () => {
    const groups = groupWorkouts([a, b], [decide("split", [["a"], ["b"]])]);
    expect(idsOf(groups)).toEqual([["a"], ["b"]]);
    for (const { apart } of groups) {
      expect(apart.map((r) => r.rule)).toEqual(["by-hand"]);
      expect(apart[0]?.because).toBe(
        "The member said that garmin's cycling and google-health's cycling are two.",
      );
    }
  });

  test("joins what does not fit: another activity, hours away, the same source", () => {
    const far = workout({ id: "b", type: "running", at: morning + 6 * hour });
    const [group, ...rest] = groupWorkouts([a, far], [decide("join", [["a", "b"]])]);
    expect(rest).toEqual([]);
    expect(group?.joined.map((r) => r.rule)).toEqual(["by-hand"]);
    expect(group?.joined[0]?.because).toMatch(sentence);
  });

  test("splits a group of three into the sides that were named", () => {
    expect(idsOf(groupWorkouts([a, b, c], [decide("split", [["a", "c"], ["b"]])]))).toEqual([
      ["a", "c"],
      ["b"],
    ]);
  });

  test("of a split is not undone by a third record that fits both", () => {
    fc.assert(
      fc.property(decidedSets, ([facts, decisions]) => {
        const splits = decisions.filter((d) => d.decision === "split");
        const groups = groupWorkouts(facts, splits);
        for (const { sides } of splits)
          for (const [left, right] of pairsIn(sides))
            for (const l of left)
              for (const r of right) expect(groupWith(groups, l)).not.toBe(groupWith(groups, r));
      }),
      runs,
    );
  });

  test("of joins holds for every pair, when nothing was split", () => {
    fc.assert(
      fc.property(decidedSets, ([facts, decisions]) => {
        const joins = decisions.filter((d) => d.decision === "join");
        const groups = groupWorkouts(facts, joins);
        for (const { sides } of joins)
          for (const [l, r] of pairsIn(sides.flat()))
            expect(groupWith(groups, l)).toBe(groupWith(groups, r));
      }),
      runs,
    );
  });
});

describe("every group says why", () => {
  test("its reasons connect all of its members, each with a sentence", () => {
    fc.assert(
      fc.property(decidedSets, ([facts, decisions]) => {
        for (const { facts: members, joined } of groupWorkouts(facts, decisions)) {
          const reached = new Set<string>(members.slice(0, 1).map((f) => f.id));
          for (const _ of members)
            for (const { a, b } of joined)
              if (reached.has(a) || reached.has(b)) reached.add(a).add(b);
          expect([...reached].sort()).toEqual(members.map((f) => f.id).sort());
          for (const { because } of joined) expect(because).toMatch(sentence);
        }
      }),
      runs,
    );
  });

  test("each pair that shares time and is apart says why, once, on both sides", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        const groups = groupWorkouts(facts);
        for (const [a, b] of pairsIn(facts)) {
          const [g, h] = [groupWith(groups, a.id), groupWith(groups, b.id)];
          if (g === h || judge(a, b).ofShorter === 0) continue;
          for (const { apart } of [g, h]) {
            if (apart.length >= apartMax) continue;
            const said = apart.filter((r) => [r.a, r.b].every((id) => id === a.id || id === b.id));
            expect(said).toHaveLength(1);
            expect(said[0]?.because).toMatch(sentence);
          }
        }
      }),
      runs,
    );
  });

  test("what fits and is apart is `taken` or undone by others, never unsaid", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const { apart } of groupWorkouts(facts))
          for (const { rule } of apart)
            expect(["overlap", "copy", "twin", "part", "shifted", "relabelled"]).not.toContain(
              rule,
            );
      }),
      runs,
    );
  });

  test("with a measure of the shared time in thousandths of the shorter record", () => {
    const other = workout({ id: "b", ...fromGoogle, at: morning + 15 * minute });
    expect(groupWorkouts([workout({ id: "a" }), other])[0]?.joined).toMatchObject([
      { a: "a", b: "b", rule: "overlap", overlapPermille: 750 },
    ]);
  });

  test.each([
    ["same-source", workout({ id: "b", at: morning + 20 * minute })],
    ["other-activity", workout({ id: "b", ...fromGoogle, type: "running" })],
    ["apart-in-time", workout({ id: "b", ...fromGoogle, at: morning + 50 * minute })],
    ["apart-in-time", workout({ id: "b", ...fromGoogle, at: morning + 70 * minute })],
    ["vague", workout({ id: "b", ...fromStrava, type: "other", elapsedMs: 3 * hour })],
    ["all-day", workout({ id: "b", ...fromStrava, elapsedMs: 15 * hour, distanceMm: 9_000_000 })],
  ])("%s is a near miss with its reason on both sides", (rule, other) => {
    const groups = groupWorkouts([workout({ id: "a" }), other]);
    expect(groups).toHaveLength(2);
    for (const { apart } of groups) {
      expect(apart.map((r) => r.rule)).toEqual([rule]);
      expect(apart[0]?.because).toMatch(sentence);
    }
  });

  test("but not for what nobody would take for one", () => {
    const run = workout({ id: "b", type: "running", at: morning + 65 * minute });
    const later = workout({ id: "c", ...fromGoogle, at: morning + 71 * minute });
    const [first] = groupWorkouts([workout({ id: "a" }), run, later]);
    expect(first?.apart).toEqual([]);
  });

  test("in no more than forty near misses, the strongest of them", () => {
    const crowd = Array.from({ length: 60 }, (_, i) =>
      workout({
        ...{ id: `r${String(i).padStart(2, "0")}`, type: "running" as const },
        ...{ at: morning + i * minute, elapsedMs: 3 * hour + i * minute },
      }),
    );
    const ride = workout({ id: "ride", elapsedMs: 3 * hour });
    const rival = workout({ id: "rival", at: morning + 80 * minute, elapsedMs: 3 * hour });
    const { apart } = groupWith(groupWorkouts([...crowd, ride, rival]), "ride");
    expect(apart).toHaveLength(apartMax);
    expect(apart.some((r) => r.b === "rival" || r.a === "rival")).toBe(true);
    expect(apart.some((r) => r.a === "r00" || r.b === "r00")).toBe(true);
    expect(apart.some((r) => r.a === "r59" || r.b === "r59")).toBe(false);
  });
});
