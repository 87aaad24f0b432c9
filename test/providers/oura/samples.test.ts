/** What the ring measures between workouts: nights and days, and how they are asked for. */
import { describe, expect, it } from "vitest";
import { oura } from "../../../providers/oura.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { pull, samples } = oura;
const read = (kind: string, item: unknown) => samples.read(kind, item, receivedMs);
const night = {
  id: "night-1",
  type: "long_sleep",
  bedtime_start: "2026-11-12T23:00:00+01:00",
  bedtime_end: "2026-11-13T07:00:00+01:00",
};
const beganMs = Date.UTC(2026, 10, 12, 22);

describe("a night", () => {
  const lengths = {
    deep_sleep_duration: 3600,
    light_sleep_duration: 7200,
    rem_sleep_duration: null,
    awake_time: 600,
  };

  it("without phases is its stages one after another, or what was slept", () => {
    expect(read("sleep", { ...night, ...lengths })).toMatchObject({
      value: [
        { stage: "deep", fromMs: beganMs, value: 3600, sourceId: "night-1" },
        { stage: "light", fromMs: beganMs + 3_600_000, value: 7200 },
        { stage: "awake", fromMs: beganMs + 10_800_000, value: 600 },
      ],
    });
    const whole = { ...night, awake_time: 600, total_sleep_duration: 25_000 };
    expect(read("sleep", whole)).toMatchObject({ value: [{ stage: "asleep", value: 25_000 }] });
  });

  it("ends when it ends, however long its phases are", () => {
    const phases = { ...night, bedtime_end: "2026-11-12T23:07:00+01:00" };
    expect(read("sleep", { ...phases, sleep_phase_5_min: "222x1" })).toMatchObject({
      value: [{ stage: "light", fromMs: beganMs, toMs: beganMs + 420_000 }],
    });
  });

  it("that its member took back is gone", () => {
    expect(read("sleep", { ...night, ...lengths, type: "deleted" })).toMatchObject({
      value: [{ metric: "sleep", sourceId: "night-1", gone: true }],
    });
  });

  it.each([
    ["no-id", { id: null }],
    ["no-zone", { bedtime_start: "2026-11-12T23:00:00" }],
    ["no-start", { bedtime_start: null }],
    ["no-duration", { bedtime_end: night.bedtime_start }],
    [
      "start-in-future",
      {
        bedtime_start: "2027-01-01T00:00:00Z",
        bedtime_end: "2027-01-01T01:00:00Z",
        awake_time: 1,
        total_sleep_duration: 9,
      },
    ],
  ])("is %s", (error, over) => {
    expect(read("sleep", { ...night, ...over })).toEqual({ ok: false, error });
  });
});

it("a day of zeros is one on which nothing was worn", () => {
  const day = { id: "d-1", timestamp: "2026-11-13T04:00:00+01:00", steps: 0, active_calories: 0 };
  expect(read("daily_activity", day)).toEqual({ ok: true, value: [] });
  expect(read("daily_activity", { ...day, steps: 1 })).toMatchObject({
    value: [{ metric: "steps", whole: "day", device: { kind: "ring" } }],
  });
  expect(read("daily_activity", { ...day, timestamp: null })).toEqual({
    ok: false,
    error: "no-start",
  });
});

it("a night's oxygen without a day is refused, and without a value nothing", () => {
  const of = (over: object) => read("daily_spo2", { id: "o-1", day: "2026-11-13", ...over });
  expect(of({ day: "2026-02-30" })).toEqual({ ok: false, error: "no-start" });
  expect(of({ spo2_percentage: null })).toEqual({ ok: true, value: [] });
});

it.each([
  ["sleep", { start_date: "2026-11-13", end_date: "2026-11-15" }],
  ["daily_activity", { start_date: "2026-11-13", end_date: "2026-11-15" }],
  ["daily_spo2", { start_date: "2026-11-13", end_date: "2026-11-15" }],
  [
    "heartrate",
    { start_datetime: "2026-11-13T22:00:00.000Z", end_datetime: "2026-11-14T06:00:00.000Z" },
  ],
])("%s is listed by its days or by the instant", (collection, query) => {
  const step = { collection, fromMs: Date.UTC(2026, 10, 13, 22), toMs: Date.UTC(2026, 10, 14, 6) };
  const path = `/v2/usercollection/${collection}`;
  expect(pull.list(step, null)).toEqual({ path, query });
  expect(pull.list(step, "t0k")).toEqual({ path, query: { ...query, next_token: "t0k" } });
  expect(pull.one(collection, "abc").path).toBe(`${path}/abc`);
});
