import { describe, expect, test } from "vitest";
import { type Metric, metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { deviceKinds, futureMsMax, sampleMsMax } from "../../../domain/samples/sample.ts";
import { fromScaled } from "../../../domain/samples/units.ts";
import { neverReturns } from "../../../domain/stream.ts";
import { formatMoment } from "../../../domain/time.ts";
import {
  deviceIdCharsMax,
  recordIdCharsMax,
  type SampleFault,
  syncIdentifierCharsMax,
} from "../../../providers/sync/faults.ts";
import { noDevice } from "../../../providers/sync/sample.ts";
import { nowMs, readOne, recordOf, type Said, startMs, steps } from "./said.ts";

const at = (ms: number) => formatMoment(ms);
const night: Said = {
  type: "sleep",
  value: "deep",
  unit: undefined,
  startDate: "2026-11-14T00:00:00+01:00",
  endDate: "2026-11-14T08:00:00+01:00",
};
const nightMs = 8 * 3_600_000;

describe("a sample", () => {
  test("is a record with one value, in integers and instants", () => {
    expect(readOne({})).toEqual({
      metric: "steps",
      id: "ED008640-6873-4647-92B2-24F7680014A0",
      revision: null,
      device: { id: "A1-phone", kind: "phone", model: "iPhone17,1" },
      app: "com.apple.health",
      samples: [{ fromMs: startMs, toMs: startMs + 407_000, value: 66, stage: null }],
    });
  });

  test("needs no more than type, value, unit, start and device", () => {
    const { type, value, unit, startDate } = steps;
    const least = { endDate: undefined, sourceApp: undefined, uuid: undefined };
    const said = { ...least, type, value, unit, startDate, sourceDevice: { id: "p" } };
    expect(recordOf(said)).toEqual({
      metric: "steps",
      id: null,
      revision: null,
      device: { id: "p", kind: "unknown", model: null },
      app: null,
      samples: [{ fromMs: startMs, toMs: startMs, value: 66, stage: null }],
    });
    const nulls = { endDate: null, sourceApp: null, uuid: null, metadata: null };
    const device = { id: "p", kind: null, model: null };
    expect(recordOf({ ...said, ...nulls, sourceDevice: device })).toEqual(recordOf(said));
  });

  test.each(metrics)("of %s is told by every name that is its alone", (metric) => {
    const { healthKit, healthConnect, openMHealth, unit, range, scale } = metricOf(metric);
    const value = fromScaled(metric, range[1] * scale);
    const said = metric === "sleep" ? night : { value, unit };
    for (const name of [metric, healthKit, healthConnect, openMHealth]) {
      if (name === null) continue;
      const isShared = name === "BloodPressureRecord" || name === "blood-pressure";
      const read = readOne({ ...said, type: name });
      if (isShared) expect(read).toBe("unknown-type");
      else expect(read).toMatchObject({ metric });
    }
  });

  test("is told by Health Connect's name without its Record", () => {
    expect(recordOf({ type: "Steps" }).metric).toBe("steps");
    expect(recordOf({ type: "Weight", value: 70, unit: "kg" }).metric).toBe("weight");
  });

  test.each<[Metric, number, string, number]>([
    ["distance", 1, "mi", 1_609_344],
    ["weight", 154.5, "lb", 70_080],
    ["body_temperature", 98.6, "°F", 37_000],
    ["blood_glucose", 5, "mmol/L", 90_078],
    ["oxygen_saturation", 97, "%", 97_000],
  ])("of %s, %d %s, is converted", (type, value, unit, n) => {
    expect(recordOf({ type, value, unit }).samples[0]?.value).toBe(n);
  });

  test("under HealthKit's name has percentages of one, as HealthKit writes them", () => {
    const saturation = "HKQuantityTypeIdentifierOxygenSaturation";
    const fat = "HKQuantityTypeIdentifierBodyFatPercentage";
    const read = (type: string, value: number) => recordOf({ type, value, unit: "%" }).samples[0];
    expect(read(saturation, 0.97)?.value).toBe(97_000);
    expect(read(saturation, 1)?.value).toBe(100_000);
    expect(read(saturation, 97)?.value).toBe(97_000);
    expect(read(fat, 0.194)?.value).toBe(19_400);
    expect(readOne({ type: "oxygen_saturation", value: 0.97, unit: "%" })).toBe("impossible-value");
  });

  test("is the same record in whatever zone its times are written", () => {
    const spellings = [
      ["2026-11-14T07:30:00Z", "2026-11-14T07:36:47Z"],
      ["2026-11-14T08:30:00+01:00", "2026-11-14T08:36:47.000+0100"],
      ["2026-11-13 23:30:00 -0800", "2026-11-14T07:36:47-00:00"],
      ["2026-11-14T21:30:00+14:00", "2026-11-14T13:21:47+05:45"],
    ];
    for (const [startDate, endDate] of spellings)
      expect(readOne({ startDate, endDate })).toEqual(readOne({}));
  });
});

describe("what a sample is known by", () => {
  const sync = (identifier: unknown, version?: unknown) => ({
    metadata: { HKMetadataKeySyncIdentifier: identifier, HKMetadataKeySyncVersion: version },
  });

  test("is its uuid, in whatever case", () => {
    expect(recordOf({ uuid: "ed008640-6873-4647-92b2-24f7680014a0" }).id).toBe(steps.uuid);
    expect(recordOf({ uuid: "row.7_a-B" }).id).toBe("row.7_a-B");
  });

  test("is the sync identifier before it, of its app alone, with its version", () => {
    const one = recordOf(sync("2026-11-14", 3));
    expect(one).toMatchObject({ id: '["sync","com.apple.health","2026-11-14"]', revision: 3 });
    const other = recordOf({ ...sync("2026-11-14", 3), sourceApp: "another" });
    expect(other.id).not.toBe(one.id);
    expect(readOne({ uuid: one.id })).toBe("bad-uuid");
  });

  test.each([
    [7, 7],
    [0, 0],
    [-0, 0],
    [10, 10],
    ["2", 2],
    ["10", 10],
    ["007", 7],
    ["9".repeat(15), 999_999_999_999_999],
    [null, null],
  ])("has the version %j as its revision %j", (version, revision) => {
    expect(recordOf({ metadata: { version } }).revision).toBe(revision);
    expect(recordOf({ metadata: { HKMetadataKeySyncVersion: version } }).revision).toBe(revision);
  });

  test.each([
    ...[-1, 1.5, 2 ** 53, neverReturns],
    ...["", "1.2", "-1", "v2", " 2", "2\n", "1e3", "9".repeat(16), true, [2], { version: 2 }],
  ])("is not taken with the version %j, which orders nothing", (version) => {
    const metadata = { HKMetadataKeySyncIdentifier: "a", HKMetadataKeySyncVersion: version };
    for (const said of [{ version }, { HKMetadataKeySyncVersion: version }, metadata])
      expect(readOne({ metadata: said })).toBe("bad-metadata");
    expect(readOne({ metadata: { version }, deleted: true })).toBe("bad-metadata");
  });

  test("of HealthKit's version goes before the other", () => {
    const metadata = { HKMetadataKeySyncVersion: 4, version: 9 };
    expect(recordOf({ metadata }).revision).toBe(4);
  });

  test("and what it is shown by is whole text", () => {
    const half = "\ud83d";
    expect(recordOf({ sourceApp: `a${half}` }).app).toBe("a\ufffd");
    expect(recordOf({ sourceApp: 5 }).app).toBeNull();
    expect(readOne({ sourceDevice: { id: half } })).toBe("bad-device");
    expect(readOne(sync(half))).toBe("bad-metadata");
  });
});

describe("sleep", () => {
  test.each([
    ["deep", "deep"],
    ["asleep", "asleep"],
    ["awake", "awake"],
    ["core", "light"],
    ["HKCategoryValueSleepAnalysisAsleep", "asleep"],
    ["HKCategoryValueSleepAnalysisAsleepUnspecified", "asleep"],
    ["HKCategoryValueSleepAnalysisAsleepCore", "light"],
    ["HKCategoryValueSleepAnalysisAsleepDeep", "deep"],
    ["HKCategoryValueSleepAnalysisAsleepREM", "rem"],
    ["HKCategoryValueSleepAnalysisAwake", "awake"],
    ["STAGE_TYPE_SLEEPING", "asleep"],
    ["STAGE_TYPE_LIGHT", "light"],
    ["STAGE_TYPE_DEEP", "deep"],
    ["STAGE_TYPE_REM", "rem"],
    ["STAGE_TYPE_AWAKE", "awake"],
    ["STAGE_TYPE_AWAKE_IN_BED", "awake"],
  ])("said as %s is the stage %s, as long as its times", (value, stage) => {
    const [sample] = recordOf({ ...night, value }).samples;
    expect(sample).toMatchObject({ stage, value: nightMs });
  });

  test.each([
    "HKCategoryValueSleepAnalysisInBed",
    "inBed",
    "STAGE_TYPE_OUT_OF_BED",
    "STAGE_TYPE_UNKNOWN",
  ])("said as %s is nothing measured", (value) => {
    expect(readOne({ ...night, value })).toBe("not-measured");
  });

  test.each([
    [8, "h"],
    [8, "hours"],
    [480, "min"],
    [28_800, "s"],
    [8.01, "h"],
    [7.99, "h"],
  ])("said as %d %s is as long as its times", (value, unit) => {
    const { samples } = recordOf({ ...night, value, unit });
    expect(samples).toMatchObject([{ stage: "asleep", value: nightMs }]);
  });

  test.each<[Said, string]>([
    [{ value: "deep", unit: "h" }, "deep"],
    [{ value: "deep", unit: 5 }, "deep"],
    [{ value: undefined, stage: "deep" }, "deep"],
    [{ value: null, stage: "STAGE_TYPE_REM" }, "rem"],
    [{ value: "asleep", stage: "core" }, "light"],
    [{ value: 8, unit: "h", stage: "deep" }, "deep"],
    [{ value: 28_800, unit: "s", stage: "HKCategoryValueSleepAnalysisAwake" }, "awake"],
    [{ value: 8, unit: "h", stage: null }, "asleep"],
  ])("said as %j is the stage %s, as long as its times", (said, stage) => {
    expect(recordOf({ ...night, ...said }).samples).toMatchObject([{ stage, value: nightMs }]);
  });

  test("of a stage said to be shorter than its times is so long, and nothing for the rest", () => {
    const [whole] = recordOf(night).samples;
    const value = nightMs - 3_600_000;
    expect(recordOf({ ...night, value: 7, unit: "h", stage: "deep" }).samples).toEqual([
      { ...whole, toMs: (whole?.fromMs ?? 0) + value, value },
    ]);
  });

  test("said to be shorter than its times is so long, and time in bed for the rest", () => {
    const { samples } = recordOf({ ...night, value: 7, unit: "h" });
    const [asleep, awake] = samples;
    expect(samples.map(({ stage, value }) => [stage, value])).toEqual([
      ["asleep", nightMs - 3_600_000],
      ["awake", 3_600_000],
    ]);
    expect(awake?.fromMs).toBe(asleep?.toMs);
    const [whole] = recordOf({ ...night, value: "asleep" }).samples;
    expect([asleep?.fromMs, awake?.toMs]).toEqual([whole?.fromMs, whole?.toMs]);
  });

  test.each<[Said, SampleFault]>([
    [{ value: 9, unit: "h" }, "impossible-value"],
    [{ value: 8, unit: "h", endDate: undefined }, "impossible-value"],
    [{ value: -1, unit: "h" }, "impossible-value"],
    [{ value: 0, unit: "h" }, "not-measured"],
    [{ value: "deep", endDate: undefined }, "not-measured"],
    [{ value: "snoring" }, "unknown-stage"],
    [{ value: "deep".repeat(1000) }, "unknown-stage"],
    [{ value: "snoring", stage: "deep" }, "unknown-stage"],
    [{ value: "deep", stage: "snoring" }, "unknown-stage"],
    [{ value: 8, unit: "h", stage: "snoring" }, "unknown-stage"],
    [{ value: 8, unit: "h", stage: 5 }, "unknown-stage"],
    [{ value: 8, unit: "h", stage: "" }, "unknown-stage"],
    [{ value: 8, unit: "h", stage: "inBed" }, "not-measured"],
    [{ value: 9, unit: "h", stage: "deep" }, "impossible-value"],
    [{ value: 0, unit: "h", stage: "deep" }, "not-measured"],
    [{ value: 8, stage: "deep" }, "unknown-unit"],
    [{ value: true, stage: "deep" }, "not-a-number"],
    [{ value: 8 }, "unknown-unit"],
    [{ value: 8, unit: "kg" }, "unknown-unit"],
    [{ value: null }, "not-a-number"],
    [{ value: { stage: "deep" } }, "not-a-number"],
  ])("that says %j is refused: %s", (said, code) => {
    expect(readOne({ ...night, ...said })).toBe(code);
  });
});

describe("a deletion", () => {
  const { type, startDate, uuid } = steps;
  const only = (said: Said) => {
    const nothing = Object.fromEntries(Object.keys(steps).map((field) => [field, undefined]));
    return readOne({ ...nothing, type, startDate, deleted: true, ...said });
  };
  const samples = [{ fromMs: startMs, toMs: startMs, value: 0, stage: null }];

  test("needs only type, start and id, and outranks every statement of that id", () => {
    const gone = { metric: "steps", id: uuid, device: noDevice, app: null, samples, gone: true };
    expect(only({ uuid })).toEqual({ ...gone, revision: neverReturns });
    const metadata = { version: 2 };
    expect(only({ uuid, metadata })).toEqual({ ...gone, revision: neverReturns });
  });

  test("of what has a sync identifier leaves room for a greater version", () => {
    const metadata = { HKMetadataKeySyncIdentifier: "day" };
    expect(only({ metadata })).toMatchObject({ revision: null, gone: true });
    const versioned = { ...metadata, HKMetadataKeySyncVersion: 2 };
    expect(only({ metadata: versioned })).toMatchObject({ revision: 2, gone: true });
  });

  test("without an id needs the device and the times that it was known by", () => {
    expect(only({})).toBe("no-device");
    expect(only({ sourceDevice: { id: "p" } })).toMatchObject({
      id: null,
      revision: null,
      device: { id: "p" },
      samples,
      gone: true,
    });
  });

  test("is one only where it says so", () => {
    expect(recordOf({ deleted: false }).gone).toBeUndefined();
    expect(recordOf({ deleted: null }).gone).toBeUndefined();
    for (const deleted of ["true", 1, "", {}]) expect(readOne({ deleted })).toBe("bad-deleted");
  });
});

describe("a sample is refused with the code", () => {
  const device = (said: Said) => ({ sourceDevice: { id: "p", kind: "watch", ...said } });
  test.each<[SampleFault, Said]>([
    ["unknown-type", { type: "mood" }],
    ["unknown-type", { type: undefined }],
    ["unknown-type", { type: 5 }],
    ["unknown-type", { type: "toString" }],
    ["unknown-type", { type: "blood_pressure" }],
    ["unknown-unit", { unit: "kg" }],
    ["unknown-unit", { unit: undefined }],
    ["unknown-unit", { unit: 1 }],
    ["not-a-number", { value: "66" }],
    ["not-a-number", { value: null }],
    ["not-a-number", { value: [66] }],
    ["impossible-value", { value: -1 }],
    ["impossible-value", { value: 200_001 }],
    ["no-start", { startDate: undefined }],
    ["no-start", { startDate: "yesterday" }],
    ["no-start", { startDate: startMs }],
    ["no-start", { startDate: "2026-02-30T00:00:00Z" }],
    ["no-start", { startDate: "1969-12-31T23:59:59Z" }],
    ["no-end", { endDate: "later" }],
    ["no-end", { endDate: 5 }],
    ["no-zone", { startDate: "2026-11-14T07:30:00" }],
    ["no-zone", { endDate: "2026-11-14T07:36:47" }],
    ["end-before-start", { endDate: "2026-11-14T07:29:59Z" }],
    ["no-device", { sourceDevice: undefined }],
    ["no-device", { sourceDevice: null }],
    ["bad-device", { sourceDevice: "phone" }],
    ["bad-device", { sourceDevice: [] }],
    ["bad-device", device({ id: undefined })],
    ["bad-device", device({ id: "" })],
    ["bad-device", device({ id: 5 })],
    ["bad-device", device({ id: "p".repeat(deviceIdCharsMax + 1) })],
    ["bad-device", device({ kind: 5 })],
    ["bad-device", device({ model: 5 })],
    ["unknown-device-kind", device({ kind: "toaster" })],
    ["bad-uuid", { uuid: 5 }],
    ["bad-uuid", { uuid: "" }],
    ["bad-uuid", { uuid: "a b" }],
    ["bad-uuid", { uuid: "a".repeat(recordIdCharsMax + 1) }],
    ["bad-metadata", { metadata: "x" }],
    ["bad-metadata", { metadata: [] }],
    ["bad-metadata", { metadata: { HKMetadataKeySyncIdentifier: 5 } }],
    ["bad-metadata", { metadata: { HKMetadataKeySyncIdentifier: "" } }],
    [
      "bad-metadata",
      { metadata: { HKMetadataKeySyncIdentifier: "a".repeat(syncIdentifierCharsMax + 1) } },
    ],
  ])("%s when it says %j", (code, said) => {
    expect(readOne(said)).toBe(code);
  });

  test("too-long beyond what a sample lasts, and not at it", () => {
    const from = startMs - sampleMsMax;
    const lasting = (ms: number) => ({ startDate: at(from), endDate: at(from + ms) });
    expect(recordOf(lasting(sampleMsMax)).samples[0]?.toMs).toBe(startMs);
    expect(readOne(lasting(sampleMsMax + 1))).toBe("too-long");
  });

  test("in-future beyond what a clock may be ahead, and not at it", () => {
    const latestMs = nowMs + futureMsMax;
    const start = (ms: number) => ({ startDate: at(ms), endDate: undefined });
    const end = (ms: number) => ({ startDate: at(nowMs), endDate: at(ms) });
    for (const until of [start, end]) {
      expect(recordOf(until(latestMs)).samples[0]?.toMs).toBe(latestMs);
      expect(readOne(until(latestMs + 1))).toBe("in-future");
    }
  });

  test("nothing at the bounds of its texts, for every kind of device", () => {
    for (const kind of deviceKinds) {
      const id = "p".repeat(deviceIdCharsMax);
      expect(recordOf(device({ id, kind })).device).toEqual({ id, kind, model: null });
    }
    expect(recordOf({ uuid: "a".repeat(recordIdCharsMax) }).id).toHaveLength(recordIdCharsMax);
    expect(recordOf(device({ model: "m".repeat(5000) })).device.model).toHaveLength(200);
  });
});
