/** Percentiles of about the last day, in little room. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { durationMsMax, emptyHistogram, observe, percentiles } from "../../domain/histogram.ts";

const hour = 3_600_000;
const at = 1_700_000_000_000;

it("says percentiles never too low, and at most a tenth too high", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(10 * 24 * hour)), {
        minLength: 1,
        maxLength: 400,
      }),
      (durations) => {
        const said = percentiles(observe(emptyHistogram, durations, at), at);
        const sorted = [...durations].sort((a, b) => a - b);
        expect(said.count).toBe(durations.length);
        for (const [share, ms] of [
          [0.5, said.p50],
          [0.9, said.p90],
          [0.99, said.p99],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          expect(ms).toBeGreaterThanOrEqual(exact);
          expect(ms).toBeLessThanOrEqual(exact * 1.1 + 1);
        }
      },
    ),
    { numRuns: 500 },
  );
});

it("forgets what is older than a day, and keeps half a day at least", () => {
  const morning = observe(emptyHistogram, [100, 100], at);
  const evening = observe(morning, [8_000], at + 13 * hour);
  expect(percentiles(morning, at + 11 * hour).count).toBe(2);
  expect(percentiles(evening, at + 13 * hour).count).toBe(3);
  expect(percentiles(observe(evening, [7], at + 26 * hour), at + 26 * hour).count).toBe(2);
  expect(percentiles(evening, at + 13 * hour + 24 * hour)).toEqual({
    count: 0,
    p50: 0,
    p90: 0,
    p99: 0,
  });
});

it("takes little room whatever it is told, and bounds what makes no sense", () => {
  const everything = Array.from({ length: 50_000 }, (_, i) => i ** 2);
  const full = observe(observe(emptyHistogram, everything, at), everything, at + 13 * hour);
  expect(JSON.stringify(full).length).toBeLessThan(8_000);
  const odd = observe(emptyHistogram, [-5, Number.POSITIVE_INFINITY], at);
  const { p50, p99 } = percentiles(odd, at);
  expect(p50).toBe(0);
  expect(p99).toBeLessThan(durationMsMax * 1.1);
  expect(JSON.parse(JSON.stringify(odd))).toEqual(odd);
});

it("is the same histogram when nothing was seen", () => {
  expect(observe(emptyHistogram, [], at)).toBe(emptyHistogram);
});
