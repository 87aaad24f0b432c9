import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Aggregate } from "../../../domain/samples/aggregate.ts";
import { metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { type Measured, resolveMetric } from "../../../domain/samples/resolve.ts";
import { slowAverages, slowSums } from "./day-oracle.ts";
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
const resting = (...measured: Measured[]) =>
  resolveMetric("resting_heart_rate", measured, rank, utcHours);
const heart = (...measured: Measured[]) => resolveMetric("heart_rate", measured, rank, utcHours);
const weigh = (...measured: Measured[]) => resolveMetric("weight", measured, rank, utcHours);
const night = (...measured: Measured[]) => resolveMetric("sleep", measured, rank, utcHours);
const amounts = (of: Aggregate | undefined) => of?.sources.map((s) => [s.device, s.amount]);

describe("a sum", () => {
  test("counts what encloses only where nobody measured: 3,001 and not 4,001", () => {
    const phone = sample("phone", 9, 12, 3000);
    const watch = sample("watch", 10, 11, 1001);
    expect(total(phone, watch)).toBe(3001);
    expect(amounts(steps(phone, watch)?.day)).toEqual([
      ["dev_phone", 2000],
      ["dev_watch", 1001],
    ]);
    expect(steps(phone, watch)?.hours.map((h) => h.value)).toEqual([1000, 1001, 1000]);
  });

  test("of a phone and a watch through a day is 14,079 and not 4,157", () => {
    const worn = Array.from({ length: 11 * 12 }, (_, i) => {
      return sample("watch", 8 + i / 12, 8 + (i + 1) / 12, i < 22 ? 76 : 75);
    });
    const carried = Array.from({ length: 16 }, (_, i) => {
      const alone = [1200, 957, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1400, 600, 0][i];
      return sample("phone", 6 + i, 7 + i, alone || 700);
    }).filter((s) => s.toMs <= midnight + 21 * hour);
    expect(total(...worn)).toBe(9922);
    expect(total(...worn, ...carried)).toBe(9922 + 4157);
    expect(total(...carried.reverse(), ...worn.reverse())).toBe(14_079);
  });

  test("of touching stretches is all of both", () => {
    expect(total(sample("watch", 9, 10, 100), sample("phone", 10, 11, 50))).toBe(150);
  });

  test("fills every gap with the next device, in its proportion", () => {
    const whole = sample("app", 8, 12, 400);
    const phone = sample("phone", 8, 10, 150);
    const watch = sample("watch", 9, 9.5, 33);
    // The watch; the phone's other hour and a half: 112.5, up; the app's last two hours.
    expect(total(whole, phone, watch)).toBe(33 + 113 + 200);
  });

  test("of one device prefers its finer sample, whatever came first", () => {
    const coarse = sample("watch", 9, 12, 3000);
    const fine = sample("watch", 10, 11, 1001);
    expect(total(coarse, fine)).toBe(3001);
    expect(total(fine, coarse)).toBe(3001);
  });

  test("counts a moment whole, where nobody covers it", () => {
    const moment = sample("phone", 10, 10, 40);
    expect(total(moment)).toBe(40);
    expect(total(moment, sample("watch", 9, 10, 100))).toBe(140);
    expect(total(moment, sample("watch", 10, 11, 100))).toBe(100);
    expect(total(moment, sample("app", 9, 11, 100))).toBe(140);
  });

  test("counts no moment that a stretch of its own device holds already", () => {
    expect(total(sample("watch", 10, 10, 40), sample("watch", 9, 11, 100))).toBe(100);
  });

  test("counts one moment of a device once, the first by key, and no worse device's at it", () => {
    const [first, second] = [sample("watch", 10, 10, 40), sample("watch", 10, 10, 50)];
    expect(total(second, first, sample("phone", 10, 10, 60))).toBe(40);
  });

  test("of nothing that was measured is something, and of nothing measured is nothing", () => {
    expect(steps(sample("watch", 9, 10, 0))?.day).toMatchObject({ value: 0, count: 1, min: 0 });
    expect(steps()).toBeNull();
    expect(steps(sample("watch", -2, 0, 500), sample("watch", 24, 25, 500))).toBeNull();
    expect(steps(sample("watch", 24, 24, 500))).toBeNull();
    expect(resolveMetric("steps", [sample("watch", 9, 10, 5)], rank, [])).toBeNull();
  });

  test("is exact beyond 2^53", () => {
    const most = { ...sample("watch", 0, 0, 30_000_000_001), toMs: midnight + 86_399_999 };
    const covering = { ...sample("watch", 0, 0, 7), toMs: midnight + 28_799_999 };
    const day = resolveMetric("active_energy", [most, covering], rank, utcHours)?.day;
    const part = (30_000_000_001n * 57_600_000n * 2n + 86_399_999n) / (86_399_999n * 2n);
    expect(day?.value).toBe(Number(part) + 7);
  });

  test("parts at midnight what it counts on both days", () => {
    const over = sample("watch", -1, 2, 100);
    expect(total(over)).toBe(67);
    expect(total(sample("watch", 23, 26, 100))).toBe(33);
    expect(steps(over)?.day.count).toBe(1);
  });
});

describe("sleep", () => {
  test("is the time in no stage but awake, which covers", () => {
    const stages = [
      sample("watch", 0, 2, 2 * hour, "deep"),
      sample("watch", 2, 2.5, hour / 2, "awake"),
      sample("watch", 2.5, 6, 3.5 * hour, "rem"),
    ];
    const session = sample("watch", 0, 7, 7 * hour, "asleep");
    const phone = sample("phone", -1, 8, 9 * hour);
    expect(night(...stages)?.day).toMatchObject({
      value: 5.5 * hour,
      stages: { deep: 2 * hour, awake: hour / 2, rem: 3.5 * hour },
      count: 3,
    });
    expect(night(...stages, session, phone)?.day).toMatchObject({
      value: 7.5 * hour,
      stages: { deep: 2 * hour, awake: hour / 2, rem: 3.5 * hour, asleep: 2 * hour },
    });
  });
});

describe("an average", () => {
  test("weighs by time: a moment until the next one, and no longer than it holds", () => {
    const day = heart(
      sample("watch", 10, 10, 60_000),
      sample("watch", 10 + 1 / 60, 10 + 1 / 60, 90_000),
    )?.day;
    expect(day).toMatchObject({
      value: 85_000,
      min: 60_000,
      max: 90_000,
      count: 2,
      weighed: { sum: String(60_000 * minute + 90_000 * 5 * minute), ms: 6 * minute },
    });
  });

  test("hears the better device where it holds, and the other one beside it", () => {
    const day = heart(sample("watch", 10, 10, 60_000), sample("phone", 9.5, 10.5, 100_000))?.day;
    expect(amounts(day)).toEqual([
      ["dev_phone", 55 * minute],
      ["dev_watch", 5 * minute],
    ]);
  });

  test("takes one of two readings of a device at one moment, the first by key", () => {
    const [first, second] = [sample("watch", 10, 10, 60_000), sample("watch", 10, 10, 80_000)];
    expect(heart(second, first)?.day).toMatchObject({ value: 60_000, count: 1, max: 60_000 });
  });

  test("hears no moment of the day before, however long it holds", () => {
    const variability = (...measured: readonly Measured[]) =>
      resolveMetric("hrv_rmssd", measured, rank, utcHours);
    const before = sample("watch", -0.5, -0.5, 60_000);
    expect(variability(before)).toBeNull();
    expect(variability(before, sample("watch", 6, 6, 90_000))?.day).toMatchObject({
      ...{ value: 90_000, count: 1, min: 90_000 },
      weighed: { sum: String(90_000 * hour), ms: hour },
    });
    expect(heart(sample("watch", -1 / 60, -1 / 60, 60_000))).toBeNull();
  });

  test("holds a moment no further than its day goes on, also where that comes back", () => {
    const [first = { fromMs: 0, toMs: 0 }, , third = first] = utcHours;
    const late = [sample("watch", 0.5, 0.5, 60_000), sample("watch", 1.5, 1.5, 90_000)];
    expect(resolveMetric("hrv_rmssd", late, rank, [first, third])?.day).toMatchObject({
      ...{ value: 60_000, count: 1 },
      weighed: { ms: hour / 2 },
    });
  });

  test("parts a stretch at midnight by its time, as a reading of both days", () => {
    const over = sample("watch", -2, 1, 60_000);
    expect(resting(over)?.day).toMatchObject({ value: 60_000, count: 1, weighed: { ms: hour } });
    expect(resting(sample("watch", 22, 25, 60_000))?.day).toMatchObject({
      ...{ count: 1, weighed: { ms: 2 * hour } },
    });
  });

  test("of an hour stays exact for every metric", () => {
    for (const metric of metrics) {
      const { fold, range, scale } = metricOf(metric);
      if (fold === "average")
        expect(range[1] * scale * hour, metric).toBeLessThan(Number.MAX_SAFE_INTEGER);
    }
  });
});

describe("the latest", () => {
  test("is the last one made; at one time the better device's", () => {
    const [early, late] = [sample("watch", 8, 8, 80_000), sample("phone", 9, 9, 81_000)];
    const same = { ...sample("app", 9, 9, 99_000), key: "first" };
    expect(weigh(same, late, early)?.day).toEqual({
      value: 81_000,
      min: 80_000,
      max: 81_000,
      count: 2,
      weighed: null,
      atMs: late.fromMs,
      stages: null,
      sources: [{ device: "dev_phone", amount: 1 }],
    });
    expect(weigh(early, late)?.hours.map((h) => h.value)).toEqual([80_000, 81_000]);
    expect(
      weigh(sample("watch", 9, 9.5, 7), late, sample("phone", 9.5, 9.5, 5))?.hours,
    ).toMatchObject([{ value: 5, count: 2, sources: [{ device: "dev_phone", amount: 1 }] }]);
    expect(weigh(sample("watch", 24, 24, 80_000))).toBeNull();
  });

  test("of one device at one time is the first by key", () => {
    const [first, second] = [sample("watch", 9, 9, 80_000), sample("watch", 9, 9, 81_000)];
    expect(weigh(first, second)?.day).toMatchObject({ value: 80_000, count: 1 });
    expect(weigh(second, first)?.day).toMatchObject({ value: 80_000, count: 1 });
  });
});

/** Tiny hours with a gap in the day, so that every millisecond can be asked for. */
const tiny = [
  { fromMs: 0, toMs: 7 },
  { fromMs: 7, toMs: 14 },
  { fromMs: 20, toMs: 29 },
];
const tinyCrowd: Crowd = {
  ...{ stepMs: 1, atMs: -8, steps: 42, lengths: [0, 0, 1, 2, 3, 5, 9, 17, 33] },
  values: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 30_000_000_000)),
};
const realCrowd: Crowd = {
  ...{ stepMs: minute, atMs: midnight - 60 * minute, steps: 240, lengths: [0, 0, 0, 1, 3, 10, 90] },
  values: fc.integer({ min: 40_000, max: 43_000 }),
};
const shuffled = (of: readonly Measured[]) =>
  fc.shuffledSubarray([...of], { minLength: of.length, maxLength: of.length });

describe("against the slow way", () => {
  test("sums are the same, step by step", () => {
    fc.assert(
      fc.property(crowds(tinyCrowd), ranks, (measured, by) => {
        expect(resolveMetric("steps", measured, by, tiny)).toEqual(slowSums(measured, by, tiny, 1));
      }),
      { numRuns: 3000 },
    );
  });

  test("nights are the same", () => {
    fc.assert(
      fc.property(crowds({ ...tinyCrowd, stages: true }), ranks, (measured, by) => {
        expect(resolveMetric("sleep", measured, by, tiny)).toEqual(
          slowSums(measured, by, tiny, 1, true),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("averages are the same", () => {
    const whole = utcHours.slice(0, 3);
    // With gaps that a moment would hold over.
    const parted = whole.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs - 3 * minute }));
    const days = fc.constantFrom(whole, parted);
    fc.assert(
      fc.property(crowds(realCrowd), ranks, days, (measured, by, hours) => {
        expect(resolveMetric("heart_rate", measured, by, hours)).toEqual(
          slowAverages(measured, by, hours, minute, metricOf("heart_rate").holdMs),
        );
      }),
      { numRuns: 600 },
    );
  });
});

describe("what samples come to", () => {
  test("hangs on no order in which they came", () => {
    const both = crowds(realCrowd).chain((of) => fc.tuple(fc.constant(of), shuffled(of)));
    const metric = fc.constantFrom("steps", "heart_rate", "weight", "sleep" as const);
    fc.assert(
      fc.property(both, ranks, metric, ([one, other], by, of) => {
        expect(resolveMetric(of, other, by, utcHours)).toEqual(
          resolveMetric(of, one, by, utcHours),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("is the plain sum of one device that measured nothing twice", () => {
    const pieces = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 60 }), fc.nat(1000)));
    fc.assert(
      fc.property(pieces, (drawn) => {
        let atMs = midnight;
        const measured = drawn.map(([gap, length, value]) => {
          const fromMs = atMs + gap * minute;
          atMs = fromMs + length * minute;
          return { ...sample("watch", 0, 0, value), fromMs, toMs: atMs };
        });
        const inDay = measured.filter((m) => m.toMs <= midnight + 24 * hour);
        const plain = inDay.reduce((sum, m) => sum + m.value, 0);
        expect(total(...inDay) ?? 0).toBe(plain);
        expect(steps(...inDay)?.day.count ?? 0).toBe(inDay.length);
      }),
      { numRuns: 500 },
    );
  });

  test("is for a better device the same whoever else measured, and a sum never less", () => {
    const by = (device: string) => ["dev_a", "dev_b", "dev_c"].indexOf(device);
    const metric = fc.constantFrom("steps", "sleep", "heart_rate" as const);
    fc.assert(
      fc.property(crowds({ ...realCrowd, stages: true }), metric, (measured, of) => {
        const better = measured.filter((m) => m.device !== "dev_c");
        const alone = resolveMetric(of, better, by, utcHours);
        const beside = resolveMetric(of, measured, by, utcHours);
        const kept = beside?.day.sources.filter((s) => s.device !== "dev_c") ?? [];
        expect(kept).toEqual(alone?.day.sources ?? []);
        if (of !== "heart_rate")
          expect(beside?.day.value ?? 0).toBeGreaterThanOrEqual(alone?.day.value ?? 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("is the same when samples come again under other keys", () => {
    const metric = fc.constantFrom("steps", "sleep", "heart_rate", "weight" as const);
    fc.assert(
      fc.property(crowds({ ...realCrowd, stages: true }), ranks, metric, (measured, by, of) => {
        const again = measured.map((m) => ({ ...m, key: `${m.key}-again` }));
        expect(resolveMetric(of, [...again, ...measured], by, utcHours)).toEqual(
          resolveMetric(of, measured, by, utcHours),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("adds up from hours to the day", () => {
    const metric = fc.constantFrom("steps", "sleep", "heart_rate", "weight" as const);
    fc.assert(
      fc.property(crowds({ ...realCrowd, stages: true }), ranks, metric, (measured, by, of) => {
        const found = resolveMetric(of, measured, by, utcHours);
        if (found === null) return;
        const { day, hours } = found;
        const sum = (read: (h: Aggregate) => number) => hours.reduce((n, h) => n + read(h), 0);
        expect(sum((h) => h.count)).toBe(day.count);
        if (metricOf(of).fold === "sum") expect(sum((h) => h.value)).toBe(day.value);
        if (day.weighed !== null) {
          expect(String(sum((h) => Number(h.weighed?.sum)))).toBe(day.weighed.sum);
          expect(sum((h) => h.weighed?.ms ?? 0)).toBe(day.weighed.ms);
          expect(day.value).toBeGreaterThanOrEqual(day.min);
          expect(day.value).toBeLessThanOrEqual(day.max);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
