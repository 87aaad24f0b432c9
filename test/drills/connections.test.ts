/**
 * What is said of an account without proof, what a ping leads to, whose an account is, and how a
 * member sees it all happen: over the real runtime and a provider that has its own word.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, pushGarmin } from "../../local/deliveries.ts";
import { link, linkInBrowser } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { fitOf, ride as recording } from "../fakes/activity-files.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import {
  type Athlete,
  as,
  athlete,
  heartRateOf,
  type OwnSystem,
  workoutsOf,
} from "../system/support.ts";
import { askedOf, expectState, quiet, shownOf } from "./connection-drill.ts";
import { drillSystem, expectStanding, pushRide, rideOf, withinAMinute } from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  // A day's members link within a minute.
  const budgets = JSON.stringify({ garmin: { minute: 1_000_000, day: 1_000_000 } });
  own = await drillSystem({ vars: { edge: { PROVIDER_BUDGETS: budgets } } });
  system = own.system;
});
afterAll(() => own.end());

const asked = (who: Athlete, path: string) =>
  askedOf(system, who.garmin).filter((request) => request.path.endsWith(path)).length;

describe("an account that another member holds", () => {
  it.each(["with a token", "by the browser"])("is refused %s, and both are told", async (how) => {
    const holder = await athlete(system, `holder ${how}`);
    const claimant = await athlete(system, `claimant ${how}`);
    const by = how === "with a token" ? link : linkInBrowser;
    expect((await by(system, claimant, "garmin", holder.garmin)).status).toBe(409);
    for (const [who, side] of [
      [holder, "holder"],
      [claimant, "claimant"],
    ] as const) {
      const { body } = await as(system, who).get("/v1/connections");
      expect(body.refusedClaims.map((one: { side: string }) => one.side)).toEqual([side]);
      expect(body.items).toHaveLength(2);
    }
    await pushRide(system, rideOf(holder, 1));
    await expectStanding(system, holder, 1, 20_000);
    expect(await workoutsOf(system, claimant)).toEqual([]);
  });
});

/** One who has ridden, linked, and whose history was looked for. */
async function rider(key: string): Promise<Athlete> {
  const who = await athlete(system, key);
  await pushRide(system, rideOf(who, 1));
  await expectStanding(system, who, 1, 20_000);
  await quiet(system, who, "garmin");
  return who;
}

const claims = (who: Athlete) => shownOf(system, who, "garmin");

describe("said by somebody who knows the path,", () => {
  it("a deregistration that the provider denies changes nothing and is forgotten", async () => {
    const who = await rider("forged-end");
    const before = askedOf(system, who.garmin).length;
    const said = await pushGarmin(system, { deregistrations: [{ userId: who.garmin }] });
    expect(said.status).toBe(200);
    const asks = await withinAMinute(
      async () => askedOf(system, who.garmin).length,
      (n) => n > before,
    );
    expect(asks).toBeGreaterThan(before);
    const shown = await withinAMinute(
      () => claims(who),
      (c) => c?.unconfirmed.length === 0,
    );
    expect(shown).toMatchObject({ status: "connected", unconfirmed: [] });
    await expectStanding(system, who, 1, 20_000);
    await pushRide(system, rideOf(who, 2));
    await expectStanding(system, who, 2, 40_000);
  });

  it("a change of permissions that the provider denies changes nothing and is forgotten", async () => {
    const who = await rider("forged-permissions");
    const before = asked(who, "/user/permissions");
    const change = { userId: who.garmin, permissions: [], changeTimeInSeconds: 1_790_000_000 };
    expect((await pushGarmin(system, { userPermissionsChange: [change] })).status).toBe(200);
    const asks = await withinAMinute(
      async () => asked(who, "/user/permissions"),
      (n) => n > before,
    );
    expect(asks).toBeGreaterThan(before);
    const shown = await withinAMinute(
      () => claims(who),
      (c) => c?.unconfirmed.length === 0,
    );
    expect(shown).toMatchObject({ status: "connected", why: null, unconfirmed: [] });
  });

  it("a change of permissions that the provider confirms is said to the member", async () => {
    const who = await rider("true-permissions");
    system.provider.garmin.setPermissions(who.garmin, ["HEALTH_EXPORT"]);
    const change = { userId: who.garmin, permissions: ["HEALTH_EXPORT"] };
    await pushGarmin(system, { userPermissionsChange: [change] });
    await expectState(system, who, "needs-reconnecting", "permission-withdrawn", "garmin");
    await expectStanding(system, who, 1, 20_000);
    system.provider.garmin.setPermissions(who.garmin, ["ACTIVITY_EXPORT", "HEALTH_EXPORT"]);
    expect([200, 201]).toContain((await link(system, who, "garmin", who.garmin)).status);
    await expectState(system, who, "connected", null, "garmin");
  });

  it("a deregistration that the provider confirms ends the connection and erases what came by it", async () => {
    const who = await rider("true-end");
    system.provider.endGrant("garmin", who.garmin);
    await pushGarmin(system, { deregistrations: [{ userId: who.garmin }] });
    const left = await withinAMinute(
      () => workoutsOf(system, who),
      (workouts) => workouts.length === 0,
    );
    expect(left).toEqual([]);
    expect(await claims(who)).toBeUndefined();
  });
});

describe("Garmin's history", () => {
  const askedFor = (who: Athlete) =>
    system.provider.garmin.asked.filter(({ account }) => account === who.garmin);

  it("is asked for, the newest first, comes by the door, and counts once however often one links", async () => {
    const who = await athlete(system, "history");
    await quiet(system, who, "garmin");
    const stretches = askedFor(who);
    const details = stretches.filter(({ type }) => type === "activityDetails");
    expect(stretches).toHaveLength(2 * details.length);
    expect(details.map(({ toMs }) => toMs)).toEqual(
      details.map(({ toMs }) => toMs).toSorted((a, b) => b - a),
    );
    const reachesMs = Math.min(...details.map(({ fromMs }) => fromMs));
    expect(Date.now() - reachesMs).toBeGreaterThanOrEqual(89 * 86_400_000);
    for (const [n, { fromMs }] of details.entries())
      await pushRide(system, rideOf(who, n, { startMs: fromMs + 3_600_000 }));
    await expectStanding(system, who, details.length, details.length * 20_000);
    expect([200, 201]).toContain((await link(system, who, "garmin", who.garmin)).status);
    await quiet(system, who, "garmin");
    await expectStanding(system, who, details.length, details.length * 20_000);
  });

  it("is refused where the member did not permit it, and new rides come all the same", async () => {
    const account = "garmin-account-no-history";
    system.provider.garmin.setPermissions(account, ["ACTIVITY_EXPORT"]);
    const who = await athlete(system, "no-history");
    const shown = await withinAMinute(
      () => claims(who),
      (c) => c?.backfill?.state === "refused",
    );
    expect(shown).toMatchObject({ status: "connected", backfill: { state: "refused" } });
    await pushRide(system, rideOf(who, 1));
    await expectStanding(system, who, 1, 20_000);
  });
});

describe("a ping", () => {
  const told = (who: Athlete, id: string): Ride => ({
    account: who.garmin,
    id,
    startMs: recording.startMs,
    elapsedSeconds: recording.elapsedS,
    movingSeconds: recording.timerS,
    distanceM: recording.distanceM,
  });

  it("and a file make one workout with what was pushed, with the file's readings", async () => {
    const who = await athlete(system, "pinged");
    const ride = told(who, "22000100200");
    expect((await pushActivities(system, garminActivity(ride))).status).toBe(200);
    const { garmin } = system.provider;
    const details = garmin.ping(who.garmin, "activityDetails", [garminDetails(ride)], ride.startMs);
    const file = garmin.file(who.garmin, {
      activityId: ride.id,
      startMs: ride.startMs,
      bytes: fitOf(),
    });
    const pinged = { activityDetails: [details], activityFiles: [file] };
    expect((await pushGarmin(system, pinged)).status).toBe(200);
    const fetched = await withinAMinute(
      async () => [asked(who, "/rest/activityDetails"), asked(who, "/rest/activityFile")],
      (counts) => counts.every((n) => n > 0),
    );
    expect(fetched).toEqual([1, 1]);
    await expectStanding(system, who, 1, recording.distanceM);
    const samples = await withinAMinute(
      async () => {
        const [workout] = await workoutsOf(system, who);
        return heartRateOf(system, who, workout.id);
      },
      (s) => (s?.length ?? 0) > 10,
    );
    expect(samples?.length).toBeGreaterThan(10);
    await expectState(system, who, "connected", null, "garmin");
  });

  it("whose data is gone by the time it is read is let go", async () => {
    const who = await athlete(system, "late");
    const ride = told(who, "22000100300");
    const { garmin } = system.provider;
    const ping = garmin.ping(who.garmin, "activities", [garminActivity(ride)], ride.startMs);
    garmin.forget(who.garmin);
    expect((await pushGarmin(system, { activities: [ping] })).status).toBe(200);
    const fetched = await withinAMinute(
      async () => asked(who, "/rest/activities"),
      (n) => n > 0,
    );
    expect(fetched).toBe(1);
    await expectState(system, who, "connected", null, "garmin");
    expect(await workoutsOf(system, who)).toEqual([]);
  });

  it("of another account's data brings nothing", async () => {
    const holder = await athlete(system, "pinged-holder");
    const thief = await athlete(system, "pinged-thief");
    const ride = told(holder, "22000100400");
    const { garmin } = system.provider;
    const ping = garmin.ping(holder.garmin, "activities", [garminActivity(ride)], ride.startMs);
    const forged = { ...ping, userId: thief.garmin };
    expect((await pushGarmin(system, { activities: [forged] })).status).toBe(200);
    const fetched = await withinAMinute(
      async () => asked(thief, "/rest/activities"),
      (n) => n > 0,
    );
    expect(fetched).toBeGreaterThan(0);
    expect(await workoutsOf(system, thief)).toEqual([]);
    expect(await workoutsOf(system, holder)).toEqual([]);
  });
});
