/** What is put aside while boards are made: read in pieces that together stay within a bound. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { workouts } from "../../domain/workouts/stream.ts";
import { entryBytesOf, putEntry } from "../../kernel/boards/closed-code.ts";
import { countingOf, type MemberNumbers, together } from "../../kernel/boards/closed-days.ts";
import { merged } from "../../kernel/boards/closed-merge.ts";
import { RowWriter } from "../../kernel/boards/closed-rows.ts";
import {
  AsideLost,
  entrySources,
  putAside,
  rowSources,
} from "../../workers/archive/closed-aside.ts";
import type { ArchiveEnv } from "../../workers/archive/env.ts";
import { memoryR2 } from "../fakes/memory-r2.ts";
import { idsOf, randomScores } from "../kernel/boards-closed-world.ts";

function world() {
  const bucket = memoryR2();
  const lengths: number[] = [];
  const get = async (name: string, options: { range: { offset: number; length: number } }) => {
    lengths.push(options.range.length);
    return bucket.get(name, options);
  };
  const env = { ARCHIVE: { get, put: bucket.put } } as unknown as ArchiveEnv;
  return { bucket, env, lengths };
}

const rowsOf = (count: number, keys: number): MemberNumbers[] =>
  Array.from({ length: count }, (_, i) => ({
    member: `m_${i.toString(16).padStart(32, "0")}`,
    numbers: Object.fromEntries(
      Array.from({ length: keys }, (_, key) => [`k${key}`, [i, key, -1, 1_790_000_000_000 + i]]),
    ),
  }));

test("entries of however many lists are held in 4 MiB, a piece of each", async () => {
  const { env, lengths } = world();
  const scores = randomScores(20_000, 5);
  const ids = idsOf(scores);
  const bytes = new Uint8Array(scores.length * entryBytesOf(ids));
  for (const [i, score] of scores.entries()) putEntry(bytes, i * entryBytesOf(ids), score, ids);
  await putAside(env, "a", [bytes.subarray(0, 1000), bytes.subarray(1000)]);
  for (const lists of [1, 20, 250]) {
    lengths.length = 0;
    const section = { object: "a", offset: 0, count: scores.length, ids };
    const [first] = entrySources(
      env,
      Array.from({ length: lists }, () => section),
    );
    const read = [];
    for (let piece = await first?.(); piece?.length; piece = await first?.()) read.push(...piece);
    expect(read).toEqual(scores);
    expect(Math.max(...lengths) * lists).toBeLessThanOrEqual(4 * 1024 * 1024);
  }
});

test("rows are read as they were written, in pieces, whatever is longer than a piece", async () => {
  const { env, lengths } = world();
  for (const [rows, lists] of [
    [rowsOf(5000, 3), 1],
    [rowsOf(2000, 5), 60],
    [rowsOf(70, 400), 64],
  ] as const) {
    const writer = new RowWriter();
    for (const row of rows) writer.add(row);
    const bytes = writer.taken();
    await putAside(env, "r", [bytes]);
    lengths.length = 0;
    const section = { object: "r", offset: 0, length: bytes.length };
    const [first] = rowSources(
      env,
      Array.from({ length: lists }, () => section),
    );
    const read = [];
    for (let piece = await first?.(); piece?.length; piece = await first?.()) read.push(...piece);
    expect(read).toEqual(rows);
    if (lists < 64) expect(Math.max(...lengths) * lists).toBeLessThanOrEqual(1024 * 1024);
  }
});

test("what was deleted meanwhile is told from an end", async () => {
  const { env } = world();
  const [first] = rowSources(env, [{ object: "gone", offset: 0, length: 9 }]);
  await expect(first?.()).rejects.toThrow(AsideLost);
});

test("days of a member add up, and the last one that has anything of a key says when", async () => {
  const day = fc.dictionary(fc.constantFrom("all", "ride"), fc.tuple(fc.nat(9), fc.nat(9)));
  const members = fc.dictionary(fc.constantFrom("a", "b", "c"), day);
  await fc.assert(
    fc.asyncProperty(fc.array(members, { maxLength: 5 }), async (days) => {
      const expected = new Map<string, Record<string, number[]>>();
      const sources = days.map((rows) => {
        const sorted = Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [member, numbers] of sorted) {
          const sums = expected.get(member) ?? {};
          for (const [key, [n, at]] of Object.entries(numbers))
            sums[key] = [(sums[key]?.[0] ?? 0) + n, at];
          expected.set(member, sums);
        }
        return async () => sorted.splice(0, 2).map(([member, numbers]) => ({ member, numbers }));
      });
      const order = (a: MemberNumbers, b: MemberNumbers) =>
        a.member < b.member ? -1 : a.member > b.member ? 1 : 0;
      const summed = new Map<string, unknown>();
      for await (const row of together(merged(sources, order), countingOf(workouts)))
        summed.set(row.member, row.numbers);
      expect(summed).toEqual(expected);
    }),
  );
});
