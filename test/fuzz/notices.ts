/** What each provider says that something happened, of the accounts that are linked here. */

/** Accounts that their owner grants. */
export const granted = {
  ...{ fitbit: "7XK2QP", polar: "475001", whoop: "9012", oura: "oura-member-1" },
  ...{ suunto: "trailfox", strava: "7654321", withings: "3140159", wahoo: "9812345" },
  ...{ coros: "8c1f0b7de2a94a53", concept2: "1553112" },
} as const;

/** Accounts that name their member by a word of ours. */
export const referred = {
  terra: "5e1c8a1e-0b0e-4a52-9d1f-6a8f0d1a2b3c",
  junction: "5d0f9c52-0c1b-4b7e-8f7a-2f5f0a9d3c11",
  "standard-webhooks": "customer-17",
} as const;

const id = "5b1f8f0e-3c0d-4a7e-9a55-2f6f0f7e1c11";
const from = "2026-10-14T09:00:00+02:00";
const to = "2026-10-14T09:50:00+02:00";
const strava = {
  ...{ object_id: 16_412_345_678, object_type: "activity", owner_id: Number(granted.strava) },
  ...{ aspect_type: "create", event_time: 1_791_960_000, subscription_id: 254_321, updates: {} },
};
const terraRun = {
  metadata: { summary_id: "9f0d0b9e", start_time: from, end_time: to, type: 8, upload_type: 1 },
  distance_data: { summary: { distance_meters: 10_200 } },
};
const junctionRun = {
  ...{ id, user_id: referred.junction, distance: 10_240, timezone_offset: 7_200 },
  ...{ time_start: "2026-10-14T07:00:00+00:00", time_end: "2026-10-14T07:50:00+00:00" },
  sport: { id: 1, name: "Running", slug: "running" },
  source: { provider: "garmin", type: "watch" },
  updated_at: "2026-10-14T08:00:00Z",
};
const runOf = { id: "run-1", revision: 1, type: "running", startedAt: from, elapsedSeconds: 3_000 };

export const notices: Readonly<Record<string, readonly object[]>> = {
  fitbit: [
    [
      {
        ...{ collectionType: "activities", date: "2026-10-14", ownerId: granted.fitbit },
        ...{ ownerType: "user", subscriptionId: "1" },
      },
    ],
  ],
  polar: [
    {
      ...{ event: "EXERCISE", user_id: Number(granted.polar), entity_id: "2AC312F" },
      ...{ timestamp: to, url: "https://www.polaraccesslink.com/v3/exercises/2AC312F" },
    },
  ],
  whoop: ["workout.updated", "workout.deleted", "sleep.updated"].map((type) => ({
    ...{ user_id: Number(granted.whoop), id, type, trace_id: id },
  })),
  oura: ["create", "delete"].map((event_type) => ({
    ...{ event_type, data_type: "workout", object_id: "workout-1" },
    ...{ event_time: to, user_id: granted.oura },
  })),
  suunto: [
    {
      type: "WORKOUT_CREATED",
      username: granted.suunto,
      workout: {
        ...{ workoutKey: "6917b0c4e1f2a80012cd34ab", activityId: 1, totalTime: 3_000 },
        ...{ startTime: Date.parse(from), totalDistance: 10_160, timeOffsetInMinutes: 120 },
      },
      gear: { manufacturer: "Suunto", name: "Suunto Race", productType: "SPORT_WATCH" },
    },
  ],
  terra: [
    {
      user: { user_id: referred.terra, provider: "GARMIN" },
      ...{ type: "activity", data: [terraRun], version: "2022-03-16" },
    },
  ],
  junction: ["created", "updated", "deleted"].map((what) => ({
    ...{ event_type: `daily.data.workouts.${what}`, user_id: referred.junction },
    ...{ client_user_id: "whatever", data: junctionRun },
  })),
  "standard-webhooks": [
    {
      ...{ type: "workouts.upserted", timestamp: to },
      data: { account: referred["standard-webhooks"], workouts: [runOf] },
    },
  ],
  strava: [
    strava,
    { ...strava, aspect_type: "delete" },
    { ...strava, aspect_type: "update", updates: { title: "Ride" } },
    {
      ...{ ...strava, object_type: "athlete", aspect_type: "update" },
      updates: { authorized: "false" },
    },
  ],
  withings: [
    { userid: granted.withings, appli: "16", date: "2026-10-14" },
    { userid: granted.withings, appli: "4", startdate: "1791960000", enddate: "1791963600" },
  ],
  wahoo: [
    {
      event_type: "workout_summary",
      user: { id: Number(granted.wahoo) },
      workout_summary: {
        ...{ id: 771_234_568, distance_accum: "99999.0", duration_total_accum: "60.0" },
        workout: { id: 771_234_567, workout_type_id: 1, starts: from },
      },
    },
  ],
  coros: [
    {
      sportDataList: [
        {
          ...{ openId: granted.coros, labelId: "418173315956375999", mode: 8, subMode: 1 },
          distance: 99_999,
        },
      ],
    },
  ],
  concept2: [
    {
      type: "result-added",
      result: {
        id: 91_133_774,
        user_id: Number(granted.concept2),
        type: "rower",
        distance: 99_999,
      },
    },
    { type: "result-deleted", result_id: 91_133_774, user_id: Number(granted.concept2) },
  ],
};
