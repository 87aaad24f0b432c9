import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ranking, Score, ScoreRow } from "../../../domain/board-ports.ts";
import { entriesMax, ShardState } from "../../../domain/boards/shard-state.ts";
import { byRank } from "../../../domain/boards.ts";
import { anyText } from "./any-scores.ts";
import { MapStore, ShardOracle } from "./shard-oracle.ts";

const at = 1_763_700_000_000;
const distance: Ranking = { period: "all", key: "all", measure: 0 };
const row = (member: string, version: number, score: number, atMs = at): ScoreRow => ({
  member,
  version,
  periods: { all: { all: [score, atMs] } },
  unshown: {},
});
const gone = (member: string, version: number): ScoreRow => ({
  member,
  version,
  periods: {},
  unshown: {},
});
const fresh = (bound?: number) => {
  const store = new MapStore();
  const state = new ShardState(store, { entriesMax: bound ?? entriesMax });
  return { store, state };
};

const names = ["all", "2026-W47", "challenge/1", "__proto__"];
const keys = ["all", "ride", "constructor"];
const numbers = fc
  .tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: 0, max: 2 }), fc.nat(3))
  .map((some): number[] => some);
const recordOf = <T>(texts: readonly string[], values: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...texts), values), { selector: ([text]) => text })
    .map((entries): Record<string, T> => Object.fromEntries(entries));
const anyPeriods = recordOf(names, recordOf(keys, numbers));
const member = fc.oneof(fc.constantFrom("m_a", "m_b", "m_é", "__proto__", ""), anyText);
const anyRow: fc.Arbitrary<ScoreRow> = fc.record({
  member,
  version: fc.integer({ min: 1, max: 6 }),
  periods: anyPeriods,
  unshown: anyPeriods,
});
const anyRanking: fc.Arbitrary<Ranking> = fc.record({
  period: fc.constantFrom(...names, "none"),
  key: fc.constantFrom(...keys),
  measure: fc.integer({ min: 0, max: 2 }),
});
const anyScore: fc.Arbitrary<Score> = fc.record({ member, score: fc.nat(4), atMs: fc.nat(4) });
const ask = fc.record({
  ranking: anyRanking,
  beside: anyScore,
  limit: fc.integer({ min: 0, max: 4 }),
  bucket: fc.record({ number: fc.constant(0), of: fc.integer({ min: 1, max: 2 }) }),
});

function expectSame(
  state: ShardState,
  oracle: ShardOracle,
  asked: typeof ask extends fc.Arbitrary<infer A> ? A : never,
): void {
  const { ranking, beside, limit, bucket } = asked;
  const ranked = oracle.ranked(ranking);
  const above = ranked.filter((s) => byRank(s, beside) < 0);
  const below = ranked.filter((s) => byRank(s, beside) > 0);
  const total = ranked.length;
  const members = [...oracle.rows.keys(), beside.member];
  expect(state.top(ranking, null, limit)).toEqual({
    scores: ranked.slice(0, limit),
    ahead: 0,
    total,
  });
  expect(state.top(ranking, beside, limit)).toEqual({
    scores: below.slice(0, limit),
    ahead: total - below.length,
    total,
  });
  expect(state.around(ranking, beside, limit)).toEqual({
    above: above.toReversed().slice(0, limit),
    below: below.slice(0, limit),
    ahead: above.length,
    total,
  });
  expect(state.ahead(ranking, [beside, ...ranked]).counts).toEqual([
    above.length,
    ...ranked.map((_, i) => i),
  ]);
  expect(state.scores(ranking, members).scores).toEqual(
    members.map((m) => oracle.score(ranking, m)),
  );
  expect(state.forTeams(ranking.period, members).numbers).toEqual(
    members.map((m) => oracle.forTeam(ranking.period, m)),
  );
  const rows = oracle.inBucket(bucket);
  expect(state.rows(bucket, null, limit).rows).toEqual(rows.slice(0, limit));
  expect(state.rows(bucket, beside.member, limit).rows).toEqual(
    rows.filter((r) => r.member > beside.member).slice(0, limit),
  );
  expect(state.count).toBe(oracle.inBucket({ number: 0, of: 1 }).length);
}

describe("a shard's state", () => {
  test("answers as every row sorted anew, through rows in any order, bounds and evictions", () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ row: anyRow }) },
      { weight: 3, arbitrary: fc.record({ ask }) },
      { weight: 1, arbitrary: fc.constant("evicted" as const) },
    );
    const bound = fc.constantFrom(1, 2_000, 4_000, entriesMax);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), bound, (steps, most) => {
        const store = new MapStore();
        let state = new ShardState(store, { entriesMax: most });
        const oracle = new ShardOracle();
        for (const done of steps) {
          if (done === "evicted") state = new ShardState(store, { entriesMax: most });
          else if ("ask" in done) expectSame(state, oracle, done.ask);
          else {
            const isNew = done.row.version > (oracle.rows.get(done.row.member)?.version ?? 0);
            expect(state.put(done.row)).toBe(isNew);
            oracle.put(done.row);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("writes nothing for a row that is no newer, whatever it says", () => {
    const { store, state } = fresh();
    expect(state.put(row("a", 5, 10))).toBe(true);
    for (const late of [row("a", 5, 10), row("a", 5, 99), row("a", 4, 99), gone("a", 5)])
      expect(state.put(late)).toBe(false);
    expect(store.writes).toBe(1);
    expect(state.top(distance, null, 5).scores).toEqual([{ member: "a", score: 10, atMs: at }]);
  });

  test("lets a late row lose against the same content said again since, even after eviction", () => {
    const { store, state } = fresh();
    state.put(row("a", 1, 10));
    expect(state.put(row("a", 3, 10))).toBe(true);
    const woken = new ShardState(store);
    expect(woken.put(row("a", 2, 99))).toBe(false);
    expect(woken.top(distance, null, 5).scores).toEqual([{ member: "a", score: 10, atMs: at }]);
  });

  test("does not bring back who left when an older row comes late", () => {
    const { store, state } = fresh();
    state.put(row("a", 1, 10));
    state.put(gone("a", 3));
    expect(new ShardState(store).put(row("a", 2, 10))).toBe(false);
    expect(state.top(distance, null, 5)).toEqual({ scores: [], ahead: 0, total: 0 });
    expect(state.count).toBe(0);
    expect(state.rows({ number: 0, of: 1 }, null, 5).rows).toEqual([]);
  });

  test("looks at every row once for a ranking, and at none for a change or one member", () => {
    const { store, state } = fresh();
    for (let i = 0; i < 50; i++) state.put(row(`m_${i}`, 1, 1 + i));
    state.scores(distance, ["m_1"]);
    state.forTeams("all", ["m_1"]);
    expect([store.scans, state.count]).toEqual([0, null]);
    for (let i = 0; i < 50; i++) {
      state.top(distance, null, 5);
      state.put(row(`m_${i}`, 2, 100 - i));
    }
    expect(state.around(distance, { member: "m_0", score: 100, atMs: at }, 1).total).toBe(50);
    expect([store.scans, state.count]).toEqual([1, 50]);
  });

  test("keeps the rankings asked for last, as many as it may hold", () => {
    const { store, state } = fresh(2_000);
    const [one, two, three] = ["1", "2", "3"].map((period) => ({ ...distance, period }));
    if (one === undefined || two === undefined || three === undefined) throw new Error("three");
    const scansOf = (ranking: Ranking) => {
      const before = store.scans;
      state.top(ranking, null, 1);
      return store.scans - before;
    };
    expect([one, two, one, three, one, two].map(scansOf)).toEqual([1, 1, 0, 1, 0, 1]);
  });

  test("keeps only one ranking of more than it may hold, and still answers right", () => {
    const { store, state } = fresh(1_000);
    const moving = { ...distance, period: "2026-W47" };
    state.top(moving, null, 1);
    for (let i = 0; i < 1_500; i++)
      state.put({ ...row(`m_${i}`, 1, 1), periods: { "2026-W47": { all: [1 + i, at] } } });
    expect(state.top(moving, null, 1)).toMatchObject({ scores: [{ score: 1_500 }], total: 1_500 });
    expect(store.scans).toBe(1);
    expect(state.top(distance, null, 1).total).toBe(0);
    expect(state.top(moving, null, 1).total).toBe(1_500);
    expect(store.scans).toBe(3);
  });
});
