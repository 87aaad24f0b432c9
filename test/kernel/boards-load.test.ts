/** A shard says that it is full when it is, not at every crowd that passes. */
import { describe, expect, test } from "vitest";
import { ShardLoad } from "../../kernel/boards/load.ts";

const bounds = { membersMax: 100, putsASecondMax: 3 };
const second = 1000;

/** Seconds, from 0, in which so many puts make it say that it is full. */
function saidIn(load: ShardLoad, puts: readonly number[], members: number | null = 0): number[] {
  const said: number[] = [];
  puts.forEach((count, s) => {
    for (let i = 0; i < count; i++) if (load.put(s * second + i, members)) said.push(s);
  });
  return said;
}
const seconds = (count: number, puts: number) => Array.from({ length: count }, () => puts);

describe("a shard is full", () => {
  test("when it holds too many, and says so again only after a while", () => {
    expect(saidIn(new ShardLoad(bounds), seconds(30, 1), 100)).toEqual([]);
    expect(saidIn(new ShardLoad(bounds), seconds(12, 2), 101)).toEqual([0, 5, 10]);
  });

  test("not when nobody ever asked how many it holds", () => {
    expect(saidIn(new ShardLoad(bounds), seconds(12, 2), null)).toEqual([]);
  });

  test("when it changes too often for ten seconds on end", () => {
    expect(saidIn(new ShardLoad(bounds), seconds(13, 4))).toEqual([10]);
    expect(saidIn(new ShardLoad(bounds), seconds(30, 3))).toEqual([]);
  });

  test("not after a crowd that passes, nor when it comes again after a pause", () => {
    expect(saidIn(new ShardLoad(bounds), [5000, ...seconds(20, 1)])).toEqual([]);
    expect(saidIn(new ShardLoad(bounds), [...seconds(9, 9), 0, ...seconds(10, 9)])).toEqual([]);
    expect(saidIn(new ShardLoad(bounds), [...seconds(9, 9), 2, ...seconds(10, 9)])).toEqual([]);
  });
});
