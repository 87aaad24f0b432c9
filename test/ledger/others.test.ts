/** What others are handed of a ledger, over its real tables in workerd: boards and pages. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenFact, Page } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import { shownToOthers } from "../../workers/edge/workout-shape.ts";
import { fromStrava, hour, type Shape, second, workout } from "../domain/workouts/facts.ts";
import {
  type LoneLedger,
  type LoneLedgers,
  middle,
  mornings,
  startLedgers,
} from "./lone-ledger.ts";

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(() => ledgers.end());

let serial = 0;
async function ledgerOf(facts: readonly OpenFact[]): Promise<LoneLedger> {
  const ledger = ledgers.named(`mem_${serial++}`);
  await ledger.fill(facts);
  return ledger;
}

const page = (ledger: LoneLedger, before: string | null, limit: number, seenBy?: string) =>
  ledger.ask<Page<ResolvedWorkout>>("list", before, limit, ...(seenBy ? [seenBy] : []));

/** Every page there is, as others get it, with the cursor of each. */
async function pagesOf(ledger: LoneLedger, limit: number) {
  const pages: { shown: object[]; next: string | null }[] = [];
  let next: string | null = null;
  do {
    const got: Page<ResolvedWorkout> = await page(ledger, next, limit, "others");
    pages.push({ shown: got.items.flatMap(shownToOthers), next: got.next });
    next = got.next;
  } while (next !== null);
  return pages;
}

const days = 7;
const theirs = mornings(days);
const own = (id: string, shape: Shape) => workout({ ...fromStrava, id, ...shape });
/** Beside what others see: alone at noon, and of each second morning's ride as well. */
const beside = (byMs: number) => [
  ...theirs.map((f, i) => own(`noon-${i}`, { at: f.at + 6 * hour + byMs })),
  ...theirs
    .filter((_, i) => i % 2 === 0)
    .map((f, i) =>
      own(`too-${i}`, { at: f.at - 20 * second + byMs, elapsedMs: 3 * hour, offsetMin: 0 }),
    ),
];

describe("a page for others", () => {
  test("is the same, cursor and all, whatever is its owner's alone and when that was", async () => {
    const [alone, ...told] = await Promise.all(
      [[], beside(0), beside(7 * second)].map((more) => ledgerOf([...theirs, ...more])),
    );
    for (let limit = 1; limit <= days + 1; limit++) {
      const pages = alone && (await pagesOf(alone, limit));
      expect(pages?.flatMap(({ shown }) => shown)).toHaveLength(days);
      for (const ledger of told) expect(await pagesOf(ledger, limit)).toEqual(pages);
    }
  });

  test("is full unless it is the last", async () => {
    const pages = await pagesOf(await ledgerOf([...theirs, ...beside(0)]), 2);
    expect(pages.map(({ shown }) => shown.length)).toEqual([2, 2, 2, 1]);
  });

  test("is empty below any made-up place that nothing shown lies below", async () => {
    const ledger = await ledgerOf(beside(0));
    for (const at of [middle - 9 * msPerDay, middle, Number.MAX_SAFE_INTEGER]) {
      const got = await page(ledger, JSON.stringify([at, "~"]), 1, "others");
      expect(got).toEqual({ items: [], next: null });
    }
  });

  test("costs no more for what it leaves out", async () => {
    const costs = await Promise.all(
      [[], beside(0)].map(async (more) => {
        const ledger = await ledgerOf([...theirs, ...more]);
        return (await ledger.run([["list", null, 3, "others"]], false)).cost.read;
      }),
    );
    expect(costs[1]).toBe(costs[0]);
  });
});

describe("the owner's own page", () => {
  test("holds everything, by the start that it shows", async () => {
    const ledger = await ledgerOf([...theirs, ...beside(0)]);
    const starts: number[] = [];
    let next: string | null = null;
    do {
      const got: Page<ResolvedWorkout> = await page(ledger, next, 3);
      starts.push(...got.items.map((w) => w.at));
      next = got.next;
    } while (next !== null);
    expect(starts).toHaveLength(2 * days);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
  });
});

describe("what boards are told", () => {
  const midnight = Date.UTC(2012, 4, 7);
  const late = own("s", { at: midnight - 20 * second, offsetMin: 0, elapsedMs: 2 * hour });
  const early = workout({ id: "g", at: midnight + 20 * second, offsetMin: 0 });
  test("of a ride over midnight is the countable source's second, day and week", async () => {
    const [both, alone] = await Promise.all([ledgerOf([late, early]), ledgerOf([early])]);
    const [w] = (await page(both, null, 2)).items;
    expect(w).toMatchObject({ at: late.at, day: "2012-05-06" });
    const day = "2012-05-07";
    const [of, ofAlone] = [await both.shown(), await alone.shown()];
    expect(of.counted).toEqual([
      { key: "all", day, at: early.at },
      { key: "ride", day, at: early.at },
    ]);
    const periods = Object.keys(of.totals).map((name) => name.split(" ")[0]);
    expect([...new Set(periods)]).toEqual(["2012-05", "2012-W19", "all"]);
    expect(of.totals).toEqual(ofAlone.totals);
  });
});
