/** What an outbox sends, and when again, over its real tables, beside the plainest model of it. */
import { readFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { samples } from "../../domain/samples/stream.ts";
import { LedgerCounts } from "../../durable-objects/ledger-counts.ts";
import { LedgerOutbox } from "../../durable-objects/ledger-outbox.ts";
import { Meta } from "../../durable-objects/meta.ts";
import { MemoryOutbox } from "../kernel/memory-outbox.ts";
import { retracts } from "../kernel/statements.ts";

const migrations = ["0001_ledger", "0002_decisions", "0003_counts", "0004_others"];

function opened() {
  const db = new DatabaseSync(":memory:");
  for (const name of migrations) db.exec(readFileSync(`migrations/ledger/${name}.sql`, "utf8"));
  const sql = {
    exec(query: string, ...values: SQLInputValue[]) {
      const found = db.prepare(query).all(...values);
      return { toArray: () => found, one: () => found[0] };
    },
  } as unknown as SqlStorage;
  /** As after an eviction: over the same rows, with nothing in memory. */
  const wake = () => {
    const meta = new Meta(sql);
    const counts = new LedgerCounts(sql);
    return { meta, outbox: new LedgerOutbox(sql, meta, samples, "mem_1", "samples/mem_1", counts) };
  };
  return { db, wake };
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
      const { db, wake } = opened();
      const model = new MemoryOutbox();
      let { meta, outbox } = wake();
      let nowMs = 1_000;
      let known = 0;
      for (const one of acts) {
        const waiting = [...model.owedToArchive.keys()];
        if (one.kind === "pass") nowMs += one.ms;
        else if (one.kind === "evict") ({ meta, outbox } = wake());
        else if (one.kind === "change") {
          meta.numbered(() => {
            for (let i = 0; i < one.count; i++)
              outbox.enqueueChange("2026-11-14", retracts("f", 1));
          });
          const seqs = db.prepare("SELECT seq, body FROM outbox WHERE seq > ?").all(known);
          expect(seqs.map(({ seq }) => Number(seq) - known)).toEqual(seqs.map((_, i) => i + 1));
          known += one.count;
          for (const { body } of seqs) model.change(JSON.parse(String(body)));
        } else if (one.kind === "confirm") {
          const seqs = one.nth.flatMap((n) => waiting[n] ?? []);
          outbox.confirm("archive", seqs);
          model.confirm("archive", seqs);
        } else {
          const due = outbox.changesDue(nowMs, one.limit);
          expect(due).toEqual(model.changesDue(nowMs, one.limit));
          const seqs = due.map(({ seq }) => seq);
          if (seqs.length === 0) continue;
          outbox.sentChanges(seqs, nowMs);
          model.sentChanges(seqs, nowMs);
        }
        const all = Number.MAX_SAFE_INTEGER;
        expect(outbox.changesDue(nowMs, all)).toEqual(model.changesDue(nowMs, all));
      }
      db.close();
    }),
    { numRuns: 150 },
  ));

test("no number is given out where nobody would write down how far it came", () => {
  const { outbox } = opened().wake();
  expect(() => outbox.enqueueChange("2026-11-14", retracts("f", 1))).toThrow("write down");
});
