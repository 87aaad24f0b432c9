/** What a zero does to a sum: it says that somebody measured, and hides nothing that others counted. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Aggregate } from "../../../domain/samples/aggregate.ts";
import { type Measured, resolveMetric } from "../../../domain/samples/resolve.ts";
import {
  type Crowd,
  crowds,
  hour,
  midnight,
  minute,
  rank,
  ranks,
  sample,
  utcHours,
} from "./measurements.ts";

const steps = (...measured: Measured[]) => resolveMetric("steps", measured, rank, utcHours);
const total = (...measured: Measured[]) => steps(...measured)?.day.value;
const night = (...measured: Measured[]) => resolveMetric("sleep", measured, rank, utcHours);

const idleCrowd: Crowd = {
  ...{ stepMs: minute, atMs: midnight - 60 * minute, steps: 240, lengths: [0, 0, 0, 1, 3, 10, 90] },
  values: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
};
/** What devices counted that counted more than nothing. */
const counted = (of: Aggregate | undefined) => of?.sources.filter((s) => s.amount > 0) ?? [];

describe("a sum", () => {
  test("is not hidden by a zero, of a better device or a finer sample", () => {
    const idle = sample("watch", 10, 11, 0);
    const carried = sample("phone", 9, 12, 3000);
    expect(total(idle, carried)).toBe(3000);
    expect(steps(idle, carried)?.day).toMatchObject({ count: 1, min: 3000 });
    expect(total(idle, sample("watch", 9, 12, 3000))).toBe(3000);
    expect(total(idle, sample("phone", 10.5, 10.5, 40))).toBe(40);
    expect(total(sample("watch", 10, 10, 0), sample("phone", 10, 10, 40))).toBe(40);
  });

  test("of zeros fills what nobody else measured, and is 0 where nobody did", () => {
    const worn = [sample("watch", 8, 9, 500), sample("watch", 9, 10, 0)];
    const day = steps(...worn, sample("phone", 9.5, 10, 30), sample("phone", 12, 13, 0))?.day;
    expect(day).toMatchObject({ value: 530, count: 4, min: 0 });
    const idle = [sample("watch", 8, 9, 0), sample("phone", 8, 8.5, 0), sample("phone", 12, 12, 0)];
    expect(steps(...idle)?.day).toMatchObject({ value: 0, count: 2, min: 0, max: 0 });
  });

  test("of sleep is time: a stage whose value is 0 covers as any other does", () => {
    const awake = sample("watch", 2, 3, 0, "awake");
    expect(night(awake, sample("phone", 0, 8, 8 * hour))?.day.value).toBe(7 * hour);
  });
});

describe("what samples come to", () => {
  test("is for whoever counted more than nothing the same, whatever worse ones say", () => {
    const by = (device: string) => ["dev_a", "dev_b", "dev_c"].indexOf(device);
    fc.assert(
      fc.property(crowds(idleCrowd), (measured) => {
        const better = measured.filter((m) => m.device !== "dev_c");
        const alone = resolveMetric("steps", better, by, utcHours)?.day;
        const beside = resolveMetric("steps", measured, by, utcHours)?.day;
        expect(counted(beside).filter((s) => s.device !== "dev_c")).toEqual(counted(alone));
        if (alone !== undefined) expect(beside?.value).toBeGreaterThanOrEqual(alone.value);
      }),
      { numRuns: 1000 },
    );
  });

  test("is no other sum without its zeros, and with nothing else is 0", () => {
    fc.assert(
      fc.property(crowds(idleCrowd), ranks, (measured, by) => {
        const [all, some] = [measured, measured.filter((m) => m.value > 0)].map((of) =>
          resolveMetric("steps", of, by, utcHours),
        );
        const isThere = measured.some(
          (m) => (m.toMs > midnight || m.fromMs === midnight) && m.fromMs < midnight + 24 * hour,
        );
        expect(all?.day.value).toBe(isThere ? (some?.day.value ?? 0) : undefined);
        expect(counted(all?.day)).toEqual(counted(some?.day));
        if (isThere) expect(all?.day.count).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });
});
