/** Boards and ledgers that fail for a while: what was received is received, the rest is repeated. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, syncPhone } from "../../local/deliveries.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminDetails } from "../fakes/rides.ts";
import { athlete, heartRateOf, type OwnSystem, workoutsOf } from "../system/support.ts";
import {
  drillSystem,
  expectAllArrived,
  expectStanding,
  expectUnavailable,
  hasStruck,
  ledgerOf,
  pushRide,
  rideOf,
  setFaults,
  standingOf,
} from "./drill.ts";

const uuid = "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E01";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());

describe("boards that fail", () => {
  it.each(["before", "after"] as const)(
    "%s they wrote cost no answer, and have every number once they are back",
    async (when) => {
      const who = await athlete(system, `board-${when}`);
      await setFaults(system, "edge", { board: when });
      expect(await pushRide(system, rideOf(who, 1))).toBe(200);
      expect(await pushRide(system, rideOf(who, 2))).toBe(200);
      expect(await hasStruck(system, "edge", 12)).toBeGreaterThanOrEqual(12);
      expect(await workoutsOf(system, who)).toHaveLength(2);
      expect((await ledgerOf(system, who.id)).unpublished).toBeGreaterThan(0);
      expect(await pushRide(system, rideOf(who, 2, { distanceM: 23_000 }))).toBe(200);
      await setFaults(system, "edge", {});
      await expectStanding(system, who, 2, 43_000);
      await expectAllArrived(system, who.id);
    },
  );
});

describe("a ledger that fails", () => {
  it.each(["before", "after"] as const)(
    "%s its commit is answered as unavailable, and the same delivery again completes it",
    async (when) => {
      const who = await athlete(system, `ledger-${when}`);
      const rides = [rideOf(who, 1), rideOf(who, 2)].map(garminDetails);
      await setFaults(system, "edge", { ledger: when });
      for (let i = 0; i < 3; i++) expectUnavailable(await pushActivities(system, ...rides));
      expect((await standingOf(system, who)).workouts).toBe(when === "before" ? 0 : 2);
      await setFaults(system, "edge", {});
      expect((await pushActivities(system, ...rides)).status).toBe(200);
      await expectStanding(system, who, 2, 40_000);
      await expectAllArrived(system, who.id);
      for (const { id } of await workoutsOf(system, who))
        expect((await heartRateOf(system, who, id))?.length).toBeGreaterThan(10);
      expect((await ledgerOf(system, who.id)).facts).toHaveLength(2);
    },
  );

  it("after its commit makes a phone repeat, and its numbers stay the same", async () => {
    const who = await athlete(system, "phone");
    const batch = [appleWorkout({ ...rideOf(who, 1), id: uuid })];
    await setFaults(system, "edge", { ledger: "after" });
    expectUnavailable(await syncPhone(system, who, "key", batch));
    await setFaults(system, "edge", {});
    const again = await syncPhone(system, who, "key", batch);
    expect(again).toMatchObject({ status: 200, body: { synced: 0, duplicates: 1, errors: 0 } });
    await expectStanding(system, who, 1, 20_000);
    await setFaults(system, "edge", { ledger: "after" });
    expectUnavailable(await syncPhone(system, who, "gone", [], [uuid]));
    await setFaults(system, "edge", {});
    expect((await syncPhone(system, who, "gone", [], [uuid])).status).toBe(200);
    const empty = { workouts: 0, distanceMm: null, count: null };
    await expectAllArrived(system, who.id);
    expect(await standingOf(system, who)).toEqual(empty);
  });
});
