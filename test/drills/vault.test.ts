/** A vault that is away: nothing restricted may wait elsewhere, so doors say "repeat", and mean it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle, pushActivities, syncPhone } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminDetails, googleExercise } from "../fakes/rides.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  phiOf,
  workoutsOf,
} from "../system/support.ts";
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
  struck,
  withinAMinute,
} from "./drill.ts";

const uuids = {
  kept: "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E01",
  gone: "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E02",
};

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());

/** Rows and groups of columns that are sealed for a member, whatever they say. */
async function sealedOf(who: Athlete): Promise<string[]> {
  const phi = await phiOf(system, who);
  const { results } = await phi
    .prepare("SELECT row_id, group_name FROM sealed WHERE member = ? AND group_name <> 'token'")
    .bind(who.id)
    .all<{ row_id: string; group_name: string }>();
  return results.map((r) => `${r.row_id} ${r.group_name}`);
}

const rowsOf = async (who: Athlete): Promise<number> => {
  const { facts } = await ledgerOf(system, who.id);
  const rows = (await sealedOf(who)).map((cell) => cell.split(" ")[0]);
  return facts.filter((f) => rows.includes(f.id)).length;
};

describe("a vault that fails to seal", () => {
  it.each(["before", "after"] as const)(
    "%s it wrote is answered as unavailable, and the same delivery again completes it",
    async (when) => {
      const who = await athlete(system, `seal-${when}`);
      const rides = [rideOf(who, 1), rideOf(who, 2)].map(garminDetails);
      const phone = [appleWorkout({ ...rideOf(who, 3), id: uuids.gone })];
      await setFaults(system, "vault", { seal: when });
      for (let i = 0; i < 2; i++) {
        expectUnavailable(await pushActivities(system, ...rides));
        expectUnavailable(await syncPhone(system, who, "key", phone));
      }
      expect(await workoutsOf(system, who)).toEqual([]);
      await setFaults(system, "vault", {});
      expect((await pushActivities(system, ...rides)).status).toBe(200);
      const synced = await syncPhone(system, who, "key", phone);
      expect(synced).toMatchObject({ status: 200, body: { synced: 1, duplicates: 0 } });
      await expectStanding(system, who, 3, 60_000);
      for (const { id } of await workoutsOf(system, who))
        expect((await heartRateOf(system, who, id))?.length).toBeGreaterThan(10);
      const sealed = await sealedOf(who);
      expect((await pushActivities(system, ...rides)).status).toBe(200);
      expect((await sealedOf(who)).sort()).toEqual(sealed.sort());
      await expectAllArrived(system, who.id);
    },
  );

  it("or to lend its tokens costs a pull nothing but time", async () => {
    const people: Athlete[] = [];
    for (const faults of [{ seal: "after" }, { connect: "after" }] as const) {
      const who = await athlete(system, `pull-${people.length}`);
      people.push(who);
      const told = googleExercise({ ...rideOf(who, 1), account: who.google, id: "94001" });
      system.provider.setExercise(who.google, told.point);
      system.provider.setHeartRate(who.google, told.heartRate);
      await setFaults(system, "vault", faults);
      const { startMs } = rideOf(who, 1);
      const noticed = await notifyGoogle(system, who.google, startMs, startMs + 3_600_000);
      expect(noticed.status).toBe(204);
      expect(await hasStruck(system, "vault")).toBeGreaterThan(0);
      await setFaults(system, "vault", {});
    }
    for (const who of people) await expectStanding(system, who, 1, 20_000);
  });
});

describe("a vault that fails to open", () => {
  it("is answered as unavailable, and every look that it took is in the member's log", async () => {
    const who = await athlete(system, "open");
    expect(await pushRide(system, rideOf(who, 1))).toBe(200);
    const [workout] = await workoutsOf(system, who);
    const path = `/v1/members/${who.id}/readings/heart_rate?workout=${workout.id}`;
    const looks = async () =>
      (await call(system.url, "GET", "/v1/access-log", { token: who.token })).body.items.length;
    for (const when of ["before", "after"] as const) {
      const before = await looks();
      await setFaults(system, "vault", { open: when });
      expectUnavailable(await call(system.url, "GET", path, { token: who.token }));
      await setFaults(system, "vault", {});
      expect(await looks()).toBe(before + (when === "after" ? 1 : 0));
    }
    expect((await heartRateOf(system, who, workout.id))?.length).toBeGreaterThan(10);
  });
});

describe("a deletion while the vault is away", () => {
  it.each(["before", "after"] as const)(
    "is received, and its readings are gone once the vault is back (failing %s)",
    async (when) => {
      const who = await athlete(system, `retract-${when}`);
      const kept = appleWorkout({ ...rideOf(who, 1), id: uuids.kept });
      const gone = appleWorkout({ ...rideOf(who, 2), id: uuids.gone });
      expect((await syncPhone(system, who, "both", [kept, gone])).status).toBe(200);
      expect(await rowsOf(who)).toBe(2);
      await setFaults(system, "vault", { retract: when });
      expect((await syncPhone(system, who, "delete", [], [uuids.gone])).status).toBe(200);
      expect(await hasStruck(system, "vault")).toBeGreaterThan(0);
      await expectStanding(system, who, 1, 20_000);
      expect((await ledgerOf(system, who.id)).unconfirmed).toBeGreaterThan(0);
      await setFaults(system, "vault", {});
      const left = await withinAMinute(
        () => rowsOf(who),
        (n) => n === 1,
      );
      expect(left).toBe(1);
      expect((await syncPhone(system, who, "create again", [gone])).status).toBe(200);
      expect(await rowsOf(who)).toBe(1);
      await expectAllArrived(system, who.id);
      await expectStanding(system, who, 1, 20_000);
      expect(await struck(system, "vault")).toBe(0);
    },
  );
});
