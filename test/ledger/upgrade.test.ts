/** A ledger from before the second migration wakes under this code: facts stay, the rest follows. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import { ownerOnlyProviders } from "../../providers/index.ts";
import { fromGoogle, hour, minute, morning, workout } from "../domain/workouts/facts.ts";
import { fromScratch } from "../kernel/worlds.ts";
import { type LoneLedger, type LoneLedgers, startLedgers } from "./lone-ledger.ts";

const facts = [
  workout({ id: "one" }),
  workout({ id: "two", ...fromGoogle, at: morning + minute }),
  workout({ id: "three", at: morning + 50 * hour }),
];
const day = (f: WorkoutFact) => (f.id === "three" ? "2026-11-16" : "2026-11-14");

/** What such a body looked like: values from one record each, and nothing of scores and holds. */
const oldBody = (id: string, sources: readonly WorkoutFact[]) => ({
  id: `w_${id}`,
  day: "2026-11-14",
  family: "ride",
  distance: { value: 20_000_000, from: id },
  moving: { value: hour, from: id },
  sources: sources.map(({ id: fact, provider, type, at, elapsedMs }) => ({
    fact,
    provider,
    type,
    at,
    elapsedMs,
  })),
  joined: [],
  apart: [],
});

const text = (value: unknown) =>
  `'${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll("'", "''")}'`;
const sums = text({ all: [99, 99, 99], ride: [99, 99, 99] });
const before = [
  ...facts.map((f) => {
    const values = [text(f.id), f.revision, f.at, f.at + f.elapsedMs, text(f), text([day(f)])];
    return `INSERT INTO fact VALUES (${values.join()});`;
  }),
  `INSERT INTO fact VALUES ('gone', 7, NULL, NULL, NULL, '["2026-11-01"]');`,
  `INSERT INTO receipt VALUES ('one', 'content', 3);`,
  ...[facts.slice(0, 2), facts.slice(2)].map((group) => {
    const [first] = group as [WorkoutFact];
    const [id, toMs] = [`w_${first.id}`, first.at + hour + minute];
    const values = [text(id), first.at, first.at, toMs, text(day(first))];
    return `INSERT INTO resolved VALUES (${values.join()}, ${text(oldBody(first.id, group))});
      INSERT INTO counted VALUES ('all', ${text(day(first))}, ${first.at}, ${text(id)});`;
  }),
  ...["all", "2026-11", "2026-W46", "2026-W30"].map(
    (period) => `INSERT INTO total VALUES (${text(period)}, ${sums}, 40, 40);`,
  ),
  `INSERT INTO outbox VALUES (41, 'archive', '{"seq":41}', 1, 1, 1);`,
  `INSERT INTO outbox VALUES (42, 'archive', '{"seq":42}', NULL, 0, 0);`,
  `INSERT INTO outbox VALUES (43, 'vault', '{"id":"gone","revision":7,"retracted":true}', NULL, 0, 0);`,
  `INSERT INTO mark VALUES ('archive', 39);`,
  `INSERT INTO reply VALUES ('key', 'body', 'reply', ${Number.MAX_SAFE_INTEGER});`,
  `INSERT INTO meta VALUES ('seq', '43'), ('onBoards', 'true'), ('registered', 'true');`,
].join("\n");

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers(before);
});
afterAll(() => ledgers.end());

const rows = async (ledger: LoneLedger, query: string) =>
  (await ledger.run([["rows", query]], false)).answers[0] as Record<string, unknown>[];
const scratch = fromScratch(facts, { zones: [], ownerOnly: ownerOnlyProviders });

describe("a ledger that was filled before decisions could be made", () => {
  test("keeps its facts, receipts and replies, and what was not confirmed", async () => {
    const ledger = ledgers.named("before-1");
    const kept = await rows(ledger, "SELECT id, body FROM fact ORDER BY id");
    const expected = [...facts.map((f) => ({ id: f.id, body: JSON.stringify(f) }))];
    const gone = { id: "gone", body: null };
    expect(kept).toEqual([...expected, gone].sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(await rows(ledger, "SELECT number FROM receipt")).toEqual([{ number: 3 }]);
    expect(await rows(ledger, "SELECT seq FROM outbox ORDER BY seq")).toMatchObject([
      { seq: 42 },
      { seq: 43 },
    ]);
    expect((await ledger.run([["remembered", "key"]], false)).answers[0]).toMatchObject({
      reply: "reply",
    });
    expect(await rows(ledger, "SELECT step FROM migration")).toHaveLength(4);
  });

  test("begins with counts that add up, and what waited is applied once it lands", async () => {
    const ledger = ledgers.named("before-5");
    const report = async () =>
      (await ledger.run([["report"]], false)).answers[0] as Record<string, number>;
    const none = { duplicate: 0, rejected: 0, parked: 0 };
    expect(await report()).toMatchObject({ received: 5, applied: 4, pending: 1, held: 4, ...none });
    await ledger.run([["confirm", "archive", [42]]], false);
    expect(await report()).toMatchObject({ received: 5, applied: 5, pending: 0, held: 4, ...none });
  });

  test("counts by today's rule at once, and tells every board of it", async () => {
    const ledger = ledgers.named("before-2");
    const bodies = await rows(ledger, "SELECT body FROM resolved");
    expect(bodies.map((r) => r.body).sort()).toEqual(scratch.resolved);
    const totals = await rows(ledger, "SELECT period, sums, version > published AS due FROM total");
    for (const { period, sums, due } of totals) {
      const { totals: all } = scratch;
      const entries = Object.keys(all).filter((name) => name.startsWith(`${period} `));
      const expected = entries.map((name) => [name.split(" ")[1], all[name]]);
      expect(JSON.parse(String(sums)), String(period)).toEqual(Object.fromEntries(expected));
      expect(due, String(period)).toBe(1);
    }
    expect(totals).toHaveLength(5);
    await ledger.run([["settle"]], false);
    expect(await ledger.ask("nudge")).toBe(true);
  });

  test("takes corrections, retractions and decisions about what it held", async () => {
    const ledger = ledgers.named("before-3");
    const [one] = facts as [WorkoutFact];
    expect(await ledger.ask("record", [{ ...one, revision: 2 }])).toEqual(["corrected"]);
    const sides = [["one"], ["two"]];
    expect(await ledger.ask("decide", { id: "d", decision: "split", sides })).toMatchObject({
      decision: "d",
    });
    expect(await ledger.ask("record", [{ id: "three", revision: 2, retracted: true }])).toEqual([
      "retracted",
    ]);
    const { items } = await ledger.ask<{ items: ResolvedWorkout[] }>("list", null, 10);
    expect(items.map((w) => w.id).sort()).toEqual(["w_one", "w_two"]);
    expect(await rows(ledger, "SELECT * FROM outbox")).toEqual([]);
  });

  test("does all of that once", async () => {
    const ledger = ledgers.named("before-4");
    await ledger.run([["settle"]], false);
    const all = () => rows(ledger, "SELECT * FROM total");
    const before = await all();
    await ledgers.evictAll();
    expect(await all()).toEqual(before);
  });
});

describe("a ledger that was resolved by another rule", () => {
  test("is resolved anew from its facts when it wakes, and publishes what that changed", async () => {
    const ledger = ledgers.named("changed");
    await ledger.run([["record", facts]]);
    const bodies = () => rows(ledger, "SELECT body FROM resolved ORDER BY body");
    const totals = () => rows(ledger, "SELECT period, sums FROM total ORDER BY period");
    const [fine, sum] = [await bodies(), await totals()];
    await rows(ledger, "UPDATE meta SET value = 'another' WHERE key = 'rules'");
    await rows(ledger, "UPDATE resolved SET body = '{}', from_ms = 0, to_ms = 0");
    await rows(ledger, `UPDATE total SET sums = '{"all":[1,1,1]}'`);
    await ledgers.evictAll();
    expect([await bodies(), await totals()]).toEqual([fine, sum]);
    const due = await rows(ledger, "SELECT min(version > published) AS due FROM total");
    expect(due).toEqual([{ due: 1 }]);
    await ledger.run([["settle"]], false);
    expect(await rows(ledger, "SELECT * FROM outbox")).toEqual([]);
  });
});
