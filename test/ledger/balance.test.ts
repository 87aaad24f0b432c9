/**
 * What became of every statement, in the real ledger's tables: received = applied + duplicate +
 * rejected + parked + pending after every step. And what may go out again without being counted.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Change, LedgerReport, OpenFact, OpenStatement } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { timed } from "../../durable-objects/ledger-keys.ts";
import { fromGoogle, minute, morning, workout } from "../domain/workouts/facts.ts";
import { retracts } from "../kernel/statements.ts";
import { type LoneLedger, type LoneLedgers, startLedgers } from "./lone-ledger.ts";

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(() => ledgers.end());

const ride = workout({ id: "ride" });
const copy = workout({ id: "copy", ...fromGoogle, at: morning + minute });
const moved = { ...ride, revision: 2, at: morning + 3 * msPerDay };
const [saturday, tuesday] = ["2026-11-14", "2026-11-17"];

/** Asks without telling anybody: nothing is confirmed but what a test confirms. */
async function ask<T>(ledger: LoneLedger, method: string, ...args: unknown[]): Promise<T> {
  return (await ledger.run([[method, ...args]], false)).answers[0] as T;
}
const record = (ledger: LoneLedger, ...statements: OpenStatement[]) =>
  ask<string[]>(ledger, "record", statements);

async function waiting(ledger: LoneLedger): Promise<readonly Change[]> {
  return (await ledger.shown()).changes;
}
const resolvedIds = async (ledger: LoneLedger) =>
  (await ledger.shown()).resolved.map((body) => (JSON.parse(body) as { id: string }).id);
const seqs = async (ledger: LoneLedger) => (await waiting(ledger)).map((c) => c.seq);

/** "received applied duplicate rejected parked pending", which add up. */
async function counts(ledger: LoneLedger): Promise<string> {
  const r = await ask<LedgerReport>(ledger, "report");
  expect(r.received).toBe(r.applied + r.duplicate + r.rejected + r.parked + r.pending);
  return [r.received, r.applied, r.duplicate, r.rejected, r.parked, r.pending].join(" ");
}
const held = async (ledger: LoneLedger) => (await ask<LedgerReport>(ledger, "report")).held;
const confirm = (ledger: LoneLedger, of: readonly number[], how?: string) =>
  ask<void>(ledger, "confirm", "archive", of, ...(how === undefined ? [] : [how]));

let serial = 0;
const fresh = () => ledgers.named(`balance_${serial++}`);

describe("a statement is counted", () => {
  test("as pending until it landed, as a duplicate when it is said again or is older", async () => {
    const ledger = fresh();
    await record(ledger, moved, copy);
    expect(await counts(ledger)).toBe("2 0 0 0 0 2");
    await record(ledger, moved, ride, copy);
    expect(await counts(ledger)).toBe("5 0 3 0 0 2");
    const [first = 0, second = 0] = await seqs(ledger);
    await confirm(ledger, [first]);
    await confirm(ledger, [first]);
    expect(await counts(ledger)).toBe("5 1 3 0 0 1");
    await confirm(ledger, [first, second]);
    expect(await counts(ledger)).toBe("5 2 3 0 0 0");
  });

  test("as pending until all that came of it landed, in any order", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    await confirm(ledger, await seqs(ledger));
    await record(ledger, moved);
    const [away = 0, here = 0] = await seqs(ledger);
    expect((await waiting(ledger)).map((c) => c.day)).toEqual([saturday, tuesday]);
    await confirm(ledger, [away]);
    expect(await counts(ledger)).toBe("2 1 0 0 0 1");
    await confirm(ledger, [here]);
    expect(await counts(ledger)).toBe("2 2 0 0 0 0");
    await record(ledger, retracts("ride", 3));
    const [one = 0, other = 0] = await seqs(ledger);
    await confirm(ledger, [other]);
    expect(await counts(ledger)).toBe("3 2 0 0 0 1");
    await confirm(ledger, [one]);
    expect(await counts(ledger)).toBe("3 3 0 0 0 0");
    expect(await held(ledger)).toBe(2);
  });

  test("as applied at once when nothing comes of it", async () => {
    const ledger = fresh();
    await record(ledger, retracts("nobody", 1));
    expect(await counts(ledger)).toBe("1 1 0 0 0 0");
    expect(await held(ledger)).toBe(0);
  });

  test("also when it was decided by hand, and when that is taken back", async () => {
    const ledger = fresh();
    await record(ledger, ride, copy);
    await ask(ledger, "decide", { id: "d", decision: "split", sides: [["ride"], ["copy"]] });
    expect(await counts(ledger)).toBe("3 0 0 0 0 3");
    await ask(ledger, "takeBack", "d", ["split"]);
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe("4 4 0 0 0 0");
    expect(await held(ledger)).toBe(3);
  });

  test("as rejected once its subject is forgotten; what was on its way is applied", async () => {
    const ledger = fresh();
    await record(ledger, ride, copy, moved);
    await confirm(ledger, (await seqs(ledger)).slice(0, 1), "parked");
    const gone = { facts: 2, days: [saturday, tuesday] };
    expect(await ask(ledger, "forget")).toEqual(gone);
    expect(await counts(ledger)).toBe("3 3 0 0 0 0");
    expect(await held(ledger)).toBe(0);
    expect(await record(ledger, ride)).toEqual(["forgotten"]);
    expect(await counts(ledger)).toBe("4 3 0 1 0 0");
    expect(await ask(ledger, "forget")).toEqual({ ...gone, facts: 0 });
    await ask(ledger, "forgetDays");
    expect(await ask(ledger, "forget")).toEqual({ facts: 0, days: [] });
    expect(await ask(ledger, "publishAgain", null)).toBe(0);
    expect(await waiting(ledger)).toEqual([]);
  });
});

describe("a parked change", () => {
  test("is counted so, and as pending once it goes out again under a new number, once", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    const [change] = (await waiting(ledger)) as [Change];
    await confirm(ledger, [change.seq], "parked");
    expect(await counts(ledger)).toBe("1 0 0 0 1 0");
    expect(await waiting(ledger)).toEqual([]);
    expect(await ask(ledger, "replay", change)).toBe(true);
    expect(await counts(ledger)).toBe("1 0 0 0 0 1");
    expect(await ask(ledger, "replay", change)).toBe(true);
    const again = await waiting(ledger);
    expect(again).toEqual([{ ...change, seq: again[0]?.seq }]);
    expect(again[0]?.seq).toBeGreaterThan(change.seq);
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe("1 1 0 0 0 0");
  });

  test("parks its whole statement until it lands, whatever the others did", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    await confirm(ledger, await seqs(ledger));
    await record(ledger, moved);
    const [away, here] = (await waiting(ledger)) as [Change, Change];
    await confirm(ledger, [here.seq], "parked");
    expect(await counts(ledger)).toBe("2 1 0 0 1 0");
    await confirm(ledger, [away.seq]);
    expect(await counts(ledger)).toBe("2 1 0 0 1 0");
    await ask(ledger, "replay", here);
    expect(await counts(ledger)).toBe("2 1 0 0 0 1");
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe("2 2 0 0 0 0");
  });

  test("twice of one statement is parked until both went out again", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    await confirm(ledger, await seqs(ledger));
    await record(ledger, moved);
    const both = (await waiting(ledger)) as [Change, Change];
    await confirm(ledger, [both[0].seq], "parked");
    await confirm(ledger, [both[1].seq], "parked");
    expect(await counts(ledger)).toBe("2 1 0 0 1 0");
    await ask(ledger, "replay", both[0]);
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe("2 1 0 0 1 0");
    await ask(ledger, "replay", both[1]);
    expect(await counts(ledger)).toBe("2 1 0 0 0 1");
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe("2 2 0 0 0 0");
  });

  test("goes out as what is true today, and before the ledger heard that it is parked", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    const [change] = (await waiting(ledger)) as [Change];
    await record(ledger, moved);
    await confirm(ledger, (await seqs(ledger)).slice(1));
    expect(await ask(ledger, "replay", change)).toBe(true);
    expect(await counts(ledger)).toBe("2 1 0 0 0 1");
    await confirm(ledger, [change.seq], "parked");
    expect(await counts(ledger)).toBe("2 1 0 0 0 1");
    const statement = { id: "ride", revision: 2, retracted: true };
    expect(await waiting(ledger)).toMatchObject([{ day: saturday, statement }]);
  });

  test("that landed after all is parked no more, and does not go out again", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    const [change] = (await waiting(ledger)) as [Change];
    await confirm(ledger, [change.seq], "parked");
    await confirm(ledger, [change.seq, change.seq + 1]);
    expect(await counts(ledger)).toBe("1 1 0 0 0 0");
    await confirm(ledger, [change.seq]);
    expect(await counts(ledger)).toBe("1 1 0 0 0 0");
    await ask(ledger, "replay", change);
    expect(await waiting(ledger)).toEqual([]);
    expect(await counts(ledger)).toBe("1 1 0 0 0 0");
  });

  test("that landed after all leaves its statement waiting for what else came of it", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    await confirm(ledger, await seqs(ledger));
    await record(ledger, moved);
    const [away, here] = (await waiting(ledger)) as [Change, Change];
    await confirm(ledger, [here.seq], "parked");
    await confirm(ledger, [here.seq]);
    expect(await counts(ledger)).toBe("2 1 0 0 0 1");
    await confirm(ledger, [away.seq], "parked");
    expect(await counts(ledger)).toBe("2 1 0 0 1 0");
    await confirm(ledger, [here.seq, away.seq]);
    expect(await counts(ledger)).toBe("2 2 0 0 0 0");
    await record(ledger, { ...ride, revision: 3 });
    const both = await seqs(ledger);
    await confirm(ledger, both.slice(0, 1), "parked");
    await confirm(ledger, both);
    expect(await counts(ledger)).toBe("3 3 0 0 0 0");
  });

  test("of another ledger, or of nothing that is held, is refused", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    const [change] = (await waiting(ledger)) as [Change];
    for (const other of [
      { ...change, ledger: "workouts/another" },
      { ...change, day: tuesday },
      { ...change, statement: { ...copy } },
    ])
      expect(await ask(ledger, "replay", other)).toBe(false);
    expect(await waiting(ledger)).toEqual([change]);
    expect(await counts(ledger)).toBe("1 0 0 0 0 1");
  });
});

describe("what is published again", () => {
  const far = workout({ id: "far", at: morning + 20 * msPerDay });
  const filled = async () => {
    const ledger = fresh();
    await ledger.run([["record", [ride, copy, far]]]);
    await ledger.run([["record", [moved, retracts("copy", 2), retracts("nobody", 1)]]]);
    return ledger;
  };

  test("is all that stands on each of its days, tombstones too, and is not counted", async () => {
    const ledger = await filled();
    const before = await counts(ledger);
    expect(before).toBe("6 6 0 0 0 0");
    expect(await ask(ledger, "publishAgain", null)).toBe(4);
    const said = (await waiting(ledger)).map((c) => [c.day, c.statement]);
    expect(said).toEqual([
      [saturday, retracts("copy", 2)],
      ["2026-12-04", far],
      [saturday, retracts("ride", 2)],
      [tuesday, moved],
    ]);
    expect(await counts(ledger)).toBe("6 5 0 0 0 1");
    const [parked, ...landed] = (await waiting(ledger)) as [Change, ...Change[]];
    await confirm(ledger, [parked.seq], "parked");
    expect(await counts(ledger)).toBe("6 4 0 0 1 1");
    await confirm(
      ledger,
      landed.map((c) => c.seq),
    );
    expect(await counts(ledger)).toBe("6 5 0 0 1 0");
    await ask(ledger, "replay", parked);
    expect(await counts(ledger)).toBe("6 5 0 0 0 1");
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe(before);
    expect(await held(ledger)).toBe(4);
  });

  test("is on its way until the last of it landed, also when nothing but it is parked", async () => {
    const ledger = fresh();
    await record(ledger, ride);
    await confirm(ledger, await seqs(ledger), "parked");
    await ask(ledger, "publishAgain", null);
    expect(await counts(ledger)).toBe("1 0 0 0 0 1");
    await confirm(ledger, await seqs(ledger));
    expect(await counts(ledger)).toBe("1 0 0 0 1 0");
  });

  test("is only what was ever under one of the days that are asked for", async () => {
    const ledger = await filled();
    expect(await ask(ledger, "publishAgain", [tuesday, "2020-01-01"])).toBe(2);
    expect((await waiting(ledger)).map((c) => c.statement.id)).toEqual(["ride", "ride"]);
    expect(await ask(ledger, "publishAgain", ["2020-01-01"])).toBe(0);
    expect(await ask(ledger, "publishAgain", [])).toBe(0);
    const nothing = ["ride", "copy", "nobody"].map((id) => ask(ledger, "daysOf", [id]));
    expect(await Promise.all(nothing)).toEqual([[saturday, tuesday], [saturday], []]);
  });

  test("makes conclusions and sums anew, and every board hears of them", async () => {
    const ledger = await filled();
    const concluded = async () => {
      const { totals, resolved } = await ledger.shown();
      return { totals, resolved };
    };
    const right = await concluded();
    const far = await ledger.ask<{ at: number }>("find", "w_far");
    await ask(ledger, "spoil", [
      ["Sall", '{"all":[7,7,7]}'],
      ["bw_far", null],
      [timed("c", far.at, "w_far"), null],
    ]);
    expect(await concluded()).not.toEqual(right);
    const { cost } = await ledger.run([["publishAgain", [tuesday]]]);
    expect(await concluded()).toEqual(right);
    expect(cost.boards).toBe(1);
    expect(await ledger.shown()).toMatchObject({ isDue: false, changes: [] });
  });

  test("tells boards also of what is the same to the byte: they may have it wrong", async () => {
    const ledger = await filled();
    const settings = { version: 1, zones: [], onBoards: true };
    expect((await ledger.run([["configure", settings]])).cost.boards).toBe(1);
    const again = { ...settings, version: 2, inTeams: true };
    expect((await ledger.run([["configure", again]])).cost.boards).toBe(0);
    expect((await ledger.run([["publishAgain", []]])).cost.boards).toBe(1);
  });
});

describe("a subject that is forgotten", () => {
  test("leaves neither its ended connections nor where it lived, and takes up no settings", async () => {
    const ledger = fresh();
    const moved = { version: 3, zones: [{ zone: "Asia/Tokyo", fromMs: 0 }], onBoards: true };
    await record(ledger, ride);
    await ask(ledger, "configure", moved);
    await ask(ledger, "erase", [], "account", [ride.connection as string]);
    const kept = async () => JSON.stringify((await ledger.shown()).head);
    const traces = [ride.connection as string, "Asia/Tokyo"];
    for (const trace of traces) expect(await kept()).toContain(trace);
    await ask(ledger, "forget");
    await ask(ledger, "configure", { ...moved, version: 4 });
    for (const trace of traces) expect(await kept()).not.toContain(trace);
    expect(await record(ledger, ride)).toEqual(["forgotten"]);
  });
});

describe("what is erased", () => {
  test("is retracted on all its days, and nothing that is said of it counts", async () => {
    const ledger = fresh();
    await ledger.run([["record", [ride, copy, moved]]]);
    expect(await ask(ledger, "erase", ["ride", "unheard"], "account")).toEqual([saturday, tuesday]);
    const revision = Number.MAX_SAFE_INTEGER;
    const gone = { id: "ride", revision, retracted: true };
    expect((await waiting(ledger)).map((c) => [c.day, c.statement])).toEqual([
      [saturday, gone],
      [tuesday, gone],
    ]);
    const later = { ...ride, revision: 1_000_000 };
    expect(await record(ledger, ride, later, workout({ id: "unheard" }))).toEqual(
      Array(3).fill("gone"),
    );
    expect(await resolvedIds(ledger)).toEqual(["w_copy"]);
    expect(await ask(ledger, "erase", ["ride"], "account")).toEqual([saturday, tuesday]);
    expect(await counts(ledger)).toBe("9 4 4 0 0 1");
  });

  test("comes by none of its connections any more, not even what is on its way", async () => {
    const ledger = fresh();
    await ledger.run([
      ["record", [ride]],
      ["erase", [], "account", [ride.connection as string]],
    ]);
    const late = { ...ride, id: "late" } as unknown as OpenFact;
    const other = { ...ride, id: "other", connection: "c_other" } as unknown as OpenFact;
    const gone = { id: "unheard", revision: 1, retracted: true } as OpenStatement;
    expect(await record(ledger, late, other, gone, late)).toEqual([
      "forgotten",
      "new",
      "retracted",
      "forgotten",
    ]);
    const { facts } = await ledger.shown();
    expect(facts.map(({ id }) => id)).toEqual(["other", "ride", "unheard"]);
  });

  test("may come again once its account lifts it, and only then and only that", async () => {
    const ledger = fresh();
    await ledger.run([["record", [ride, copy]]]);
    await ledger.run([
      ["erase", ["ride", "unheard"], "account"],
      ["erase", ["copy"], "another"],
    ]);
    const lifted = await ask<string[]>(ledger, "lift", "account");
    expect(lifted.sort()).toEqual(["ride", "unheard"]);
    expect((await ask<string[]>(ledger, "lift", "account")).sort()).toEqual(["ride", "unheard"]);
    expect(await waiting(ledger)).toEqual([]);
    expect(await resolvedIds(ledger)).toEqual([]);
    expect(await record(ledger, ride, copy)).toEqual(["new", "gone"]);
    expect(await ask(ledger, "lift", "account")).toEqual(["unheard"]);
    expect((await waiting(ledger)).map((c) => [c.day, c.statement])).toEqual([[saturday, ride]]);
    expect(await resolvedIds(ledger)).toEqual(["w_ride"]);
    expect(await held(ledger)).toBe(2);
  });
});
