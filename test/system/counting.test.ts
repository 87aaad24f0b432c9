/** The main promise, through every door: the same ride counts once, whatever comes when. */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, monthOf, weekOf } from "../../domain/time.ts";
import {
  eventually,
  notifyGoogle,
  pushActivities,
  syncPhone,
  until,
} from "../../local/deliveries.ts";
import { call, link } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminActivity, googleExercise } from "../fakes/rides.ts";
import { appleId, day, rideOf, type Source, startMs, tell, untell, week } from "./same-ride.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  ownSystem,
  phiOf,
  scoreOn,
  workoutsOf,
} from "./support.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own.end());

const orders: Source[][] = [
  ["garmin", "google", "apple"],
  ["garmin", "apple", "google"],
  ["google", "garmin", "apple"],
  ["google", "apple", "garmin"],
  ["apple", "garmin", "google"],
  ["apple", "google", "garmin"],
];

const settled = (who: Athlete, sources: number) =>
  until(
    () => workoutsOf(system, who),
    (w) => w.length === 1 && w[0].sources.length === sources,
  );

type Score = readonly [board: string, period: string, score: number | null];
/** Each board of each period is told by itself, so all of them are waited for. */
async function expectScores(who: Athlete, wanted: readonly Score[]): Promise<void> {
  const shown = () =>
    Promise.all(
      wanted.map(async ([board, period]): Promise<Score> => {
        return [board, period, await scoreOn(system, board, period, who.id)];
      }),
    );
  expect(await eventually(shown, (all) => isDeepStrictEqual(all, wanted))).toEqual(wanted);
}

describe("the same ride by three providers", () => {
  it.each(orders.map((order, i) => [order.join(", "), order, i] as const))(
    "is one workout, one entry and one score in the order %s, twice, two at once",
    async (_, order, i) => {
      const who = await athlete(system, `order-${i}`);
      const [first = "garmin", second = "google", third = "apple"] = order;
      const say = (source: Source, repeat: number) => tell(system, source, who, repeat);
      await say(first, 1);
      await Promise.all([say(second, 1), say(third, 1)]);
      await Promise.all([say(third, 2), say(first, 2)]);
      await say(second, 2);
      const found = await settled(who, 3);
      expect(found?.length).toBe(1);
      await expectScores(who, [
        ["distance", week, 30_000_000],
        ["count", week, 1],
        ["count", "all", 1],
        ["moving_time-ride", monthOf(day), 3_500_000],
      ]);
      expect(await heartRateOf(system, who, found?.[0].id)).not.toBeNull();
    },
  );
});

describe("the workout that came of them", () => {
  it("says where each value is from and why, and what made its records one", async () => {
    const who = await athlete(system, "shape");
    for (const source of ["google", "apple", "garmin"] as const) await tell(system, source, who);
    const [workout] = (await settled(who, 3)) ?? [];
    const records = workout.sources.map((s: { record: string }) => s.record);
    const [garmin, apple, google] = records;
    expect(workout.sources.map((s: { provider: string }) => s.provider)).toEqual([
      "garmin",
      "apple-health",
      "google-health",
    ]);
    expect(workout).toMatchObject({
      id: `w_${garmin.slice(0, 26)}`,
      aliases: [apple, google].map((record) => `w_${record.slice(0, 26)}`),
      type: "cycling",
      family: "ride",
      start: `${day}T08:00:00.000+01:00`,
      end: `${day}T09:00:00.000+01:00`,
      offsetFrom: "source",
      day,
      elapsedMs: 3_600_000,
      distanceMm: { value: 30_000_000, from: [garmin] },
      scored: { movingMs: workout.movingMs.value, distanceMm: 30_000_000 },
      held: [],
      apart: [],
    });
    expect(workout.distanceMm.because).toBe("garmin: measured with GPS by a device");
    expect(workout.movingMs.from).toHaveLength(1);
    expect(workout.readings.heartRate.toSorted()).toEqual(records.toSorted());
    expect(workout.readings.track[0]).toBe(garmin);
    expect(workout.joined).toHaveLength(3);
    for (const { records: two, rule, overlap, because } of workout.joined) {
      expect(records).toEqual(expect.arrayContaining(two));
      expect(rule).toBe("overlap");
      expect(overlap).toBeGreaterThan(0.9);
      expect(because).toMatch(/^[a-z-]+'s cycling and [a-z-]+'s cycling .+\.$/);
    }
    const path = `/v1/workouts/${workout.id}`;
    const alone = await call(system.url, "GET", path, { token: who.token });
    expect(alone.body).toEqual(workout);
  });
});

describe("a correction", () => {
  it("moves the score, and an older statement, late or again, does not move it back", async () => {
    const who = await athlete(system, "corrected");
    const say = async (distanceM: number, updatedMs: number) => {
      const told = googleExercise({
        ...rideOf(who),
        account: who.google,
        id: "88001",
        distanceM,
        updatedMs,
      });
      system.provider.setExercise(who.google, told.point);
      await notifyGoogle(system, who.google, startMs, startMs + 3_600_000);
    };
    const score = () => scoreOn(system, "distance", week, who.id);
    await say(30_000, startMs + 10_000_000);
    expect(await until(score, (s) => s === 30_000_000)).toBe(30_000_000);
    await say(31_000, startMs + 20_000_000);
    expect(await until(score, (s) => s === 31_000_000)).toBe(31_000_000);
    await say(30_000, startMs + 10_000_000);
    await say(29_000, startMs + 5_000_000);
    const statusOf = async () => {
      const { body } = await call(system.url, "GET", "/v1/connections", { token: who.token });
      const google = ({ provider }: { provider: string }) => provider === "google-health";
      return body.items.find(google)?.status;
    };
    expect(await eventually(statusOf, (status) => status === "connected")).toBe("connected");
    expect(await score()).toBe(31_000_000);
  });

  it("of a push without versions counts, and the first content said again does not", async () => {
    const who = await athlete(system, "receipts");
    const ride = rideOf(who);
    const score = () => scoreOn(system, "distance", week, who.id);
    await pushActivities(system, garminActivity(ride));
    await pushActivities(system, garminActivity({ ...ride, distanceM: 32_000 }));
    expect(await until(score, (s) => s === 32_000_000)).toBe(32_000_000);
    await pushActivities(system, garminActivity(ride));
    expect(await score()).toBe(32_000_000);
  });

  it("that moves the ride to another week leaves nothing behind", async () => {
    const who = await athlete(system, "moved");
    const ride = rideOf(who);
    await pushActivities(system, garminActivity(ride));
    await expectScores(who, [
      ["distance", week, 30_000_000],
      ["count", "all", 1],
    ]);
    const monday = addDays(day, 5);
    await pushActivities(system, garminActivity({ ...ride, startMs: startMs + 5 * 86_400_000 }));
    await expectScores(who, [
      ["distance", weekOf(monday), 30_000_000],
      ["distance", week, null],
      ["count", "all", 1],
    ]);
    expect(await workoutsOf(system, who)).toHaveLength(1);
  });
});

describe("a retraction", () => {
  it("of one source leaves the workout on the others, and of all removes it", async () => {
    const who = await athlete(system, "retracted");
    await tell(system, "google", who);
    await tell(system, "apple", who);
    const [both] = (await settled(who, 2)) ?? [];
    expect(both.sources).toHaveLength(2);
    await untell(system, "apple", who);
    const [one] = (await settled(who, 1)) ?? [];
    expect(one.sources[0].provider).toBe("google-health");
    const score = () => scoreOn(system, "distance", week, who.id);
    expect(await until(score, (s) => s === 29_800_000)).toBe(29_800_000);
    await untell(system, "google", who);
    expect(
      await until(
        () => workoutsOf(system, who),
        (w) => w.length === 0,
      ),
    ).toEqual([]);
    expect(await until(score, (s) => s === null)).toBeNull();
  });

  it("refuses a create that is not above it, on the board and in the readings", async () => {
    const who = await athlete(system, "refused");
    await syncPhone(system, who, "early-delete", [], [appleId]);
    await tell(system, "apple", who);
    expect(await workoutsOf(system, who)).toEqual([]);
    const other = {
      ...rideOf(who),
      id: "1F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E77",
      startMs: startMs + 86_400_000,
    };
    await syncPhone(system, who, "create", [appleWorkout(other)]);
    const [kept] = (await settled(who, 1)) ?? [];
    const record = kept.sources[0].record;
    expect(await heartRateOf(system, who, kept.id)).not.toBeNull();
    await syncPhone(system, who, "late-delete", [], [other.id]);
    await syncPhone(system, who, "create again", [appleWorkout({ ...other, distanceM: 9000 })]);
    expect(await workoutsOf(system, who)).toEqual([]);
    expect(await scoreOn(system, "distance", week, who.id)).toBeNull();
    const sealed = await phiOf(system, who);
    const rows = () =>
      sealed
        .prepare(
          "SELECT count(*) AS n FROM sealed WHERE member = ? AND (body IS NOT NULL OR object IS NOT NULL) AND row_id = ?",
        )
        .bind(who.id, record)
        .first<{ n: number }>();
    expect((await until(rows, (r) => r?.n === 0))?.n).toBe(0);
    const early = await sealed
      .prepare(
        "SELECT count(*) AS n FROM sealed WHERE member = ? AND group_name = 'heart_rate' AND (body IS NOT NULL OR object IS NOT NULL)",
      )
      .bind(who.id)
      .first<{ n: number }>();
    expect(early?.n).toBe(0);
  });
});

describe("an account", () => {
  it("that another member holds is refused, and both are told", async () => {
    const first = await athlete(system, "holder");
    const second = await athlete(system, "claimant");
    expect((await link(system, second, "garmin", first.garmin)).status).toBe(409);
    const sealed = await phiOf(system, second);
    const tokens = await sealed
      .prepare("SELECT count(*) AS n FROM sealed WHERE member = ? AND group_name = 'token'")
      .bind(second.id)
      .first<{ n: number }>();
    expect(tokens?.n, "only the claimant's own two links keep tokens").toBe(2);
    for (const [who, side] of [
      [first, "holder"],
      [second, "claimant"],
    ] as const) {
      const { body } = await call(system.url, "GET", "/v1/connections", { token: who.token });
      expect(body.refusedClaims.map((c: { side: string }) => c.side)).toEqual([side]);
    }
  });
});

describe("settings changed at the same time", () => {
  it("are all kept", async () => {
    const who = await athlete(system, "settings");
    const put = (body: object) => call(system.url, "PUT", "/v1/me", { token: who.token, body });
    const zoneFrom = "2026-11-01T00:00:00Z";
    const answers = await Promise.all([
      put({ onBoards: false }),
      put({ zone: "Asia/Tokyo", zoneFrom }),
      put({ displayName: "Renamed" }),
    ]);
    expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
    const { body } = await call(system.url, "GET", "/v1/me", { token: who.token });
    expect(body).toMatchObject({ displayName: "Renamed", onBoards: false });
    expect(body.zones.map((z: { zone: string }) => z.zone)).toEqual([
      "Europe/Amsterdam",
      "Asia/Tokyo",
    ]);
  });
});

describe("a member who leaves", () => {
  it("is gone from boards, and nothing of theirs in a shared body stays anywhere", async () => {
    const leaving = await athlete(system, "leaving");
    const staying = await athlete(system, "staying");
    const mine = garminActivity({ ...rideOf(leaving), id: "999111" });
    await pushActivities(system, mine);
    const score = () => scoreOn(system, "distance", week, leaving.id);
    expect(await until(score, (s) => s === 30_000_000)).toBe(30_000_000);
    const left = await call(system.url, "DELETE", "/v1/me", { token: leaving.token });
    expect(left.status).toBe(200);
    expect(await until(score, (s) => s === null)).toBeNull();
    const later = {
      ...rideOf(leaving),
      id: "999112",
      startMs: startMs + 7_200_000,
      title: "AfterLeavingCanary",
    };
    const shared = await pushActivities(
      system,
      garminActivity(later),
      garminActivity({ ...rideOf(staying), id: "999113" }),
    );
    expect(shared.status).toBe(200);
    expect(
      (
        await until(
          () => workoutsOf(system, staying),
          (w) => w.length === 1,
        )
      )?.length,
    ).toBe(1);
    expect(await score()).toBeNull();
    const sealed = await phiOf(system, leaving);
    const row = await sealed
      .prepare("SELECT count(*) AS n FROM sealed WHERE member = ?")
      .bind(leaving.id)
      .first<{ n: number }>();
    expect(row?.n).toBe(0);
    const me = await call(system.url, "GET", "/v1/me", { token: leaving.token });
    expect(me.status).toBe(401);
  });
});
