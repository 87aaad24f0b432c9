import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Measured, resolveMetric } from "../../../domain/samples/resolve.ts";
import { copySamplesMin, copyValuesMin, shiftStepMs } from "../../../domain/samples/shifted.ts";
import { hour, midnight, rank, sample, utcHours } from "./measurements.ts";

const total = (...measured: Measured[]) =>
  resolveMetric("steps", measured, rank, utcHours)?.day.value ?? 0;
const sum = (of: readonly Measured[]) => of.reduce((n, m) => n + m.value, 0);
/** Walked from `from` on, in stretches of five minutes with five minutes between. */
const walk = (device: string, from: number, values: readonly number[]) =>
  values.map((value, i) => sample(device, from + i / 6, from + i / 6 + 1 / 12, value));
const moved = (of: readonly Measured[], device: string, hours: number) =>
  of.map((m) => ({
    ...m,
    device: `dev_${device}`,
    key: `${m.key}-moved`,
    fromMs: m.fromMs + hours * hour,
    toMs: m.toMs + hours * hour,
  }));
const values = [431, 520, 388, 611, 97, 502, 333, 490, 275, 612, 580, 104];

describe("a copy that a wrong zone moved", () => {
  test.each([1, -1, 5.5, 9, -8, 5.75, 12])("by %d hours is no second day", (hours) => {
    const day = walk("watch", 10, values);
    expect(total(...day, ...moved(day, "phone", hours))).toBe(sum(day));
    const late = resolveMetric("steps", [...moved(day, "phone", hours), ...day], rank, utcHours);
    expect(late?.day).toMatchObject({ value: sum(day), count: day.length });
    expect(late?.day.sources.map((s) => s.device)).toEqual(["dev_watch"]);
  });

  test("counts nothing either where it would belong to the day before", () => {
    const day = walk("watch", 3, [...values, ...values.toReversed()]);
    const before = walk("watch", -3, [77, 66, 55]);
    const copy = moved([...before, ...day], "phone", 5);
    expect(total(...day, ...copy)).toBe(sum(day));
  });

  test("is one though one in ten differs, which counts; and is none if more do", () => {
    const day = walk("watch", 10, values.slice(0, 10));
    const copy = moved(day, "phone", 5);
    const differing = (n: number) => copy.map((m, i) => (i < n ? { ...m, value: m.value + 1 } : m));
    expect(total(...day, ...walk("watch", 12, [999]), ...differing(0))).toBe(sum(day) + 999);
    const eleven = walk("watch", 10, values.slice(0, 11));
    const altered = moved(eleven, "phone", 5).map((m, i) => (i === 0 ? { ...m, value: 1 } : m));
    expect(total(...eleven, ...altered)).toBe(sum(eleven) + 1);
    expect(total(...day, ...differing(2))).toBe(sum(day) + sum(differing(2)));
  });

  test.each([
    ["by no whole quarter of an hour", walk("watch", 10, values), 5.1],
    ["by more than a clock can be wrong", walk("watch", 2, values), 15],
    ["too few to tell", walk("watch", 10, values.slice(0, copySamplesMin - 1)), 5],
    [
      "the same number again and again",
      walk(
        "watch",
        10,
        values.map(() => 100),
      ),
      5,
    ],
    [
      "hardly different numbers",
      walk(
        "watch",
        10,
        values.map((_, i) => 100 + (i % (copyValuesMin - 1))),
      ),
      5,
    ],
  ])("is none: %s", (_, day, hours) => {
    expect(total(...day, ...moved(day, "phone", hours))).toBe(2 * sum(day));
  });

  test("is none of numbers of which most are nothing", () => {
    const nothing = Array.from({ length: 5 }, () => 0);
    const day = walk("watch", 10, [...values.slice(0, copySamplesMin - 1), ...nothing]);
    expect(total(...day, ...moved(day, "phone", 5))).toBe(2 * sum(day));
  });

  test("is none of stretches of another length", () => {
    const day = walk("watch", 10, values);
    const longer = moved(day, "phone", 5).map((m) => ({ ...m, toMs: m.toMs + 1 }));
    expect(total(...day, ...longer)).toBe(2 * sum(day));
  });

  test("is not looked for in another day: each is judged by itself", () => {
    const yesterday = walk("watch", -6, values);
    expect(total(...yesterday, ...moved(yesterday, "phone", 12))).toBe(sum(yesterday));
    // Three of these began yesterday: nine are too few.
    const late = walk("watch", -0.5, values);
    const today = late.slice(3);
    expect(total(...late, ...moved(late, "phone", 5).slice(0, -1))).toBe(
      sum(today) + sum(late.slice(0, -1)),
    );
  });

  test("is none in its own place: what is there is covered, whatever else it is like", () => {
    const day = walk("watch", 10, values);
    const beside = walk("phone", 20, [11]);
    const sinceYesterday = sample("phone", -1, 1, 100);
    const all = [...day, ...moved(day, "phone", 0), ...beside, sinceYesterday];
    expect(total(...all)).toBe(sum(day) + 11 + 50);
  });

  test("is none where most of it would belong to another day", () => {
    const day = walk("watch", 10, values);
    const some = moved(day.slice(0, copyValuesMin), "phone", 5);
    const rest = moved(day.slice(copyValuesMin), "phone", -9);
    expect(total(...day, ...some, ...rest)).toBe(2 * sum(day));
  });

  test("is none of the same device: nobody is its own copy", () => {
    const day = walk("watch", 10, values);
    expect(total(...day, ...moved(day, "watch", 5))).toBe(2 * sum(day));
  });

  test("covers nobody: the device behind it is heard", () => {
    const day = walk("watch", 10, values);
    const other = walk("app", 15, [1, 2, 3]);
    expect(total(...day, ...moved(day, "phone", 5), ...other)).toBe(sum(day) + 6);
  });

  test("of a night is no second night", () => {
    const stages = values.map((_, i) => ({
      ...sample("watch", 0, 0, (i + 1) * 60_000, i % 3 === 0 ? "deep" : "rem"),
    }));
    let atMs = utcHours[0]?.fromMs ?? 0;
    const night = stages.map((s) => {
      const fromMs = atMs;
      atMs += s.value;
      return { ...s, fromMs, toMs: atMs };
    });
    const slept = resolveMetric("sleep", [...night, ...moved(night, "phone", 4)], rank, utcHours);
    expect(slept?.day.value).toBe(sum(night));
    const otherwise = moved(night, "phone", 4).map((m) => ({ ...m, stage: "light" as const }));
    const both = resolveMetric("sleep", [...night, ...otherwise], rank, utcHours);
    expect(both?.day.value).toBe(2 * sum(night));
  });

  test("is found among a reading a second, and looked for among ever so many at one instant", () => {
    const second = 1 / 3600;
    const busy = Array.from({ length: 5000 }, (_, i) =>
      sample("watch", 9 + i * second, 9 + (i + 1) * second, (i * 7919) % 13),
    );
    expect(total(...busy, ...moved(busy, "phone", 2))).toBe(sum(busy));
    const heap = Array.from({ length: 100_000 }, (_, i) => ({
      ...sample("watch", 9, 9, 1 + (i % 1000)),
      toMs: midnight + 9 * hour + 1000 + i,
    }));
    const alone = resolveMetric("steps", heap, rank, utcHours)?.day;
    const both = resolveMetric("steps", [...heap, ...moved(heap, "phone", 2)], rank, utcHours)?.day;
    expect([both?.value, both?.count]).toEqual([alone?.value, alone?.count]);
  });

  test("is found among whatever else, by any shift that keeps it in the day", () => {
    const drawn = fc.record({
      values: fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 12, maxLength: 30 }),
      zeros: fc.array(fc.nat(5), { maxLength: 20 }),
      quarters: fc.integer({ min: -32, max: 32 }).filter((n) => n !== 0),
    });
    fc.assert(
      fc.property(drawn, ({ values: walked, zeros, quarters }) => {
        const day = [
          ...walk("watch", 9, walked),
          ...zeros.map((z, i) => sample("watch", 14 + i / 12, 14 + (i + 1) / 12, z === 0 ? 7 : 0)),
        ];
        const copy = moved(day, "phone", (quarters * shiftStepMs) / hour);
        expect(total(...day, ...copy)).toBe(sum(day));
      }),
      { numRuns: 300 },
    );
  });
});
