/**
 * In a folder of one of our providers what only looks like a workout is ignored, and the line says
 * where a provider's door would not have taken the body.
 */
import { describe, expect, it } from "vitest";
import { providerNamed } from "../../../providers/index.ts";
import { type Judged, judge } from "./judge.ts";

const inFolder = (folder: string, body: unknown): Promise<Judged> => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = new Uint8Array(new TextEncoder().encode(text));
  return judge(bytes, { name: folder, provider: providerNamed(folder) });
};
const run = {
  userId: "account-1",
  summaryId: "20001",
  activityType: "RUNNING",
  startTimeInSeconds: Date.UTC(2026, 10, 14, 7) / 1000,
  startTimeOffsetInSeconds: 3600,
  durationInSeconds: 1800,
  distanceInMeters: 5000.4,
};
const push = { activities: [run] };
describe("what only looks like a workout", () => {
  const at = { start_datetime: "2026-11-14T08:00:00Z", end_datetime: "2026-11-14T08:10:00Z" };
  const times = { start: "2026-11-14T00:00:00Z", end: "2026-11-14T08:00:00Z" };
  const ofWhoop = { user_id: 1, ...times, timezone_offset: "+01:00", score_state: "SCORED" };
  const id = "ecfc6a15-4661-442f-a9a4-f160dd7afae8";
  const sample = { type: "steps", startDate: times.start, endDate: times.end, value: 1, unit: "1" };
  const metadata = { start_time: "2026-11-14T00:00:00Z", end_time: "2026-11-15T00:00:00Z" };
  it.each<[string, string, object, string]>([
    ["a meditation", "oura", { id, day: "2026-11-14", ...at, type: "meditation" }, "session"],
    ["a page of them", "oura", { data: [{ id, ...at, type: "rest", mood: null }] }, "session"],
    ["a sample alone", "standard-webhooks", { ...sample }, "a sample"],
    ["a night", "oura", { id, day: "2026-11-14", bedtime_start: times.start, type: "x" }, "no"],
    ["stress", "garmin", { stressDetails: [{ userId: "u", maxStress: 40 }] }, "no kind"],
    ["a cycle", "whoop", { id: 1, ...ofWhoop, score: { strain: 8, kilojoule: 9 } }, "no workout"],
    ["a nap", "whoop", { id, ...ofWhoop, nap: true, score: { stage_summary: {} } }, "no workout"],
    ["a day without readings", "terra", { metadata, distance_data: {}, scores: {} }, "no workout"],
    ["a route", "suunto", { type: "ROUTE_CREATED", username: "u", route: { id: 1 } }, "no kind"],
    [
      "a weight",
      "fitbit",
      { logId: 1, date: "2026-11-14", time: "08:00:00", bmi: 20 },
      "no workout",
    ],
    ["a retraction alone", "standard-webhooks", { id: "r", revision: 2 }, "no workout"],
    ["a day", "polar", { id: 1, date: "2026-11-14", duration: "PT24H", "active-steps": 9 }, "no"],
    ["a meal", "junction", { id, user_id: "u", calendar_date: "2026-11-14", name: "x" }, "no"],
  ])("is ignored: %s", async (_, name, body, why) => {
    const { verdict, what } = await inFolder(name, body);
    expect([verdict, what]).toEqual(["ignored", expect.stringContaining(why)]);
  });
});

it("takes no day and no sample of a delivery for a workout beside it", async () => {
  const date = "2026-11-14T08:00:00Z";
  const sample = { id: "a", type: "steps", startDate: date, endDate: date, value: 1, unit: "1" };
  const samples = { type: "samples.upserted", data: { account: "u", samples: [sample] } };
  const days = { type: "daily", user: { user_id: "u" }, data: [{ distance_data: { steps: 1 } }] };
  for (const [name, body] of [
    ["standard-webhooks", samples],
    ["terra", days],
  ] as const)
    expect(await inFolder(name, body)).toMatchObject({ verdict: "accepted", faults: [] });
});

describe("what is said of the door", () => {
  const remark = /; its door would not take it as it stands$/;
  const data = { id: "r", revision: 1, startedAt: "2026-11-14T08:00:00Z", elapsedSeconds: 600 };
  const workouts = [{ ...data, type: "running" }];
  const event = { type: "workouts.upserted", data: { account: "u", workouts } };
  const ofSuunto = { workoutKey: "k", activityId: 1, startTime: 1_702_729_200_000, totalTime: 60 };
  const ofTerra = {
    metadata: {
      summary_id: "t",
      type: 8,
      start_time: "2026-11-14T08:00:00Z",
      end_time: "2026-11-14T09:00:00Z",
    },
  };

  it.each<[string, string, unknown]>([
    ["an event in a list", "standard-webhooks", [event]],
    ["what an event holds", "standard-webhooks", { workouts }],
    ["a record alone", "standard-webhooks", workouts[0]],
    ["an event of another type", "standard-webhooks", { ...event, type: "workouts.made" }],
    ["pushes in a list", "garmin", [push, push]],
    ["a push a line", "garmin", `${JSON.stringify(push)}\n${JSON.stringify(push)}\n`],
    ["of no user", "terra", { type: "activity", data: [ofTerra] }],
    [
      "a type in small letters",
      "suunto",
      { type: "workout_created", username: "u", workout: ofSuunto },
    ],
    ["more than a door takes", "garmin", { ...push, more: "x".repeat(11 * 1024 * 1024) }],
  ])("is that it would not take it: %s", async (_, name, body) => {
    const { verdict, what } = await inFolder(name, body);
    expect([verdict, what]).toEqual(["accepted", expect.stringMatching(remark)]);
  });

  it("is nothing of a delivery, and of an answer that it is one", async () => {
    expect((await inFolder("standard-webhooks", event)).what).not.toMatch(/door/);
    expect((await inFolder("garmin", push)).what).not.toMatch(/door/);
    const page = await inFolder("suunto", { error: null, payload: [ofSuunto] });
    expect(page.what).toMatch(/; as an answer of its API: its door would not take it/);
  });

  it("names a window only where there is one, and samples as samples", async () => {
    const stream = {
      event_type: "daily.data.workout_stream.created",
      user_id: "u",
      data: { id: "x" },
    };
    const { what } = await inFolder("junction", stream);
    expect(what).toBe("later: notice of workout_stream: no window is named");
    const samples = [{ timestamp: "2026-11-14T00:00:00Z", entryData: { StepCount: 5 } }];
    const steps = { type: "SUUNTO_247_RECOVERY_CREATED", username: "u", samples };
    expect((await inFolder("suunto", steps)).what).toMatch(
      /^later: samples of recovery \(1\): 2026/,
    );
  });
});
