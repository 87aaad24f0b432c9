/** The ledger's store beside the kernel's own model of one, told the same in the same order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import type { OpenStatement } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { bodies } from "../../durable-objects/ledger-keys.ts";
import { followSettings, record, sendAgain } from "../../kernel/record.ts";
import { hour } from "../domain/workouts/facts.ts";
import { shown } from "../fakes/ledger-shown.ts";
import { chain } from "../kernel/chain.ts";
import { MemoryStore } from "../kernel/memory-store.ts";
import { brink, decidedDeliveries, live, retracts, standsIn } from "../kernel/statements.ts";
import { fromScratch, put, settings } from "../kernel/worlds.ts";
import { type Awake, asleep } from "./wakes.ts";

const tell = ({ state, tables }: Awake, statements: readonly OpenStatement[]) =>
  state.write(() => {
    const said = record(tables, workouts, settings, statements);
    if (said.includes("retracted")) state.entries.purge(bodies);
    return said;
  });

/** What both show of themselves. */
function seen({ state, tables }: Awake) {
  const { facts, resolved, totals, head } = shown(state, tables);
  const { held: _, ...counts } = head.counts as Record<string, number>;
  const said = facts.map(({ id, ...held }) => [id, held.revision, held.days, held.body]);
  return { facts: said, resolved, totals, counts };
}
function modelled(model: MemoryStore, ids: Iterable<string>) {
  const facts = [...ids].sort().flatMap((id) => {
    const held = model.held(id);
    return held === null ? [] : [[id, held.revision, held.days, held.fact]];
  });
  const { counts } = model;
  return { facts, resolved: model.resolvedBytes(), totals: model.totals(), counts: { ...counts } };
}
const ids = (of: readonly OpenStatement[]) => new Set<string>(of.map((s) => s.id));

describe("a ledger's store", () => {
  test("holds, counts and finds what the model does, whatever it is told, evicted or not", () => {
    const asked = fc.record({
      from: fc.integer({ min: -60, max: 30 }).map((h) => brink + h * hour),
      length: fc.integer({ min: 0, max: 60 }).map((h) => h * hour),
    });
    const evictions = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        decidedDeliveries,
        evictions,
        asked,
        ({ history, batches }, evicts, { from, length }) => {
          const ledger = asleep();
          let at = ledger.wake();
          const model = new MemoryStore();
          batches.forEach((batch, i) => {
            if (evicts[i % evicts.length]) at = ledger.wake();
            expect(tell(at, batch)).toEqual(put(model, ...batch));
          });
          if (evicts[0]) at = ledger.wake();
          const heldOf = seen(at);
          const expected = modelled(model, ids(history));
          // Repetitions alone are no row, and an eviction forgets how many they were.
          const { duplicate: _, received: __, ...counts } = expected.counts;
          expect(heldOf).toMatchObject({ ...expected, counts });
          const span = { fromMs: from, toMs: from + length };
          for (const reachMs of [msPerDay, 9 * msPerDay]) {
            expect(at.tables.factsIn(span, reachMs)).toEqual(model.factsIn(span, reachMs));
            const sorted = (list: readonly unknown[]) => list.map((w) => JSON.stringify(w)).sort();
            expect(sorted(at.tables.resolvedIn(span, reachMs))).toEqual(
              sorted(model.resolvedIn(span, 2 * reachMs)),
            );
          }
          const named = [...ids(live(history))];
          const decided = (list: readonly { id: string }[]) => list.map(({ id }) => id).sort();
          expect(decided(at.tables.decisionsOn(named))).toEqual(decided(model.decisionsOn(named)));
          for (const id of ids(history))
            expect(at.tables.facts.heirOf(id as FactId)).toBe(
              model.heirs.get(id as FactId) ?? null,
            );
          ledger.disk.raw.close();
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is as it was before a transaction that failed, and takes what comes then", () => {
    fc.assert(
      fc.property(decidedDeliveries, fc.nat(), ({ history, batches }, nth) => {
        const ledger = asleep();
        const at = ledger.wake();
        const model = new MemoryStore();
        batches.forEach((batch, i) => {
          if (i === nth % batches.length) {
            const before = shown(at.state, at.tables);
            const failing = () =>
              at.state.write(() => {
                record(at.tables, workouts, settings, batch);
                throw new Error("on purpose");
              });
            expect(failing).toThrow("on purpose");
            const { counts: _, ...head } = before.head;
            expect(shown(at.state, at.tables)).toMatchObject({ ...before, head });
          }
          tell(at, batch);
          put(model, ...batch);
        });
        const { counts: _, ...expected } = modelled(model, ids(history));
        expect(seen(at)).toMatchObject(expected);
        ledger.disk.raw.close();
      }),
      { numRuns: 150 },
    );
  });

  test("sends what stands, in an order in which the last of each identity and day is true", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ batches }) => {
        const ledger = asleep();
        const model = new MemoryStore();
        const sent: { day: string; statement: OpenStatement }[] = [];
        for (const batch of batches) {
          const at = ledger.wake();
          tell(at, batch);
          put(model, ...batch);
          const due = at.tables.outbox.changesDue(0, 1000);
          sent.push(...due);
          at.state.write(() =>
            at.tables.outbox.confirm(
              "archive",
              due.map(({ seq }) => seq),
            ),
          );
        }
        expect(standsIn(sent)).toEqual(standsIn(model.changes));
        const { state, tables } = ledger.wake();
        const again = () => sendAgain(tables, tables.facts.publishedUnder(null));
        expect(state.write(again)).toBe(tables.outbox.changesDue(0, 1000).length);
        expect(standsIn(tables.outbox.changesDue(0, 1000))).toEqual(standsIn(model.changes));
        ledger.disk.raw.close();
      }),
      { numRuns: 200 },
    );
  });

  test("counts long chains and their ruins to the byte, over many pages", () => {
    const all = chain(200, 30 * hour).map((f, i) => (i % 5 === 0 ? { ...f, elapsedMs: hour } : f));
    const ledger = asleep();
    let at = ledger.wake();
    for (let i = 0; i < all.length; i += 10) {
      tell(at, all.map((_, n) => all[(n * 89) % all.length]).slice(i, i + 10) as OpenStatement[]);
      if (i % 40 === 0) at = ledger.wake();
    }
    const expectScratch = (facts: typeof all) => {
      const { resolved, totals } = seen(at);
      expect({ resolved, totals }).toEqual(fromScratch(facts));
    };
    expectScratch(all);
    const gone = all.filter((_, i) => i % 7 === 3);
    tell(
      at,
      gone.map((f) => retracts(f.id, 2)),
    );
    expectScratch(all.filter((f) => !gone.includes(f)));
    // No row says any more what was retracted.
    const rows = ledger.disk.raw.prepare("SELECT body FROM page").all();
    const text = rows.map(({ body }) => String(body)).join("\n");
    expect(all.filter((f) => text.includes(JSON.stringify(f)) && gone.includes(f))).toEqual([]);
    expect(all.some((f) => text.includes(JSON.stringify(f)))).toBe(true);
    const moved = { zones: [{ zone: "Asia/Tokyo", fromMs: 0 }], ownerOnly: [] };
    const rest = all.filter((f) => !gone.includes(f));
    at.state.write(() => followSettings(at.tables, workouts, moved, rest));
    const { resolved, totals } = seen(at);
    expect({ resolved, totals }).toEqual(fromScratch(rest, moved));
    ledger.disk.raw.close();
  });
});
