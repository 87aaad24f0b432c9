/** What operators see of money and of flow, running: a ride that three told is on the bill, and counted. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samplesAStatement } from "../../domain/bill.ts";
import { eventually } from "../../local/deliveries.ts";
import { call, operatorToken } from "../../local/people.ts";
import { runSweep, type System } from "../../local/system.ts";
import { tell } from "./same-ride.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "./support.ts";

let own: OwnSystem;
let system: System;
let operator: string;
let ada: Athlete;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
  operator = await operatorToken(system);
  ada = await athlete(system, "ada");
});
afterAll(() => own.end());

const get = (path: string, token = operator) => call(system.url, "GET", path, { token });
// biome-ignore lint/suspicious/noExplicitAny: the documented shape of a bill.
const billed = async (): Promise<any> => {
  await runSweep(system);
  return (await get("/v1/ops/bill")).body;
};

/** Statements that took effect, as the bill says them. */
function statementsOf({ causes }: { readonly causes: readonly { of: string; n: number }[] }) {
  const nOf = (of: string) => causes.find((cause) => cause.of === of)?.n ?? 0;
  return { facts: nOf("facts"), samples: nOf("samples") / samplesAStatement };
}

describe("the bill", () => {
  it("is for operators", async () => {
    expect((await get("/v1/ops/bill", ada.token)).status).toBe(403);
  });

  it("has the facts of a ride that three told, and says a million's price beside them", async () => {
    for (const source of ["garmin", "google", "apple"] as const) await tell(system, source, ada);
    const both = async () => {
      const bill = await billed();
      const { body: balance } = await get("/v1/ops/balance");
      return { bill, balance, ...statementsOf(bill) };
    };
    type Seen = Awaited<ReturnType<typeof both>>;
    // Their ledgers of rides and of samples each report in their own time.
    const isWhole = ({ facts, samples, balance }: Seen) =>
      facts >= 3 && samples > 0 && facts + samples === balance.received - balance.duplicate;
    await eventually(both, isWhole);
    await tell(system, "apple", ada, 2);
    // What is said again takes no effect and is not billed; a provider may be read twice unasked.
    const { bill, balance, facts, samples } = await eventually(
      both,
      (seen) => isWhole(seen) && seen.balance.duplicate > 0,
    );
    expect(balance.duplicate).toBeGreaterThan(0);
    expect(facts + samples).toBe(balance.received - balance.duplicate);
    expect(bill).toMatchObject({ members: 1, reckoned: true });
    expect(bill.dollars).toBeGreaterThan(0);
    expect(bill.items.map((item: { part: string }) => item.part)).toContain("ledger");
  });
});

describe("what a provider gave", () => {
  it("is counted as recorded, whether it was delivered or read", async () => {
    const recordedBy = async (): Promise<Record<string, number>> => {
      const { body } = await get("/v1/ops/providers");
      return Object.fromEntries(
        body.items.map((item: { provider: string; gate: { recorded: { recorded: number } } }) => [
          item.provider,
          item.gate.recorded.recorded,
        ]),
      );
    };
    const seen = await eventually(
      recordedBy,
      (by) => (by.garmin ?? 0) >= 2 && (by["google-health"] ?? 0) > 1,
    );
    // Garmin said the ride and then its details; of Google's, its heart rate is recorded too.
    expect(seen).toMatchObject({ garmin: 2, strava: 0 });
    expect(seen["google-health"]).toBeGreaterThan(1);
  });
});
