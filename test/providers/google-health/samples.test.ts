/** What Google Health measures between workouts: how it is asked for, and what a point comes to. */
import { describe, expect, it } from "vitest";
import { googleHealth } from "../../../providers/google-health.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { pull, samples } = googleHealth;
const read = (kind: string, item: unknown) => {
  const found = samples.read(kind, item, receivedMs);
  if (!found.ok) throw new Error(found.error);
  return found.value;
};
const interval = { startTime: "2026-11-13T07:00:00Z", endTime: "2026-11-13T07:01:00Z" };
const steps = { steps: { interval, count: "112" } };
const by = (dataSource: object) => read("steps", { ...steps, dataSource })[0];

describe("a collection", () => {
  const step = (collection: string) => ({
    collection,
    fromMs: Date.UTC(2026, 10, 13, 22),
    toMs: Date.UTC(2026, 10, 14, 6),
  });
  const [from, to] = ["2026-11-13T22:00:00.000Z", "2026-11-14T06:00:00.000Z"];

  it.each([
    ["steps", `steps.interval.start_time >= "${from}" AND steps.interval.start_time < "${to}"`],
    [
      "blood-glucose",
      `blood_glucose.sample_time.physical_time >= "${from}" AND blood_glucose.sample_time.physical_time < "${to}"`,
    ],
    [
      "daily-oxygen-saturation",
      `daily_oxygen_saturation.date >= "2026-11-12" AND daily_oxygen_saturation.date < "2026-11-16"`,
    ],
    ["sleep", `sleep.interval.end_time >= "${from}" AND sleep.interval.end_time < "${to}"`],
  ])("%s is found by the time that its kind has", (collection, filter) => {
    const request = pull.list(step(collection), null);
    expect(request.path).toBe(`/v4/users/me/dataTypes/${collection}/dataPoints`);
    expect(request.query).toMatchObject({ filter });
    expect(pull.list(step(collection), "t0k").query).toMatchObject({ filter, pageToken: "t0k" });
  });

  it("comes 25 nights or 1000 points a page", () => {
    const size = (collection: string) => pull.list(step(collection), null).query?.pageSize;
    expect(samples.collections.map(size)).toEqual(
      samples.collections.map((collection) => (collection === "sleep" ? "25" : "1000")),
    );
    const page = { dataPoints: [steps], nextPageToken: "t0k" };
    expect(pull.page(replied({ body: JSON.stringify(page) }), step("steps"), null)).toEqual({
      ok: true,
      value: { items: [steps], next: "t0k" },
    });
  });

  it("is each that is read, and none of them an exercise", () => {
    expect(samples.collections).toEqual(samples.kinds);
    expect(pull.one("sleep", "9875412").path).toBe(
      "/v4/users/me/dataTypes/sleep/dataPoints/9875412",
    );
    expect(pull.one("exercise", "1").path).toBe("/v4/users/me/dataTypes/exercise/dataPoints/1");
  });
});

describe("a point", () => {
  it("is of what measured it, as far as that is said", () => {
    const watch = { formFactor: "WATCH", model: "Pixel Watch 4", manufacturer: "Google" };
    expect(by({ platform: "FITBIT", device: watch })).toMatchObject({
      device: { kind: "watch", model: "Pixel Watch 4" },
      app: "FITBIT",
    });
    const phone = { platform: "HEALTH_CONNECT", device: { formFactor: "PHONE" } };
    expect(by({ ...phone, application: { packageName: "com.example" } })).toMatchObject({
      device: { kind: "phone", model: null },
      app: "com.example",
    });
    expect(by({ recordingMethod: "MANUAL" })).toMatchObject({ device: { kind: "manual" } });
    expect(by({})).not.toHaveProperty("device");
  });

  it("of two sources is of two devices, so that nothing counts twice", () => {
    const ids = ["com.a", "com.b"].map(
      (packageName) => by({ platform: "HEALTH_CONNECT", application: { packageName } })?.device?.id,
    );
    expect(new Set(ids).size).toBe(2);
  });

  it("of zero is nothing that was measured", () => {
    expect(read("steps", { steps: { interval, count: "0" } })).toEqual([]);
    const sampleTime = { physicalTime: "2026-11-13T07:00:00Z" };
    const hrv = { sampleTime, standardDeviationMilliseconds: 0 };
    const point = { ...hrv, rootMeanSquareOfSuccessiveDifferencesMilliseconds: 40 };
    expect(read("heart-rate-variability", { heartRateVariability: point })).toMatchObject([
      { metric: "hrv_rmssd", value: 40 },
    ]);
  });

  it("of a day goes by its day and its source, where it has no name", () => {
    const point = {
      dailyRespiratoryRate: { date: { year: 2026, month: 11, day: 13 }, breathsPerMinute: 15.5 },
    };
    expect(read("daily-respiratory-rate", point)).toMatchObject([
      { sourceId: '["2026-11-13",null]', civil: true, whole: "day", value: 15.5 },
    ]);
    const named = { ...point, name: "users/u/dataTypes/x/dataPoints/d-1" };
    expect(read("daily-respiratory-rate", named)).toMatchObject([{ sourceId: "d-1" }]);
  });

  it.each<[string, string, unknown, string]>([
    ["without a start", "steps", { steps: { count: "1" } }, "no-start"],
    ["without a moment", "weight", { weight: { weightGrams: 1 } }, "no-start"],
    [
      "of a day that is none",
      "daily-oxygen-saturation",
      { dailyOxygenSaturation: { date: { year: 2026, month: 2, day: 30 } } },
      "no-start",
    ],
    ["of another kind", "weight", steps, "not-an-object"],
    [
      "from the future",
      "steps",
      {
        steps: {
          interval: { startTime: "2027-01-01T00:00:00Z", endTime: "2027-01-01T00:01:00Z" },
          count: "1",
        },
      },
      "start-in-future",
    ],
  ])("%s is refused", (_, kind, item, error) => {
    expect(samples.read(kind, item, receivedMs)).toEqual({ ok: false, error });
  });
});

describe("a night", () => {
  const point = {
    name: "users/u/dataTypes/sleep/dataPoints/9875412",
    sleep: {
      interval: {
        startTime: "2026-11-12T22:00:00Z",
        startUtcOffset: "3600s",
        endTime: "2026-11-13T06:00:00Z",
      },
      createTime: "2026-11-13T06:05:00Z",
      updateTime: "2026-11-13T06:10:00Z",
    },
  };
  const of = (over: object) => read("sleep", { ...point, sleep: { ...point.sleep, ...over } });

  it("is ordered by its last change", () => {
    expect(of({})).toMatchObject([
      { sourceId: "9875412", revision: Date.UTC(2026, 10, 13, 6, 10), offsetMin: 60 },
    ]);
    expect(of({ updateTime: undefined })[0]?.revision).toBe(Date.UTC(2026, 10, 13, 6, 5));
  });

  it("without stages is what was slept, or all of it", () => {
    expect(of({ summary: { minutesAsleep: "420" } })).toMatchObject([
      { stage: "asleep", value: 25_200 },
    ]);
    expect(of({})).toMatchObject([{ stage: "asleep", value: 28_800 }]);
  });

  it("without an id, or a change, is refused", () => {
    const refused = (item: unknown) => samples.read("sleep", item, receivedMs);
    expect(refused({ ...point, name: "" })).toEqual({ ok: false, error: "no-id" });
    const { updateTime: _, createTime: __, ...sleep } = point.sleep;
    expect(refused({ ...point, sleep })).toEqual({ ok: false, error: "no-revision" });
  });
});
