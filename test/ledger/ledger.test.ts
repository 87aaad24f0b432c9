/** The ledger object as its callers see it, over its real tables in workerd. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Decided, DecideRefusal, OpenFact } from "../../domain/ports.ts";
import type { Decision } from "../../domain/stream.ts";
import { msPerDay } from "../../domain/time.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import { ownerOnlyProviders } from "../../providers/index.ts";
import { fromApple, fromGoogle, hour, minute, morning, workout } from "../domain/workouts/facts.ts";
import { chain } from "../kernel/chain.ts";
import { retracts } from "../kernel/statements.ts";
import { fromScratch } from "../kernel/worlds.ts";
import { type LoneLedger, type LoneLedgers, startLedgers } from "./lone-ledger.ts";

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(() => ledgers.end());

let serial = 0;
async function ledgerOf(...facts: OpenFact[]): Promise<LoneLedger> {
  const ledger = ledgers.named(`mem_${serial++}`);
  await ledger.run([["record", facts]]);
  return ledger;
}

/** An id that is as long as a digest, so that what a workout's id holds of it is only its head. */
const long = (name: string) => `${name}-${"x".repeat(40)}`;
const idOf = (name: string) => `w_${long(name).slice(0, 26)}`;

const device = workout({ id: long("device") });
const phone = workout({ id: long("phone"), ...fromGoogle, method: "phone" });
const typed = workout({ id: long("typed"), ...fromApple, method: "manual" });
const other = workout({ id: long("other"), at: morning + 2 * msPerDay, distanceMm: 9_000_000 });

const sourcesOf = (w: ResolvedWorkout | null) => w?.sources.map((s) => s.fact.split("-")[0]);
const found = async (ledger: LoneLedger, name: string) =>
  sourcesOf(await ledger.ask<ResolvedWorkout | null>("find", idOf(name)));

describe("an id that was once given out", () => {
  test("answers the workout that its anchor is a part of now", async () => {
    const ledger = await ledgerOf(phone);
    expect(await found(ledger, "phone")).toEqual(["phone"]);
    await ledger.costOf(device);
    expect(await found(ledger, "device")).toEqual(["device", "phone"]);
    expect(await found(ledger, "phone")).toEqual(["device", "phone"]);
  });

  test("answers whoever its retracted anchor left its place to, along the whole chain", async () => {
    const ledger = await ledgerOf(device, phone, typed);
    await ledger.costOf(retracts(device.id, 2));
    expect(await found(ledger, "device")).toEqual(["phone", "typed"]);
    await ledger.costOf(retracts(phone.id, 2));
    expect(await found(ledger, "device")).toEqual(["typed"]);
    expect(await found(ledger, "phone")).toEqual(["typed"]);
    await ledger.costOf(retracts(typed.id, 2));
    expect(await found(ledger, "device")).toBeUndefined();
  });

  test("answers the anchor's own workout again when the anchor returns", async () => {
    const ledger = await ledgerOf(device, phone);
    await ledger.costOf(retracts(device.id, 2));
    await ledger.costOf({ ...device, revision: 3, at: morning + msPerDay });
    expect(await found(ledger, "device")).toEqual(["device"]);
    expect(await found(ledger, "phone")).toEqual(["phone"]);
  });

  test.each(["w_", "w_nobody", "", "w_~", "device", "%"])(
    "that nobody gave out (%j) answers nothing",
    async (id) => {
      expect(await (await ledgerOf(device)).ask("find", id)).toBeNull();
    },
  );
});

describe("a decision", () => {
  const split = { id: "split-1", decision: "split", sides: [[device.id], [phone.id]] };
  const join = { id: "join-1", decision: "join", sides: [[device.id, other.id]] };
  const clear = { id: "clear-1", decision: "clear", sides: [[device.id]] };
  const decisions = async (ledger: LoneLedger) =>
    (await ledger.ask<Decision[]>("decisions", 10)).map((d) => d.id);
  const byHand = ["split", "join"];

  test("answers what its records resolve to now, and is listed, the newest first", async () => {
    const ledger = await ledgerOf(device, phone, other);
    const said = await ledger.ask<Decided>("decide", split);
    expect((said.resolved as ResolvedWorkout[]).map(sourcesOf)).toEqual([["device"], ["phone"]]);
    const joined = await ledger.ask<Decided>("decide", join);
    expect((joined.resolved as ResolvedWorkout[]).map(sourcesOf)).toEqual([["device", "other"]]);
    expect(await decisions(ledger)).toEqual(["join-1", "split-1"]);
    expect(await found(ledger, "phone")).toEqual(["phone"]);
  });

  test("taken back is listed no more, and all is as it was", async () => {
    const ledger = await ledgerOf(device, phone, other);
    const bytes = async () => (await ledger.shown()).resolved;
    const before = await bytes();
    await ledger.run([
      ["decide", split],
      ["decide", join],
    ]);
    expect(await bytes()).not.toEqual(before);
    const back = await ledger.ask<Decided>("takeBack", "split-1", byHand);
    expect(back.resolved).toHaveLength(1);
    expect(await decisions(ledger)).toEqual(["join-1"]);
    await ledger.ask("takeBack", "join-1", byHand);
    expect(await bytes()).toEqual(before);
    expect(await decisions(ledger)).toEqual([]);
  });

  test("is taken back only by whoever may take back its kind", async () => {
    const ledger = await ledgerOf(device);
    await ledger.ask("decide", clear);
    const refusal: DecideRefusal = { refused: "not-found" };
    expect(await ledger.ask("takeBack", "clear-1", byHand)).toEqual(refusal);
    expect(await ledger.ask("takeBack", device.id, byHand)).toEqual(refusal);
    expect(await ledger.ask("takeBack", "nobody", byHand)).toEqual(refusal);
    expect(await decisions(ledger)).toEqual(["clear-1"]);
    expect(await ledger.ask("takeBack", "clear-1", ["clear"])).toMatchObject({
      decision: "clear-1",
    });
  });

  test("is refused about what is not there, or too far away", async () => {
    const ledger = await ledgerOf(device, { ...other, at: morning + 30 * msPerDay });
    expect(await ledger.ask("decide", split)).toEqual({ refused: "not-found" });
    expect(await ledger.ask("decide", join)).toEqual({ refused: "too-far-apart" });
    expect(await decisions(ledger)).toEqual([]);
  });

  test("is among what a ledger forgets", async () => {
    const ledger = await ledgerOf(device, phone);
    await ledger.ask("decide", split);
    expect(await ledger.ask("forget")).toEqual({ facts: 2, days: ["2026-11-14"] });
    expect(await decisions(ledger)).toEqual([]);
    expect(await ledger.ask("decide", split)).toEqual({ refused: "not-found" });
    // What was under way when it forgot leaves nothing either.
    await ledger.ask("number", [{ id: "late", content: "digest" }]);
    await ledger.ask("remember", "key", "body", "reply");
    expect((await ledger.shown()).entries).toBe(0);
    expect(await ledger.ask("rows", "SELECT * FROM page")).toEqual([]);
    const rows = await ledger.ask<{ body: string }[]>("rows", "SELECT body FROM state");
    expect(rows.map(({ body }) => body.split("\n").length)).toEqual([1]);
  });
});

describe("the tables", () => {
  const settings = { zones: [], ownerOnly: ownerOnlyProviders };
  const held = async (ledger: LoneLedger) => {
    const { resolved, totals } = await ledger.shown();
    return { resolved, totals };
  };

  test.each([
    ["hours", 30, 5 * hour],
    ["days", 200, 60 * hour],
  ])("hold what the whole set resolves to, of records that last for %s", async (_, days, every) => {
    const all = chain(days, every).map((f, i) => (i % 5 === 0 ? { ...f, elapsedMs: hour } : f));
    const ledger = await ledgerOf();
    const shuffled = all.map((_, i) => all[(i * 89) % all.length] as OpenFact);
    for (let i = 0; i < shuffled.length; i += 10) await ledger.costOf(...shuffled.slice(i, i + 10));
    expect(await held(ledger)).toEqual(fromScratch(all, settings));
    const gone = all.filter((_, i) => i % 7 === 3);
    await ledger.costOf(...gone.map((f) => retracts(f.id, 2)));
    const rest = all.filter((f) => !gone.includes(f));
    expect(await held(ledger)).toEqual(fromScratch(rest, settings));
  });

  test("keep a confirmed change no longer, in whatever order confirmations come", async () => {
    const rides = [0, 1, 2, 3].map((n) =>
      workout({ id: `ride-${n}`, at: morning + n * msPerDay + n * minute }),
    );
    const ledger = ledgers.named(`mem_${serial++}`);
    await ledger.run([["record", rides]], false);
    const seqs = async () => (await ledger.shown()).changes.map(({ seq }) => seq);
    const [first = 0, second = 0, third = 0, fourth = 0] = await seqs();
    await ledger.run([["confirm", "archive", [second, fourth]]], false);
    expect(await seqs()).toEqual([first, third]);
    await ledger.run([["confirm", "archive", [first]]], false);
    expect(await seqs()).toEqual([third]);
    await ledger.run([["confirm", "archive", [third, second]]], false);
    expect(await seqs()).toEqual([]);
  });
});
