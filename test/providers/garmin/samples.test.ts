/** What Garmin measures between workouts: summaries by their type, pushed or at a ping's address. */
import { describe, expect, it } from "vitest";
import { garmin } from "../../../providers/garmin.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const atMs = Date.UTC(2026, 10, 13, 22);
const { samples } = garmin;
const summary = {
  userId: "account-a",
  summaryId: "x5b70ccc-6966bceb",
  startTimeInSeconds: atMs / 1000,
  startTimeOffsetInSeconds: 3600,
  durationInSeconds: 3600,
};
const read = (kind: string, over: object) => {
  const found = samples.read(kind, { ...summary, ...over }, receivedMs);
  if (!found.ok) throw new Error(found.error);
  return found.value;
};
const short = (kind: string, over: object) =>
  read(kind, over).map(({ metric, value, stage }) => [metric, value, ...(stage ? [stage] : [])]);

describe("a day", () => {
  it("goes by its summaryId, which comes again as the day grows; readings go by their time", () => {
    const day = { steps: 12, timeOffsetHeartRateSamples: { "15": 60 } };
    expect(read("dailies", day)).toMatchObject([
      {
        metric: "steps",
        sourceId: "x5b70ccc-6966bceb",
        fromMs: atMs,
        toMs: atMs + 3_600_000,
        offsetMin: 60,
        device: { id: "garmin", kind: "watch", model: null },
      },
      { metric: "heart_rate", sourceId: null, fromMs: atMs + 15_000, toMs: atMs + 15_000 },
    ]);
    for (const draft of read("dailies", day)) expect(draft).not.toHaveProperty("revision");
  });

  it("leaves out sums of zero, and readings that failed or have no time", () => {
    const none = { steps: 0, distanceInMeters: 0, activeKilocalories: 0 };
    const readings = { "15": 0, "30": -1, "45": "60", "-60": 61, "1e3": 62, x: 63, "60": 64 };
    expect(short("dailies", { ...none, timeOffsetHeartRateSamples: readings })).toEqual([
      ["heart_rate", 64],
    ]);
  });
});

describe("a sleep", () => {
  const lengths = {
    deepSleepDurationInSeconds: 600,
    lightSleepDurationInSeconds: 1200,
    remSleepInSeconds: 0,
    awakeDurationInSeconds: 300,
  };

  it("without stretches is its stages one after another, beyond what was slept", () => {
    expect(read("sleeps", lengths)).toMatchObject([
      { stage: "deep", fromMs: atMs, toMs: atMs + 600_000 },
      { stage: "light", fromMs: atMs + 600_000, toMs: atMs + 1_800_000 },
      { stage: "awake", fromMs: atMs + 1_800_000, toMs: atMs + 2_100_000 },
    ]);
  });

  it("of which no stage is said is what was slept", () => {
    expect(short("sleeps", {})).toEqual([["sleep", 3600, "asleep"]]);
    expect(short("sleeps", { awakeDurationInSeconds: 300 })).toEqual([["sleep", 3600, "asleep"]]);
    expect(short("sleeps", { durationInSeconds: 0 })).toEqual([]);
  });

  it("passes over stretches that end first, and levels that nobody knows", () => {
    const [start, end] = [atMs / 1000, atMs / 1000 + 60];
    const stretch = { startTimeInSeconds: start, endTimeInSeconds: end };
    const backwards = { startTimeInSeconds: end, endTimeInSeconds: start };
    const sleepLevelsMap = { rem: [stretch, backwards, null], restless: [stretch], deep: {} };
    expect(short("sleeps", { sleepLevelsMap })).toEqual([["sleep", 60, "rem"]]);
  });
});

it("oxygen and breaths are series of readings", () => {
  expect(short("pulseox", { timeOffsetSpo2Values: { "0": 96, "60": 97 } })).toEqual([
    ["oxygen_saturation", 96],
    ["oxygen_saturation", 97],
  ]);
  expect(
    short("allDayRespiration", { timeOffsetEpochToBreaths: { "0": 14.63, "60": -2 } }),
  ).toEqual([["respiratory_rate", 14.63]]);
});

it("a night's variability is its average only where nothing finer is sent", () => {
  expect(short("hrv", { lastNightAvg: 84, hrvValues: { "265": 70 } })).toEqual([["hrv_rmssd", 70]]);
  expect(read("hrv", { lastNightAvg: 84 })).toMatchObject([
    { metric: "hrv_rmssd", value: 84, fromMs: atMs, toMs: atMs + 3_600_000 },
  ]);
});

it("a pressure is of a cuff, or was typed in", () => {
  const { startTimeInSeconds: _, ...at } = summary;
  const pressure = {
    ...at,
    ...{ systolic: 112, diastolic: 73, pulse: 69, sourceType: "MANUAL" },
    ...{ measurementTimeInSeconds: atMs / 1000, measurementTimeOffsetInSeconds: -18_000 },
  };
  const of = (over: object) => samples.read("bloodPressures", { ...pressure, ...over }, receivedMs);
  expect(of({})).toMatchObject({
    value: [
      { metric: "blood_pressure_systolic", value: 112, device: { kind: "manual" } },
      { metric: "blood_pressure_diastolic", value: 73, offsetMin: -300, toMs: atMs },
      { metric: "heart_rate", value: 69 },
    ],
  });
  expect(of({ sourceType: "DEVICE" })).toMatchObject({
    value: [{ device: { kind: "meter" } }, {}, {}],
  });
});

it.each([
  ["no object", "x", "not-an-object"],
  ["no time", { steps: 1 }, "no-start"],
  [
    "a time to come",
    { ...summary, startTimeInSeconds: receivedMs / 1000 + 86_401 },
    "start-in-future",
  ],
])("%s is refused", (_, item, error) => {
  expect(samples.read("dailies", item, receivedMs)).toEqual({ ok: false, error });
});

it("epochs, of which a day is the sum, are not read", () => {
  expect(samples.kinds).not.toContain("epochs");
  expect(samples.read("epochs", summary, receivedMs)).toEqual({ ok: false, error: "unknown-kind" });
});

describe("what lies at a ping's address", () => {
  const about = { account: "account-a" };
  const at = (json: unknown, over: object = {}) =>
    samples.entries("dailies", replied({ body: JSON.stringify(json), about, ...over }));

  it("is a list, alone or under its name", () => {
    expect(at([summary])).toEqual({ ok: true, value: [summary] });
    expect(at({ dailies: [summary] })).toEqual({ ok: true, value: [summary] });
  });

  it("of another account is not taken, and what is gone is not asked for again", () => {
    expect(at([summary, { ...summary, userId: "b" }])).toEqual({ ok: false, error: "broken" });
    expect(at([], { status: 410 })).toEqual({ ok: false, error: "gone" });
    expect(at([], { status: 429 })).toEqual({ ok: false, error: "again" });
    expect(at({ sleeps: [] })).toEqual({ ok: false, error: "broken" });
  });
});
