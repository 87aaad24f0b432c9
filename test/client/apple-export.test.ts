import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppleExport } from "../../client/apple-export.ts";

const watch = (address: string) =>
  `&lt;&lt;HKDevice: ${address}&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:9.1&gt;`;
const record = (over: Record<string, string> = {}, inside = "") => {
  const all = {
    type: "HKQuantityTypeIdentifierStepCount",
    sourceName: "Simon’s\u00a0iPhone",
    unit: "count",
    creationDate: "2026-11-14 08:05:00 +0100",
    startDate: "2026-11-14 08:00:00 +0100",
    endDate: "2026-11-14 08:05:00 +0100",
    value: "412",
    ...over,
  };
  const attributes = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
  return `<Record ${attributes.join(" ")}>${inside}</Record>\n`;
};
const file = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!-- HealthKit Export Version: 13 -->\n<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout)*)>\n<!ATTLIST HealthData\n  locale CDATA #REQUIRED\n>\n]>\n<HealthData locale="en_US">\n<ExportDate value="2026-11-15 10:00:00 +0100"/>\n${inside}</HealthData>`;
const read = (text: string, since?: string) => {
  const reader = new AppleExport(since);
  return { samples: reader.take(text), reader };
};
const one = (over: Record<string, string>, inside = "") =>
  read(file(record(over, inside))).samples[0];

describe("Apple's export", () => {
  it("becomes samples with instants, units and a device that stays the same", () => {
    const heart = {
      type: "HKQuantityTypeIdentifierHeartRate",
      unit: "count/min",
      value: "62",
      sourceName: "Watch",
    };
    const device = {
      id: "Apple Inc./Apple Watch/Watch/Watch6,2",
      kind: "watch",
      model: "Watch6,2",
    };
    for (const address of ["0x1a", "0x2b"])
      expect(one({ ...heart, device: watch(address) })).toEqual({
        type: "heart_rate",
        value: 62,
        unit: "count/min",
        startDate: "2026-11-14T08:00:00+01:00",
        endDate: "2026-11-14T08:05:00+01:00",
        sourceDevice: device,
        sourceApp: "Watch",
      });
    expect(one({})?.sourceDevice).toEqual({ id: "Simon’s\u00a0iPhone", kind: "unknown" });
  });

  it("reads shares as fractions, and glucose by its name", () => {
    const oxygen = { type: "HKQuantityTypeIdentifierOxygenSaturation", unit: "%", value: "0.97" };
    expect(one(oxygen)).toMatchObject({ type: "oxygen_saturation", value: 0.97, unit: "fraction" });
    const glucose = {
      type: "HKQuantityTypeIdentifierBloodGlucose",
      unit: "mmol&lt;180.1558800000541&gt;/L",
      value: "5.4",
    };
    expect(one(glucose)).toMatchObject({ type: "blood_glucose", value: 5.4, unit: "mmol/L" });
  });

  it("reads the stages of a night, and no time in bed", () => {
    const night = (value: string) =>
      one({ type: "HKCategoryTypeIdentifierSleepAnalysis", unit: "", value });
    expect(night("HKCategoryValueSleepAnalysisAsleepREM")).toMatchObject({
      type: "sleep",
      value: "HKCategoryValueSleepAnalysisAsleepREM",
    });
    expect(night("HKCategoryValueSleepAnalysisAwake")?.value).toBe(
      "HKCategoryValueSleepAnalysisAwake",
    );
    expect(night("HKCategoryValueSleepAnalysisInBed")).toBeUndefined();
  });

  it("knows what was typed in", () => {
    const entered = '<MetadataEntry key="HKWasUserEntered" value="1"/>';
    expect(one({}, entered)?.sourceDevice).toEqual({ id: "entered by hand", kind: "manual" });
    const { samples } = read(file(record({}, entered) + record()));
    expect(samples.map(({ sourceDevice }) => sourceDevice.kind)).toEqual(["manual", "unknown"]);
  });

  it("counts what it leaves", () => {
    const { reader, samples } = read(
      file(
        record({ type: "HKQuantityTypeIdentifierBodyMassIndex" }) +
          record({ value: "many" }) +
          record({ startDate: "yesterday" }) +
          record() +
          '<Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="5.2"/>',
      ),
    );
    expect(samples).toHaveLength(1);
    expect(reader.counts).toEqual({
      samples: 1,
      others: new Map([["HKQuantityTypeIdentifierBodyMassIndex", 1]]),
      unreadable: 2,
      workouts: 1,
    });
  });

  it("leaves out what ended before the day that is asked for", () => {
    const old = record({ endDate: "2026-11-13 23:59:59 +0100" });
    expect(read(file(old + record()), "2026-11-14").samples).toHaveLength(1);
  });

  it("reads the same however the file is cut into pieces, and up to where it breaks off", () => {
    const text = file(record() + record({ value: "7" }) + record({ value: "9" }));
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const reader = new AppleExport();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const got = places.flatMap((to, i) => reader.take(text.slice(places[i - 1] ?? 0, to)));
        expect(got.map(({ value }) => value)).toEqual([412, 7, 9]);
      }),
      { numRuns: 100 },
    );
    const { samples, reader } = read(text.slice(0, -40));
    expect(samples).toHaveLength(2);
    expect([reader.isExport, reader.isWhole]).toEqual([true, false]);
    expect(read(text).reader.isWhole).toBe(true);
  });

  it("is read to its end whatever characters apps wrote into it", () => {
    const spoilt = record({ sourceName: "An app\u0001" }).repeat(300);
    expect(read(file(spoilt)).samples).toHaveLength(300);
  });

  it("says when it is no such file", () => {
    expect(read("<gpx></gpx>").reader.isExport).toBe(false);
    const reader = new AppleExport();
    expect(() => reader.take("<<<".repeat(200))).toThrow("no export of Apple Health");
  });
});
