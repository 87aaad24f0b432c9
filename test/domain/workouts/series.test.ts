import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type HeartRateSample,
  heartRateSample,
  type TrackPoint,
  trackPoint,
} from "../../../domain/workouts/schema.ts";
import {
  decodeSeries,
  encodeSeries,
  isSeries,
  sampleBytes,
  samplesIn,
} from "../../../domain/workouts/series.ts";

const year2100Ms = 4_102_444_800_000;
const samplesMax = 691_200;

const often = <T>(values: readonly T[], other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...values) }, { weight: 2, arbitrary: other });
const between = (min: number, max: number) =>
  often([min, max, 0, 2 ** -30], fc.double({ min, max, noNaN: true }));
const instants = often(
  [0, 1, 2 ** 32 - 1, 2 ** 32, year2100Ms],
  fc.integer({ min: 0, max: year2100Ms }),
);
const beats: fc.Arbitrary<HeartRateSample> = fc.record({
  t: instants,
  bpm: fc.integer({ min: 1, max: 400 }),
});
const points: fc.Arbitrary<TrackPoint> = fc.record(
  {
    t: instants,
    lat: between(-90, 90),
    lon: between(-180, 180),
    alt: between(-11_000, 100_000),
  },
  { requiredKeys: ["t", "lat", "lon"] },
);

/** Half a step of what is kept, and what a double adds to it. */
const halfDegreeStep = 0.5e-7 + 1e-13;
const halfMetreStep = 0.0005 + 1e-9;

describe("a series of samples", () => {
  test("gives every heart rate back, in the order given", () => {
    fc.assert(
      fc.property(fc.array(beats), (samples) => {
        expect(decodeSeries("heart_rate", encodeSeries("heart_rate", samples))).toEqual(samples);
      }),
    );
  });

  test("gives every point back to 1e-7 degrees and a millimetre, an absent altitude as absent", () => {
    fc.assert(
      fc.property(fc.array(points), (samples) => {
        const back = decodeSeries("track", encodeSeries("track", samples));
        expect(back.map((p) => p.t)).toEqual(samples.map((p) => p.t));
        for (const [n, { lat, lon, alt }] of samples.entries()) {
          const point = back[n] as TrackPoint;
          expect(Math.abs(point.lat - lat)).toBeLessThanOrEqual(halfDegreeStep);
          expect(Math.abs(point.lon - lon)).toBeLessThanOrEqual(halfDegreeStep);
          expect(Object.hasOwn(point, "alt")).toBe(alt !== undefined);
          expect(Math.abs((point.alt ?? 0) - (alt ?? 0))).toBeLessThanOrEqual(halfMetreStep);
        }
      }),
    );
  });

  test("rounds once: what was decoded is allowed by the schema and encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.array(points), (samples) => {
        const bytes = encodeSeries("track", samples);
        const back = decodeSeries("track", bytes);
        for (const point of back) expect(trackPoint.safeParse(point).success).toBe(true);
        expect(encodeSeries("track", back)).toEqual(bytes);
      }),
    );
  });

  test("opens any page of whole samples without the rest", () => {
    const pages = fc.tuple(fc.array(points, { minLength: 1 }), fc.nat(), fc.nat());
    fc.assert(
      fc.property(pages, ([samples, a, b]) => {
        const [from, to] = [a % samples.length, b % (samples.length + 1)].sort((x, y) => x - y);
        const bytes = encodeSeries("track", samples);
        const width = sampleBytes("track");
        const page = bytes.subarray(Number(from) * width, Number(to) * width);
        expect(samplesIn("track", page.length)).toBe(Number(to) - Number(from));
        expect(decodeSeries("track", page)).toEqual(decodeSeries("track", bytes).slice(from, to));
      }),
    );
  });

  test("has the bytes that are written down, for what is sealed must open for ever", () => {
    const heart = encodeSeries("heart_rate", [{ t: 1_794_700_000_123, bpm: 258 }]);
    expect(Buffer.from(heart).toString("hex")).toBe("01a1dc74bb7b0102");
    const track = encodeSeries("track", [
      { t: year2100Ms, lat: -90, lon: 180, alt: -11_000 },
      { t: 0, lat: 47.1234567, lon: -0.0000001 },
    ]);
    expect(Buffer.from(track).toString("hex")).toBe(
      "03bb2cc3d800ca5b17006b49d200ff582740" + "0000000000001c167807ffffffff80000000",
    );
  });

  test("refuses exactly what the schema refuses", () => {
    const wild = often(
      [Number.NaN, -1, 0.5, 401, 90.1, -90.1, 180.1, -180.1, -11_001, 100_001, year2100Ms + 1],
      fc.double(),
    );
    const any = fc.record({
      t: fc.oneof(instants, wild),
      bpm: fc.oneof(fc.integer({ min: 0, max: 401 }), wild),
      lat: fc.oneof(between(-90, 90), wild),
      lon: fc.oneof(between(-180, 180), wild),
      alt: fc.oneof(fc.constant(undefined), between(-11_000, 100_000), wild),
    });
    fc.assert(
      fc.property(any, ({ t, bpm, lat, lon, alt }) => {
        const point = alt === undefined ? { t, lat, lon } : { t, lat, lon, alt };
        const heart = () => encodeSeries("heart_rate", [{ t, bpm }]);
        const track = () => encodeSeries("track", [point]);
        if (heartRateSample.safeParse({ t, bpm }).success) expect(heart()).toHaveLength(8);
        else expect(heart).toThrow(RangeError);
        if (trackPoint.safeParse(point).success) expect(track()).toHaveLength(18);
        else expect(track).toThrow(RangeError);
      }),
      { numRuns: 2000 },
    );
  });

  test("refuses bytes whose last sample is not whole", () => {
    fc.assert(
      fc.property(fc.constantFrom("heart_rate" as const, "track" as const), fc.nat(200), (c, n) => {
        const bytes = new Uint8Array(n);
        if (n % sampleBytes(c) === 0) expect(decodeSeries(c, bytes)).toHaveLength(samplesIn(c, n));
        else {
          expect(() => decodeSeries(c, bytes)).toThrow(RangeError);
          expect(() => samplesIn(c, n)).toThrow(RangeError);
        }
      }),
    );
  });

  test("may be as long as the schema allows", () => {
    const long = Array.from({ length: samplesMax }, (_, n) => ({ t: n * 1000, lat: 1, lon: 2 }));
    const bytes = encodeSeries("track", long);
    expect(bytes).toHaveLength(samplesMax * 18);
    expect(decodeSeries("track", bytes).at(-1)).toEqual(long.at(-1));
  });

  test("is what heart rate and track are, and nothing else", () => {
    expect(["heart_rate", "track"].every(isSeries)).toBe(true);
    expect(["title", "raw", "", "toString", "__proto__", "Track"].some(isSeries)).toBe(false);
  });
});
