import { expect, it } from "vitest";
import { healthAutoExport } from "../../../providers/health-auto-export.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const date = "2026-11-14 08:00:00 +0100";
const atMs = Date.UTC(2026, 10, 14, 7);
const read = (name: string, units: string, ...data: unknown[]) => {
  const result = healthAutoExport.samples.read("metric", { name, units, data }, receivedMs);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const at = { sourceId: null, fromMs: atMs, toMs: atMs, offsetMin: 60 };
const named = (name: string, kind: string) => ({
  device: { id: JSON.stringify(["healthkit", name]), kind, model: null },
});

it.each([
  ["weight_body_mass", "kg", 71.5, "weight", 71.5, "kg"],
  ["weight_body_mass", "lb", 100, "weight", 45.359_237, "kg"],
  ["body_fat_percentage", "%", 18.2, "body_fat", 18.2, "%"],
  ["heart_rate_variability", "ms", 48, "hrv_sdnn", 48, "ms"],
  ["resting_heart_rate", "count/min", 51, "resting_heart_rate", 51, "/min"],
  ["blood_oxygen_saturation", "%", 97, "oxygen_saturation", 97, "%"],
  ["respiratory_rate", "count/min", 14, "respiratory_rate", 14, "/min"],
  ["blood_glucose", "mg/dL", 90, "blood_glucose", 90, "mg/dL"],
  ["blood_glucose", "mmol/L", 5, "blood_glucose", 90.078, "mg/dL"],
  ["body_temperature", "degC", 36.6, "body_temperature", 36.6, "Cel"],
  ["body_temperature", "degF", 98.6, "body_temperature", 37, "Cel"],
])("%s in %s", (name, units, qty, metric, value, unit) => {
  const [sample, ...more] = read(name, units, { date, qty, source: "Somebody’s Scale" });
  expect(more).toEqual([]);
  const scale = named("Somebody’s Scale", "scale");
  expect(sample).toEqual({ ...at, metric, value: sample?.value, unit, ...scale });
  expect(sample?.value).toBeCloseTo(value, 9);
});

it("a heart rate is a measurement, and an average over several is none", () => {
  const one = { date, Min: 62, Avg: 62, Max: 62 };
  expect(read("heart_rate", "count/min", one, { date, Min: 60, Avg: 62, Max: 70 })).toEqual([
    { ...at, metric: "heart_rate", value: 62, unit: "/min" },
  ]);
});

it("a pressure is two values, or none", () => {
  const samples = read(
    "blood_pressure",
    "mmHg",
    { date, systolic: 121, diastolic: 79 },
    { date, systolic: 120 },
  );
  expect(samples.map(({ metric, value }) => [metric, value])).toEqual([
    ["blood_pressure_systolic", 121],
    ["blood_pressure_diastolic", 79],
  ]);
});

it("what measured is told by its owner's name for it, one at a time", () => {
  for (const [name, kind] of [
    ["Anna’s Apple Watch", "watch"],
    ["Annas iPhone (2)", "phone"],
    ["Oura Ring", "ring"],
    ["Anna’s Apple Watch|Annas iPhone", "unknown"],
    ["Something", "unknown"],
  ] as const)
    expect(read("weight_body_mass", "kg", { date, qty: 71, source: name })).toMatchObject([
      named(name, kind),
    ]);
  const [unnamed] = read("weight_body_mass", "kg", { date, qty: 71, source: 7 });
  expect(unnamed).not.toHaveProperty("device");
});

it("a night is how long each stage was, laid one after another, none longer than it", () => {
  const night = {
    date: "2026-11-14 00:00:00 +0100",
    sleepStart: "2026-11-13 23:00:00 +0100",
    sleepEnd: "2026-11-14 07:00:00 +0100",
    core: 4,
    deep: 1.5,
    rem: 0,
    awake: 9,
    asleep: 0,
  };
  const beganMs = Date.UTC(2026, 10, 13, 22);
  const sourceId = JSON.stringify(["night", null, beganMs]);
  const stage = { sourceId, offsetMin: 60, metric: "sleep", unit: "s" };
  const [slept, deep] = [beganMs + 14_400_000, beganMs + 19_800_000];
  expect(read("sleep_analysis", "hr", night)).toEqual([
    { ...stage, fromMs: beganMs, toMs: slept, value: 14_400, stage: "light" },
    { ...stage, fromMs: slept, toMs: deep, value: 5400, stage: "deep" },
  ]);
  expect(read("sleep_analysis", "hr", { ...night, sleepEnd: night.sleepStart })).toEqual([]);
});

it.each([
  ["a zero", { date, qty: 0 }],
  ["a text", { date, qty: "71" }],
  ["no date", { qty: 71 }],
  ["a date without a zone", { date: "2026-11-14 08:00:00", qty: 71 }],
  ["the future", { date: "2027-11-14 08:00:00 +0100", qty: 71 }],
  ["nothing", null],
])("%s is no sample", (_, entry) => {
  expect(read("weight_body_mass", "kg", entry)).toEqual([]);
});

it("nothing is read in a unit, under a name or of a kind that nobody knows", () => {
  expect(read("weight_body_mass", "stone", { date, qty: 11 })).toEqual([]);
  const metric = { name: "dietary_water", units: "mL", data: [] };
  expect(healthAutoExport.samples.read("metric", metric, receivedMs)).toMatchObject({ ok: false });
  expect(healthAutoExport.samples.read("metric", 7, receivedMs)).toMatchObject({ ok: false });
  expect(healthAutoExport.samples.read("other", metric, receivedMs)).toEqual({
    ok: false,
    error: "unknown-kind",
  });
});
