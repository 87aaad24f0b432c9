/** A board's shard hands out its rows to whoever compares them with the exact totals. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketOf, type ScoreRow } from "../../domain/ports.ts";
import { type LoneLedgers, startLedgers } from "./lone-ledger.ts";

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(() => ledgers.end());

describe("a board's shard", () => {
  const row = (n: number): ScoreRow => ({
    member: `mem_${n}`,
    version: n,
    values: { all: [n, n] },
  });

  test("hands out one bucket's members in order, page by page, without those who left", async () => {
    const all = Array.from({ length: 40 }, (_, i) => row(i + 10));
    const left = { member: "mem_20", version: 99, values: null };
    await ledgers.board(
      "workouts/all/0",
      [...all, left].map((r) => ["put", r]),
    );
    const seen: ScoreRow[] = [];
    for (const number of [0, 1, 2]) {
      for (let after: string | null = null; ; ) {
        const ask = [["rows", { number, of: 3 }, after, 4]] as const;
        const [page] = (await ledgers.board("workouts/all/0", ask)) as [ScoreRow[]];
        for (const { member } of page) expect(bucketOf(member, 3)).toBe(number);
        expect(page.map((r) => r.member)).toEqual(page.map((r) => r.member).sort());
        expect(page.length).toBeLessThanOrEqual(4);
        seen.push(...page);
        if (page.length < 4) break;
        after = page.at(-1)?.member ?? null;
      }
    }
    const byMember = (a: ScoreRow, b: ScoreRow) => (a.member < b.member ? -1 : 1);
    expect(seen.sort(byMember)).toEqual(all.filter((r) => r.member !== "mem_20").sort(byMember));
  });
});
