/** A ledger of what the vault resolves: it keeps and publishes facts, and asks before it repeats them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LedgerReport, OpenFact, RecordOutcome } from "../../domain/ports.ts";
import { addDays } from "../../domain/time.ts";
import { chunkOf, dayOf } from "../domain/samples/open-facts.ts";
import { type LoneLedger, type LoneLedgers, startLedgers } from "./lone-ledger.ts";

const day = "2026-11-14";
const chunks = 12;
/** What one sync of a day hands over: its chunks and the day. */
const batch = (revision: number): OpenFact[] => [
  ...Array.from({ length: chunks }, (_, i) => chunkOf(day, `c${i}`, { revision })),
  dayOf(day, { revision, steps: 1000 * revision }),
];

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(() => ledgers.end());

let serial = 0;
const fresh = (): LoneLedger => ledgers.named(`mem_${serial++}`, "samples");
const steps = async (ledger: LoneLedger) =>
  (await ledger.shown()).facts.flatMap(({ id, body }) =>
    id.startsWith("day/") ? [(body as { steps: number }).steps] : [],
  );

describe("a batch of twelve chunks and a day that were there before", () => {
  test("costs a row, an alarm and a message; and a row once all is told and confirmed", async () => {
    const ledger = fresh();
    await ledger.run([["record", batch(1)]]);
    const { cost: whole } = await ledger.run([["record", batch(2)]]);
    expect(whole).toMatchObject({ written: 2, alarms: 1, messages: 1, boards: 0 });
    const { cost: recorded } = await ledger.run([["record", batch(3)]], false);
    expect(recorded).toMatchObject({ written: 1, alarms: 1 });
  });

  test("leaves no conclusion, no sum and nothing for a board", async () => {
    const ledger = fresh();
    await ledger.run([["record", batch(1)]]);
    const nothing = { resolved: [], counted: [], totals: {}, isDue: false };
    expect(await ledger.shown()).toMatchObject(nothing);
    const report = await ledger.ask<LedgerReport>("report");
    expect(report).toMatchObject({ received: 13, applied: 13, pending: 0, held: 13 });
  });

  test("said again is known, and costs nothing", async () => {
    const ledger = fresh();
    await ledger.run([["record", batch(1)]]);
    const { answers, cost } = await ledger.run([["record", batch(1)]]);
    expect(new Set(answers[0] as RecordOutcome[])).toEqual(new Set(["duplicate"]));
    expect(cost).toMatchObject({ written: 0, alarms: 0, messages: 0 });
    expect(await ledger.ask<LedgerReport>("report")).toMatchObject({ received: 26, duplicate: 13 });
  });
});

describe("asked to publish again", () => {
  const outbox = async (ledger: LoneLedger) => (await ledger.shown()).changes;

  test("it asks the vault for those days first, and says what that says", async () => {
    const ledger = fresh();
    const next = addDays(day, 1);
    await ledger.run([["record", [...batch(1), dayOf(next, { steps: 5 })]]]);
    await ledger.ask("vaultSays", [
      dayOf(day, { revision: 2, steps: 1234 }),
      dayOf(next, { steps: 9 }),
    ]);
    const { answers } = await ledger.run([["publishAgain", [day, "2030-01-01"]]], false);
    expect(answers).toEqual([chunks + 1]);
    expect(await steps(ledger)).toEqual([1234, 5]);
    // The correction, and then all of that day.
    expect(await outbox(ledger)).toHaveLength(1 + chunks + 1);
    expect(await ledger.ask("vaultSays", [])).toEqual([[day]]);
  });

  test("of all days it asks for all that it has, and takes on no day that nothing is on", async () => {
    const ledger = fresh();
    const others = Array.from({ length: 40 }, (_, i) => addDays(day, -1 - i));
    const held = others.map((other) => chunkOf(other, "c"));
    await ledger.run([["record", [...batch(1), ...held]]]);
    const nothing = others.map((other) => dayOf(other, { steps: 0, distanceMm: 0, energyMcal: 0 }));
    await ledger.ask("vaultSays", [dayOf(day, { revision: 1, steps: 7 }), ...nothing]);
    await ledger.ask("publishAgain", null);
    expect(await steps(ledger)).toEqual([1000]);
    const asked = await ledger.ask<string[][]>("vaultSays", []);
    expect(asked.map((days) => days.length)).toEqual([31, 10]);
    expect(asked.flat()).toEqual([...others, day].sort());
    const report = await ledger.ask<LedgerReport>("report");
    expect(report.received).toBe(13 + 40);
  });

  test("it hears of a day that it was never told, where it had a chunk of it", async () => {
    const ledger = fresh();
    await ledger.run([["record", [chunkOf(day, "c")]]]);
    await ledger.ask("vaultSays", [dayOf(day, { steps: 77 })]);
    expect(await ledger.ask("publishAgain", [day])).toBe(2);
    expect(await steps(ledger)).toEqual([77]);
  });

  test("while the vault does not answer it fails, and nothing goes out", async () => {
    const ledger = fresh();
    await ledger.run([["record", batch(1)]]);
    await ledger.ask("vaultSays", null);
    await expect(ledger.ask("publishAgain", [day])).rejects.toThrow("does not answer");
    expect(await outbox(ledger)).toEqual([]);
    await ledger.ask("vaultSays", [dayOf(day, { steps: 1000 })]);
    expect(await ledger.ask("publishAgain", [day])).toBe(chunks + 1);
  });

  test("once it is forgotten it asks nobody", async () => {
    const ledger = fresh();
    await ledger.run([["record", batch(1)], ["forget"]]);
    expect(await ledger.ask("publishAgain", null)).toBe(0);
    expect(await ledger.ask("vaultSays", [])).toEqual([]);
  });
});
