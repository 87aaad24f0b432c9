import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Score } from "../../../domain/board-ports.ts";
import { IdTable } from "../../../domain/boards/id-table.ts";
import { RankedList } from "../../../domain/boards/ranked-list.ts";
import { byRank } from "../../../domain/boards.ts";
import { chanceOf } from "../../oracle/chance.ts";
import { anyText } from "./any-scores.ts";

/** The same, as a sorted array. */
class Sorted {
  readonly scores: Score[] = [];

  add(score: Score): void {
    this.scores.splice(this.above(score), 0, score);
  }
  remove(score: Score): void {
    this.scores.splice(this.above(score), 1);
  }
  above(score: Score): number {
    return this.scores.filter((s) => byRank(s, score) < 0).length;
  }
  through(score: Score): number {
    return this.scores.filter((s) => byRank(s, score) <= 0).length;
  }
}

const few = fc.integer({ min: 1, max: 4 });
const anyScore: fc.Arbitrary<Score> = fc.record({ member: anyText, score: few, atMs: few });

describe("a ranked list", () => {
  test("stands as a sorted array does, whatever is asked of it", () => {
    const steps = fc.array(fc.record({ score: anyScore, isKept: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.array(anyScore, { maxLength: 5 }), (all, others) => {
        const [list, sorted] = [new RankedList(new IdTable()), new Sorted()];
        const held = new Map<string, Score>();
        for (const { score, isKept } of all) {
          const before = held.get(score.member);
          if (before !== undefined) {
            list.remove(before);
            sorted.remove(before);
            held.delete(score.member);
          }
          if (!isKept) continue;
          list.add(score);
          sorted.add(score);
          held.set(score.member, score);
        }
        expect(list.size).toBe(sorted.scores.length);
        expect(list.slice(0, list.size)).toEqual(sorted.scores);
        for (const score of [...others, ...all.map((step) => step.score)]) {
          expect(list.above(score)).toBe(sorted.above(score));
          expect(list.through(score)).toBe(sorted.through(score));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("is the same made at once as made one by one", () => {
    const field = fc.uniqueArray(anyScore, { selector: (s) => s.member, maxLength: 80 });
    fc.assert(
      fc.property(field, (scores) => {
        const ids = new IdTable();
        const entries = scores.map((s) => ({ ...s, number: ids.numberOf(s.member) }));
        const [atOnce, oneByOne] = [new RankedList(ids, entries), new RankedList(ids)];
        for (const score of scores) oneByOne.add(score);
        expect(atOnce.slice(0, atOnce.size)).toEqual([...scores].sort(byRank));
        expect(oneByOne.slice(0, oneByOne.size)).toEqual([...scores].sort(byRank));
      }),
    );
  });

  test("gives any stretch of itself and nothing beyond its ends", () => {
    const list = new RankedList(new IdTable());
    const scores = Array.from({ length: 2000 }, (_, i) => ({
      member: `m_${i}`,
      score: 1 + (i % 7),
      atMs: i % 3,
    }));
    for (const score of scores) list.add(score);
    scores.sort(byRank);
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [511, 514],
      [1990, 2100],
      [2000, 2001],
      [0, 2000],
    ])
      expect(list.slice(from ?? 0, to ?? 0)).toEqual(scores.slice(from, to));
    expect(list.slice(5, 2)).toEqual([]);
  });

  test("says so when it is to remove what it does not hold", () => {
    const list = new RankedList(new IdTable());
    const score = { member: "a", score: 1, atMs: 1 };
    expect(() => list.remove(score)).toThrow();
    list.add(score);
    expect(() => list.remove({ ...score, atMs: 2 })).toThrow();
    list.remove(score);
    expect([list.size, list.above(score), list.through(score)]).toEqual([0, 0, 0]);
  });

  test.each([1, 2, 3])("stays right while it grows, churns and empties (seed %i)", (seed) => {
    const chance = chanceOf(seed);
    const list = new RankedList(new IdTable());
    const held = new Map<number, Score>();
    const move = (keeps: number) => {
      const i = chance.whole(0, 5999);
      const before = held.get(i);
      if (before !== undefined) list.remove(before);
      held.delete(i);
      if (!chance.in100(keeps)) return;
      // Half of them at the top, as scores of a week are.
      const base = chance.in100(50) ? 10_000 : 0;
      const score = {
        member: `m_${i}`,
        score: base + chance.whole(1, 400),
        atMs: chance.whole(1, 3),
      };
      list.add(score);
      held.set(i, score);
    };
    for (const keeps of [100, 90, 50, 10, 95, 0])
      for (let round = 0; round < 4; round++) {
        for (let n = 0; n < 4000; n++) move(keeps);
        const sorted = [...held.values()].sort(byRank);
        expect(list.slice(0, list.size)).toEqual(sorted);
        for (let n = 0; n < 50 && sorted.length > 0; n++) {
          const place = chance.whole(0, sorted.length - 1);
          expect(list.above(sorted[place] as Score)).toBe(place);
        }
      }
  });
});
