/** Samples for tests: by hand, and at random so coarsely that they nest, touch, enclose and repeat. */
import fc from "fast-check";
import type { Hours } from "../../../domain/samples/days.ts";
import { hoursOf } from "../../../domain/samples/days.ts";
import type { SleepStage } from "../../../domain/samples/metrics.ts";
import type { Measured } from "../../../domain/samples/resolve.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const date = "2026-11-14";
export const midnight = Date.parse(date);
export const utcHours: Hours = hoursOf("steps", date, []);

/** Watch before phone before the rest, who are equals. */
const known = ["dev_watch", "dev_phone"];
export const rank = (device: string): number =>
  known.includes(device) ? known.indexOf(device) : known.length;

let made = 0;
/** From and to in hours of the day. */
export const sample = (
  device: string,
  from: number,
  to: number,
  value: number,
  stage: SleepStage | null = null,
): Measured => ({
  device: `dev_${device}`,
  fromMs: midnight + from * hour,
  toMs: midnight + to * hour,
  value,
  stage,
  key: `k${String(made++).padStart(6, "0")}`,
});

export interface Crowd {
  readonly stepMs: number;
  /** Times are `atMs` plus steps from 0 to here. */
  readonly atMs: number;
  readonly steps: number;
  readonly lengths: readonly number[];
  readonly values: fc.Arbitrary<number>;
  readonly stages?: boolean;
  readonly most?: number;
}

export const crowds = (crowd: Crowd): fc.Arbitrary<readonly Measured[]> =>
  fc
    .array(
      fc.record({
        device: fc.constantFrom("dev_a", "dev_b", "dev_c"),
        from: fc.integer({ min: 0, max: crowd.steps }),
        length: fc.constantFrom(...crowd.lengths),
        value: crowd.values,
        stage: crowd.stages
          ? fc.constantFrom<(SleepStage | null)[]>(null, "asleep", "deep", "rem", "awake")
          : fc.constant(null),
      }),
      { maxLength: crowd.most ?? 14 },
    )
    .map((drawn) =>
      drawn.map(({ device, from, length, value, stage }, i) => {
        const fromMs = crowd.atMs + from * crowd.stepMs;
        const key = `k${(i * 7919) % 1000}-${i}`;
        return { device, fromMs, toMs: fromMs + length * crowd.stepMs, value, stage, key };
      }),
    );

/** Three devices in every order, also as equals. */
export const ranks = fc
  .constantFrom(["a", "b", "c"], ["b", "c", "a"], ["c", "b", "a"], ["b", "a", "c"], [])
  .map((order: readonly string[]) => (device: string) => order.indexOf(device.slice(4)));
