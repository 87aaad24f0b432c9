import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  workout,
} from "../domain/workouts/facts.ts";
import { chain } from "./chain.ts";
import { CountingStore } from "./counting-store.ts";
import { MemoryStore } from "./memory-store.ts";
import { decides, retracts } from "./statements.ts";
import { countsOf, delivered, fromScratch, groupsOf, put, resolvedOf, summed } from "./worlds.ts";

const day = (n: number) => morning + n * msPerDay;

/** One ride a day, each of another length and distance, `count` days around the morning. */
const daily = (count: number): OpenFact[] =>
  Array.from({ length: count }, (_, i) => {
    const n = i - Math.floor(count / 2);
    const shape = { elapsedMs: 4 * hour + n * 1000, distanceMm: 80_000_000 + n * 50_000 };
    return workout({ id: `daily-${n}`, at: day(n), ...shape });
  });

describe("recording into a ledger of 2,000 workouts", () => {
  const evening = workout({ id: "new", at: morning + 9 * hour, distanceMm: 31_000_000 });
  const twin = workout({ id: "twin", ...fromGoogle, at: morning + minute, method: "phone" });
  const acts: readonly (readonly [string, OpenStatement[], OpenStatement[]])[] = [
    ["a new workout", [], [evening]],
    ["another source's record of one", [], [twin]],
    ["a correction within the day", [twin], [{ ...twin, revision: 2, elapsedMs: 2 * hour }]],
    ["a correction to another day", [evening], [{ ...evening, revision: 2, at: day(2) + hour }]],
    ["a retraction", [twin], [retracts("twin", 2)]],
    ["a decision", [twin], [decides("decision", "split", [["daily-0"], ["twin"]])]],
  ];

  test.each(acts)("%s asks for, reads and writes what it does in one of 10", (_, before, act) => {
    const costs = [10, 2000].map((count) => {
      const store = delivered([daily(count), before], new CountingStore());
      return store.costOf(() => put(store, ...act));
    });
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]?.written).toBeGreaterThan(0);
  });

  test("the same statement again writes nothing and reads no fact", () => {
    const store = delivered([daily(2000), [twin]], new CountingStore());
    const { handed, written } = store.costOf(() => put(store, twin, ...daily(2000)));
    expect({ handed, written }).toEqual({ handed: 0, written: 0 });
  });
});

describe("what a change does not change", () => {
  const other = workout({ id: "b", at: morning + 30 * minute, type: "running" });
  const added = workout({ id: "c", ...fromGoogle, at: morning + 2 * minute });

  test("is not written, though it decided together with what did", () => {
    const far = workout({ id: "d", at: morning + 3 * hour, elapsedMs: 2 * hour });
    const near = workout({ id: "e", ...fromApple, at: morning + 5 * hour + 5 * minute });
    const store = delivered([[far, near]], new CountingStore());
    const before = resolvedOf(store).find((w) => w.sources[0]?.fact === "d");
    expect(before?.apart).toHaveLength(1);
    store.costOf(() => put(store, workout({ id: "f", ...fromGarmin, at: near.at + 20 * minute })));
    expect(store.dropped).not.toContain(before?.id);
    expect(resolvedOf(store)).toContainEqual(before);
  });

  test("is written neither by a fold anew nor by a record that is no news", () => {
    const store = delivered([[workout({ id: "a" }), other, added]], new CountingStore());
    const cost = store.costOf(() => put(store, { ...added, revision: 2 }));
    expect([store.dropped, store.kept]).toEqual([[], []]);
    // The fact itself and its day's change.
    expect(cost.written).toBe(2);
  });

  test("costs only its neighbours when a record comes and goes", () => {
    const store = delivered([daily(60), [other]], new CountingStore());
    store.costOf(() => put(store, added));
    expect(store.kept.length).toBeLessThanOrEqual(2);
    store.costOf(() => put(store, retracts("c", 2)));
    expect(store.kept.length).toBeLessThanOrEqual(2);
  });
});

describe("a chain of overlapping records without end", () => {
  const links = chain(60, 4 * hour);

  test("holds hundreds of records in one piece", () => {
    expect(links.length).toBeGreaterThanOrEqual(360);
    for (const [i, link] of links.slice(1).entries()) {
      const before = links[i] as OpenFact & { elapsedMs: number };
      expect(link.at).toBeLessThan(before.at + before.elapsedMs);
    }
  });

  test("counts the same however it comes, at once or link by link", () => {
    const expected = fromScratch(links);
    expect(countsOf(delivered([links]))).toEqual(expected);
    const shuffles = fc.sample(fc.shuffledSubarray(links, { minLength: links.length }), 2);
    for (const [i, order] of shuffles.entries()) {
      const size = i === 0 ? 1 : 40;
      const batches = order.flatMap((_, n) => (n % size === 0 ? [order.slice(n, n + size)] : []));
      expect(countsOf(delivered(batches))).toEqual(expected);
    }
  });

  test("falls apart and grows together again without a trace", () => {
    const store = delivered([links]);
    const gone = links.filter((_, i) => i % 40 === 20 || i === 181);
    put(store, ...gone.map((f) => retracts(f.id, 2)));
    const rest = links.filter((f) => !gone.includes(f));
    expect(countsOf(store)).toEqual(fromScratch(rest));
    for (const f of gone) put(store, { ...f, revision: 3 });
    const back = gone.map((f): OpenFact => ({ ...f, revision: 3 }));
    expect(countsOf(store)).toEqual(fromScratch([...rest, ...back]));
  });

  /** Links that move, go, and are joined or parted by hand, in any order and batches of any size. */
  const worlds = fc
    .record({
      seed: fc.nat(1_000_000),
      every: fc.integer({ min: 8, max: 110 }),
      days: fc.constantFrom(30, 70, 110),
      goneEvery: fc.integer({ min: 3, max: 30 }),
      decided: fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 30 })), { maxLength: 4 }),
      moved: fc.array(fc.tuple(fc.nat(100), fc.integer({ min: -60, max: 60 })), { maxLength: 3 }),
      size: fc.integer({ min: 1, max: 60 }),
    })
    .chain(({ seed, every, days, goneEvery, decided, moved, size }) => {
      const all = chain(days, every * hour, seed);
      const nth = (n: number) => all[n % all.length] as OpenFact;
      const decisions = decided.map(([n, away], i) => {
        const [a, b] = [nth(n).id, nth(n + away).id];
        return i % 3 === 2
          ? decides(`decision-${i}`, "split", [[a], [b]], i)
          : decides(`decision-${i}`, "join", [[a, b]], i);
      });
      const corrections = new Map(
        moved.map(([n, by]) => [
          nth(n).id,
          { ...nth(n), revision: 3, at: nth(n).at + day(by) - morning },
        ]),
      );
      const gone = all.filter((_, i) => i % goneEvery === 0).map((f) => retracts(f.id, 4));
      const history: OpenStatement[] = [...all, ...decisions, ...corrections.values(), ...gone];
      const order = fc.shuffledSubarray(history, { minLength: history.length });
      return fc.record({ history: fc.constant(history), order, size: fc.constant(size) });
    });

  test("of any shape counts to the byte what the whole set counts", () => {
    fc.assert(
      fc.property(worlds, ({ history, order, size }) => {
        const store = new MemoryStore();
        for (let i = 0; i < order.length; i += size) put(store, ...order.slice(i, i + size));
        expect(countsOf(store)).toEqual(fromScratch(history));
      }),
      { numRuns: 150 },
    );
  });

  test("is walked no further than its cuts need", () => {
    const costs = [120, 360].map((days) => {
      const all = chain(days, 12 * hour).map((f) => ({ ...f, at: f.at - (days / 2) * msPerDay }));
      const store = delivered([all], new CountingStore());
      const added = workout({ id: "added", at: morning + 20 * minute, type: "yoga" });
      return store.costOf(() => put(store, added)).handed;
    });
    expect(costs[1]).toBeLessThan(1.2 * (costs[0] ?? 0));
  });
});

describe("a batch that links up what stood alone on the edges of the cuts", () => {
  const reachMs = 9 * msPerDay;
  const edge = (n: number) => (Math.floor(morning / reachMs) + n) * reachMs;
  /** On every edge two records of one workout, one begun before it and one after. */
  const pairs = [-4, -3, -2, -1, 0, 1, 2, 3, 4].flatMap((n) => [
    workout({ id: `early-${n}`, at: edge(n) - 4 * minute, elapsedMs: 2 * hour }),
    workout({ id: `late-${n}`, ...fromGoogle, at: edge(n) + minute, elapsedMs: 2 * hour }),
  ]);
  /** From one edge to just before the next one's late record begins. */
  const link = (n: number) =>
    ["a", "b"].map((half, i) =>
      workout({
        id: `link-${n}${half}`,
        ...fromApple,
        at: edge(n) + hour + (i * reachMs) / 2,
        elapsedMs: reachMs / 2 - (i === 0 ? 0 : hour + 14 * minute),
        type: "other",
        distanceMm: null,
      }),
    );

  test("loses none of them, in whatever order the batch names its links", () => {
    const numbers = [-4, -3, -2, -1, 0, 1, 2, 3];
    fc.assert(
      fc.property(fc.shuffledSubarray(numbers, { minLength: 5 }), (order) => {
        const store = delivered([pairs]);
        expect(groupsOf(store)).toHaveLength(9);
        const links = order.flatMap(link);
        put(store, ...links);
        expect(countsOf(store)).toEqual(fromScratch([...pairs, ...links]));
        put(store, ...links.map((f) => retracts(f.id, 2)));
        expect(countsOf(store)).toEqual(fromScratch(pairs));
      }),
      { numRuns: 200 },
    );
  });
});

describe("a copy that a wrong zone moved", () => {
  const numbers = { elapsedMs: 47 * minute + 13_000, distanceMm: 12_345_000, energyMcal: 611_000 };
  const ride = workout({ id: "ride", ...numbers });
  const moved = workout({ id: "moved", ...fromGoogle, at: morning - 8 * hour, ...numbers });
  const second = workout({ id: "second", ...fromApple, at: morning + 5 * hour, ...numbers });

  test("folds with its original, hours away, and unfolds when one of the two is retracted", () => {
    const store = delivered([[ride], [moved]]);
    expect(groupsOf(store)).toEqual(["moved+ride"]);
    put(store, retracts("ride", 2));
    expect(groupsOf(store)).toEqual(["moved"]);
    put(store, { ...ride, revision: 3 });
    expect(groupsOf(store)).toEqual(["moved+ride"]);
    put(store, retracts("moved", 2));
    expect(countsOf(store)).toEqual(fromScratch([{ ...ride, revision: 3 }]));
  });

  test("unfolds when a third makes it ambiguous, and folds again when that one goes", () => {
    const store = delivered([[ride, moved]]);
    put(store, second);
    expect(countsOf(store)).toEqual(fromScratch([ride, moved, second]));
    expect(groupsOf(store)).toEqual(["moved", "ride", "second"]);
    put(store, retracts("second", 2));
    expect(countsOf(store)).toEqual(fromScratch([ride, moved]));
  });

  test("unfolds when a correction changes its numbers", () => {
    const store = delivered([[ride, moved]]);
    put(store, { ...moved, revision: 2, distanceMm: 9_000_000 });
    expect(groupsOf(store)).toEqual(["moved", "ride"]);
    expect(store.totals()).toEqual(summed(resolvedOf(store)).totals);
  });
});

describe("the place of a record that is retracted", () => {
  const device = workout({ id: "device" });
  const phone = workout({ id: "phone", ...fromGoogle, method: "phone" });
  const typed = workout({ id: "typed", ...fromApple, method: "manual" });
  const heirsOf = (store: MemoryStore) => Object.fromEntries(store.heirs);

  test("goes to the best of those that were one with it, and on to the next", () => {
    const store = delivered([[device, phone, typed]]);
    expect(resolvedOf(store).map((w) => w.id)).toEqual(["w_device"]);
    expect(heirsOf(store)).toEqual({});
    put(store, retracts("device", 2));
    expect(resolvedOf(store).map((w) => w.id)).toEqual(["w_phone"]);
    expect(heirsOf(store)).toEqual({ device: "phone" });
    put(store, retracts("phone", 2));
    expect(heirsOf(store)).toEqual({ device: "phone", phone: "typed" });
  });

  test("goes to one that stays when several leave at once", () => {
    const store = delivered([[device, phone, typed]]);
    put(store, retracts("device", 2), retracts("phone", 2));
    expect(heirsOf(store)).toEqual({ device: "typed", phone: "typed" });
  });

  test("goes to nobody when it stood alone, or everyone left with it", () => {
    const store = delivered([[device, phone, workout({ id: "x", at: day(3) })]]);
    put(store, retracts("device", 2), retracts("phone", 2), retracts("x", 2));
    expect(heirsOf(store)).toEqual({});
  });
});
