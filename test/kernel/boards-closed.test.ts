/** Closed boards: whatever is asked, the answer is that of a sorted array, out of few ranges. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ranked, Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import { spread } from "../../domain/identity.ts";
import { entryAt, entryBytesOf, layoutOf, putEntry } from "../../kernel/boards/closed-code.ts";
import { idAt, idCodeFor, idCodeOf, putId } from "../../kernel/boards/closed-ids.ts";
import { merged } from "../../kernel/boards/closed-merge.ts";
import { closedChunks } from "../../kernel/boards/closed-write.ts";
import {
  bytesOf,
  chance,
  closedOf,
  idsOf,
  inBatches,
  randomScores,
  ranking,
} from "./boards-closed-world.ts";

const hexId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => `m_${Buffer.from(bytes).toString("hex")}`);
const anyId = fc.oneof(hexId, fc.stringMatching(/^[a-z0-9_]{1,12}$/));
const anyScore = fc.record({
  member: anyId,
  score: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.maxSafeNat()),
  atMs: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: -1e13, max: 1e13 })),
});
const anyScores = fc.uniqueArray(anyScore, {
  minLength: 1,
  maxLength: 40,
  selector: (s) => s.member,
});

describe("an entry", () => {
  test("is read as it was written, among ids of any kind", () => {
    fc.assert(
      fc.property(anyScores, (scores) => {
        const ids = idsOf(scores);
        const bytes = new Uint8Array(scores.length * entryBytesOf(ids));
        scores.forEach((score, i) => {
          putEntry(bytes, i * entryBytesOf(ids), score, ids);
        });
        expect(scores.map((_, i) => entryAt(bytes, i * entryBytesOf(ids), ids))).toEqual(scores);
      }),
    );
  });

  test("of random ids takes 29 bytes, and the order of ids is that of their bytes", () => {
    const [a, b] = [`m_${"0f".repeat(16)}`, `m_${"a0".repeat(16)}`] as const;
    expect(entryBytesOf(idCodeOf(a))).toBe(29);
    expect(idCodeFor(idCodeOf(a), idCodeOf("ada"))).toEqual({
      prefix: "",
      bytes: 34,
      isHex: false,
    });
    const bytes = new Uint8Array(32);
    for (const [at, id] of [a, b].entries()) putId(bytes, 16 * at, id, idCodeOf(a));
    expect(Buffer.compare(bytes.subarray(0, 16), bytes.subarray(16))).toBe(-1);
    expect(idAt(bytes, 16, idCodeOf(a))).toBe(b);
  });

  test("that no board could hold is refused", () => {
    const ids = idCodeOf("ada");
    const put = (score: Partial<Score>) => () =>
      putEntry(new Uint8Array(99), 0, { member: "ada", score: 1, atMs: 0, ...score }, ids);
    for (const wrong of [{ score: 0.5 }, { score: -1 }, { atMs: 2 ** 48 }, { member: "longer" }])
      expect(put(wrong), JSON.stringify(wrong)).toThrow(RangeError);
    for (const id of ["é", "a b"]) expect(put({ member: id })).toThrow(RangeError);
    for (const id of ["", "x".repeat(256)]) expect(() => idCodeOf(id)).toThrow(RangeError);
  });
});

/** What a sorted array says. */
const oracle = (sorted: readonly Score[]) => ({
  top(after: Score | null, limit: number) {
    const ahead = after === null ? 0 : sorted.filter((s) => byRank(s, after) <= 0).length;
    return { scores: sorted.slice(ahead, ahead + limit), ahead, total: sorted.length };
  },
  place(member: string, around: number) {
    const nth = sorted.findIndex((s) => s.member === member);
    if (nth < 0) return null;
    const from = Math.max(0, nth - around);
    const items = sorted.slice(from, nth + around + 1);
    return {
      items: items.map((s, i): Ranked => ({ ...s, rank: from + i + 1 })),
      total: sorted.length,
    };
  },
  among: (members: readonly string[]) =>
    sorted.flatMap((s, i): Ranked[] => (members.includes(s.member) ? [{ ...s, rank: i + 1 }] : [])),
});

const someone = (of: readonly Score[], below: (n: number) => number): Score => {
  const score = of[below(of.length)] ?? { member: "x", score: 0, atMs: 0 };
  return below(3) === 0 ? { ...score, atMs: score.atMs + below(3) - 1 } : score;
};

describe("a closed ranking", () => {
  test.each([1, 2, 511, 512, 513, 1024, 1700, 4099, 20_000])(
    "of %i answers any question as a sorted array would",
    async (count) => {
      const { sorted, reader } = await closedOf(randomScores(count, count));
      const below = chance(7 * count);
      const is = oracle(sorted);
      for (let n = 0; n < 40; n++) {
        const limit = [1, 2, 50, 100, 512, 700][below(6)] ?? 1;
        const after = below(8) === 0 ? null : someone(sorted, below);
        expect(await reader().top(ranking, after, limit)).toEqual(is.top(after, limit));
        const { member } = someone(sorted, below);
        const around = [0, 1, 25, 600][below(4)] ?? 0;
        expect(await reader().place(ranking, member, around)).toEqual(is.place(member, around));
        const others = Array.from({ length: below(60) }, () => someone(sorted, below).member);
        const asked = [...others, "m_nobody", member, member];
        expect(await reader().among(ranking, asked)).toEqual(is.among(asked));
      }
      for (const last of [sorted.at(-1), { member: "", score: -1, atMs: 0 }] as Score[])
        expect(await reader().top(ranking, last, 5)).toEqual(is.top(last, 5));
      expect(await reader().place(ranking, "m_nobody", 3)).toBeNull();
    },
  );

  test("of any small set of members answers so, cursors of nobody included", async () => {
    await fc.assert(
      fc.asyncProperty(anyScores, anyScore, fc.nat({ max: 9 }), async (scores, cursor, around) => {
        const { sorted, reader } = await closedOf(scores);
        const is = oracle(sorted);
        expect(await reader().top(ranking, cursor, 5)).toEqual(is.top(cursor, 5));
        const { member } = scores[0] ?? cursor;
        expect(await reader().place(ranking, member, around)).toEqual(is.place(member, around));
        expect(await reader().place(ranking, cursor.member, 1)).toEqual(is.place(cursor.member, 1));
      }),
      { numRuns: 60 },
    );
  });

  test("tells members apart whose ids have one hash", async () => {
    const byHash = new Map<number, string>();
    const same: string[] = [];
    for (let i = 0; same.length < 4; i++) {
      const held = byHash.get(spread(`x${i}`));
      if (held !== undefined) same.push(held, `x${i}`);
      byHash.set(spread(`x${i}`), `x${i}`);
    }
    const ranked = same.filter((_, i) => i !== 1);
    const scores = ranked.map((member, i) => ({ member, score: 9 - i, atMs: i }));
    const { sorted, reader } = await closedOf([...scores, ...randomScores(6000, 5)]);
    for (const member of same)
      expect(await reader().place(ranking, member, 1)).toEqual(oracle(sorted).place(member, 1));
    expect(await reader().among(ranking, same)).toEqual(oracle(sorted).among(same));
  });

  test("reads one range for its top, two behind a cursor, three for a place, few for friends", async () => {
    const { sorted, reads, reader, bytes } = await closedOf(randomScores(60_000, 3));
    const asked = async (ask: () => Promise<unknown>) => {
      reads.length = 0;
      await ask();
      return reads.length;
    };
    const [first, middle] = [sorted[0], sorted[31_234]] as [Score, Score];
    expect(await asked(() => reader().top(ranking, null, 100))).toBe(1);
    expect(await asked(() => reader().top(ranking, middle, 100))).toBe(2);
    expect(await asked(() => reader().place(ranking, middle.member, 25))).toBe(3);
    expect(await asked(() => reader().place(ranking, first.member, 25))).toBe(3);
    expect(Math.max(...reads.map(({ length }) => length))).toBeLessThan(32 * 1024);
    const friends = Array.from({ length: 500 }, (_, i) => sorted[i * 119]?.member ?? "");
    expect(await asked(() => reader().among(ranking, friends))).toBeLessThan(8);
    expect(Math.max(...reads.map(({ length }) => length))).toBeLessThanOrEqual(1024 * 1024);
    expect(bytes.length / sorted.length).toBeLessThan(37.3);
    const small = await closedOf(randomScores(1000, 3));
    const kept = small.reader();
    await kept.top(ranking, null, 10);
    await kept.place(ranking, small.sorted[500]?.member ?? "", 3);
    expect(small.reads).toEqual([{ offset: 0, length: small.bytes.length }]);
  });

  test("that nobody is on is empty", async () => {
    const { reader } = await closedOf(randomScores(3, 1));
    const other = { ...ranking, key: "ride" };
    expect(await reader().top(other, null, 5)).toEqual({ scores: [], ahead: 0, total: 0 });
    expect(await reader().place(other, "m", 5)).toBeNull();
    expect(await reader().among(other, ["m"])).toEqual([]);
  });

  test("that is gone or damaged says so, and shows nothing of it", async () => {
    const { sorted, reads, objects, reader } = await closedOf(randomScores(9000, 2));
    const member = sorted[4500]?.member ?? "";
    await reader().place(ranking, member, 3);
    for (const { offset } of [...reads]) {
      const bytes = objects.bytes?.slice() ?? new Uint8Array();
      bytes[offset + 2] = (bytes[offset + 2] ?? 0) ^ 16;
      const whole = objects.bytes;
      objects.bytes = bytes;
      await expect(reader().place(ranking, member, 3)).rejects.toMatchObject({ kind: "damaged" });
      objects.bytes = whole;
    }
    objects.bytes = null;
    await expect(reader().top(ranking, null, 3)).rejects.toMatchObject({ kind: "gone" });
  });
});

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("writing one", () => {
  test("comes to the same bytes, however its members were cut into sorted lists", async () => {
    const scores = randomScores(3000, 11);
    const { bytes } = await closedOf(scores);
    const below = chance(4);
    for (const lists of [1, 2, 7, 40]) {
      const parts: Score[][] = Array.from({ length: lists }, () => []);
      for (const score of scores) parts[below(lists)]?.push(score);
      const piece = 1 + below(90);
      const sources = () =>
        parts.map((part) => {
          const sorted = [...part].sort(byRank);
          return async () => sorted.splice(0, piece);
        });
      const shape = { count: scores.length, ids: idsOf(scores) };
      expect(hashOf(await bytesOf(shape, () => merged(sources(), byRank)))).toBe(hashOf(bytes));
    }
  });

  test("comes to the same bytes, however little of its directory is held", async () => {
    const { sorted, bytes } = await closedOf(randomScores(5000, 12));
    const shape = { count: sorted.length, ids: idsOf(sorted) };
    for (const heldMax of [5000, 4999, 1300, 333])
      expect(hashOf(await bytesOf(shape, inBatches(sorted), heldMax))).toBe(hashOf(bytes));
  });

  test("hands over a block at a time, and takes no more entries meanwhile", async () => {
    const scores = randomScores(40_000, 13).sort(byRank);
    let taken = 0;
    const entries = async function* () {
      for await (const batch of inBatches(scores, 128)()) {
        taken += batch.length;
        yield batch;
      }
    };
    const shape = { count: scores.length, ids: idsOf(scores) };
    const { firsts } = layoutOf(shape);
    let [given, largest] = [0, 0];
    for await (const chunk of closedChunks(shape, entries)) {
      given += chunk.length;
      largest = Math.max(largest, chunk.length);
      if (given < firsts.offset)
        expect(taken).toBeLessThanOrEqual((given / firsts.offset) * scores.length + 640);
    }
    expect(largest).toBeLessThan(16 * 1024);
  });

  test("refuses entries that are out of order, too many or too few", async () => {
    const scores = randomScores(600, 14).sort(byRank);
    const shape = { count: 600, ids: idsOf(scores) };
    const wrong = [scores.toReversed(), scores.slice(1), [...scores, ...scores.slice(-1)]];
    for (const entries of wrong)
      await expect(bytesOf(shape, inBatches(entries))).rejects.toThrow(/entries/);
  });
});
