/** What an outbox sends, and when again, over its real rows, beside the plainest model of it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import { isThrough } from "../../domain/ports.ts";
import { samples } from "../../domain/samples/stream.ts";
import { resendAfterMs } from "../../kernel/publish.ts";
import { MemoryOutbox } from "../kernel/memory-outbox.ts";
import { retracts } from "../kernel/statements.ts";
import { asleep } from "./wakes.ts";

const day = "2026-11-14";
const all = Number.MAX_SAFE_INTEGER;

/** One that holds what all changes are about. */
function opened() {
  const ledger = asleep(samples);
  const { state, tables } = ledger.wake();
  state.write(() => tables.hold("f", { revision: 1, fact: null, days: [day] }, null));
  return ledger;
}

const act = fc.oneof(
  fc.record({ kind: fc.constant("change" as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant("send" as const), limit: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant("confirm" as const), nth: fc.array(fc.nat({ max: 12 })) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  fc.record({ kind: fc.constant("evict" as const) }),
);

test("is sent once at once, and again ever more rarely until it is confirmed, evicted or not", () =>
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const ledger = opened();
      const model = new MemoryOutbox();
      let at = ledger.wake();
      let [nowMs, known, wokeAt] = [1_000, 0, 0];
      for (const one of acts) {
        const { state, tables } = at;
        const waiting = [...model.owedToArchive.keys()];
        if (one.kind === "pass") nowMs += one.ms;
        else if (one.kind === "evict") {
          state.save();
          at = ledger.wake();
          // What was sent once since the object woke is not known to have been.
          for (const [seq, w] of model.owedToArchive)
            if (seq > wokeAt && w.attempts === 1) Object.assign(w, { attempts: 0, sentMs: null });
          wokeAt = known;
        } else if (one.kind === "change") {
          state.write(() => {
            for (let i = 0; i < one.count; i++) tables.enqueueChange(day, retracts("f", 1));
          });
          for (let i = 0; i < one.count; i++) {
            known++;
            const statement = retracts("f", 1);
            const of = { ledger: "samples/mem_1", stream: "samples", bucket: tables.outbox.bucket };
            model.change({ ...of, seq: known, day, statement });
          }
        } else if (one.kind === "confirm") {
          const seqs = one.nth.flatMap((n) => waiting[n] ?? []);
          tables.outbox.confirm("archive", seqs);
          model.confirm("archive", seqs);
        } else {
          const due = tables.outbox.changesDue(nowMs, one.limit);
          expect(due).toEqual(model.changesDue(nowMs, one.limit));
          const seqs = due.map(({ seq }) => seq);
          if (seqs.length === 0) continue;
          tables.outbox.sentChanges(seqs, nowMs);
          model.sentChanges(seqs, nowMs);
        }
        expect(at.tables.outbox.changesDue(nowMs, all)).toEqual(model.changesDue(nowMs, all));
      }
      ledger.disk.raw.close();
    }),
    { numRuns: 150 },
  ));

test("an object that is evicted again and again sends ever more rarely all the same", () => {
  const ledger = opened();
  const { state, tables } = ledger.wake();
  state.write(() => tables.enqueueChange(day, retracts("f", 1)));
  const sentAt: number[] = [];
  for (let nowMs = 0; nowMs < 40 * resendAfterMs; nowMs += 1000) {
    const { outbox } = ledger.wake().tables;
    const seqs = outbox.changesDue(nowMs, all).map(({ seq }) => seq);
    if (seqs.length === 0) continue;
    sentAt.push(nowMs / resendAfterMs);
    outbox.sentChanges(seqs, nowMs);
  }
  expect(sentAt).toEqual([0, 1, 3, 7, 15, 31]);
  ledger.disk.raw.close();
});

test("a change is told as what is true when it is sent", () => {
  const ledger = opened();
  const { state, tables } = ledger.wake();
  const fact = { id: "f" as FactId, revision: 2, at: 5 };
  state.write(() => {
    tables.enqueueChange(day, retracts("f", 1));
    tables.hold("f", { revision: 2, fact, days: [day] }, { fromMs: 5, toMs: 5 });
  });
  expect(tables.outbox.changesDue(0, 9)).toMatchObject([{ seq: 1, day, statement: fact }]);
  ledger.disk.raw.close();
});

test("no number is given out where nobody would write down how far it came", () => {
  const { tables } = opened().wake();
  expect(() => tables.enqueueChange(day, retracts("f", 1))).toThrow("write down");
});

test("who waits for what stood when they looked is through, though new changes never end", () =>
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 40 }), (acts) => {
      const ledger = opened();
      const { state, tables } = ledger.wake();
      const { outbox } = tables;
      const look = () => ({ last: state.head.seq, least: outbox.leastOnItsWay() });
      const on = new Set<number>();
      for (const one of acts) {
        if (one.kind === "change")
          state.write(() => {
            for (let i = 0; i < one.count; i++) {
              tables.enqueueChange(day, retracts("f", 1));
              on.add(state.head.seq);
            }
          });
        if (one.kind === "confirm") {
          const seqs = one.nth.flatMap((n) => [...on][n] ?? []);
          outbox.confirm("archive", seqs);
          for (const seq of seqs) on.delete(seq);
        }
        expect(look().least).toBe(on.size === 0 ? null : Math.min(...on));
      }
      const stood = look().last;
      state.write(() => tables.enqueueChange(day, retracts("f", 1)));
      expect(isThrough(look(), stood)).toBe(on.size === 0);
      outbox.confirm("archive", [...on]);
      expect(look()).toEqual({ last: stood + 1, least: stood + 1 });
      expect(isThrough(look(), stood)).toBe(true);
      ledger.disk.raw.close();
    }),
    { numRuns: 100 },
  ));

test("a parked change is on its way no more; sent again, under the number that it came of", () => {
  const ledger = opened();
  const { state, tables } = ledger.wake();
  const { outbox } = tables;
  state.write(() =>
    outbox.ofOneStatement(() => {
      for (let i = 0; i < 2; i++) tables.enqueueChange(day, retracts("f", 1));
    }),
  );
  outbox.confirm("archive", [1]);
  expect(outbox.leastOnItsWay(), "the second came of the same as the first").toBe(1);
  state.write(() => outbox.confirm("archive", [2], "parked"));
  expect(outbox.leastOnItsWay()).toBeNull();
  state.write(() => tables.enqueueChange(day, retracts("f", 1)));
  expect(outbox.leastOnItsWay()).toBe(3);
  state.write(() => outbox.replay(2, day, retracts("f", 1)));
  expect(outbox.leastOnItsWay()).toBe(1);
  outbox.confirm("archive", [4]);
  expect(outbox.leastOnItsWay()).toBe(3);
  ledger.disk.raw.close();
});

test("what the vault has not heard of is on its way", () => {
  const ledger = opened();
  const { state, tables } = ledger.wake();
  const { outbox } = tables;
  state.write(() => outbox.enqueueRetraction(retracts("f", 2), null));
  state.write(() => tables.enqueueChange(day, retracts("f", 2)));
  outbox.confirm("archive", [2]);
  expect(outbox.leastOnItsWay()).toBe(1);
  outbox.confirm("vault", [1]);
  expect(outbox.leastOnItsWay()).toBeNull();
  ledger.disk.raw.close();
});
