import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  energyToMcal,
  kcalToMcal,
  lengthToMm,
  metresToMm,
  secondsToMs,
} from "../../domain/units.ts";

describe("a quantity", () => {
  test.each([
    [1, "m", 1000],
    [42.195, "km", 42_195_000],
    [1, "mi", 1_609_344],
    [26.2, "mi", 42_164_813],
    [1, "ft", 305],
    [100, "yd", 91_440],
    [1, "cm", 10],
    [7, "mm", 7],
    [0, "km", 0],
  ])("of %d %s is %i millimetres", (value, unit, mm) => {
    expect(lengthToMm(value, unit)).toBe(mm);
  });

  test.each([
    [1, "kcal", 1_000_000],
    [1, "Cal", 1_000_000],
    [1, "cal", 1000],
    [4.184, "kJ", 1_000_000],
    [4184, "J", 1_000_000],
  ])("of %d %s is %i millicalories", (value, unit, mcal) => {
    expect(energyToMcal(value, unit)).toBe(mcal);
  });

  test("in a unit that nobody knows is unknown, never a number", () => {
    for (const unit of ["", "M", "miles", "toString", "constructor", "__proto__"]) {
      expect(lengthToMm(1, unit)).toBeNull();
      expect(energyToMcal(1, unit)).toBeNull();
    }
  });

  test("is always an integer, so that sums never depend on order", () => {
    const positive = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(positive, (value) => {
        const all = [metresToMm(value), secondsToMs(value), kcalToMcal(value)];
        for (const unit of ["m", "km", "mi", "ft", "yd", "cm", "mm"])
          all.push(lengthToMm(value, unit) ?? Number.NaN);
        for (const unit of ["kcal", "Cal", "cal", "kJ", "J"])
          all.push(energyToMcal(value, unit) ?? Number.NaN);
        for (const n of all) expect(Number.isSafeInteger(n)).toBe(true);
      }),
    );
  });

  test("said in metres and in kilometres is the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (metres) => {
        expect(lengthToMm(metres, "m")).toBe(metresToMm(metres));
        expect(lengthToMm(metres / 1000, "km")).toBe(metresToMm(metres));
      }),
    );
  });
});
