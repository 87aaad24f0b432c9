/** A board's shard: which row stands, what a row costs, and what is asked of it over its rows. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketOf, type Ranking, type ScoreRow, type ScoreRows } from "../../domain/ports.ts";
import { everybody, type LoneBoards, nothingOf, scored, startBoards } from "./lone-boards.ts";

let boards: LoneBoards;
beforeAll(async () => {
  boards = await startBoards();
});
afterAll(() => boards.end());

describe("a board's shard", () => {
  const row = (n: number): ScoreRow => ({
    member: `mem_${n}`,
    version: n,
    periods: { all: { all: [n, n] } },
    unshown: {},
  });

  test("hands out one bucket's members in order, page by page, without those who left", async () => {
    const all = Array.from({ length: 40 }, (_, i) => row(i + 10));
    const left = nothingOf("mem_20", 99);
    await boards.ask("shard", "workouts/1/0", ...[...all, left].map((r) => ["put", r] as const));
    const seen: ScoreRow[] = [];
    for (const number of [0, 1, 2]) {
      for (let after: string | null = null; ; ) {
        const ask = ["rows", { number, of: 3 }, after, 4] as const;
        const [page] = (await boards.ask("shard", "workouts/1/0", ask)).answers as [ScoreRows];
        for (const { member } of page.rows) expect(bucketOf(member, 3)).toBe(number);
        const members = page.rows.map((r) => r.member);
        expect(members).toEqual([...members].sort());
        expect(page.rows.length).toBeLessThanOrEqual(4);
        seen.push(...page.rows);
        if (page.rows.length < 4) break;
        after = page.rows.at(-1)?.member ?? null;
      }
    }
    const byMember = (a: ScoreRow, b: ScoreRow) => (a.member < b.member ? -1 : 1);
    expect(seen.sort(byMember)).toEqual(all.filter((r) => r.member !== "mem_20").sort(byMember));
  });

  test("writes one row for a newer version and none for the same or an older one", async () => {
    const writes = async (one: ScoreRow) =>
      (await boards.ask("shard", "writes/1/0", ["put", one])).rowsWritten;
    expect(await writes(scored("mem_a", 5))).toBe(1);
    expect(await writes(scored("mem_a", 5))).toBe(0);
    expect(await writes(scored("mem_a", 4))).toBe(0);
    expect(await writes(nothingOf("mem_a", 3))).toBe(0);
    expect(await writes(scored("mem_a", 6))).toBe(1);
    expect(await writes(nothingOf("mem_a", 7))).toBe(1);
    expect(await writes(scored("mem_a", 6))).toBe(0);
    const page = { scores: [], ahead: 0, total: 0 };
    expect(await boards.top("writes", everybody, 10)).toEqual(page);
  });

  test("answers the same once it was put out of memory", async () => {
    const week: Ranking = { period: "2026-W46", key: "ride", measure: 1 };
    const rows = Array.from({ length: 60 }, (_, i): ScoreRow => {
      const ride = [1, 1 + (i % 7), i % 5];
      const periods = { all: { all: [i, i] }, [week.period]: { ride, all: [9, 9, 9] } };
      return { member: `mem_${i}`, version: 3, periods, unshown: {} };
    });
    const hidden = { ...nothingOf("mem_h", 4), unshown: { [week.period]: { all: [1, 2, 3] } } };
    await boards.put("evicted", ...rows, hidden);
    const than = { member: "mem_none", score: 4, atMs: 2 };
    const answers = () =>
      boards.ask(
        "shard",
        "evicted/1/0",
        ["top", week, null, 20],
        ["top", week, than, 5],
        ["around", week, than, 5],
        ["scores", week, ["mem_3", "mem_none", "mem_h"]],
        ["ahead", week, [than]],
        ["forTeams", week.period, ["mem_h", "mem_7", "mem_none"]],
        ["rows", { number: 0, of: 1 }, "mem_3", 7],
      );
    const before = await answers();
    expect(before.answers).toHaveLength(7);
    expect(before.answers.every((answer) => answer !== undefined)).toBe(true);
    await boards.put("evicted", scored("mem_new", 1));
    await boards.evict("shard", "root");
    expect(await answers()).toEqual(before);
    expect((await boards.place("evicted", everybody, "mem_new", 0))?.items).toMatchObject([
      { member: "mem_new", score: 1 },
    ]);
  });

  test("is one of a stream's own: nothing of one is seen in another", async () => {
    await boards.put("one", scored("mem_a", 1));
    await boards.put("other", scored("mem_b", 1));
    const members = async (stream: string) =>
      (await boards.top(stream, everybody, 9)).scores.map(({ member }) => member);
    expect([await members("one"), await members("other")]).toEqual([["mem_a"], ["mem_b"]]);
  });
});
