/** A board's top as the socket tells it, put together with what was read before. */
import { describe, expect, it } from "vitest";
import type { Standing } from "../../../web/pages/leaderboard/amounts.ts";
import {
  changedMembers,
  isSameTop,
  parseLive,
  waitMs,
  withLive,
} from "../../../web/pages/leaderboard/live-top.ts";

const at = "2026-11-20T10:00:00Z";
const row = (rank: number, member: string, score: number, moved: number | null): Standing => ({
  ...{ rank, member, name: member, score, at, moved },
});
const told = (rank: number, member: string, score: number) => ({
  ...{ rank, member, name: member, score, at },
});
const read = [row(1, "a", 30, 2), row(2, "b", 20, 0), row(3, "c", 10, null), row(4, "d", 5, -1)];

describe("a live top", () => {
  it("keeps where everybody stood before, and tells what they gained since by their new rank", () => {
    const items = [told(1, "b", 40), told(2, "a", 30), told(3, "c", 10), told(4, "d", 5)];
    const merged = withLive(read, { items, total: 4 });
    // b was second then, a third, d third: c was not ranked.
    expect(merged.map(({ member, moved }) => [member, moved])).toEqual([
      ...[
        ["b", 1],
        ["a", 1],
        ["c", null],
        ["d", -1],
      ],
    ]);
  });

  it("has whoever is new, of whom nothing is known from before, and nobody twice", () => {
    const items = [told(1, "z", 50), told(2, "a", 30)];
    const merged = withLive(read, { items, total: 5 });
    expect(merged.map(({ member, moved }) => [member, moved])).toEqual([
      ...[
        ["z", null],
        ["a", 1],
        ["c", null],
        ["d", -1],
      ],
    ]);
  });

  it("has nobody left below it who is on the board no more", () => {
    const merged = withLive(read, { items: [told(1, "a", 30), told(2, "c", 10)], total: 2 });
    expect(merged.map(({ member }) => member)).toEqual(["a", "c"]);
  });

  it("tells whose row changed: another score, or not there before", () => {
    const now = [row(1, "b", 40, 1), row(2, "a", 30, 1), row(3, "z", 12, null)];
    expect([...changedMembers(read, now)]).toEqual(["b", "z"]);
    expect(isSameTop(read.slice(0, 2), [told(1, "a", 30), told(2, "b", 20)])).toBe(true);
    expect(isSameTop(read.slice(0, 2), [told(1, "a", 30), told(2, "b", 21)])).toBe(false);
  });

  it("is read from a message, and a pong is none", () => {
    expect(parseLive(JSON.stringify({ changed: true, page: { items: [], total: 0 } }))).toEqual({
      ...{ items: [], total: 0 },
    });
    for (const text of ["pong", "{}", new Uint8Array(1)]) expect(parseLive(text)).toBeNull();
  });
});

it("waits longer after each try that failed, half a minute at most, and not all at once", () => {
  expect([0, 1, 2, 10].map((tried) => waitMs(tried, 1))).toEqual([1_000, 2_000, 4_000, 30_000]);
  expect(waitMs(0, 0)).toBe(500);
});
