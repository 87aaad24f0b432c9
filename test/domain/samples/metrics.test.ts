import { describe, expect, test } from "vitest";
import {
  grains,
  isMetric,
  type Metric,
  metricOf,
  metrics,
  openMetrics,
} from "../../../domain/samples/metrics.ts";
import { unitsOf } from "../../../domain/samples/units.ts";

/** LOINC Users' Guide, "Check digit": from the right every second digit counts twice. */
function checkDigit(number: string): number {
  const doubled = [...number].reverse().map((digit, i) => Number(digit) * (i % 2 === 0 ? 2 : 1));
  const sum = [...doubled.join("")].reduce((total, digit) => total + Number(digit), 0);
  return (10 - (sum % 10)) % 10;
}
const namesOf = (kind: "title" | "loinc" | "healthKit" | "healthConnect" | "openMHealth") =>
  metrics.flatMap((metric) => metricOf(metric)[kind] ?? []);

describe("the table of metrics", () => {
  test("knows what the issue asks for", () => {
    expect(metrics).toEqual([
      ...["steps", "distance", "active_energy", "heart_rate", "resting_heart_rate", "hrv_sdnn"],
      ...["hrv_rmssd", "oxygen_saturation", "blood_glucose", "respiratory_rate"],
      ...["blood_pressure_systolic", "blood_pressure_diastolic", "body_temperature", "weight"],
      ...["body_fat", "sleep"],
    ]);
  });

  test.each(metrics)("has every fact of %s, in bounds", (metric) => {
    const facts = metricOf(metric);
    const [least, most] = facts.range;
    expect(facts.title).toMatch(/^[A-Z]/);
    expect(grains).toContain(facts.grain);
    expect(unitsOf(metric)[0]).toBe(facts.unit);
    expect(least).toBeGreaterThanOrEqual(0);
    expect(most).toBeGreaterThan(least);
    for (const bound of facts.range) {
      expect(Number.isInteger(bound * facts.scale)).toBe(true);
      // A hundred thousand samples at the bound still add up exactly.
      expect(bound * facts.scale).toBeLessThan(2 ** 53 / 100_000);
    }
    expect(Math.abs(facts.dayStartMin)).toBeLessThan(24 * 60);
    if (facts.goal !== null) expect(facts.goal).toBeLessThanOrEqual(most);
  });

  test.each(metrics)("lets a reading of %s hold exactly where it is averaged", (metric) => {
    const { fold, holdMs } = metricOf(metric);
    expect(holdMs > 0).toBe(fold === "average");
  });

  test("gives no name twice, but for blood pressure, whose two come in one record", () => {
    for (const kind of ["title", "loinc", "healthKit"] as const)
      expect(new Set(namesOf(kind)).size, kind).toBe(namesOf(kind).length);
    const twice = (names: readonly string[]) =>
      names.filter((name, i) => names.indexOf(name) !== i);
    expect(twice(namesOf("healthConnect"))).toEqual(["BloodPressureRecord"]);
    expect(twice(namesOf("openMHealth"))).toEqual(["blood-pressure"]);
  });

  test("writes names as their owners do", () => {
    for (const name of namesOf("healthKit"))
      expect(name).toMatch(/^HK(Quantity|Category)TypeIdentifier[A-Z][A-Za-z]+$/);
    for (const name of namesOf("healthConnect")) expect(name).toMatch(/^[A-Z][A-Za-z]+Record$/);
    for (const name of namesOf("openMHealth")) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  test("has LOINC codes whose check digit is right", () => {
    expect(checkDigit("8867")).toBe(4);
    for (const code of namesOf("loinc")) {
      const [number = "", digit] = code.split("-");
      expect(`${number}-${checkDigit(number)}`, code).toBe(`${number}-${digit}`);
    }
  });

  test("shows by the day exactly what is activity and sums", () => {
    expect(metrics.filter((metric) => metricOf(metric).class === "activity")).toEqual(openMetrics);
    for (const metric of openMetrics) expect(metricOf(metric).fold).toBe("sum");
  });

  test("has nothing that an object has by itself", () => {
    for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty", ""])
      expect(isMetric(name)).toBe(false);
    expect(isMetric("steps" satisfies Metric)).toBe(true);
  });
});
