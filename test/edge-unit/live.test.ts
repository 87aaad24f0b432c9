/**
 * What is watched as it happens, over the object's real tables: sums and stock are those of the newest
 * version of each thing, whatever comes again and in any order; what is old is dropped and never comes
 * back; that an article runs short is said once.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveRow } from "../../domain/ports.ts";
import { objectStorage } from "../fakes/object-storage.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the objects are checked against the platform's types, these tests against Node's.
const load = (name: string) =>
  import(/* @vite-ignore */ new URL(`../../durable-objects/live-${name}.ts`, import.meta.url).href);
const { LiveThings, windowMs, stockKeptMs, aheadMsMax } = await load("things");
const { LiveCounts, keysMax } = await load("counts");
const { LiveStock, listedMs } = await load("stock");
const table = readFileSync(new URL("../../migrations/live/0001_live.sql", import.meta.url), "utf8");
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

const minuteMs = 60_000;
const nowMs = Date.UTC(2026, 10, 22, 12);
const dropMax = 1_000;
const store = { merchant: "m_1", store: "s" };

interface Sold {
  readonly id: string;
  readonly version: number;
  readonly at: number;
  readonly entries: readonly (readonly [key: string, n: number])[];
  readonly ledger?: string;
}
const row = ({ id, version, at, entries, ledger = "l" }: Sold): LiveRow => ({
  ...{ ledger, id, version, at },
  entries: entries.map(([key, n]) => ({ key, n: [n, n * 100, 1] })),
});

function counting() {
  const { storage } = objectStorage();
  storage.sql.exec(table);
  const things = new LiveThings(storage.sql, () => null);
  const counts = new LiveCounts(storage.sql);
  return {
    storage,
    put(rows: readonly LiveRow[], atMs = nowMs): number {
      const changed = things.put(rows, false, atMs);
      counts.move(changed);
      return changed.length;
    },
    read: (minutes = 60, byKey = false, atMs = nowMs) => {
      const toMinute = Math.floor(atMs / minuteMs);
      return counts.read({ fromMinute: toMinute - minutes + 1, toMinute, byKey }, atMs);
    },
    drop: (atMs: number) => [things.drop(atMs, dropMax), counts.drop(atMs, dropMax)],
  };
}

function stocking() {
  const { storage } = objectStorage();
  storage.sql.exec(table);
  const stock = new LiveStock(storage.sql);
  const things = new LiveThings(storage.sql, (sku: string) => stock.countedAt(sku));
  const fallen = () => storage.sql.exec("SELECT sku, level FROM fallen ORDER BY at").toArray();
  return {
    ...{ storage, stock, fallen },
    put: (rows: readonly LiveRow[], atMs = nowMs) =>
      stock.move(store, things.put(rows, true, atMs), atMs),
    count: (counted: number, threshold: number, countedAtMs: number, atMs = nowMs) =>
      stock.count(
        ...[store, "a", { counted, threshold, countedAtMs }],
        ...[things.soldSince("a", countedAtMs), atMs],
      ),
    drop: (atMs: number) => things.drop(atMs, dropMax),
  };
}

/** A thing's versions, each somewhere in the last half an hour, some of them taking it away. */
const versions = fc.array(
  fc.record({
    id: fc.constantFrom("a", "b", "c", "d"),
    version: fc.integer({ min: 1, max: 6 }),
    minute: fc.integer({ min: 0, max: 29 }),
    key: fc.constantFrom("x", "y", null),
    n: fc.integer({ min: -5, max: 5 }),
  }),
  { minLength: 1, maxLength: 30 },
);
type Version = (typeof versions extends fc.Arbitrary<infer T> ? T : never)[number];

/** One content a version, as a ledger says it. */
const told = (all: readonly Version[]): LiveRow[] => {
  const one = new Map(all.map((v) => [`${v.id} ${v.version}`, v]));
  return [...one.values()].map(({ id, version, minute, key, n }) =>
    row({ id, version, at: nowMs - minute * minuteMs, entries: key === null ? [] : [[key, n]] }),
  );
};
const newest = (rows: readonly LiveRow[]): LiveRow[] => {
  const by = new Map<string, LiveRow>();
  for (const each of rows)
    if (each.version > (by.get(each.id)?.version ?? 0)) by.set(each.id, each);
  return [...by.values()];
};

/** In any order, each any number of times, in calls of any size. */
const shuffled = (rows: readonly LiveRow[]) =>
  fc.shuffledSubarray([...rows, ...rows, ...rows], { minLength: rows.length * 3 }).chain((all) =>
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 }).map((sizes) => {
      const calls: LiveRow[][] = [];
      for (let at = 0, i = 0; at < all.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        calls.push(all.slice(at, at + size));
        at += size;
      }
      return calls;
    }),
  );

describe("sums by minute", () => {
  it("are of the newest version of each thing, in whatever order and however often they come", () => {
    fc.assert(
      fc.property(
        versions.map(told).chain((rows) => fc.tuple(fc.constant(rows), shuffled(rows))),
        ([rows, calls]) => {
          const live = counting();
          for (const call of calls) live.put(call);
          const other = counting();
          other.put(newest(rows));
          expect(live.read(60, true)).toEqual(other.read(60, true));
          const n = newest(rows).flatMap((r) => r.entries.map((e) => e.n[0] ?? 0));
          expect(live.read().total[0]).toBe(n.reduce((sum, each) => sum + each, 0));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are told by key, the greatest first, and by minute, the newest first", () => {
    const live = counting();
    const at = (minutes: number) => nowMs - minutes * minuteMs;
    live.put([
      row({ id: "1", version: 1, at: at(0), entries: [["x", 1]] }),
      row({ id: "2", version: 1, at: at(3), entries: [["y", 5]] }),
      row({ id: "3", version: 1, at: at(3), entries: [["x", 1]] }),
      row({ id: "4", version: 1, at: at(90), entries: [["x", 7]] }),
    ]);
    const read = live.read();
    expect(read.keys).toEqual([
      { key: "y", n: [5, 500, 1] },
      { key: "x", n: [2, 200, 2] },
    ]);
    expect(read.minutes.map(({ n }: { n: number[] }) => n[0])).toEqual([1, 6]);
    expect(read.total).toEqual([7, 700, 3]);
    expect(read.day[0]).toBe(14);
    expect(live.read(60, true).minutes.map(({ key }: { key: string }) => key)).toEqual([
      "x",
      "x",
      "y",
    ]);
  });

  it("say when there are more keys than are told, and are whole all the same", () => {
    const live = counting();
    for (let from = 0; from <= keysMax; from += 500)
      live.put(
        Array.from({ length: 500 }, (_, i) =>
          row({ id: `${from + i}`, version: 1, at: nowMs, entries: [[`k${from + i}`, 1]] }),
        ),
      );
    const { keys, isWhole, total } = live.read();
    expect(keys).toHaveLength(keysMax);
    expect(isWhole).toBe(false);
    expect(total[0]).toBeGreaterThan(keysMax);
  });

  it("forget what is older than the window, and what was dropped does not come back", () => {
    const live = counting();
    const old = row({ id: "1", version: 1, at: nowMs - windowMs + minuteMs, entries: [["x", 1]] });
    const gone = row({ id: "2", version: 1, at: nowMs - windowMs - 1, entries: [["x", 1]] });
    const ahead = row({ id: "3", version: 1, at: nowMs + aheadMsMax + 1, entries: [["x", 1]] });
    expect(live.put([old, gone, ahead])).toBe(1);
    expect(live.read(2_880).total[0]).toBe(1);
    const laterMs = nowMs + 10 * minuteMs;
    live.drop(laterMs);
    expect(live.storage.sql.exec("SELECT * FROM thing").toArray()).toEqual([]);
    expect(live.storage.sql.exec("SELECT * FROM cell").toArray()).toEqual([]);
    expect(live.put([old], laterMs)).toBe(0);
    expect(live.read(2_880, false, laterMs).total[0]).toBe(0);
  });

  it("lose what turned out to be older than the window", () => {
    const live = counting();
    live.put([row({ id: "1", version: 1, at: nowMs, entries: [["x", 3]] })]);
    live.put([row({ id: "1", version: 2, at: nowMs - 2 * windowMs, entries: [["x", 3]] })]);
    expect(live.read().total[0]).toBe(0);
    live.put([row({ id: "1", version: 1, at: nowMs, entries: [["x", 3]] })]);
    expect(live.read().total[0]).toBe(0);
  });

  it("cost one row a thing and one a minute and key", () => {
    const { storage, rowsWritten } = objectStorage();
    storage.sql.exec(table);
    const things = new LiveThings(storage.sql, () => null);
    const counts = new LiveCounts(storage.sql);
    const before = rowsWritten();
    const rows = Array.from({ length: 100 }, (_, i) =>
      row({ id: `${i}`, version: 1, at: nowMs, entries: [["x", 1]] }),
    );
    counts.move(things.put(rows, false, nowMs));
    counts.move(things.put(rows, false, nowMs));
    expect(rowsWritten() - before).toBe(101);
  });
});

describe("stock", () => {
  const countedAtMs = nowMs - 40 * minuteMs;
  const sale = (id: string, version: number, n: number, minutes = 1): LiveRow =>
    row({ id, version, at: nowMs - minutes * minuteMs, entries: [["a", n]] });

  it("is what was counted less what was sold since, whatever the order, counted before or after", () => {
    fc.assert(
      fc.property(
        versions.map(told).chain((rows) => fc.tuple(fc.constant(rows), shuffled(rows))),
        fc.integer({ min: 0, max: 29 }),
        fc.nat({ max: 9 }),
        ([rows, calls], minutes, when) => {
          const live = stocking();
          const atMs = nowMs - minutes * minuteMs;
          calls.forEach((call, i) => {
            if (i === when) live.count(50, 0, atMs);
            live.put(call);
          });
          if (when >= calls.length) live.count(50, 0, atMs);
          const sold = newest(rows)
            .filter(({ at }) => at > atMs)
            .flatMap(({ entries }) => entries)
            .reduce((sum, { key, n }) => sum + (key === "a" ? (n[0] ?? 0) : 0), 0);
          expect(live.stock.get("a")).toMatchObject({ sold, level: 50 - sold });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("that falls is said exactly once, whatever the order and repetition of sales", () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        pieces.chain((sold) => {
          const rows = sold.map((n, i) => sale(`${i}`, 1, n));
          return fc.tuple(fc.constant(sold), shuffled(rows));
        }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 10 }),
        ([sold, calls], counted, threshold) => {
          const live = stocking();
          live.count(counted, threshold, countedAtMs, nowMs - 1);
          for (const [i, call] of calls.entries()) live.put(call, nowMs + i);
          const left = counted - sold.reduce((sum, n) => sum + n, 0);
          expect(live.fallen()).toHaveLength(left <= threshold ? 1 : 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is said again only after there was more than its threshold", () => {
    const live = stocking();
    live.count(10, 5, countedAtMs, nowMs);
    live.put([sale("1", 1, 5)], nowMs + 1);
    live.put([sale("2", 1, 1)], nowMs + 2);
    // It came back, but not to above.
    live.put([sale("2", 2, -1 + 1)], nowMs + 3);
    live.put([sale("3", 1, 1)], nowMs + 4);
    expect(live.fallen()).toEqual([{ sku: "a", level: 5 }]);
    live.put([sale("1", 2, 0)], nowMs + 5);
    live.put([sale("4", 1, 9)], nowMs + 6);
    expect(live.fallen()).toHaveLength(2);
    // The same count again says nothing; a fuller shelf is above, and falls anew.
    live.count(10, 5, countedAtMs, nowMs + 7);
    expect(live.fallen()).toHaveLength(2);
    live.count(100, 5, countedAtMs, nowMs + 8);
    live.count(2, 5, countedAtMs, nowMs + 9);
    expect(live.fallen()).toHaveLength(3);
  });

  it("is judged by the whole of what came at once", () => {
    const live = stocking();
    live.count(10, 5, countedAtMs);
    live.put([sale("1", 1, 9), sale("2", 1, -8)]);
    expect(live.fallen()).toEqual([]);
    expect(live.stock.get("a")).toMatchObject({ level: 9, isLow: false });
  });

  it("keeps what was sold since its count for as long as ledgers tell of it, and then the sum", () => {
    const live = stocking();
    const day = 86_400_000;
    live.count(100, 5, countedAtMs);
    live.put([sale("1", 1, 3), sale("2", 1, 4)]);
    const monthMs = nowMs + 30 * day;
    live.drop(monthMs);
    // A refund after a month, and the same again.
    live.put([sale("1", 2, 1)], monthMs);
    live.put([sale("1", 2, 1), sale("1", 1, 3)], monthMs);
    expect(live.stock.get("a")?.level).toBe(95);
    const lateMs = nowMs + stockKeptMs + day;
    live.drop(lateMs);
    expect(live.storage.sql.exec("SELECT * FROM thing").toArray()).toEqual([]);
    live.put([sale("1", 2, 1), sale("2", 1, 4)], lateMs);
    expect(live.stock.get("a")?.level).toBe(95);
  });

  it("does not take off again what was taken back before it came, or long ago", () => {
    const live = stocking();
    live.count(100, 5, countedAtMs);
    const laterMs = nowMs + 10 * 86_400_000;
    const gone = (id: string) => row({ id, version: 9, at: nowMs - minuteMs, entries: [] });
    live.put([sale("1", 1, 3)]);
    live.put([gone("1"), gone("2")], laterMs);
    live.drop(laterMs);
    live.put([sale("1", 1, 3), sale("2", 1, 3)], laterMs);
    expect(live.stock.get("a")?.level).toBe(100);
  });

  it("forgets sales of what was never counted, and those before a newer count", () => {
    const live = stocking();
    const other = row({ id: "o", version: 1, at: nowMs - minuteMs, entries: [["b", 1]] });
    live.count(100, 5, countedAtMs);
    live.put([sale("1", 1, 3), other]);
    const laterMs = nowMs + windowMs;
    live.count(80, 5, laterMs - minuteMs, laterMs);
    live.drop(laterMs);
    expect(live.storage.sql.exec("SELECT * FROM thing").toArray()).toEqual([]);
  });
});

describe("what fell, and the warehouse", () => {
  const countedAtMs = nowMs - minuteMs;
  const listed = async (db: ReturnType<typeof sqliteD1>) =>
    (await db.prepare("SELECT sku, at, level, threshold FROM low_stock ORDER BY at").all()).results;

  it.each(["before", "after"] as const)(
    "is there once, though the hand-over failed %s it was written",
    async (when) => {
      let fails: "before" | "after" | null = when;
      const db = sqliteD1(warehouse, { fail: () => fails });
      const live = stocking();
      live.count(5, 5, countedAtMs);
      await expect(live.stock.handOver(db)).rejects.toThrow();
      expect(live.stock.isOwed).toBe(true);
      fails = null;
      expect(await live.stock.handOver(db)).toBe(1);
      expect(await live.stock.handOver(db)).toBe(0);
      expect(live.stock.isOwed).toBe(false);
      expect(await listed(db)).toEqual([{ sku: "a", at: nowMs, level: 5, threshold: 5 }]);
    },
  );

  it("is not listed of a merchant who is erased", async () => {
    const db = sqliteD1(warehouse);
    const live = stocking();
    live.count(5, 5, countedAtMs);
    await db
      .prepare(
        "INSERT INTO member (id, made_at, settings_version, zones, erased_at) VALUES (?, 0, 0, '[]', 1)",
      )
      .bind(store.merchant)
      .run();
    await live.stock.handOver(db);
    expect([live.stock.isOwed, await listed(db)]).toEqual([false, []]);
  });

  it("is listed for a while", async () => {
    const db = sqliteD1(warehouse);
    const live = stocking();
    live.count(5, 5, countedAtMs);
    await live.stock.handOver(db);
    const laterMs = nowMs + listedMs + 1;
    live.count(50, 5, laterMs, laterMs);
    live.count(4, 5, laterMs, laterMs);
    await live.stock.handOver(db);
    expect(await listed(db)).toEqual([{ sku: "a", at: laterMs, level: 4, threshold: 5 }]);
  });
});
