import { expect, it } from "vitest";
import { healthConnect } from "../../../providers/health-connect.ts";
import { recordsOf } from "../../../providers/samples.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const time = "2026-11-14T07:00:00Z";
const later = "2026-11-14T07:10:00Z";
const ahead = "2027-11-14T07:10:00Z";
const fromMs = Date.UTC(2026, 10, 14, 7);
const toMs = fromMs + 600_000;
const read = (kind: string, item: unknown) => {
  const result = healthConnect.samples.read(kind, item, receivedMs);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
/** What comes of it: a value in order, or why its item is parked. */
const outcomes = (kind: string, item: unknown) =>
  recordsOf(read(kind, item), "health-connect", [], receivedMs).flatMap((one) =>
    one.ok ? one.value.samples.map(({ value }): number | string => value) : [one.error],
  );
const at = { sourceId: null, fromMs, toMs: fromMs, offsetMin: null };

it.each([
  ["heart_rate", { bpm: 72 }, "heart_rate", 72, "/min"],
  ["resting_heart_rate", { bpm: 51 }, "resting_heart_rate", 51, "/min"],
  ["heart_rate_variability", { rmssd_millis: 48.5 }, "hrv_rmssd", 48.5, "ms"],
  ["oxygen_saturation", { percentage: 97 }, "oxygen_saturation", 97, "%"],
  ["respiratory_rate", { rate: 14 }, "respiratory_rate", 14, "/min"],
  ["body_temperature", { celsius: 36.6 }, "body_temperature", 36.6, "Cel"],
  ["weight", { kilograms: 71.5 }, "weight", 71.5, "kg"],
  ["body_fat", { percentage: 18 }, "body_fat", 18, "%"],
  ["blood_glucose", { mmol_per_liter: 5 }, "blood_glucose", 5 * 18.0156, "mg/dL"],
])("%s of HC Webhook", (kind, values, metric, value, unit) => {
  expect(read(kind, [{ time, ...values }])).toEqual([{ ...at, metric, value, unit }]);
});

it.each([
  ["steps", { count: 812 }, "steps", 812, "1"],
  ["distance", { meters: 640.5 }, "distance", 640.5, "m"],
  ["active_calories", { calories: 41 }, "active_energy", 41, "kcal"],
])("%s of HC Webhook, over a stretch", (kind, values, metric, value, unit) => {
  expect(read(kind, [{ start_time: time, end_time: later, ...values }])).toEqual([
    { ...at, toMs, metric, value, unit },
  ]);
  const backwards = { start_time: later, end_time: time, ...values };
  expect(outcomes(kind, [backwards])).toEqual(["end-before-start"]);
});

it("a pressure is two values", () => {
  const samples = read("blood_pressure", [{ time, systolic: 121, diastolic: 79 }]);
  expect(samples.map(({ metric, value }) => [metric, value])).toEqual([
    ["blood_pressure_systolic", 121],
    ["blood_pressure_diastolic", 79],
  ]);
});

it("an average over many is none, and neither is a zero", () => {
  const thinned = [
    { time, avg: 71, min: 60, max: 90 },
    { time, bpm_avg: 71 },
    { time, bpm: 0 },
  ];
  expect(read("heart_rate", thinned)).toEqual([]);
  expect(read("steps", [{ start_time: time, end_time: later, count: 0 }])).toEqual([]);
});

it.each<[string, string, object | null]>([
  ["not-a-number", "a count that is text", { count: "many" }],
  ["not-a-number", "a count that is none", { count: null }],
  ["not-a-number", "no count", { count: undefined }],
  ["impossible-value", "a count below zero", { count: -5 }],
  ["no-start", "no start", { start_time: undefined }],
  ["no-start", "a start without a zone", { start_time: "2026-11-14T07:00:00" }],
  ["no-end", "no end", { end_time: undefined }],
  ["no-end", "an end that is a number", { end_time: toMs }],
  ["in-future", "an end in a year", { start_time: "2027-11-14T07:00:00Z", end_time: ahead }],
  ["no-start", "nothing at all", null],
])("is %s with %s, and the entries beside it are taken", (fault, _, said) => {
  const good = { start_time: time, end_time: later, count: 812 };
  const bad = said === null ? null : { ...good, ...said };
  expect(outcomes("steps", [good, bad]).sort()).toEqual([812, fault]);
  const { start_time, end_time, ...rest } = { ...good, ...said };
  const record = { ...rest, startTime: start_time, endTime: end_time };
  if (said !== null) expect(outcomes("Steps", record)).toEqual([fault]);
});

it("a glucose that is text and a pressure of one value are not taken", () => {
  expect(outcomes("blood_glucose", [{ time, mmol_per_liter: "5" }])).toEqual(["not-a-number"]);
  expect(outcomes("blood_glucose", [{ time, mmol_per_liter: -5 }])).toEqual(["impossible-value"]);
  expect(outcomes("blood_pressure", [{ time, systolic: 121 }])).toEqual([121_000, "not-a-number"]);
  expect(outcomes("Weight", { time, weight: 71 })).toEqual(["not-a-number"]);
});

it("a night is its stages, by their numbers", () => {
  const stage = (word: unknown) => ({ stage: word, start_time: time, end_time: later });
  const stages = ["5", 4, "6", "1", "3", "0"].map(stage);
  const samples = read("sleep", [{ session_end_time: later, stages }]);
  expect(samples.map((sample) => sample.stage)).toEqual(["deep", "light", "rem", "awake"]);
  expect(samples[0]).toEqual({
    ...at,
    // One without an id goes by when it began.
    sourceId: JSON.stringify(["night", null, fromMs]),
    toMs,
    metric: "sleep",
    value: 600,
    unit: "s",
    stage: "deep",
  });
});

it.each<[string, string, object]>([
  ["not-a-number", "a stage by a word", { stage: "deep" }],
  ["not-a-number", "a stage that is none", { stage: 8 }],
  ["not-a-number", "no stage", { stage: undefined }],
  ["no-start", "no start", { start_time: undefined }],
  ["no-end", "no end", { end_time: "later" }],
  ["end-before-start", "its times back to front", { start_time: later, end_time: time }],
])("a night is %s with %s, and its other stages are taken", (fault, _, said) => {
  const good = { stage: "5", start_time: time, end_time: later };
  for (const stages of [
    [good, { ...good, ...said }],
    [{ ...good, ...said }, good],
  ]) {
    const night = [{ session_end_time: later, stages }];
    expect(outcomes("sleep", night).sort()).toEqual([600_000, fault]);
    expect(new Set(read("sleep", night).map(({ sourceId }) => sourceId)).size).toBe(1);
  }
});

it("a stage that took no time is none", () => {
  expect(read("sleep", [{ stages: [{ stage: 5, start_time: time, end_time: time }] }])).toEqual([]);
});

it("a night of HC Webhook without stages is as long as it says, up to its end", () => {
  const night = { session_end_time: later, duration_seconds: 600, stages: [] };
  expect(read("sleep", [night])).toMatchObject([
    { fromMs, toMs, value: 600, stage: "asleep", sourceId: `["night",null,${fromMs}]` },
  ]);
  const { duration_seconds: _, ...endless } = night;
  expect(outcomes("sleep", [endless])).toEqual(["no-start"]);
  expect(outcomes("sleep", [{}])).toEqual(["no-start"]);
});

it.each([
  ["Steps", { count: 812 }, "steps", 812, "1"],
  ["Distance", { distance: { inMeters: 640.5 } }, "distance", 640.5, "m"],
  ["ActiveCaloriesBurned", { energy: { inKilocalories: 41 } }, "active_energy", 41, "kcal"],
  ["Weight", { weight: { inKilograms: 71.5 } }, "weight", 71.5, "kg"],
  ["RestingHeartRate", { beatsPerMinute: 51 }, "resting_heart_rate", 51, "/min"],
])("%s of react-native-health-connect", (kind, values, metric, value, unit) => {
  const record = { startTime: time, endTime: later, metadata: { id: "r-1" }, ...values };
  expect(read(kind, record)).toEqual([{ ...at, sourceId: "r-1", toMs, metric, value, unit }]);
});

it("a pressure, a glucose and a night of react-native-health-connect", () => {
  const of = { metadata: { id: "r-1" }, startTime: time, endTime: later };
  const short = (kind: string, record: object) =>
    read(kind, { ...of, ...record }).map(({ metric, value, stage }) => [metric, value, stage]);
  const systolic = { inMillimetersOfMercury: 121 };
  const diastolic = { inMillimetersOfMercury: 79 };
  expect(short("BloodPressure", { time, systolic, diastolic })).toEqual([
    ["blood_pressure_systolic", 121, undefined],
    ["blood_pressure_diastolic", 79, undefined],
  ]);
  expect(short("BloodGlucose", { time, level: { inMilligramsPerDeciliter: 90 } })).toEqual([
    ["blood_glucose", 90, undefined],
  ]);
  const stages = [{ startTime: time, endTime: later, stage: 5 }];
  expect(short("SleepSession", { stages })).toEqual([["sleep", 600, "deep"]]);
  expect(short("SleepSession", { stages: [] })).toEqual([["sleep", 600, "asleep"]]);
});

it("each entry is of the app and the device that it names, and by its writer's own version", () => {
  const metadata = {
    dataOrigin: { packageName: "com.sec.android.app.shealth" },
    clientRecordId: "c-1",
    clientRecordVersion: 3,
    device: { manufacturer: "Samsung", model: "Galaxy Watch6", type: 1 },
    lastModifiedTime: later,
  };
  const steps = { startTime: time, endTime: later, count: 812 };
  const app = "com.sec.android.app.shealth";
  expect(read("Steps", { ...steps, metadata })).toMatchObject([
    {
      sourceId: JSON.stringify([app, "c-1"]),
      revision: 3000,
      device: { id: JSON.stringify([app, "Samsung", "Galaxy Watch6", "watch"]), kind: "watch" },
      app,
    },
  ]);
  const typed = { ...metadata, recordingMethod: 3 };
  expect(read("Steps", { ...steps, metadata: typed })).toMatchObject([
    { device: { kind: "manual" } },
  ]);
  const [bare] = read("Steps", steps);
  expect(Object.keys(bare ?? {})).not.toEqual(expect.arrayContaining(["device", "revision"]));
});

it("a record of heart rate is its beats, each by its instant", () => {
  const samples = [{ time, beatsPerMinute: 72 }, { time: later, beatsPerMinute: 74 }, null];
  const record = { startTime: time, endTime: later, metadata: { id: "r-1" }, samples };
  expect(read("HeartRate", record).map(({ sourceId }) => sourceId)).toEqual([null, null, null]);
  expect(outcomes("HeartRate", record)).toEqual([72_000, 74_000, "no-start"]);
});

it("nothing is read of a kind that nobody knows, or of another form", () => {
  expect(healthConnect.samples.read("nutrition", [], receivedMs)).toEqual({
    ok: false,
    error: "unknown-kind",
  });
  for (const [kind, body] of [
    ["steps", {}],
    ["Steps", []],
    ["sleep", null],
    ["HeartRate", { time, beatsPerMinute: 72 }],
  ] as const)
    expect(healthConnect.samples.read(kind, body, receivedMs)).toEqual({
      ok: false,
      error: "not-understood",
    });
});
