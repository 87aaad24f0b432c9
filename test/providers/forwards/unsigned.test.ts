/**
 * What is passed on to providers that sign nothing, and by them: whatever comes first, it is one
 * workout, told by its recorder, and what Strava alone has of it is its owner's.
 */
import { describe, expect, it } from "vitest";
import type { ProviderName } from "../../../providers/index.ts";
import {
  atAppleHealth,
  atConcept2,
  atCoros,
  atGarmin,
  atHealthConnect,
  atStrava,
  atWahoo,
  atWithings,
  byHealthAutoExport,
  onTheSpot,
} from "./bodies.ts";
import { oneInAnyOrder, resolvedOf, seconds, startMs, type Told, toldBy } from "./told.ts";

const run = { activityType: "RUNNING", distanceInMeters: 10_250, deviceName: "Garmin Forerunner" };
const runAtStrava = { sport_type: "Run", type: "Run", distance: 10_236.2 };
const elemnt = "2026-10-18-080000-ELEMNT_BOLT_AB12-195-0.fit";
const peloton = { totalDistance: { value: 30_577, unit: "m" } };
const pelotonAtHome = atAppleHealth("com.onepeloton.callisto", "Cycling", {
  ...peloton,
  metadata: { HKIndoorWorkout: true },
});
const exported = byHealthAutoExport("Indoor Cycling", {
  isIndoor: true,
  distance: { qty: 30.6, units: "km" },
});
/** The other variant, under an id that HealthKit does not know. */
const exportedAgain = byHealthAutoExport("Radfahren (Innenräume)", {
  id: "0B2C5A90-6C7D-4E53-9A8E-1A2B3C4D5E6F",
  isIndoor: false,
  distance: { qty: 0, units: "km" },
  avgHeartRate: { qty: 0, units: "bpm" },
});

type Path = readonly [name: string, recorder: ProviderName, told: readonly Told[]];
const paths: readonly Path[] = [
  [
    "Garmin → Strava, known by its id",
    "garmin",
    [atGarmin(), atStrava({ external_id: "garmin_push_9412345678" })],
  ],
  [
    "Garmin → Strava, known by a ping's id, which names nothing",
    "garmin",
    [atGarmin(), atStrava({ external_id: "garmin_ping_493123456789" })],
  ],
  [
    "Garmin → Strava, known by its device alone",
    "garmin",
    [atGarmin(), atStrava({ device_name: "Garmin Edge 530" })],
  ],
  [
    "Garmin → Strava, and called a run there",
    "garmin",
    [atGarmin(), atStrava({ external_id: "garmin_push_9412345678", sport_type: "Run" })],
  ],
  [
    "Garmin → Strava, as a list has it, without its device",
    "garmin",
    [atGarmin(), atStrava({ resource_state: 2, calories: undefined })],
  ],
  [
    "Wahoo → Strava",
    "wahoo",
    [atWahoo(), atStrava({ external_id: elemnt, device_name: "Wahoo ELEMNT BOLT" })],
  ],
  [
    "COROS → Strava",
    "coros",
    [atCoros(), atStrava({ ...runAtStrava, device_name: "COROS PACE 3" })],
  ],
  [
    "Concept2 → Strava",
    "concept2",
    [
      atConcept2(),
      atStrava({ sport_type: "Rowing", ...onTheSpot, distance: 14_031, device_name: "Concept2" }),
    ],
  ],
  ["Peloton → Apple Health → Health Auto Export", "apple-health", [pelotonAtHome, exported]],
  [
    "Peloton → Apple Health → Health Auto Export, under two ids",
    "apple-health",
    [pelotonAtHome, exported, exportedAgain],
  ],
  ["Garmin → Google Fit → Withings", "garmin", [atGarmin(run), atWithings()]],
  [
    "Garmin → Strava, Apple Health, Health Connect and Withings",
    "garmin",
    [
      atGarmin(run),
      atStrava({ ...runAtStrava, external_id: "garmin_ping_493123456789" }),
      atAppleHealth("com.garmin.connect.mobile", "Running", {
        totalDistance: { value: 10_251, unit: "m" },
      }),
      atHealthConnect("com.garmin.android.apps.connectmobile", 56),
      atWithings(),
    ],
  ],
];

describe.each(paths)("%s", (_, recorder, told) => {
  it("is one workout in any order, by whoever recorded it, and counts once", async () => {
    const one = await oneInAnyOrder(told);
    expect(one).toMatchObject({ at: startMs, elapsedMs: seconds * 1000, offsetMin: 180, held: [] });
    expect(one.sources[0]?.provider).toBe(recorder);
    expect(toldBy(one)).toMatchObject({ distance: [recorder], energy: [recorder] });
    // Another's account of the moving time and the climb only where the recorder gives none.
    const [by] = await resolvedOf(told.filter(({ by }) => by === recorder));
    for (const [name, from] of Object.entries(toldBy(by as never)))
      if (from.length > 0) expect(toldBy(one)[name], name).toEqual([recorder]);
  });

  it("scores as if Strava had never told of it", async () => {
    const withoutStrava = told.filter(({ by }) => by !== "strava");
    const [known] = await resolvedOf(withoutStrava);
    for (const order of [told, told.toReversed()]) {
      const [one] = await resolvedOf(order);
      expect(one?.scored).toEqual(known?.scored);
      expect(one?.scored).not.toBeNull();
    }
  });
});

it("Peloton → Apple Health and Strava: of two copies only what others may see scores", async () => {
  const onStrava = { ...onTheSpot, device_name: "Peloton Bike", distance: 30_599 };
  const one = await oneInAnyOrder([pelotonAtHome, exported, atStrava(onStrava)]);
  expect(one.sources).toHaveLength(3);
  expect(one.scored).toMatchObject({ distanceMm: 30_577_000, energyMcal: 612_000_000 });
});

it("a ride that Strava alone has is its owner's: it is there, and scores nowhere", async () => {
  const evening = {
    start_date: "2026-10-18T15:24:00Z",
    elapsed_time: 2_900,
    moving_time: 2_800,
    distance: 19_400,
    external_id: "garmin_push_9412345999",
  };
  const both = await resolvedOf([atStrava(evening), atGarmin()]);
  expect(both.map(({ sources }) => sources.map(({ provider }) => provider))).toEqual([
    ["garmin"],
    ["strava"],
  ]);
  expect(both.map(({ scored }) => scored?.distanceMm ?? null)).toEqual([28_120_000, null]);
});
