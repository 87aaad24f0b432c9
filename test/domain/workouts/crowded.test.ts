/** Many records of one ride: every one of them has a reason, and no row outgrows its bounds. */
import { describe, expect, test } from "vitest";
import { type Group, groupWorkouts } from "../../../domain/workouts/group.ts";
import { minute, morning, workout } from "./facts.ts";

/** As many sources' records of one ride; each began a little later than the one before. */
const told = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    workout({
      id: `r${String(n).padStart(2, "0")}`,
      connection: `con_${n}`,
      at: morning + n * 1000,
      distanceMm: 20_000_000 + n * 30_000,
    }),
  );
const onlyOf = (groups: readonly Group[]): Group => {
  expect(groups).toHaveLength(1);
  return groups[0] as Group;
};

/** How many pieces the reasons leave. */
function piecesOf({ facts, joined }: Group): number {
  const piece = new Map(facts.map(({ id }, n) => [id as string, n]));
  for (const { a, b } of joined) {
    const [from, to] = [piece.get(a), piece.get(b)];
    for (const [id, at] of piece) if (at === from) piece.set(id, to as number);
  }
  return new Set(piece.values()).size;
}

describe("the reasons why records are one", () => {
  test.each([
    [2, 1],
    [9, 36],
    [10, 45],
    [11, 10 + 40],
    [14, 13 + 40],
  ])(
    "of %i records are %i: all of few, of many those that connect and forty more",
    (n, reasons) => {
      const group = onlyOf(groupWorkouts(told(n)));
      expect(group.facts).toHaveLength(n);
      expect(group.joined).toHaveLength(reasons);
      expect(piecesOf(group)).toBe(1);
    },
  );

  test("are the strongest first, also where some are left out", () => {
    const all = told(14);
    const { joined } = onlyOf(groupWorkouts(all));
    const shares = joined.map(({ overlapPermille }) => overlapPermille);
    expect(shares).toEqual([...shares].sort((x, y) => y - x));
    const few = onlyOf(groupWorkouts(all.slice(0, 3))).joined;
    expect(few.map(({ a, b }) => `${a} ${b}`).sort()).toEqual(["r00 r01", "r00 r02", "r01 r02"]);
  });

  test("connect what only one record holds together", () => {
    // One long ride, and many who saw a part of it: none of those fits another.
    const whole = workout({ id: "w", elapsedMs: 300 * minute, connection: "con_w" });
    const parts = Array.from({ length: 12 }, (_, n) =>
      workout({
        ...{ id: `p${n}`, connection: "con_p", elapsedMs: 20 * minute },
        ...{ at: morning + n * 25 * minute, distanceMm: 1_000_000 },
      }),
    );
    const groups = groupWorkouts([whole, ...parts]);
    for (const group of groups) expect(piecesOf(group)).toBe(1);
  });
});
