/** The queue between ledger and archive, at its worst: what it promises is less than we need. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { System } from "../../local/system.ts";
import type { ArchiveFaults } from "../fakes/faults.ts";
import { type Athlete, athlete, type OwnSystem } from "../system/support.ts";
import {
  drillSystem,
  expectAllArrived,
  expectStanding,
  hasStruck,
  ledgerOf,
  pushRide,
  rideOf,
  setFaults,
} from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());

/** Two rides, one of them corrected and moved to another day, all while the queue misbehaves. */
async function deliver(who: Athlete): Promise<void> {
  expect(await pushRide(system, rideOf(who, 1), rideOf(who, 2))).toBe(200);
  const moved = rideOf(who, 2, { startMs: rideOf(who, 3).startMs, distanceM: 21_000 });
  expect(await pushRide(system, moved)).toBe(200);
}

const misbehaviours: readonly (readonly [string, ArchiveFaults])[] = [
  ["delivers every message again", { repeat: true }],
  ["delivers out of order", { reorder: true }],
  ["loses messages, telling nobody", { lose: true }],
  ["fails before the archive saw them", { fail: "before" }],
  ["forgets that the archive has dealt with them", { fail: "after" }],
];

describe("a queue that", () => {
  it.each(misbehaviours)("%s costs no statement and counts none twice", async (name, faults) => {
    const who = await athlete(system, name.replaceAll(/\W/g, "-"));
    await setFaults(system, "archive", faults);
    await deliver(who);
    expect(await hasStruck(system, "archive")).toBeGreaterThan(0);
    if (faults.lose || faults.fail) await setFaults(system, "archive", {});
    await expectAllArrived(system, who.id);
    await setFaults(system, "archive", {});
    await expectStanding(system, who, 2, 41_000);
  });

  it("loses messages does not keep a board waiting for the archive", async () => {
    const who = await athlete(system, "patience");
    await setFaults(system, "archive", { lose: true });
    await setFaults(system, "edge", { board: "before" });
    expect(await pushRide(system, rideOf(who, 1))).toBe(200);
    expect(await hasStruck(system, "archive")).toBeGreaterThan(0);
    await setFaults(system, "edge", {});
    await expectStanding(system, who, 1, 20_000);
    const waiting = await ledgerOf(system, who.id);
    expect(waiting.unconfirmed).toBeGreaterThan(0);
    await setFaults(system, "edge", { board: "before" });
    const beforeMs = Date.now();
    expect(await pushRide(system, rideOf(who, 2))).toBe(200);
    expect(await hasStruck(system, "edge")).toBeGreaterThan(0);
    const { alarmMs } = await ledgerOf(system, who.id);
    expect(alarmMs ?? Number.POSITIVE_INFINITY).toBeLessThan(beforeMs + 10_000);
    await setFaults(system, "edge", {});
    await setFaults(system, "archive", {});
    await expectStanding(system, who, 2, 40_000);
  });
});
