import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heartRateOf } from "../../../providers/concept2/strokes.ts";

const at = Date.UTC(2026, 10, 14, 7, 30);
const stroke = (t: number, d: number, hr: unknown) => ({ t, d, p: 1_080, spm: 28, hr });
const interval = (workS: number, restS: number) => ({
  workMs: workS * 1000,
  restMs: restS * 1000,
});
/** Seconds since the start, with the beats. */
const beats = (...args: Parameters<typeof heartRateOf>) =>
  heartRateOf(...args)?.map(({ t, bpm }) => [(t - at) / 1000, bpm]) ?? null;

describe("the heart rate of strokes", () => {
  it("is by tenths of a second since the start", () => {
    const strokes = [stroke(10, 24, 120), stroke(31, 92, 124), stroke(52, 163, 130)];
    expect(beats(strokes, { at, elapsedMs: 10_000 }, [])).toEqual([
      [1, 120],
      [3.1, 124],
      [5.2, 130],
    ]);
  });

  it("goes on in the next interval where that began: behind the rest", () => {
    const strokes = [
      stroke(20, 50, 120),
      stroke(600, 2_000, 150),
      // Paddled in the rest: the clock of the interval goes on.
      stroke(700, 2_050, 140),
      stroke(25, 60, 135),
      stroke(590, 1_990, 160),
      stroke(30, 55, 150),
    ];
    const intervals = [interval(60, 30), interval(60, 30), interval(60, 0)];
    expect(beats(strokes, { at, elapsedMs: 240_000 }, intervals)).toEqual([
      [2, 120],
      [60, 150],
      [70, 140],
      [92.5, 135],
      [149, 160],
      [183, 150],
    ]);
  });

  it("goes on from the last stroke where nobody says how long the intervals were", () => {
    const strokes = [stroke(600, 2_000, 150), stroke(25, 60, 135), stroke(10, 20, 136)];
    expect(beats(strokes, { at, elapsedMs: 240_000 }, [])).toEqual([
      [60, 150],
      [62.5, 135],
      [63.5, 136],
    ]);
  });

  it("never goes back behind a stroke, whatever the intervals are said to be", () => {
    const strokes = [stroke(900, 3_000, 150), stroke(10, 20, 140)];
    const intervals = [interval(60, 0), interval(60, 0)];
    expect(beats(strokes, { at, elapsedMs: 200_000 }, intervals)).toEqual([
      [90, 150],
      [91, 140],
    ]);
  });

  it("of a clock that runs back a little, while the distance goes on, begins nothing", () => {
    const strokes = [stroke(600, 2_000, 150), stroke(560, 2_040, 151), stroke(640, 2_080, 152)];
    expect(beats(strokes, { at, elapsedMs: 70_000 }, [interval(60, 0), interval(60, 0)])).toEqual([
      [56, 151],
      [60, 150],
      [64, 152],
    ]);
  });

  it("is none without a belt, and not past the end", () => {
    const elapsedMs = 60_000;
    expect(beats([stroke(10, 20, 0), stroke(20, 40, 255)], { at, elapsedMs }, [])).toBeNull();
    expect(beats([], { at, elapsedMs }, [])).toBeNull();
    const late = [stroke(600, 2_000, 150), stroke(1_200, 4_000, 151), stroke(1_201, 4_003, 152)];
    expect(beats(late, { at, elapsedMs }, [])).toEqual([
      [60, 150],
      [120, 151],
    ]);
  });

  it("is in order and within the workout, whatever comes, and nothing throws", () => {
    const number = fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.jsonValue());
    const anyStroke = fc.oneof(
      fc.record({ t: number, d: number, hr: number }, { requiredKeys: [] }),
      fc.jsonValue(),
    );
    const any = fc.array(anyStroke, { maxLength: 40 });
    const intervals = fc.array(fc.constantFrom(interval(0, 0), interval(60, 30)), { maxLength: 4 });
    fc.assert(
      fc.property(any, intervals, (strokes, of) => {
        const elapsedMs = 120_000;
        const read = heartRateOf(strokes, { at, elapsedMs }, of) ?? [];
        return read.every(
          ({ t }, i) =>
            t >= at && t <= at + elapsedMs + 60_000 && (i === 0 || t > (read[i - 1]?.t ?? 0)),
        );
      }),
    );
  });
});
