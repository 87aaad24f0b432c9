/** Heart rate as it is drawn: few enough points, and figures of all samples. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heartRateOf, pointsMax } from "../../../web/readings/heart-rate-points.ts";

const startMs = Date.UTC(2026, 10, 11, 7);
const at = (seconds: number, bpm: number) => ({
  t: new Date(startMs + seconds * 1_000).toISOString(),
  bpm,
});

describe("heart rate as it is drawn", () => {
  it("is null of no samples", () => {
    expect(heartRateOf([], startMs)).toBeNull();
  });

  it("keeps every sample of a short workout, in time's order", () => {
    const rate = heartRateOf([at(20, 130), at(0, 100), at(10, 120)], startMs);
    expect(rate).toEqual({
      ...{ min: 100, max: 130, mean: 117, count: 3 },
      points: [
        { atMs: 0, bpm: 100 },
        { atMs: 10_000, bpm: 120 },
        { atMs: 20_000, bpm: 130 },
      ],
    });
  });

  it("breaks the line where nothing was measured for long, and not where it was for a little", () => {
    const bpms = heartRateOf([at(0, 100), at(60, 110), at(600, 90)], startMs)?.points;
    expect(bpms?.map(({ bpm }) => bpm)).toEqual([100, 110, null, 90]);
  });

  it("says the peak of a second though what is drawn is a mean of many", () => {
    const day = Array.from({ length: 20_000 }, (_, i) => at(i, i === 7_777 ? 199 : 120));
    const rate = heartRateOf(day, startMs);
    expect([rate?.min, rate?.max, rate?.mean, rate?.count]).toEqual([120, 199, 120, 20_000]);
    expect(Math.max(...(rate?.points.map(({ bpm }) => bpm ?? 0) ?? []))).toBeLessThan(199);
  });

  it("never has more points than can be drawn, none outside of what was measured", () => {
    const sample = fc.record({
      seconds: fc.integer({ min: 0, max: 700_000 }),
      bpm: fc.integer({ min: 25, max: 240 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 3_000 }), (samples) => {
        const rate = heartRateOf(
          samples.map(({ seconds, bpm }) => at(seconds, bpm)),
          startMs,
        );
        if (rate === null) throw new Error("there are samples");
        expect(rate.points.length).toBeLessThanOrEqual(pointsMax);
        for (const { bpm } of rate.points)
          if (bpm !== null) {
            expect(bpm).toBeGreaterThanOrEqual(rate.min);
            expect(bpm).toBeLessThanOrEqual(rate.max);
          }
        const times = rate.points.map(({ atMs }) => atMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });
});
