/**
 * The same workout, forwarded as in life: each body in its own provider's documented shape, read by
 * that provider, accepted and resolved. Whatever the order, it is one workout, told by its recorder.
 */
import { describe, expect, it } from "vitest";
import type { ProviderName } from "../../providers/index.ts";
import {
  endMs,
  isoAt,
  oneInAnyOrder,
  resolvedOf,
  seconds,
  startMs,
  type Told,
  toldBy,
} from "./forwards/told.ts";

const polar: Told = {
  by: "polar",
  item: {
    kind: "exercises",
    body: {
      id: "aQlC83",
      upload_time: "2026-10-18T06:10:00.000Z",
      device: "Polar Vantage V3",
      device_id: "1111AAAA",
      start_time: "2026-10-18T08:00:00",
      start_time_utc_offset: 180,
      duration: "PT1H2M5S",
      calories: 640,
      distance: 10_250,
      heart_rate: { average: 148, maximum: 176 },
      sport: "RUNNING",
      detailed_sport_info: "RUNNING_ROAD",
      has_route: true,
    },
  },
};
/** Polar Flow writes what it received into HealthKit, to the second and to its own energy. */
const appleCopyOf = (bundle: string, metres: number, kcal: number, atMs = startMs): Told => ({
  by: "apple-health",
  body: {
    device: { model: "iPhone17,1" },
    workouts: [
      {
        uuid: "801B68D7-F4AA-4A23-BD26-A3BA1BA6B08D",
        workoutActivityType: "HKWorkoutActivityTypeRunning",
        startDate: isoAt(atMs),
        endDate: isoAt(atMs + seconds * 1000),
        duration: seconds,
        totalDistance: { value: metres, unit: "m" },
        totalEnergyBurned: { value: kcal, unit: "kcal" },
        sourceBundle: bundle,
        sourceName: "Polar Flow",
      },
    ],
  },
});

const suunto: Told = {
  by: "suunto",
  body: {
    type: "WORKOUT_CREATED",
    username: "somebody",
    workout: {
      workoutKey: "67604889401b942184624cb8",
      activityId: 1,
      startTime: startMs,
      totalTime: seconds,
      energyConsumption: 655,
      totalDistance: 10_240,
      totalAscent: 84.2,
      hrdata: { workoutAvgHR: 147, workoutMaxHR: 175 },
      avgSpeed: 2.75,
      timeOffsetInMinutes: 180,
    },
    gear: { manufacturer: "Suunto", name: "Suunto Race", productType: "SPORT_WATCH" },
  },
};
/** As a relay that reads Strava would send what Suunto uploaded there, named or not. */
const relayed = (copyOf: unknown, type = "running"): Told => ({
  by: "standard-webhooks",
  body: {
    type: "workouts.upserted",
    timestamp: "2026-10-18T06:30:00Z",
    data: {
      account: "athlete-134815",
      workouts: [
        {
          id: "16195505756",
          revision: 1,
          startedAt: "2026-10-18T08:00:00+03:00",
          elapsedSeconds: seconds,
          movingSeconds: 3_640,
          type,
          distanceMeters: 10_239.6,
          energyKilocalories: 701,
          app: "Suunto",
          title: "Morning Run",
          copyOf,
        },
      ],
    },
  },
});

const fitbit: Told = {
  by: "fitbit",
  item: {
    kind: "activities",
    body: {
      logId: 53_801_330_244,
      logType: "auto_detected",
      activityName: "Run",
      activityTypeId: 90_009,
      startTime: "2026-10-18T08:00:00.000+03:00",
      originalStartTime: "2026-10-18T08:00:00.000+03:00",
      duration: seconds * 1000,
      originalDuration: seconds * 1000,
      activeDuration: 3_600_000,
      distance: 10.231,
      distanceUnit: "Kilometer",
      calories: 660,
      averageHeartRate: 147,
      lastModified: "2026-10-18T06:12:00.000Z",
      source: { id: "228S74", name: "Charge 6", type: "tracker", url: "https://www.fitbit.com/" },
    },
  },
};
/** What Google Health serves: Fitbit's own point, or what came to it by way of Health Connect. */
const googlePoint = (id: string, dataSource: object, metres = 10_231): Told => ({
  by: "google-health",
  item: {
    kind: "exercise",
    body: {
      name: `users/u/dataTypes/exercise/dataPoints/${id}`,
      dataSource,
      exercise: {
        exerciseType: "RUNNING",
        interval: {
          startTime: isoAt(startMs),
          startUtcOffset: "10800s",
          endTime: isoAt(endMs),
          endUtcOffset: "10800s",
        },
        activeDuration: "3600s",
        metricsSummary: { distanceMillimeters: metres * 1000, caloriesKcal: 660 },
        updateTime: "2026-10-18T06:20:00Z",
      },
    },
  },
});
const healthConnect = {
  recordingMethod: "ACTIVELY_MEASURED",
  platform: "HEALTH_CONNECT",
  application: { packageName: "com.fitbit.FitbitMobile" },
};
const ownPoint = { recordingMethod: "ACTIVELY_MEASURED", platform: "FITBIT" };

const paths: readonly (readonly [name: string, recorder: ProviderName, told: readonly Told[]])[] = [
  ["Polar → Apple Health", "polar", [polar, appleCopyOf("fi.polar.polarflow", 10_250, 640)]],
  [
    "Suunto → a Strava-shaped copy that names its original",
    "suunto",
    [suunto, relayed({ provider: "suunto", id: "67604889401b942184624cb8" }, "walking")],
  ],
  ["Suunto → a Strava-shaped copy that names nothing", "suunto", [suunto, relayed(null)]],
  [
    "Fitbit → Health Connect → Google Health",
    "fitbit",
    [fitbit, googlePoint("a-b-c-d", healthConnect)],
  ],
  [
    "Fitbit → Google Health twice, its own point and by Health Connect",
    "fitbit",
    [fitbit, googlePoint("53801330244", ownPoint), googlePoint("a-b-c-d", healthConnect)],
  ],
  [
    "Polar → Apple Health, and Suunto on the other wrist",
    "polar",
    [polar, appleCopyOf("fi.polar.polarflow", 10_250, 640), suunto],
  ],
];

describe.each(paths)("%s", (_, recorder, told) => {
  it("is one workout in any order, by whoever recorded it", async () => {
    const one = await oneInAnyOrder(told);
    expect(one).toMatchObject({ at: startMs, elapsedMs: seconds * 1000, family: "run" });
    expect(one.offsetMin).toBe(180);
    expect(one.sources[0]?.provider).toBe(recorder);
    expect(one.distance?.from).toEqual([one.sources[0]?.fact]);
    expect(toldBy(one).distance).toEqual([recorder]);
  });
});

it("another run of the same length on the same day is another workout, forwarded or not", async () => {
  const evening = startMs + 9.5 * 3_600_000;
  const copy = appleCopyOf("fi.polar.polarflow", 10_010, 655, evening);
  expect(await resolvedOf([polar, copy])).toHaveLength(2);
  const other = relayed({ provider: "suunto", id: "another-key" });
  expect(await resolvedOf([suunto, other])).toHaveLength(1);
});
