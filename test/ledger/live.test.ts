/** What those who watch a ledger's things happen are owed: what each is now, once, while it is new. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LiveRow, OpenFact, OpenStatement } from "../../domain/ports.ts";
import { sales, storeWatch } from "../../domain/sales/stream.ts";
import { noSettings } from "../../domain/settings.ts";
import { msPerDay } from "../../domain/time.ts";
import { record } from "../../kernel/record.ts";
import { retracts } from "../kernel/statements.ts";
import { item, openSale } from "../oracle/sale-facts.ts";
import { type Awake, asleep } from "./wakes.ts";

const at = Date.UTC(2026, 2, 13, 9, 30);
const nowMs = at + msPerDay;
const watch = storeWatch("mem_shop", "9");
const many = 1_000;

const say = ({ state, tables }: Awake, ...said: OpenStatement[]) =>
  state.write(() => record(tables, sales, noSettings, said));
/** What is due to one store, and that it was told. */
function tell({ tables }: Awake, name = watch): LiveRow[] {
  const due = tables.outbox.liveDue(nowMs, many);
  tables.outbox.toldLive(due);
  return due.flatMap(({ rows }) => rows.flatMap((r) => (r.watch === name ? [r.row] : [])));
}
const sums = (rows: readonly LiveRow[]): Record<string, number> => {
  const all = rows.flatMap(({ entries }) => entries);
  return Object.fromEntries(
    [...new Set(all.map(({ key }) => key))]
      .sort()
      .map((key) => [key, all.reduce((n, e) => n + (e.key === key ? (e.n[0] ?? 0) : 0), 0)]),
  );
};
/** As whoever watches keeps it: of each thing the newest version. */
function kept(into: Map<string, LiveRow>, rows: readonly LiveRow[]): Map<string, LiveRow> {
  for (const row of rows) {
    const held = into.get(row.id);
    if (held === undefined || held.version < row.version) into.set(row.id, row);
  }
  return into;
}

describe("what is watched", () => {
  test("is on its way since it was owed first, however often it changed since", () => {
    const ledger = asleep(sales).wake();
    const { outbox } = ledger.tables;
    say(ledger, openSale({ id: "a", at, lines: [item("mug", 2, 1990)] }));
    const archived = () =>
      outbox.confirm(
        "archive",
        outbox.changesDue(nowMs, many).map(({ seq }) => seq),
      );
    archived();
    const first = outbox.leastOnItsWay();
    const stood = ledger.state.head.seq;
    expect(first).toBeLessThanOrEqual(stood);
    say(ledger, openSale({ id: "a", at, revision: 2, lines: [item("mug", 1, 995)] }));
    archived();
    expect(outbox.leastOnItsWay()).toBe(first);
    tell(ledger);
    expect(outbox.leastOnItsWay()).toBeNull();
    say(ledger, openSale({ id: "a", at, revision: 3, lines: [item("mug", 3, 2985)] }));
    archived();
    expect(outbox.leastOnItsWay()).toBeGreaterThan(stood);
  });

  test("is told once what each thing adds, under a version that grows", () => {
    const ledger = asleep(sales).wake();
    say(ledger, openSale({ id: "a", at, lines: [item("mug", 2, 1990), item("cup", 1, 500)] }));
    const first = tell(ledger);
    expect(sums(first)).toEqual({ cup: 1, mug: 2 });
    expect(tell(ledger)).toEqual([]);
    say(ledger, openSale({ id: "a", at, revision: 2, lines: [item("mug", 1, 995)] }));
    const second = tell(ledger);
    expect(Object.fromEntries(second.map(({ id, entries }) => [id, entries.length]))).toEqual({
      s_a_0000: 1,
      s_a_0001: 0,
    });
    expect(Math.min(...second.map((r) => r.version))).toBeGreaterThan(
      Math.max(...first.map((r) => r.version)),
    );
  });

  test("is told by where it was before that it is there no more", () => {
    const ledger = asleep(sales).wake();
    say(ledger, openSale({ id: "a", at }));
    tell(ledger);
    say(ledger, openSale({ id: "a", at, revision: 2, store: "10" }));
    const due = ledger.tables.outbox.liveDue(nowMs, many);
    const told = due.flatMap(({ rows }) =>
      rows.map(({ watch: name, row }) => [name, row.entries.length]),
    );
    expect(Object.fromEntries(told)).toMatchObject({
      [watch]: 0,
      [storeWatch("mem_shop", "10")]: 1,
    });
  });

  test("costs nothing when it is said again, and is owed still when nobody took it", () => {
    const asleepLedger = asleep(sales);
    const ledger = asleepLedger.wake();
    const sale = openSale({ id: "a", at });
    say(ledger, sale);
    expect(ledger.tables.outbox.liveDue(nowMs, many)).toHaveLength(1);
    // Not confirmed, and put out of memory.
    const woken = asleepLedger.wake();
    expect(woken.tables.outbox.nextDueMs(nowMs)).toBe(nowMs);
    expect(sums(tell(woken))).toEqual({ mug: 2 });
    say(woken, sale);
    expect(tell(woken)).toEqual([]);
  });

  test("is told nothing of what happened too long ago, and owes it nothing", () => {
    const ledger = asleep(sales).wake();
    const days = sales.live?.days ?? 0;
    say(ledger, openSale({ id: "old", at: nowMs - days * msPerDay - 1 }));
    say(ledger, openSale({ id: "new", at: nowMs - days * msPerDay }));
    expect(tell(ledger).map(({ id }) => id)).toEqual(["s_new_0000"]);
    expect(ledger.tables.live.isOwed).toBe(false);
  });

  test("what changed while it was being told is told again", () => {
    const ledger = asleep(sales).wake();
    say(ledger, openSale({ id: "a", at }));
    const due = ledger.tables.outbox.liveDue(nowMs, many);
    say(ledger, openSale({ id: "a", at, revision: 2, lines: [item("mug", 5, 4975)] }));
    ledger.tables.outbox.toldLive(due);
    expect(sums(tell(ledger))).toEqual({ mug: 5 });
  });

  test("is told that everything is gone when the ledger is emptied for good", () => {
    const ledger = asleep(sales).wake();
    say(ledger, openSale({ id: "a", at }), openSale({ id: "b", at }));
    const seen = kept(new Map(), tell(ledger));
    ledger.state.write(() => ledger.tables.forget(nowMs));
    expect(sums([...kept(seen, tell(ledger)).values()])).toEqual({});
    expect(seen.size).toBe(2);
  });

  test("is told also of what was gone, or elsewhere, before the ledger was emptied", () => {
    const ledger = asleep(sales).wake();
    say(ledger, openSale({ id: "gone", at }), openSale({ id: "moved", at }));
    const seen = kept(new Map(), tell(ledger));
    expect(sums([...seen.values()])).toEqual({ mug: 4 });
    say(ledger, retracts("gone", 2), openSale({ id: "moved", at, revision: 2, store: "10" }));
    ledger.state.write(() => ledger.tables.forget(nowMs));
    expect(sums([...kept(seen, tell(ledger)).values()])).toEqual({});
    expect(ledger.tables.live.isOwed).toBe(false);
  });

  test("comes to what the ledger holds, whatever order, repetition, loss and interruption", () => {
    const said = fc.record({
      id: fc.constantFrom(..."abcd"),
      revision: fc.integer({ min: 1, max: 4 }),
      store: fc.constantFrom("9", "10"),
      n: fc.integer({ min: -3, max: 3 }),
      isGone: fc.boolean(),
      isTold: fc.boolean(),
      isLost: fc.boolean(),
    });
    const run = fc.array(said, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(run, (steps) => {
        const disk = asleep(sales);
        let ledger = disk.wake();
        const seen = new Map<string, Map<string, LiveRow>>();
        const take = (isLost: boolean) => {
          const due = ledger.tables.outbox.liveDue(nowMs, many);
          for (const { rows } of due)
            for (const { watch: name, row } of rows)
              seen.set(name, kept(seen.get(name) ?? new Map(), [row]));
          if (!isLost) ledger.tables.outbox.toldLive(due);
        };
        const facts = new Map<string, OpenFact>();
        for (const { id, revision, store, n, isGone, isTold, isLost } of steps) {
          const key = `${id} ${revision}`;
          const fact =
            facts.get(key) ?? openSale({ id, revision, at, store, lines: [item("x", n, n)] });
          facts.set(key, fact);
          say(ledger, isGone ? retracts(id, revision) : fact);
          if (isTold) take(isLost);
          if (isLost) ledger = disk.wake();
        }
        take(false);
        const truth = ledger.tables.resolvedIn({ fromMs: 0, toMs: nowMs }, 0);
        for (const store of ["9", "10"]) {
          const mine = (truth as { store: string; quantity: number }[]).filter(
            (l) => l.store === store,
          );
          const rows = [...(seen.get(storeWatch("mem_shop", store))?.values() ?? [])];
          const total = mine.reduce((sum, l) => sum + l.quantity, 0);
          expect(sums(rows).x ?? 0).toBe(total);
        }
      }),
    );
  });
});
