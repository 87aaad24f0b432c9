import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Metric, metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { fromScaled, fromScaledIn, toScaled, unitsOf } from "../../../domain/samples/units.ts";

const scaled = (metric: Metric, value: number, unit: string) => {
  const result = toScaled(metric, value, unit);
  return result.ok ? result.value : result.error;
};

describe("a quantity of a sample", () => {
  test.each<[Metric, number, string, number]>([
    ["steps", 66, "count", 66],
    ["steps", 10_000, "steps", 10_000],
    ["distance", 1, "m", 1000],
    ["distance", 42.195, "km", 42_195_000],
    ["distance", 1, "mi", 1_609_344],
    ["distance", 1, "miles", 1_609_344],
    ["distance", 1, "ft", 305],
    ["distance", 100, "yd", 91_440],
    ["active_energy", 1, "kcal", 1_000_000],
    ["active_energy", 1, "Cal", 1_000_000],
    ["active_energy", 1, "cal", 1000],
    ["active_energy", 4.184, "kJ", 1_000_000],
    ["active_energy", 4184, "J", 1_000_000],
    ["heart_rate", 61.5, "count/min", 61_500],
    ["heart_rate", 61, "bpm", 61_000],
    ["heart_rate", 1.2, "Hz", 72_000],
    ["heart_rate", 1.2, "count/s", 72_000],
    ["respiratory_rate", 14.5, "breaths/min", 14_500],
    ["hrv_sdnn", 0.0425, "s", 42_500],
    ["hrv_rmssd", 42.5, "ms", 42_500],
    ["oxygen_saturation", 97, "%", 97_000],
    ["oxygen_saturation", 0.97, "fraction", 97_000],
    ["oxygen_saturation", 0.97, "1", 97_000],
    ["blood_glucose", 90, "mg/dL", 90_000],
    ["blood_glucose", 5, "mmol/L", 90_078],
    ["blood_glucose", 5, "mmol<180.15588000005408>/L", 90_078],
    ["blood_glucose", 5, "mmol<180.1558800000541>/L", 90_078],
    ["blood_pressure_systolic", 120, "mmHg", 120_000],
    ["blood_pressure_systolic", 16, "kPa", 120_010],
    ["body_temperature", 36.6, "degC", 36_600],
    ["body_temperature", 98.6, "degF", 37_000],
    ["body_temperature", 98.6, "°F", 37_000],
    ["body_temperature", 310.15, "K", 37_000],
    ["weight", 70.25, "kg", 70_250],
    ["weight", 70_250, "g", 70_250],
    ["weight", 154.5, "lb", 70_080],
    ["weight", 2472, "oz", 70_080],
    ["weight", 11, "st", 69_853],
    ["body_fat", 21.3, "%", 21_300],
    ["sleep", 7.5, "h", 27_000_000],
    ["sleep", 450, "min", 27_000_000],
    ["sleep", 27_000, "s", 27_000_000],
    ["sleep", 27_000_000, "ms", 27_000_000],
  ])("of %s, %d %s, is %i", (metric, value, unit, n) => {
    expect(scaled(metric, value, unit)).toBe(n);
  });

  test("comes back from every unit of every metric as the integer that it was", () => {
    const cases = metrics.flatMap((metric) => unitsOf(metric).map((unit) => ({ metric, unit })));
    expect(cases.length).toBeGreaterThan(150);
    for (const { metric, unit } of cases) {
      const { range, scale } = metricOf(metric);
      const integer = fc.integer({ min: range[0] * scale, max: range[1] * scale });
      const back = (n: number) => scaled(metric, fromScaledIn(metric, n, unit) ?? Number.NaN, unit);
      for (const end of range) expect(back(end * scale), `${metric} ${unit}`).toBe(end * scale);
      fc.assert(fc.property(integer, (n) => back(n) === n));
    }
  });

  test("is rounded once, by at most half an integer of its scale", () => {
    for (const metric of metrics) {
      const { range, scale, unit } = metricOf(metric);
      const value = fc.double({ min: range[0], max: range[1], noNaN: true });
      fc.assert(
        fc.property(value, (v) => {
          const n = scaled(metric, v, unit);
          expect(Number.isSafeInteger(n)).toBe(true);
          expect(Math.abs(fromScaled(metric, Number(n)) - v) * scale).toBeLessThanOrEqual(0.500_01);
        }),
        { numRuns: 50 },
      );
    }
  });

  test("has no more than one unit by any word", () => {
    for (const metric of metrics)
      expect(new Set(unitsOf(metric)).size).toBe(unitsOf(metric).length);
  });

  test("in a unit that it is never stated in is unknown, never a number", () => {
    const foreign = ["", "bananas", "toString", "__proto__", "KCAL", "mmol<18.0>/L", "calories"];
    for (const metric of metrics)
      for (const unit of foreign) {
        expect(scaled(metric, 50, unit)).toBe("unknown-unit");
        expect(fromScaledIn(metric, 50, unit)).toBeNull();
      }
    expect(scaled("weight", 50, "mmol/L")).toBe("unknown-unit");
    expect(scaled("heart_rate", 50, "%")).toBe("unknown-unit");
  });

  test("outside of its range is impossible, in whatever unit", () => {
    for (const metric of metrics) {
      const { range, scale } = metricOf(metric);
      for (const unit of unitsOf(metric))
        for (const n of [range[0] * scale - 1, range[1] * scale + 1])
          expect(scaled(metric, fromScaledIn(metric, n, unit) ?? Number.NaN, unit)).toBe(
            "impossible-value",
          );
    }
    expect(scaled("oxygen_saturation", 0.97, "%")).toBe("impossible-value");
    expect(scaled("steps", -0.4, "count")).toBe("impossible-value");
  });

  test("that is no number, or beyond all numbers, is refused", () => {
    for (const metric of metrics)
      for (const unit of unitsOf(metric)) {
        expect(scaled(metric, Number.NaN, unit)).toBe("not-a-number");
        for (const beyond of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308])
          expect(scaled(metric, beyond, unit)).toBe("impossible-value");
      }
  });

  test("of nothing is zero, and never minus zero", () => {
    expect(scaled("steps", -0, "count")).toBe(0);
    expect(scaled("distance", -1e-9, "m")).toBe(0);
  });
});
