/**
 * Durations, counted by size so that their percentiles stay known in little room: eight buckets for
 * each doubling, so a percentile is said at most a tenth too high, and never too low. About the last
 * day is kept, as two halves of it: what is older falls out half a day at a time.
 */
import type { Percentiles } from "./connection-ports.ts";
import { type Instant, msPerDay } from "./time.ts";

const bucketsPerDoubling = 8;
/** Longer ones count as this long. */
export const durationMsMax = 32 * msPerDay;
const halfMs = msPerDay / 2;

/** How many durations a bucket holds, by its number. */
type Buckets = Readonly<Record<string, number>>;
export interface Histogram {
  /** When the younger half began. */
  readonly sinceMs: Instant;
  readonly young: Buckets;
  readonly old: Buckets;
}

export const emptyHistogram: Histogram = { sinceMs: 0, young: {}, old: {} };

export function observe(
  histogram: Histogram,
  durations: readonly number[],
  nowMs: Instant,
): Histogram {
  if (durations.length === 0) return histogram;
  const turned = turn(histogram, nowMs);
  const young: Record<string, number> = { ...turned.young };
  for (const ms of durations) {
    const bucket = bucketOf(ms);
    young[bucket] = (young[bucket] ?? 0) + 1;
  }
  return { ...turned, young };
}

export function percentiles(histogram: Histogram, nowMs: Instant): Percentiles {
  const { young, old } = turn(histogram, nowMs);
  const counts = new Map<number, number>();
  for (const half of [young, old])
    for (const [bucket, n] of Object.entries(half))
      counts.set(Number(bucket), (counts.get(Number(bucket)) ?? 0) + n);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const count = sorted.reduce((sum, [, n]) => sum + n, 0);
  const at = (share: number) => {
    let seen = 0;
    for (const [bucket, n] of sorted) {
      seen += n;
      if (seen >= share * count) return upperMs(bucket);
    }
    return 0;
  };
  return { count, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

function turn(histogram: Histogram, nowMs: Instant): Histogram {
  const ageMs = nowMs - histogram.sinceMs;
  if (ageMs < halfMs) return histogram;
  return { sinceMs: nowMs, young: {}, old: ageMs < msPerDay ? histogram.young : {} };
}

/** 0 holds what took less than a millisecond. */
function bucketOf(ms: number): number {
  const duration = Math.min(durationMsMax, Math.max(0, ms));
  return duration < 1 ? 0 : Math.floor(Math.log2(duration) * bucketsPerDoubling) + 1;
}

/** No duration in the bucket is longer. */
const upperMs = (bucket: number): number =>
  bucket === 0 ? 0 : Math.ceil(2 ** (bucket / bucketsPerDoubling));
