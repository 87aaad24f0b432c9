/**
 * In a folder of one of our providers no workout is ignored, whatever is missing or absurd in it.
 */
import { describe, expect, it } from "vitest";
import { providerNamed, providers } from "../../../providers/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import type { ProviderCases } from "../../providers/cases/form.ts";
import { type Judged, judge } from "./judge.ts";
import { receivedMs } from "./understand.ts";

const inFolder = (folder: string, body: unknown): Promise<Judged> => {
  const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(body)));
  return judge(bytes, { name: folder, provider: providerNamed(folder) });
};
/** What the corpus looks for is workouts. */
const linked = Object.values<Provider>(providers)
  .filter(({ name, stream }) => stream === "workouts" && name !== "files")
  .map(({ name }) => name);

describe("a record with something taken from it", () => {
  /** As the API of each answers it, or its door is sent it, and no envelope around it. */
  const bare: Record<string, object> = {
    concept2: {
      id: 9_912_345,
      user_id: 771,
      type: "rower",
      date: "2026-11-14 08:30:00",
      timezone: "Europe/London",
      date_utc: "2026-11-14 08:30:00",
      distance: 6_000,
      time: 15_000,
      workout_type: "FixedTimeSplits",
      verified: true,
    },
    coros: {
      openId: "o-1",
      labelId: "418173315956375997",
      mode: 8,
      subMode: 1,
      startTime: 1_794_639_600,
      endTime: 1_794_641_400,
      startTimezone: 4,
      distance: 5_012,
    },
    "health-auto-export": {
      id: "0B2C5A90-6C7D-4E53-9A8E-1A2B3C4D5E6F",
      name: "Outdoor Spaziergang",
      start: "2026-11-14 08:00:00 +0100",
      end: "2026-11-14 09:00:00 +0100",
      duration: 3600,
      distance: { qty: 5.1, units: "km" },
    },
    "health-connect": {
      exerciseType: 56,
      startTime: "2026-11-14T08:00:00Z",
      endTime: "2026-11-14T09:00:00Z",
      metadata: { id: "r-1", dataOrigin: "fi.polar.polarflow", recordingMethod: 1 },
    },
    strava: {
      id: 16_412_345_678,
      athlete: { id: 1 },
      name: "Morning Run",
      sport_type: "Run",
      start_date: "2026-11-14T07:00:00Z",
      start_date_local: "2026-11-14T08:00:00Z",
      utc_offset: 3600,
      elapsed_time: 1800,
      moving_time: 1790,
      distance: 5000.4,
      manual: false,
    },
    wahoo: {
      id: 1_234_567,
      user_id: 60_462,
      starts: "2026-11-14T07:00:00.000Z",
      minutes: 30,
      workout_type_id: 1,
      workout_token: "ELEMNT RIVAL AABB:CC",
      updated_at: "2026-11-14T08:00:00.000Z",
      workout_summary: {
        id: 8297,
        started_at: "2026-11-14T07:00:00.000Z",
        duration_total_accum: "1800.0",
        duration_active_accum: "1790.0",
        distance_accum: "5000.40",
        updated_at: "2026-11-14T08:00:00.000Z",
      },
    },
    withings: {
      id: 3_661_300_277,
      category: 2,
      timezone: "Europe/Amsterdam",
      model: 93,
      attrib: 0,
      startdate: 1_794_639_600,
      enddate: 1_794_641_400,
      date: "2026-11-14",
      deviceid: "d41d8cd98f00b204",
      data: { distance: 5000, calories: 300 },
      modified: 1_794_642_000,
    },
    "apple-health": {
      uuid: "7F1E6C52-9C0B-4E0E-8B63-0F3C6D2A9B11",
      workoutActivityType: "HKWorkoutActivityTypeRunning",
      startDate: "2026-11-14T08:00:00+01:00",
      endDate: "2026-11-14T09:00:00+01:00",
    },
    fitbit: {
      logId: 1,
      logType: "tracker",
      activityName: "Run",
      activityTypeId: 90009,
      startTime: "2026-11-14T08:00:00.000+01:00",
      duration: 1_800_000,
      distance: 5,
    },
    garmin: {
      userId: "account-1",
      summaryId: "20001",
      activityType: "RUNNING",
      startTimeInSeconds: Date.UTC(2026, 10, 14, 7) / 1000,
      startTimeOffsetInSeconds: 3600,
      durationInSeconds: 1800,
      distanceInMeters: 5000.4,
    },
    "google-health": {
      name: "users/u/dataTypes/exercise/dataPoints/1",
      exercise: {
        updateTime: "2026-11-14T10:00:00Z",
        exerciseType: "RUNNING",
        interval: { startTime: "2026-11-14T08:00:00Z", endTime: "2026-11-14T09:00:00Z" },
      },
    },
    junction: {
      id: "j",
      user_id: "u",
      calendar_date: "2026-11-14",
      time_start: "2026-11-14T08:00:00+00:00",
      time_end: "2026-11-14T09:00:00+00:00",
      sport: { slug: "running" },
    },
    oura: {
      id: "o",
      activity: "running",
      calories: 350,
      day: "2026-11-14",
      start_datetime: "2026-11-14T08:00:00+01:00",
      end_datetime: "2026-11-14T09:00:00+01:00",
      intensity: "moderate",
      source: "manual",
    },
    polar: {
      id: "p",
      "start-time": "2026-11-14T08:00:00",
      "start-time-utc-offset": 60,
      duration: "PT1H",
      sport: "RUNNING",
    },
    "standard-webhooks": {
      id: "s",
      revision: 1,
      startedAt: "2026-11-14T08:00:00Z",
      elapsedSeconds: 600,
      type: "running",
    },
    suunto: { workoutKey: "k", activityId: 1, startTime: 1_702_729_200_000, totalTime: 3600 },
    terra: {
      metadata: {
        summary_id: "t",
        type: 8,
        start_time: "2026-11-14T08:00:00+01:00",
        end_time: "2026-11-14T09:00:00+01:00",
      },
      distance_data: { summary: { distance_meters: 5000 } },
    },
    whoop: {
      updated_at: "2026-11-14T10:00:00Z",
      id: "ecfc6a15-4661-442f-a9a4-f160dd7afae8",
      user_id: 1,
      start: "2026-11-14T08:00:00Z",
      end: "2026-11-14T09:00:00Z",
      timezone_offset: "+01:00",
      sport_name: "running",
      score_state: "PENDING_SCORE",
    },
  };

  /** Without each of its fields, and with each of them null, zero, empty, less than zero or absurd. */
  function* less(record: object): Generator<object> {
    for (const [key, value] of Object.entries(record)) {
      yield Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
      for (const other of [null, 0, "", -1, "x", {}, [], 1e15]) yield { ...record, [key]: other };
      if (typeof value === "object" && value !== null && !Array.isArray(value))
        for (const inner of less(value)) yield { ...record, [key]: inner };
    }
  }

  it("has one of every provider that is read by body", () => {
    expect(Object.keys(bare).sort()).toEqual(linked.sort());
  });

  it.each(Object.entries(bare))("is not ignored: %s", async (name, record) => {
    expect(await inFolder(name, record)).toMatchObject({ verdict: "accepted", faults: [] });
    for (const body of less(record)) {
      for (const around of [body, [record, body], { body }]) {
        const { verdict, workouts, faults } = await inFolder(name, around);
        expect(verdict, JSON.stringify(around)).not.toBe("ignored");
        const all = Array.isArray(around) ? 2 : 1;
        expect(workouts.length + faults.length, JSON.stringify(around)).toBe(all);
      }
    }
  });

  // Of the others an item stands in an envelope of ours, which may be all that is left of it.
  const asTheyCome = linked.filter((name) => {
    const provider = providerNamed(name);
    return provider?.facts.hearsay === true || provider?.memberKey !== undefined;
  });

  it.each(asTheyCome)(
    "is not ignored where it is one of its provider's own cases: %s",
    async (name) => {
      const { cases } = (await import(`../../providers/cases/${name}.ts`)) as {
        cases: ProviderCases;
      };
      const provider = providerNamed(name);
      let tried = 0;
      for (const { kind, item } of cases.timeZones) {
        if (!provider?.normalise(kind, item, receivedMs).ok) continue;
        for (const body of less(item as object)) {
          const { verdict, workouts, faults } = await inFolder(name, body);
          expect(verdict, JSON.stringify(body)).not.toBe("ignored");
          expect(workouts.length + faults.length, JSON.stringify(body)).toBe(1);
          tried++;
        }
      }
      expect(tried).toBeGreaterThan(30);
    },
  );

  it("says which field it is refused for", async () => {
    const faultOf = async (name: string, over: object) =>
      (await inFolder(name, { ...bare[name], ...over })).what;
    expect(await faultOf("whoop", { start: null })).toBe("no-start: 1 workout");
    expect(await faultOf("polar", { duration: null })).toBe("no-duration: 1 workout");
    expect(await faultOf("terra", { metadata: null })).toBe("no-id: 1 workout");
    expect(await faultOf("standard-webhooks", { startedAt: null })).toBe("no-start: 1 workout");
    expect(await faultOf("strava", { start_date: null })).toBe("no-start: 1 workout");
    expect(await faultOf("concept2", { timezone: null, date_utc: null })).toBe(
      "no-zone: 1 workout",
    );
    expect(await faultOf("withings", { modified: null })).toBe("no-revision: 1 workout");
    expect(await faultOf("coros", { labelId: null })).toBe("no-id: 1 workout");
    expect(await faultOf("health-auto-export", { start: null })).toBe("no-start: 1 workout");
  });
});
