/**
 * Bodies of providers that sign nothing: a delivery that anybody could have sent is word of workouts
 * and no workout, an answer of the same provider's API is read, ids beyond 2^53 stay what they are, and
 * what a member's own app posts is read as it comes.
 */
import { describe, expect, it } from "vitest";
import { providerNamed } from "../../../providers/index.ts";
import { type Judged, judge } from "./judge.ts";

const inFolder = (folder: string, body: unknown): Promise<Judged> => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = new Uint8Array(new TextEncoder().encode(text));
  return judge(bytes, { name: folder, provider: providerNamed(folder) });
};
const nothing = { notices: 0, claims: 0, links: 0, ends: 0, later: 0 };

describe("a delivery that proves nothing", () => {
  const summary = {
    id: 8297,
    started_at: "2026-11-14T07:00:00.000Z",
    duration_total_accum: "1800.0",
    distance_accum: "5000.40",
    workout: { id: 56_519, starts: "2026-11-14T07:00:00.000Z", minutes: 30, workout_type_id: 1 },
  };
  const wahoo = {
    event_type: "workout_summary",
    webhook_token: "not-a-real-token",
    user: { id: 60_462 },
    workout_summary: summary,
  };
  const row = { id: 12_345, user_id: 7, type: "rower", date: "2026-11-14 08:00:00", time: 4200 };
  const entry = '{"openId":"o-1","labelId":418173315956375997,"mode":8,"subMode":1}';
  const twice = `{"sportDataList":[${entry},${entry.replace("997", "999")}]}`;

  it.each<[string, string, unknown]>([
    ["a summary", "wahoo", wahoo],
    ["a result", "concept2", { type: "result-added", result: row }],
    ["a result within data", "concept2", { data: { type: "result-updated", result: row } }],
    ["two records of one member", "coros", twice],
  ])("is worth a notice, and no workout of it is taken: %s", async (_, name, body) => {
    const judged = await inFolder(name, body);
    expect(judged).toMatchObject({ verdict: "accepted", workouts: [], faults: [] });
    expect(judged.says).toEqual({ ...nothing, notices: 1 });
    expect(judged.what).not.toMatch(/not-a-real-token|60462|o-1|4181/);
  });

  it("of no kind that is read is ignored, and says so", async () => {
    const { verdict, what } = await inFolder("withings", "userid=1&appli=50&date=1693336011");
    expect([verdict, what]).toEqual(["ignored", "1 entry of no kind that withings is read for"]);
    expect((await inFolder("coros", twice)).what).toBe("notice of sport: reads what came lately");
  });

  it("is refused where nobody knows whose a workout in it is", async () => {
    const nobodys = entry.replace('"openId":"o-1",', "");
    const both = await inFolder("coros", `{"sportDataList":[${entry},${nobodys}]}`);
    expect(both).toMatchObject({ verdict: "accepted", faults: ["not-understood"] });
    for (const [name, body, fault = "not-understood"] of [
      ["coros", `{"sportDataList":[${nobodys}]}`, "no-start"],
      ["wahoo", { ...wahoo, user: null }],
      ["wahoo", { ...wahoo, workout_summary: { ...summary, workout: undefined } }],
      ["concept2", { type: "result-added", result: { ...row, user_id: undefined } }, "no-zone"],
      ["concept2", { type: "result-deleted", result_id: 12_345 }],
      ["strava", { object_type: "activity", aspect_type: "create", object_id: 1 }],
      ["withings", "appli=16&date=2026-11-14"],
    ] as const)
      expect(await inFolder(name, body), `${name} ${JSON.stringify(body)}`).toMatchObject({
        verdict: "refused",
        faults: [fault],
        says: nothing,
      });
  });

  it.each<[string, string, string | object, object]>([
    ["a day", "withings", "userid=1&appli=16&date=2026-11-14", { notices: 1, later: 1 }],
    ["a weighing", "withings", "userid=1&appli=1&startdate=1&enddate=2", { later: 1 }],
    ["an end", "withings", "userid=1&appli=46&action=unlink", { claims: 1 }],
    [
      "a withdrawal",
      "strava",
      { object_type: "athlete", aspect_type: "delete", object_id: 7, owner_id: 7 },
      { claims: 1 },
    ],
  ])("says what it says: %s", async (_, name, body, says) => {
    const judged = await inFolder(name, body);
    expect([judged.verdict, judged.says]).toEqual(["accepted", { ...nothing, ...says }]);
  });
});

describe("an answer of the API", () => {
  const record = (label: string, startTime: number) =>
    `{"labelId":${label},"mode":9,"subMode":1,"startTime":${startTime},"endTime":${startTime + 3600},"startTimezone":8}`;
  const list = (records: string) => `{"result":"0000","message":"OK","data":[${records}]}`;

  it("keeps ids beyond 2^53 apart, in a list and alone", async () => {
    const [one, other] = ["418173315956375999", "418173315956376001"];
    expect(JSON.parse(one)).toBe(JSON.parse(other));
    const records = `${record(one, 1_794_639_600)},${record(other, 1_794_646_800)}`;
    for (const body of [list(records), `[${records}]`, record(one, 1_794_639_600)]) {
      const judged = await inFolder("coros", body);
      expect(judged, body).toMatchObject({ verdict: "accepted", faults: [] });
      expect(judged.workouts[0], body).toMatchObject({ type: "cycling", offsetMin: 120 });
    }
    expect((await inFolder("coros", list(records))).workouts).toHaveLength(2);
  });

  const activity = {
    id: 16_412_345_678,
    athlete: { id: 1 },
    sport_type: "Run",
    start_date: "2026-11-14T07:00:00Z",
    start_date_local: "2026-11-14T08:00:00Z",
    utc_offset: 3600,
    elapsed_time: 1800,
    distance: 5000.4,
  };
  const part = { id: 1, name: "Lap 1", activity: { id: 2 }, start_index: 0, end_index: 60 };
  const lap = { ...part, elapsed_time: 60, start_date: "2026-11-14T07:00:00Z" };

  it("is one activity in its detail, whatever parts it has", async () => {
    const detail = { ...activity, resource_state: 3, laps: [lap], segment_efforts: [lap] };
    for (const body of [detail, [detail], { status: 200, headers: {}, body: detail }]) {
      const judged = await inFolder("strava", body);
      expect(judged).toMatchObject({ verdict: "accepted", faults: [] });
      expect(judged.workouts).toHaveLength(1);
    }
    expect((await inFolder("strava", [activity, activity, activity])).workouts).toHaveLength(3);
  });

  it.each<[string, string, object, RegExp]>([
    ["laps alone", "strava", [lap], /belong to an activity/],
    ["streams", "strava", { time: { data: [0, 1], series_type: "time" } }, /streams/],
    ["strokes", "concept2", { data: [{ t: 10, d: 24, p: 1120, spm: 28, hr: 120 }] }, /strokes/],
    ["tokens", "coros", { access_token: "t", refresh_token: "r", openId: "o-1" }, /tokens/],
    ["tokens within", "withings", { status: 0, body: { access_token: "t", userid: 1 } }, /tokens/],
    ["tokens of an athlete", "strava", { access_token: "t", athlete: { id: 1 } }, /tokens/],
    ["an error at 200", "withings", { status: 601, body: {}, error: "Too Many" }, /error/],
    ["a user", "concept2", { data: { id: 1, username: "u", gender: "F" } }, /no workout/],
    [
      "a night",
      "withings",
      { status: 0, body: { series: [{ startdate: 1, enddate: 2, state: 1 }], more: false } },
      /no workout/,
    ],
  ])("is no workout when it is %s", async (_, name, body, why) => {
    const { verdict, what } = await inFolder(name, body);
    expect([verdict, what]).toEqual(["ignored", expect.stringMatching(why)]);
  });
});

describe("what a member's own app posts", () => {
  const swim = {
    name: "Schwimmbad Schwimmen",
    start: "2026-11-14 08:00:00 +0100",
    end: "2026-11-14 09:16:51 +0100",
    duration: 4610.7383010387421,
  };
  const both = [
    { ...swim, id: "0B2C5A90-6C7D-4E53-9A8E-1A2B3C4D5E6F", avgHeartRate: { qty: 0, units: "bpm" } },
    { ...swim, id: "7F1E6C52-9C0B-4E0E-8B63-0F3C6D2A9B11", location: "Pool" },
  ];
  const pulse = { name: "resting_heart_rate", units: "count/min" };
  const metric = { ...pulse, data: [{ date: swim.start, qty: 52 }] };

  it("is read, of one workout under two ids both", async () => {
    const posted = { data: { metrics: [metric], workouts: both, symptoms: [] } };
    const judged = await inFolder("health-auto-export", posted);
    expect(judged).toMatchObject({
      verdict: "accepted",
      faults: [],
      metrics: ["resting_heart_rate"],
    });
    expect(judged.workouts).toHaveLength(2);
    expect(judged.what).not.toMatch(/door/);
  });

  it("is read where it lies among Apple Health's", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ data: { workouts: both } }));
    const [name, provider] = ["apple", providerNamed("apple-health")];
    const also = providerNamed("health-auto-export");
    const judged = await judge(new Uint8Array(bytes), { name, provider, ...(also && { also }) });
    expect(judged.workouts).toHaveLength(2);
  });

  it("holds no workout where it is of another kind", async () => {
    const [start, end] = [swim.start, swim.end];
    const symptoms = [{ name: "Headache", start, end, severity: "Mild", userEntered: true }];
    expect(await inFolder("health-auto-export", { data: { symptoms } })).toMatchObject({
      verdict: "ignored",
    });
    const times = { startTime: "2026-11-14T08:00:00Z", endTime: "2026-11-14T09:00:00Z" };
    const metadata = { id: "r-1", dataOrigin: "fi.polar.polarflow" };
    for (const measured of [
      { energy: { inKilocalories: 300 } },
      { mealType: 1, name: "Lunch" },
      { stages: [{ stage: 4, ...times }], title: "Night" },
    ]) {
      const records = [{ ...times, ...measured, metadata }];
      const judged = await inFolder("health-connect", { records });
      expect(judged, JSON.stringify(measured)).toMatchObject({ verdict: "ignored" });
    }
  });

  it("is read from a bridge, with a number for what was done or its word", async () => {
    const at = { start_time: "2026-11-14T08:00:00Z", end_time: "2026-11-14T09:00:00Z" };
    const exercise = ["56", "running"].map((type) => ({ type, ...at, duration_seconds: 3600 }));
    const posted = { timestamp: at.end_time, app_version: "1.9", exercise, steps: [] };
    const judged = await inFolder("health-connect", posted);
    expect(judged.workouts.map(({ type }) => type)).toEqual(["running", "running"]);
    expect(judged.workouts.map(({ offsetMin }) => offsetMin)).toEqual([null, null]);
  });
});
