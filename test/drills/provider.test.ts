/** A provider that misbehaves: its notice was received, so what it announced arrives some time. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { Faults } from "../fakes/provider.ts";
import { googleExercise } from "../fakes/rides.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  workoutsOf,
} from "../system/support.ts";
import { drillSystem, expectAllArrived, expectStanding, rideOf, withinAMinute } from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());

const api = "/v4/users/";

async function announce(who: Athlete): Promise<number> {
  const ride = rideOf(who, 1);
  const told = googleExercise({ ...ride, account: who.google, id: "95001" });
  system.provider.setExercise(who.google, told.point);
  system.provider.setHeartRate(who.google, told.heartRate);
  const { startMs } = ride;
  return (await notifyGoogle(system, who.google, startMs, startMs + 3_600_000)).status;
}

const statusOf = async (who: Athlete): Promise<string> => {
  const { body } = await call(system.url, "GET", "/v1/connections", { token: who.token });
  return body.items.find((c: { provider: string }) => c.provider === "google-health").status;
};

/** Until every fault that was asked for has struck. */
const spent = () =>
  withinAMinute(
    async () => system.provider.faults.remaining,
    (n) => n === 0,
  );

async function expectArrived(who: Athlete): Promise<void> {
  await expectStanding(system, who, 1, 20_000);
  const [workout] = await workoutsOf(system, who);
  expect((await heartRateOf(system, who, workout.id))?.length).toBeGreaterThan(10);
  const status = await withinAMinute(
    () => statusOf(who),
    (s) => s === "connected",
  );
  expect(status).toBe("connected");
  await expectAllArrived(system, who.id);
}

const faults: readonly (readonly [string, Faults, boolean])[] = [
  ["answers 500 twice", { status: 500, only: api, remaining: 2 }, false],
  ["asks for patience", { status: 429, retryAfterSeconds: 3, only: api, remaining: 1 }, false],
  ["drops its answer halfway", { truncate: true, only: api, remaining: 1 }, false],
  ["loses its heart rates halfway", { truncate: true, only: `${api}me/dataTypes/heart` }, false],
  ["gives no token", { tokenDown: true, remaining: 1 }, true],
];

describe("a provider that", () => {
  it.each(faults)("%s still delivers what it announced", async (name, wrong, isExpired) => {
    const who = await athlete(system, name.replaceAll(" ", "-"));
    if (isExpired) system.provider.expireAccessTokens();
    system.provider.faults = { remaining: 1, ...wrong };
    expect(await announce(who)).toBe(204);
    expect(await spent()).toBe(0);
    system.provider.faults = {};
    await expectArrived(who);
  });

  it("refuses the app itself for a moment ends nobody's connection", async () => {
    const who = await athlete(system, "refused-app");
    system.provider.expireAccessTokens();
    system.provider.faults = { status: 401, only: "/token", account: who.google, remaining: 1 };
    expect(await announce(who)).toBe(204);
    expect(await spent()).toBe(0);
    expect(await statusOf(who)).not.toBe("needs-reconnecting");
    await expectArrived(who);
  });
});
