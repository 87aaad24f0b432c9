import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Aggregate, DayAggregates } from "../../../domain/samples/aggregate.ts";
import { hoursOf } from "../../../domain/samples/days.ts";
import type { Metric } from "../../../domain/samples/metrics.ts";
import { openTotalsOf } from "../../../domain/samples/open-totals.ts";
import { foldDays } from "../../../domain/samples/periods.ts";
import { quotient, shareOf } from "../../../domain/samples/ratio.ts";
import { resolveMetric } from "../../../domain/samples/resolve.ts";
import { addDays, monthOf, weekOf } from "../../../domain/time.ts";
import { crowds, date, hour, midnight, minute, ranks } from "./measurements.ts";

const of = (parts: Partial<Aggregate>): Aggregate => ({
  ...{ value: 0, min: 0, max: 0, count: 1, weighed: null, atMs: null, stages: null, sources: [] },
  ...parts,
});
const day = (on: string, metric: Metric, parts: Partial<Aggregate>): DayAggregates => ({
  date: on,
  metrics: { [metric]: of(parts) },
});

describe("a period", () => {
  test("of sums is their sum, by device and by stage", () => {
    const nights = [
      day("2026-11-09", "sleep", {
        ...{ value: 10, min: 2, max: 5, count: 3, stages: { rem: 4, awake: 1 } },
        sources: [{ device: "dev_b", amount: 10 }],
      }),
      day("2026-11-15", "sleep", {
        ...{ value: 7, min: 1, max: 4, count: 2, stages: { rem: 2, deep: 5 } },
        sources: [
          { device: "dev_a", amount: 3 },
          { device: "dev_b", amount: 4 },
        ],
      }),
      { date: "2026-11-12", metrics: {} },
    ];
    expect(foldDays("sleep", nights, "week")).toEqual([
      {
        ...{ label: "2026-W46", from: "2026-11-09", to: "2026-11-15", days: 2 },
        ...{ value: 17, min: 1, max: 5, count: 5, weighed: null, atMs: null },
        stages: { rem: 6, deep: 5, awake: 1 },
        sources: [
          { device: "dev_a", amount: 3 },
          { device: "dev_b", amount: 14 },
        ],
      },
    ]);
  });

  test("of averages is that of all their time, not of the days, rounded once", () => {
    const days = [
      day("2026-11-01", "heart_rate", { value: 60, weighed: { sum: "60", ms: 1 } }),
      day("2026-11-02", "heart_rate", { value: 91, weighed: { sum: "272", ms: 3 } }),
    ];
    expect(foldDays("heart_rate", days, "month")).toMatchObject([
      { label: "2026-11", value: 83, weighed: { sum: "332", ms: 4 } },
    ]);
    const huge = day("2026-11-03", "heart_rate", {
      weighed: { sum: "9007199254740993000001", ms: 1_000_001 },
    });
    expect(foldDays("heart_rate", [huge], "day")).toMatchObject([
      { value: 9_007_190_247_550_745, weighed: { sum: "9007199254740993000001" } },
    ]);
  });

  test("of the latest is the last, and of two at one time that of the later day", () => {
    const weight = (on: string, atMs: number, value: number) =>
      day(on, "weight", { value, atMs, sources: [{ device: `dev_${on}`, amount: 1 }] });
    const days = [
      weight("2026-11-11", 9, 3),
      weight("2026-11-10", 9, 2),
      weight("2026-11-12", 5, 1),
    ];
    expect(foldDays("weight", days, "week")).toMatchObject([
      { value: 3, atMs: 9, count: 3, days: 3, sources: [{ device: "dev_2026-11-11", amount: 1 }] },
    ]);
  });

  test("of a day is the day, of a week has the week's bounds, over the turn of a year too", () => {
    const days = ["2027-01-01", "2026-12-31"].map((on) => day(on, "steps", { value: 5 }));
    expect(foldDays("steps", days, "day")).toMatchObject([
      { label: "2026-12-31", from: "2026-12-31", to: "2026-12-31", value: 5 },
      { label: "2027-01-01", from: "2027-01-01", to: "2027-01-01", value: 5 },
    ]);
    expect(foldDays("steps", days, "week")).toMatchObject([
      { label: "2026-W53", from: "2026-12-28", to: "2027-01-03", value: 10 },
    ]);
    expect(foldDays("steps", days, "month").map((p) => p.to)).toEqual(["2026-12-31", "2027-01-31"]);
  });

  test("is what its days are, and they what their hours are, from samples on", () => {
    const dates = Array.from({ length: 14 }, (_, i) => addDays(date, i - 1));
    const drawn = crowds({
      ...{
        stepMs: 20 * minute,
        atMs: midnight - 20 * hour,
        steps: 12 * 72,
        most: 60,
        stages: true,
      },
      ...{ lengths: [0, 1, 2, 30], values: fc.integer({ min: 1, max: 100_000 }) },
    });
    const metric = fc.constantFrom<Metric[]>("steps", "sleep", "heart_rate", "weight");
    fc.assert(
      fc.property(drawn, ranks, metric, (measured, by, which) => {
        const resolved = dates.flatMap((on) => {
          const found = resolveMetric(which, measured, by, hoursOf(which, on, []));
          return found === null ? [] : [{ date: on, ...found }];
        });
        const days = resolved.map((d) => ({ date: d.date, metrics: { [which]: d.day } }));
        for (const [grain, labelOf] of [
          ["week", weekOf],
          ["month", monthOf],
        ] as const)
          for (const period of foldDays(which, days, grain)) {
            const own = resolved.filter((d) => labelOf(d.date) === period.label);
            const hours = own.flatMap((d) => d.hours);
            const sum = (read: (h: Aggregate) => number) => hours.reduce((n, h) => n + read(h), 0);
            expect(period.days).toBe(own.length);
            expect(period.count).toBe(sum((h) => h.count));
            expect(period.min).toBe(Math.min(...hours.map((h) => h.min)));
            if (which === "steps" || which === "sleep")
              expect(period.value).toBe(sum((h) => h.value));
            if (which === "heart_rate")
              expect(period.weighed).toEqual({
                sum: String(sum((h) => Number(h.weighed?.sum))),
                ms: sum((h) => h.weighed?.ms ?? 0),
              });
            if (which === "weight") expect(period.value).toBe(hours.at(-1)?.value);
          }
      }),
      { numRuns: 200 },
    );
  });
});

describe("the open totals", () => {
  test("are three and no more, null where nothing was measured", () => {
    const metrics = {
      steps: of({ value: 0 }),
      distance: of({ value: 7 }),
      sleep: of({ value: 9 }),
    };
    expect(openTotalsOf(metrics)).toEqual({ steps: 0, distanceMm: 7, energyMcal: null });
    expect(openTotalsOf({ active_energy: of({ value: 1 }) })).toEqual({
      ...{ steps: null, distanceMm: null, energyMcal: 1 },
    });
  });
});

describe("a share", () => {
  test("is exact, however great the value", () => {
    const drawn = fc.record({
      value: fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 30_000_000_000 })),
      whole: fc.integer({ min: 1, max: 90_000_000 }),
      of: fc.nat(1000),
    });
    fc.assert(
      fc.property(drawn, ({ value, whole, of: thousandths }) => {
        const part = Math.floor((whole * thousandths) / 1000);
        const exact = (2n * BigInt(value) * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole));
        expect(shareOf(value, part, whole)).toBe(Number(exact));
        expect(shareOf(value, whole, whole)).toBe(value);
      }),
      { numRuns: 3000 },
    );
  });

  test("has its halves away from zero", () => {
    expect([quotient(5n, 2n), quotient(-5n, 2n), quotient(-1n, 3n)]).toEqual([3n, -3n, 0n]);
  });
});
