/** A ledger from before there were pages wakes under this code: facts stay, the rest follows. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import { ownerOnlyProviders } from "../../providers/index.ts";
import { fromGoogle, hour, minute, morning, workout } from "../domain/workouts/facts.ts";
import { fromScratch } from "../kernel/worlds.ts";
import { type LoneLedgers, mornings, startLedgers } from "./lone-ledger.ts";

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
const change = (seq: number, id: string) => ({
  ...{ ledger: "workouts/before", seq, stream: "workouts", day: "2026-11-16", bucket: 3 },
  statement: facts.find((f) => f.id === id),
});
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
  `INSERT INTO outbox VALUES (41, 'archive', ${text(change(41, "two"))}, 1, 1, 1);`,
  `INSERT INTO outbox VALUES (42, 'archive', ${text(change(42, "three"))}, 1, 1, 0);`,
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

const scratch = fromScratch(facts, { zones: [], ownerOnly: ownerOnlyProviders });

describe("a ledger that was filled before decisions could be made", () => {
  test("keeps its facts, receipts and replies, and what was not confirmed", async () => {
    const ledger = ledgers.named("before-1");
    const kept = await ledger.shown();
    const expected = facts.map((f) => ({ id: f.id, revision: 1, body: f, days: [day(f)] }));
    const gone = { id: "gone", revision: 7, body: null, days: ["2026-11-01"] };
    expect(kept.facts).toEqual([...expected, gone].sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(kept.receipts).toEqual([3]);
    expect(kept.changes).toMatchObject([{ seq: 42, day: "2026-11-16", statement: facts[2] }]);
    expect(kept.retractions).toEqual([43]);
    expect(kept.head).toMatchObject({ name: "workouts/before-1", registered: "true" });
    expect((await ledger.run([["remembered", "key"]], false)).answers[0]).toEqual({
      ...{ body: "body", reply: "reply" },
    });
  });

  test("has none of its old tables left", async () => {
    const query =
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
    const { answers } = await ledgers.named("before-6").run([["rows", query]], false);
    expect(answers[0]).toEqual([{ name: "state" }, { name: "page" }]);
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
    const { resolved, totals, isDue } = await ledger.shown();
    expect(resolved).toEqual(scratch.resolved);
    expect(totals).toEqual(scratch.totals);
    expect(isDue).toBe(true);
    const { cost } = await ledger.run([["configure", { version: 1, zones: [], onBoards: true }]]);
    expect(cost.boards).toBe(1);
    expect(await ledger.ask("nudge")).toMatchObject({ least: null });
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
    expect(await ledger.shown()).toMatchObject({ changes: [], retractions: [] });
  });

  test("does all of that once", async () => {
    const ledger = ledgers.named("before-4");
    await ledger.run([["settle"], ["nudge"]], false);
    const before = await ledger.shown();
    await ledgers.evictAll();
    expect(await ledger.shown()).toEqual(before);
    expect(before.isDue).toBe(false);
  });

  test("of many facts has them all, and what waits of each as it was", async () => {
    const many = mornings(1200);
    const filled = many.map((f) => {
      const values = [text(f.id), f.revision, f.at, f.at + 3 * hour, text(f), text(["2012-05-14"])];
      return `INSERT INTO fact VALUES (${values.join()});`;
    });
    const unknown = { ...change(7, "one"), statement: { id: "nobody", revision: 1, at: 0 } };
    const large = await startLedgers(
      [
        ...filled,
        `INSERT INTO outbox VALUES (7, 'archive', ${text(unknown)}, NULL, 0, 0);`,
        "INSERT INTO meta VALUES ('seq', '7');",
      ].join("\n"),
    );
    const { facts: held, resolved, changes } = await large.named("before-7").shown();
    await large.end();
    const byId = (list: readonly { id: string }[]) => list.map(({ id }) => id).sort();
    expect(byId(held)).toEqual(byId(many));
    expect(resolved).toHaveLength(1200);
    // Their day is another one by today's settings, and goes out so; what was waiting goes first.
    expect(changes[0]).toMatchObject({ seq: 7, statement: unknown.statement });
  });
});

describe("a ledger that was resolved by another rule", () => {
  test("is resolved anew from its facts when it wakes, and publishes what that changed", async () => {
    const ledger = ledgers.named("changed");
    await ledger.run([["record", facts]]);
    const { resolved, totals } = await ledger.shown();
    expect(totals).toEqual(scratch.totals);
    await ledger.run(
      [
        ["misrule"],
        [
          "spoil",
          [
            ["Sall", '{"all":[1,1,1]}'],
            ["bw_three", null],
          ],
        ],
      ],
      false,
    );
    expect((await ledger.shown()).totals).not.toEqual(totals);
    await ledgers.evictAll();
    expect(await ledger.shown()).toMatchObject({ resolved, totals, isDue: true });
    expect((await ledger.run([["settle"]], false)).cost.boards).toBe(1);
    expect(await ledger.shown()).toMatchObject({ changes: [], isDue: false });
  });
});
