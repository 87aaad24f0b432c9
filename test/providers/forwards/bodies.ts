/**
 * The same hour and two minutes as seven makers' clouds tell it who recorded it, and as hubs tell it
 * that it was passed on to. `over` changes fields of the body.
 */
import { endMs, isoAt, seconds, startMs, type Told } from "./told.ts";

type Over = Readonly<Record<string, unknown>>;
const inSeconds = (ms: number) => ms / 1000;

export const atGarmin = (over: Over = {}): Told => ({
  by: "garmin",
  item: {
    kind: "activities",
    body: {
      userId: "u-1",
      summaryId: "9412345678",
      activityId: 9_412_345_678,
      activityName: "Helsinki Cycling",
      activityType: "CYCLING",
      startTimeInSeconds: inSeconds(startMs),
      startTimeOffsetInSeconds: 10_800,
      durationInSeconds: seconds,
      movingDurationInSeconds: 3_640,
      distanceInMeters: 28_120,
      activeKilocalories: 640,
      totalElevationGainInMeters: 181,
      deviceName: "Garmin Edge 530",
      startingLatitudeInDegree: 60.2,
      startingLongitudeInDegree: 24.9,
      manual: false,
      ...over,
    },
  },
});

/** What Strava makes of a file: its own moving time, distance, climb and energy. */
export const atStrava = (over: Over = {}): Told => ({
  by: "strava",
  item: {
    kind: "activities",
    body: {
      resource_state: 3,
      athlete: { id: 7_654_321 },
      id: 16_412_345_678,
      name: "Morning Ride",
      sport_type: "Ride",
      type: "Ride",
      start_date: isoAt(startMs),
      start_date_local: "2026-10-18T08:00:00Z",
      utc_offset: 10_800,
      elapsed_time: seconds,
      moving_time: 3_610,
      distance: 28_099.4,
      total_elevation_gain: 196.2,
      calories: 702,
      start_latlng: [60.2, 24.9],
      manual: false,
      trainer: false,
      upload_id: 17_512_345_678,
      external_id: "upload.fit",
      ...over,
    },
  },
});
/** Of one that stayed where it was. */
export const onTheSpot = { trainer: true, start_latlng: [], total_elevation_gain: 0 } as const;

export const atWahoo = (over: Over = {}, summary: Over = {}): Told => ({
  by: "wahoo",
  item: {
    kind: "workouts",
    body: {
      id: 1_234_567_890,
      user_id: 60_462,
      starts: isoAt(startMs),
      minutes: 62,
      name: "Gravel cycling",
      workout_token: "ELEMNT BOLT AABB:CC",
      workout_type_id: 0,
      fitness_app_id: 1,
      updated_at: "2026-10-18T06:10:00.000Z",
      workout_summary: {
        id: 12_341_234,
        started_at: isoAt(startMs),
        time_zone: "Europe/Helsinki",
        ascent_accum: "178.0",
        calories_accum: "655.0",
        distance_accum: "28144.58",
        duration_active_accum: "3644.0",
        duration_paused_accum: "81.0",
        duration_total_accum: `${seconds}.0`,
        updated_at: "2026-10-18T06:10:01.000Z",
        ...summary,
      },
      ...over,
    },
  },
});

export const atCoros = (over: Over = {}): Told => ({
  by: "coros",
  item: {
    kind: "sport",
    body: {
      labelId: "418173315956375999",
      mode: 8,
      subMode: 1,
      startTime: inSeconds(startMs),
      endTime: inSeconds(endMs),
      startTimezone: 12,
      endTimezone: 12,
      distance: 10_262,
      duration: 3_650,
      calorie: 651_000,
      deviceName: "COROS PACE 3",
      ...over,
    },
  },
});

/** Its date is when it ended; of the hour a minute was rest. */
export const atConcept2 = (over: Over = {}): Told => ({
  by: "concept2",
  item: {
    kind: "results",
    body: {
      id: 91_234_567,
      user_id: 771,
      type: "rower",
      date: "2026-10-18 09:02:05",
      timezone: "Europe/Helsinki",
      date_utc: "2026-10-18 06:02:05",
      distance: 14_020,
      time: (seconds - 60) * 10,
      rest_time: 600,
      calories_total: 870,
      workout_type: "FixedTimeInterval",
      source: "ErgData iOS",
      verified: true,
      ...over,
    },
  },
});

/** Of a phone's store, by Withings' own numbers for stores; steps made its distance. */
export const atWithings = (over: Over = {}, data: Over = {}): Told => ({
  by: "withings",
  item: {
    kind: "workouts",
    body: {
      id: 3_661_300_277,
      category: 2,
      timezone: "Europe/Helsinki",
      model: 1055,
      attrib: 0,
      startdate: inSeconds(startMs),
      enddate: inSeconds(endMs),
      date: "2026-10-18",
      deviceid: null,
      data: { calories: 590, steps: 9_700, distance: 9_870, pause_duration: 0, ...data },
      modified: inSeconds(endMs) + 900,
      ...over,
    },
  },
});

export const healthKitId = "801B68D7-F4AA-4A23-BD26-A3BA1BA6B08D";

/** As HealthKit holds what another app wrote into it. */
export const atAppleHealth = (sourceBundle: string, type: string, over: Over = {}): Told => ({
  by: "apple-health",
  body: {
    device: { model: "iPhone17,1" },
    workouts: [
      {
        uuid: healthKitId,
        workoutActivityType: `HKWorkoutActivityType${type}`,
        startDate: isoAt(startMs),
        endDate: isoAt(endMs),
        duration: seconds,
        totalEnergyBurned: { value: 612, unit: "kcal" },
        sourceBundle,
        ...over,
      },
    ],
  },
});

/** The same by Health Auto Export, which does not say who wrote it. */
export const byHealthAutoExport = (name: string, over: Over = {}): Told => ({
  by: "health-auto-export",
  body: {
    data: {
      workouts: [
        {
          id: healthKitId,
          name,
          start: "2026-10-18 08:00:00 +0300",
          end: "2026-10-18 09:02:05 +0300",
          duration: seconds,
          activeEnergyBurned: { qty: 612, units: "kcal" },
          ...over,
        },
      ],
    },
  },
});

export const atHealthConnect = (
  dataOrigin: string,
  exerciseType: number,
  over: Over = {},
): Told => ({
  by: "health-connect",
  body: {
    records: [
      {
        startTime: isoAt(startMs),
        endTime: isoAt(endMs),
        exerciseType,
        metadata: { id: "r-1", dataOrigin, device: 0, recordingMethod: 1 },
        ...over,
      },
    ],
  },
});
