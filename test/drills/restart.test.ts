/**
 * A whole runtime that stops the moment after it said "received": what was only in memory (the
 * queue's messages, publishing under way, a pull) is gone, what was promised is not.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle, syncPhone } from "../../local/deliveries.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, googleExercise } from "../fakes/rides.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  workoutsOf,
} from "../system/support.ts";
import {
  drillSystem,
  expectAllArrived,
  expectStanding,
  killRuntime,
  pushRide,
  rideOf,
  withinAMinute,
} from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());

/** One delivery through every door; the last answer is the last thing before the stop. */
async function deliverEverywhere(who: Athlete, key: string): Promise<void> {
  const told = googleExercise({ ...rideOf(who, 2), account: who.google, id: "91002" });
  system.provider.setExercise(who.google, told.point);
  system.provider.setHeartRate(who.google, told.heartRate);
  const phone = appleWorkout({ ...rideOf(who, 3), id: "0F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E77" });
  const { startMs } = rideOf(who, 2);
  const [synced, noticed, pushed] = await Promise.all([
    syncPhone(system, who, key, [phone]),
    notifyGoogle(system, who.google, startMs, startMs + 3_600_000),
    pushRide(system, rideOf(who, 1), rideOf(who, 4)),
  ]);
  expect([synced.status, noticed.status, pushed]).toEqual([200, 204, 200]);
}

async function expectComplete(who: Athlete): Promise<void> {
  await expectStanding(system, who, 4, 80_000);
  for (const { id } of await workoutsOf(system, who)) {
    const samples = await withinAMinute(
      () => heartRateOf(system, who, id),
      (s) => s !== null,
    );
    expect(samples?.length).toBeGreaterThan(10);
  }
  await expectAllArrived(system, who.id);
}

describe("a runtime", () => {
  it("that is started anew right after an answer loses nothing and doubles nothing", async () => {
    const who = await athlete(system, "restarted");
    await deliverEverywhere(who, "before the restart");
    await system.restart();
    await expectComplete(who);
  });

  it.runIf(process.platform === "linux")(
    "that is killed with work in hand loses nothing",
    async () => {
      const who = await athlete(system, "killed");
      await deliverEverywhere(who, "before the kill");
      await killRuntime(system);
      await expectComplete(who);
      await deliverEverywhere(who, "before the kill");
      await expectComplete(who);
    },
  );
});
