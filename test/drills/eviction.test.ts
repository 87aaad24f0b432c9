/** An object may be put out of memory between any two calls: nothing that matters is only there. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle, syncPhone } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, googleExercise } from "../fakes/rides.ts";
import { athlete, heartRateOf, type OwnSystem, workoutsOf } from "../system/support.ts";
import {
  drillSystem,
  expectAllArrived,
  expectStanding,
  pushRide,
  rideOf,
  withinAMinute,
} from "./drill.ts";

const uuids = {
  gone: "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E01",
  other: "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E02",
  repeated: "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E03",
};

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());

/** One that is in the middle of something is waited for, so many times. */
const triesMax = 5;
/**
 * The emulator lets an object that it is told to put out hear nothing more, so that a turn of reading
 * goes on until its calls are over time: 10 s each, a minute in all, at every eviction that meets one.
 */
const drillWithinMs = 600_000;

/** How many objects were in memory; those that were not need no eviction. */
async function evictEverything(): Promise<number> {
  const { mf } = system.runtime;
  let evicted = 0;
  for (const objects of ["Ledger", "Connection", "Board", "BoardRoot", "Live"])
    for (const id of await mf.listDurableObjectIds(objects, "singlet-edge"))
      if (await evict(objects, id)) evicted++;
  return evicted;
}

/** False: it was not there. */
async function evict(objects: string, id: string, tries = 1): Promise<boolean> {
  try {
    await system.runtime.mf.unsafeEvictDurableObject("singlet-edge", objects, { id });
    return true;
  } catch (error) {
    if (String(error).includes("not currently running")) return false;
    if (tries === triesMax || !String(error).includes("active references")) throw error;
    return evict(objects, id, tries + 1);
  }
}

describe("with every object put out of memory after every delivery", {
  timeout: drillWithinMs,
}, () => {
  it("workouts, boards, readings, connections and the archive are complete", async () => {
    const who = await athlete(system, "evicted");
    const third = rideOf(who, 3);
    const told = googleExercise({ ...third, account: who.google, id: "93001" });
    system.provider.setExercise(who.google, told.point);
    system.provider.setHeartRate(who.google, told.heartRate);
    const deliveries: (() => Promise<number>)[] = [
      () => pushRide(system, rideOf(who, 1)),
      () => pushRide(system, rideOf(who, 2), rideOf(who, 1, { distanceM: 22_000 })),
      async () =>
        (await notifyGoogle(system, who.google, third.startMs, third.startMs + 3_600_000)).status,
      async () =>
        (await syncPhone(system, who, "one", [appleWorkout({ ...rideOf(who, 1), id: uuids.gone })]))
          .status,
      async () =>
        (
          await syncPhone(system, who, "two", [
            appleWorkout({ ...rideOf(who, 4), id: uuids.other }),
          ])
        ).status,
      async () => (await syncPhone(system, who, "three", [], [uuids.gone])).status,
    ];
    for (const deliver of deliveries) {
      expect([200, 204]).toContain(await deliver());
      expect(await evictEverything()).toBeGreaterThan(0);
    }
    await expectStanding(system, who, 4, 82_000);
    await evictEverything();
    await expectAllArrived(system, who.id);
    await evictEverything();
    await expectStanding(system, who, 4, 82_000);
    for (const { id } of await workoutsOf(system, who))
      expect((await heartRateOf(system, who, id))?.length).toBeGreaterThan(10);
    const connections = await withinAMinute(
      async () =>
        (await call(system.url, "GET", "/v1/connections", { token: who.token })).body.items,
      (items) => items.every((c: { status: string }) => c.status === "connected"),
    );
    expect(connections.map((c: { status: string }) => c.status)).not.toContain("behind");
    expect(connections).toHaveLength(3);
  });

  it("a batch that a phone repeats is still answered the same", async () => {
    const who = await athlete(system, "repeated");
    const batch = [appleWorkout({ ...rideOf(who, 1), id: uuids.repeated })];
    const first = await syncPhone(system, who, "same", batch);
    await evictEverything();
    expect((await syncPhone(system, who, "same", batch)).body).toEqual(first.body);
    await evictEverything();
    const other = await syncPhone(system, who, "another", batch);
    expect(other.body).toMatchObject({ synced: 0, duplicates: 1 });
    await expectStanding(system, who, 1, 20_000);
  });
});
