/**
 * Erasing less than everything: what was asked for is gone from lists, boards and the vault, comes
 * back by no later delivery, and everything else is read as before.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, pushActivities, syncPhone, until } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import {
  type Athlete,
  as,
  athlete,
  heartRateOf,
  type OwnSystem,
  ownSystem,
  scoreOn,
  workoutsOf,
} from "./support.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 9, 12, 7);
const board = "distance";
const uuid = (n: number) => `7F3C1E52-4B0C-4C39-9E55-0B0C4F0F00${String(n).padStart(2, "0")}`;

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own.end());

const garminRide = (who: Athlete, key: number): Ride => ({
  account: who.garmin,
  id: `8${key}`,
  startMs: startMs + (key % 10) * dayMs,
  elapsedSeconds: 1800,
  distanceM: 10_000,
});
const phoneRide = (day: number) =>
  appleWorkout({
    account: "self",
    id: uuid(day),
    startMs: startMs + day * dayMs,
    elapsedSeconds: 1800,
    distanceM: 10_000,
  });

async function deliver(who: Athlete, rides: readonly Ride[], phoneDays: readonly number[]) {
  await pushActivities(
    system,
    ...rides.flatMap((ride) => [garminActivity(ride), garminDetails(ride)]),
  );
  return syncPhone(system, who, crypto.randomUUID(), phoneDays.map(phoneRide));
}

interface Listed {
  readonly id: string;
  readonly start: string;
}
/** Garmin's rides on the first three days, the phone's on the two after. */
async function rider(key: string, n: number): Promise<[Athlete, readonly Ride[], Listed[]]> {
  const who = await athlete(system, key);
  const rides = [0, 1, 2].map((day) => garminRide(who, n * 10 + day));
  await deliver(who, rides, [3, 4]);
  const found = await until(
    () => workoutsOf(system, who),
    (list) => list.length === 5,
  );
  if (found === undefined) throw new Error("the rides are not there");
  return [who, rides, [...found].reverse()];
}

const idsOf = async (who: Athlete) => (await workoutsOf(system, who)).map(({ id }) => id).sort();
const ids = (workouts: readonly Listed[]) => workouts.map(({ id }) => id).sort();
async function expectReadable(who: Athlete, workouts: readonly Listed[]) {
  for (const { id } of workouts)
    expect((await heartRateOf(system, who, id))?.length).toBeGreaterThan(10);
}
const scored = (who: Athlete, expected: number | null) =>
  eventually(
    () => scoreOn(system, board, "all", who.id),
    (score) => score === expected,
  );
const stepsOf = (body: { steps: { step: string; count: number }[] }) =>
  Object.fromEntries(body.steps.map(({ step, count }) => [step, count]));

describe("erasing one workout", () => {
  it("takes it from the list, the board and the vault, and leaves the others readable", async () => {
    const [who, rides, [gone, ...rest]] = await rider("one", 1);
    if (gone === undefined) throw new Error("no workout");
    const answer = await as(system, who).remove(`/v1/workouts/${gone.id}`);
    expect(answer.status).toBe(200);
    expect(answer.body.pending).toEqual(["archive"]);
    expect(stepsOf(answer.body)).toMatchObject({ tombstone: 1, ledger: 1 });
    expect(await idsOf(who)).toEqual(ids(rest));
    await expectReadable(who, rest);
    expect(await heartRateOf(system, who, gone.id)).toBeNull();
    expect(await scored(who, 40_000_000)).toBe(40_000_000);
    expect((await as(system, who).remove(`/v1/workouts/${gone.id}`)).status).toBe(404);

    await deliver(who, rides, [3, 4]);
    expect(await idsOf(who)).toEqual(ids(rest));
    await expectReadable(who, rest);
  });

  it("is nobody else's to ask for", async () => {
    const [, , [theirs]] = await rider("two", 2);
    const other = await athlete(system, "three");
    expect((await as(system, other).remove(`/v1/workouts/${theirs?.id}`)).status).toBe(404);
  });
});

describe("erasing a window", () => {
  it("takes every record in it, whatever it came by, and nothing else", async () => {
    const [who, rides, all] = await rider("window", 3);
    const inside = all.slice(2, 4);
    const rest = all.filter((one) => !inside.includes(one));
    const from = new Date(startMs + 2 * dayMs - 1).toISOString();
    const to = new Date(startMs + 3 * dayMs + dayMs / 2).toISOString();
    const answer = await as(system, who).remove(`/v1/workouts?from=${from}&to=${to}`);
    expect(answer.status).toBe(200);
    expect(stepsOf(answer.body)).toMatchObject({ tombstone: 2, ledger: 2 });
    expect(await idsOf(who)).toEqual(ids(rest));
    await expectReadable(who, rest);
    expect(await scored(who, 30_000_000)).toBe(30_000_000);

    await deliver(who, rides, [3, 4]);
    expect(await idsOf(who)).toEqual(ids(rest));
    const again = await as(system, who).remove(`/v1/workouts?from=${from}&to=${to}`);
    expect([again.status, again.body.steps]).toEqual([200, []]);
  });

  it.each([
    ["without an end", "from=2026-01-01T00:00:00Z"],
    ["of no time", "from=yesterday&to=today"],
    ["that ends before it begins", "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z"],
    ["of more than a year", "from=2025-01-01T00:00:00Z&to=2026-02-01T00:00:00Z"],
  ])("%s is refused", async (_, query) => {
    const who = await athlete(system, "refused-window");
    expect((await as(system, who).remove(`/v1/workouts?${query}`)).status).toBe(400);
  });
});

describe("ending a connection", () => {
  const connectionsOf = async (who: Athlete) =>
    (await as(system, who).get("/v1/connections")).body.items as { id: string; provider: string }[];
  const garminOf = async (who: Athlete) =>
    (await connectionsOf(who)).find(({ provider }) => provider === "garmin")?.id ?? "none";

  it("with its data takes all that came by it and leaves the others readable", async () => {
    const [who, rides, all] = await rider("erase-connection", 4);
    const rest = all.slice(3);
    const id = await garminOf(who);
    const answer = await as(system, who).remove(`/v1/connections/${id}?data=erase`);
    expect(answer.status).toBe(200);
    expect(stepsOf(answer.body)).toMatchObject({ ledger: 3 });
    expect(await idsOf(who)).toEqual(ids(rest));
    await expectReadable(who, rest);
    expect(await scored(who, 20_000_000)).toBe(20_000_000);
    expect(await garminOf(who)).toBe("none");

    await deliver(who, rides, [3, 4]);
    expect(await idsOf(who)).toEqual(ids(rest));
    expect((await as(system, who).remove(`/v1/connections/${id}?data=erase`)).status).toBe(200);
    await expectReadable(who, rest);
  });

  it("keeps the data unless it is said otherwise, and takes nothing more", async () => {
    const [who, , all] = await rider("keep-connection", 5);
    const answer = await as(system, who).remove(`/v1/connections/${await garminOf(who)}`);
    expect(answer.status).toBe(200);
    expect(await garminOf(who)).toBe("none");
    await deliver(who, [garminRide(who, 58)], []);
    expect(await idsOf(who)).toEqual(ids(all));
    await expectReadable(who, all);
  });

  it("is nobody else's to ask for", async () => {
    const [who] = await rider("own-connection", 6);
    const other = await athlete(system, "not-mine");
    const answer = await as(system, other).remove(
      `/v1/connections/${await garminOf(who)}?data=erase`,
    );
    expect(answer.status).toBe(404);
    expect(await garminOf(who)).not.toBe("none");
  });
});

describe("leaving, after parts were erased", () => {
  it("takes the rest", async () => {
    const [who, , [gone]] = await rider("leaving", 7);
    await as(system, who).remove(`/v1/workouts/${gone?.id}`);
    const answer = await as(system, who).remove("/v1/me");
    expect(answer.status).toBe(200);
    expect(stepsOf(answer.body)).toMatchObject({ tombstone: 1, ledger: 4 });
    const { status } = await call(system.url, "GET", "/v1/workouts", { token: who.token });
    expect(status).toBe(401);
  });
});
