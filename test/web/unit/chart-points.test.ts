/** What a chart draws of what the API answered. */
import { describe, expect, it } from "vitest";
import {
  askedOf,
  figuresOf,
  pointsOf,
  type Row,
  seriesOf,
  spansOf,
} from "../../../web/pages/day/chart-points.ts";

const row = (label: string, value: number, over: Partial<Row> = {}): Row => ({
  ...{ type: "steps", label, from: label.slice(0, 10), to: label.slice(0, 10), days: 1 },
  ...{ value, unit: "1", min: value, max: value, count: 1, sources: [] },
  ...over,
});

describe("a chart", () => {
  it("asks for whole stretches, and by the hour only what has hours", () => {
    expect(askedOf("steps", "week", "2026-11-18").query).toEqual({
      ...{ types: "steps", period: "day", start: "2026-11-16", end: "2026-11-22" },
    });
    expect(askedOf("sleep", "year", "2026-11-18").query.period).toBe("month");
    expect(spansOf("weight")).toEqual(["week", "month", "year"]);
    expect(spansOf("heart_rate")).toContain("day");
  });

  it("has every day in its place, and leaves open what was not measured", () => {
    const points = pointsOf("steps", "week", "2026-11-18", [row("2026-11-17", 40)]);
    expect(points.map(({ values }) => values.value)).toEqual([
      ...[null, 40, null, null, null, null, null],
    ]);
    expect(new Set(points.map(({ label }) => label)).size).toBe(7);
  });

  it("has every hour once, and two where the clock is set back", () => {
    const rows = ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"].map((at, i) =>
      row(at, i + 1),
    );
    const labels = pointsOf("steps", "day", "2026-10-25", rows).map(({ label }) => label);
    expect(labels).toHaveLength(25);
    expect(labels.slice(1, 5)).toEqual(["01:00", "02:00 +02:00", "02:00 +01:00", "03:00"]);
  });

  it("shows of a year what a day of each month came to", () => {
    const rows = [row("2026-02", 140_000, { days: 20, from: "2026-02-01", to: "2026-02-28" })];
    const points = pointsOf("steps", "year", "2026-11-18", rows);
    expect(points).toHaveLength(12);
    expect(points[1]?.values.value).toBe(7_000);
    expect(figuresOf("steps", rows)).toEqual([
      { name: "Together", value: 140_000 },
      { name: "A day, on average", value: 7_000 },
    ]);
  });

  it("shows the least and the greatest where they matter", () => {
    expect(seriesOf("heart_rate", "week").map(({ key }) => key)).toEqual(["value", "min", "max"]);
    expect(seriesOf("steps", "week")).toHaveLength(1);
    const rows = [row("2026-11-17", 70, { min: 50, max: 160 })];
    expect(figuresOf("heart_rate", rows)).toEqual([
      { name: "Lowest", value: 50 },
      { name: "Highest", value: 160 },
    ]);
    expect(figuresOf("weight", [])).toEqual([]);
  });
});
