import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byRank, parseBoard, shardOf } from "../../domain/boards.ts";
import type { Score } from "../../domain/ports.ts";
import { families } from "../../domain/workouts/activity.ts";
import { workouts } from "../../domain/workouts/stream.ts";

const closed = {
  ...workouts,
  measures: workouts.measures.map((m) => ({ ...m, open: m.name !== "distance" })),
};

describe("a board", () => {
  test("exists for every open measure, over all and for each family", () => {
    workouts.measures.forEach(({ name }, measure) => {
      expect(parseBoard(workouts, families, name)).toEqual({ measure, key: "all" });
      for (const key of families)
        expect(parseBoard(workouts, families, `${name}-${key}`)).toEqual({ measure, key });
    });
  });

  test.each([
    "",
    "-",
    "distance-",
    "distance-all",
    "distance-flying",
    "distance-ride-",
    "Distance",
    "energy",
    "-ride",
    "toString",
    "distance-toString",
  ])("named %j does not exist", (name) => {
    expect(parseBoard(workouts, families, name)).toBeNull();
  });

  test("of a measure that may not be shown does not exist", () => {
    expect(parseBoard(closed, families, "distance")).toBeNull();
    expect(parseBoard(closed, families, "distance-ride")).toBeNull();
    expect(parseBoard(closed, families, "count")).not.toBeNull();
  });

  test("keeps a member on one shard of a generation for good", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 256 }), (member, shards) => {
        const shard = shardOf(member, { generation: 1, shards });
        for (const generation of [1, 2])
          expect(shardOf(member, { generation, shards })).toBe(shard);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
      }),
    );
  });

  test("that grows takes a member to the same shard or to one beyond all of before", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 128 }), (member, shards) => {
        const before = shardOf(member, { generation: 1, shards });
        const after = shardOf(member, { generation: 2, shards: 2 * shards });
        expect([before, before + shards]).toContain(after);
      }),
    );
  });
});

const scores: fc.Arbitrary<Score> = fc.record({
  member: fc.constantFrom("a", "b", "c", "d", "é", "Z"),
  score: fc.integer({ min: 0, max: 3 }),
  atMs: fc.integer({ min: 0, max: 3 }),
});
const sign = (n: number) => Math.sign(n) + 0;

describe("a rank", () => {
  test("puts the higher score first, then who had it earlier, then by id", () => {
    const base = { member: "b", score: 10, atMs: 5 };
    for (const worse of [
      { ...base, score: 9, atMs: 0, member: "a" },
      { ...base, atMs: 6, member: "a" },
      { ...base, member: "c" },
    ])
      expect(byRank(base, worse)).toBeLessThan(0);
  });

  test("is a total order: of any two one is first, and no three go round in a ring", () => {
    fc.assert(
      fc.property(scores, scores, scores, (a, b, c) => {
        expect(sign(byRank(a, b))).toBe(sign(-byRank(b, a)));
        const same = a.member === b.member && a.score === b.score && a.atMs === b.atMs;
        expect(byRank(a, b) === 0).toBe(same);
        if (byRank(a, b) <= 0 && byRank(b, c) <= 0) expect(byRank(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("comes out the same whatever the order of arrival", () => {
    const field = fc.uniqueArray(scores, { selector: (s) => s.member, maxLength: 6 });
    fc.assert(
      fc.property(
        field.chain((f) =>
          fc.tuple(fc.constant(f), fc.shuffledSubarray(f, { minLength: f.length })),
        ),
        ([one, other]) => {
          expect([...other].sort(byRank)).toEqual([...one].sort(byRank));
        },
      ),
    );
  });
});
