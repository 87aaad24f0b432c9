/**
 * What members are told of their own days: found where it was planted, kept quiet where there is
 * little or only noise, and said without a word of causes, advice or illness.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Aggregate, DayAggregates } from "../../../domain/samples/aggregate.ts";
import { chanceOfOrder, lineThrough, spread } from "../../../domain/samples/insights/robust.ts";
import {
  type Insight,
  insightDays,
  insightMetrics,
  insightsOf,
  isInsightId,
} from "../../../domain/samples/insights.ts";
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import { addDays } from "../../../domain/time.ts";

const today = "2026-11-14";
const aggregate = (metric: Metric, value: number): Aggregate => {
  const whole = Math.round(value * metricOf(metric).scale);
  return {
    ...{ value: whole, min: whole, max: whole, count: 1 },
    ...{ weighed: null, atMs: null, stages: null, sources: [] },
  };
};
type Value = (daysAgo: number) => number | null;

/** In units, by days before today. */
function daysWith(values: Partial<Record<Metric, Value>>, days = insightDays): DayAggregates[] {
  return Array.from({ length: days }, (_, i) => {
    const daysAgo = days - 1 - i;
    const measured = Object.entries(values).flatMap(([name, of]) => {
      const value = of(daysAgo);
      return value === null ? [] : [[name, aggregate(name as Metric, value)]];
    });
    return { date: addDays(today, -daysAgo), metrics: Object.fromEntries(measured) };
  });
}
const found = (values: Partial<Record<Metric, Value>>, goals = {}): readonly Insight[] =>
  insightsOf(daysWith(values), today, goals);

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
/** About normal, of deviation 1: twelve numbers and the middle limit theorem. */
const noise = (chance: () => number): number =>
  Array.from({ length: 12 }, chance).reduce((sum, one) => sum + one, -6);

const pulse = "resting_heart_rate";
/** Never the same twice in a row, and nothing that leads anywhere. */
const still: Value = (ago) => 58 + (ago % 3) - 1;

describe("a trend", () => {
  it("of resting heart rate is found where it was planted, with its numbers", () => {
    const [trend, ...others] = found({ [pulse]: (ago) => 64 - 0.2 * Math.min(ago, 27) });
    expect(others).toEqual([]);
    expect(trend).toMatchObject({
      id: "trend.resting_heart_rate.up.2026-W46",
      ...{ kind: "trend", metric: pulse, from: "2026-10-18", to: today },
      sentence:
        "Your resting heart rate went up by about 5.4 a minute within 28 days, from about 58.6 to about 64, measured on 28 of them.",
      numbers: { days: 28, span: 28, change: 5.4, changePerWeek: 1.4, start: 58.6, end: 64 },
      confidence: 1,
    });
  });

  it("of weight is found from six weighings on, and not from five", () => {
    const weighed =
      (times: number): Value =>
      (ago) =>
        ago % 4 === 0 && ago / 4 < times ? 80 + ago * 0.05 : null;
    expect(found({ weight: weighed(5) })).toEqual([]);
    expect(found({ weight: weighed(6) })).toMatchObject([
      {
        id: "trend.weight.down.2026-W46",
        sentence:
          "Your weight went down by about 1 kg within 21 days, from about 81 to about 80, measured on 6 of them.",
        numbers: { days: 6, change: -1 },
      },
    ]);
  });

  it("is none below what counts: 3 a minute, half a kilogram", () => {
    const rising =
      (by: number, from: number): Value =>
      (ago) =>
        from - (by * ago) / 27;
    expect(found({ [pulse]: rising(2.9, 60), weight: rising(0.45, 80) })).toEqual([]);
    expect(found({ [pulse]: rising(3.1, 60), weight: rising(0.55, 80) })).toHaveLength(2);
  });

  it("is none of 13 days, and not of what lies further back than four weeks", () => {
    const every2nd =
      (offset: number): Value =>
      (ago) =>
        ago % 2 === 0 && ago >= offset && ago < 28 ? 70 - 0.3 * ago : null;
    expect(found({ [pulse]: every2nd(0) })).toHaveLength(1);
    expect(found({ [pulse]: every2nd(2) })).toEqual([]);
    expect(found({ [pulse]: (ago) => (ago < 28 ? still(ago) : 90 - ago * 0.3) })).toEqual([]);
  });

  it.each([0.5, 2, 6])("is not seen in noise of deviation %s, in 99 of 100 runs", (deviation) => {
    const runs = 400;
    let told = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const chance = chanceFrom(seed);
      const of =
        (level: number): Value =>
        () =>
          level + deviation * noise(chance);
      const all = found({ [pulse]: of(60), weight: of(80) });
      told += all.filter(({ kind }) => kind === "trend").length;
    }
    expect(told).toBeLessThanOrEqual((2 * runs) / 100);
  });

  it("planted under noise is found all the same", () => {
    const runs = 100;
    let told = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const chance = chanceFrom(seed);
      const trend = found({ [pulse]: (ago) => 66 - 0.25 * ago + 1.5 * noise(chance) }).find(
        ({ kind }) => kind === "trend",
      );
      if (trend?.numbers.change !== undefined && trend.numbers.change > 3) told++;
    }
    expect(told).toBeGreaterThanOrEqual(99);
  });

  it("does not hang on a few readings that are far off", () => {
    const odd: Value = (ago) => (ago === 3 || ago === 9 ? 150 : 64 - 0.2 * Math.min(ago, 27));
    const trend = found({ [pulse]: odd }).find(({ kind }) => kind === "trend");
    expect(trend?.numbers.change).toBeGreaterThan(4.5);
    expect(trend?.numbers.change).toBeLessThan(6.5);
  });

  it("keeps its name for a week, so that who took note of it is not told again", () => {
    const days = daysWith({ [pulse]: (ago) => 70 - 0.2 * ago });
    const idOn = (date: string) =>
      insightsOf(days, date, {}).find(({ kind }) => kind === "trend")?.id;
    const thisWeek = ["2026-11-09", "2026-11-10", "2026-11-14"].map(idOn);
    expect(new Set(thisWeek)).toEqual(new Set(["trend.resting_heart_rate.up.2026-W46"]));
    expect(idOn("2026-11-08")).toBe("trend.resting_heart_rate.up.2026-W45");
  });
});

describe("a streak", () => {
  const reached =
    (...ago: number[]): Value =>
    (day) =>
      ago.includes(day) ? 12_000 : 4_000;

  it("counts days in a row up to today", () => {
    expect(found({ steps: reached(0, 1, 2, 3, 20, 21) })).toMatchObject([
      {
        id: "streak.steps.2026-11-11",
        ...{ kind: "streak", from: "2026-11-11", to: today, confidence: null },
        sentence:
          "You reached your goal of 10,000 steps on 4 days in a row, up to today; it is the longest run in this time.",
        numbers: { days: 4, best: 4, goal: 10_000, reached: 6 },
      },
    ]);
  });

  it("is not broken by a day that is not over, and remembers the best", () => {
    const [streak] = found({ steps: reached(1, 2, 3, 30, 31, 32, 33, 34) });
    expect(streak).toMatchObject({ to: "2026-11-13", numbers: { days: 3, best: 5 } });
    expect(streak?.sentence).toMatch(/up to yesterday; the longest run in this time was 5 days\.$/);
  });

  it("is none of two days, of one that is over, or across a day without any steps", () => {
    expect(found({ steps: reached(0, 1) })).toEqual([]);
    expect(found({ steps: reached(2, 3, 4, 5) })).toEqual([]);
    expect(found({ steps: (ago) => (ago === 2 ? null : 12_000) })).toEqual([]);
  });

  it("goes by the member's own goal", () => {
    const steps: Value = () => 8_000;
    expect(found({ steps })).toEqual([]);
    expect(found({ steps }, { steps: 7_500 })).toMatchObject([{ numbers: { goal: 7_500 } }]);
    expect(found({ steps: () => 12_000 }, { steps: 12_001 })).toEqual([]);
  });

  it("that began before all that is known keeps its name through a month", () => {
    const days = daysWith({ steps: () => 12_000 });
    const ids = ["2026-11-14", "2026-11-13", "2026-11-12"].map(
      (date, i) => insightsOf(days.slice(2 - i), date, {})[0]?.id,
    );
    expect(new Set(ids)).toEqual(new Set(["streak.steps.2026-11"]));
  });
});

describe("sleep debt", () => {
  const hours =
    (each: Readonly<Record<number, number>>): Value =>
    (ago) =>
      each[ago] === undefined ? null : each[ago] * 3600;

  it("is what the measured nights of a week lack; a long one takes nothing off", () => {
    expect(found({ sleep: hours({ 0: 7, 1: 6.5, 2: 9, 4: 8, 5: 6, 6: 7.5, 7: 2 }) })).toMatchObject(
      [
        {
          id: "sleep-debt.sleep.2026-W46",
          ...{ kind: "sleep-debt", from: "2026-11-08", to: today },
          sentence:
            "In the last 7 days 4 of 6 measured nights were shorter than your goal of 8 h, by 5 h together.",
          numbers: { nights: 6, short: 4, missing: 18_000, goal: 28_800, mean: 26_400 },
        },
      ],
    );
  });

  it("goes by the member's own goal", () => {
    const sleep: Value = () => 7 * 3600;
    expect(found({ sleep }, { sleep: 7 * 3600 })).toEqual([]);
    const [debt] = found({ sleep }, { sleep: 7.5 * 3600 });
    expect(debt).toMatchObject({ numbers: { goal: 27_000, missing: 7 * 1_800 } });
    expect(debt?.sentence).toContain("your goal of 7 h 30 min, by 3 h 30 min together");
  });

  it("is not told of four nights, nor of less than two hours", () => {
    expect(found({ sleep: hours({ 0: 5, 1: 5, 2: 5, 3: 5 }) })).toEqual([]);
    expect(found({ sleep: (ago) => (ago === 2 ? 6.1 : 8) * 3600 })).toEqual([]);
  });

  it("does not take a night that has only begun for a short one", () => {
    const sleep = hours({ 0: 1, 1: 7.9, 2: 7.9, 3: 7.9, 4: 7.9, 5: 7.9 });
    expect(found({ sleep })).toEqual([]);
    expect(insightsOf(daysWith({ sleep }), addDays(today, 1), {})).toHaveLength(1);
  });
});

describe("an unusual reading", () => {
  it("is one far outside of the days before it, said with what those were", () => {
    const odd: Value = (ago) => (ago === 2 ? 71 : still(ago));
    expect(found({ [pulse]: odd })).toMatchObject([
      {
        id: "unusual.resting_heart_rate.2026-11-12",
        ...{ kind: "unusual", from: "2026-11-12", to: "2026-11-12" },
        sentence:
          "On 2026-11-12 your resting heart rate was 71 a minute, higher than the 28 measured days before it lead to expect (52.8 to 63.2 a minute).",
        numbers: { value: 71, median: 58, days: 28 },
      },
    ]);
  });

  it("is looked for a week back, in either direction, never beyond what can be", () => {
    const oxygen: Value = (ago) => (ago === 6 ? 90 : ago === 7 ? 80 : 98 + (ago % 2));
    expect(found({ oxygen_saturation: oxygen })).toMatchObject([
      { from: "2026-11-08", numbers: { value: 90, high: 100 } },
    ]);
  });

  it("is none with twenty days before it, nor where a device moves by one step", () => {
    const since =
      (days: number): Value =>
      (ago) =>
        ago === 0 ? 80 : ago <= days ? still(ago) : null;
    expect(found({ [pulse]: since(20) })).toEqual([]);
    expect(found({ [pulse]: since(21) })).toHaveLength(1);
    expect(found({ respiratory_rate: (ago) => (ago === 0 ? 15 : 14) })).toEqual([]);
  });

  it("is none of a day with far fewer readings than those before it", () => {
    const days = daysWith({ oxygen_saturation: (ago) => (ago === 0 ? 91 : 97 + (ago % 2)) });
    const told = (today_: number, before: number) => {
      const counted = days.map(({ date, metrics: { oxygen_saturation: of } }) => {
        const count = date === today ? today_ : before;
        return { date, metrics: of ? { oxygen_saturation: { ...of, count } } : {} };
      });
      return insightsOf(counted, today, {}).length;
    };
    expect([told(1, 40), told(19, 40), told(20, 40), told(1, 1)]).toEqual([0, 0, 1, 1]);
  });

  it("keeps the name of each kind of variability", () => {
    const [reading] = found({ hrv_rmssd: (ago) => (ago === 0 ? 15 : 50 + (ago % 4)) });
    expect(reading?.sentence).toMatch(/ your heart rate variability \(RMSSD\) was 15 ms, lower /);
  });
});

/** Days of which each measurement may be missing, in a range that finds something now and then. */
const anyDays = fc
  .array(
    fc.record({
      steps: fc.option(fc.integer({ min: 0, max: 30_000 })),
      resting_heart_rate: fc.option(fc.integer({ min: 40, max: 90 })),
      body_temperature: fc.option(fc.double({ min: 35, max: 41, noNaN: true })),
      oxygen_saturation: fc.option(fc.integer({ min: 80, max: 100 })),
      respiratory_rate: fc.option(fc.integer({ min: 8, max: 30 })),
      hrv_sdnn: fc.option(fc.integer({ min: 5, max: 150 })),
      hrv_rmssd: fc.option(fc.integer({ min: 5, max: 150 })),
      weight: fc.option(fc.double({ min: 50, max: 120, noNaN: true })),
      sleep: fc.option(fc.integer({ min: 0, max: 50_000 })),
    }),
    { minLength: 28, maxLength: insightDays },
  )
  .map((rows) => {
    const valueIn =
      (metric: (typeof insightMetrics)[number]): Value =>
      (ago) =>
        rows[ago]?.[metric] ?? null;
    return daysWith(Object.fromEntries(insightMetrics.map((m) => [m, valueIn(m)])));
  });

describe("whatever was measured", () => {
  /** Of causes, advice, worth and illness. */
  const forbidden =
    /\b(should|must|try|consider|consult|doctor|physician|care|advi[cs]e|recommend|need|because|cause|due to|risk|danger|warn|alarm|normal|abnormal|healthy|unhealthy|good|bad|poor|worse|better|ill|illness|sick|disease|disorder|infection|fever|flu|covid|virus|stress|overtrain|fatigue|apnoea|apnea|hypox|arrhythm|tachycard|bradycard|insomnia|obes|diagnos|symptom|syndrome|condition|patient|treat|therap|medic)/i;

  it("is said in one whole sentence without a word of causes, advice or illness", () => {
    let told = 0;
    fc.assert(
      fc.property(anyDays, (days) => {
        const insights = insightsOf(days, today, {});
        told += insights.length;
        for (const { sentence, numbers, id } of insights) {
          expect(sentence).toMatch(/^(Your|You|In|On) [^!?]+\.$/);
          expect(sentence).not.toMatch(/undefined|NaN|Infinity|null|\. [A-Z]| {2}/);
          expect(sentence).not.toMatch(forbidden);
          for (const n of Object.values(numbers)) expect(Number.isFinite(n)).toBe(true);
          expect(isInsightId(id), id).toBe(true);
        }
        expect(new Set(insights.map(({ id }) => id)).size).toBe(insights.length);
      }),
    );
    expect(told).toBeGreaterThan(100);
  });

  it("comes out the same in whatever order the days are handed in", () => {
    fc.assert(
      fc.property(
        anyDays.chain((days) =>
          fc.tuple(
            fc.constant(days),
            fc.shuffledSubarray(days, { minLength: days.length, maxLength: days.length }),
          ),
        ),
        ([days, shuffled]) => {
          expect(insightsOf(shuffled, today, {})).toEqual(insightsOf(days, today, {}));
        },
      ),
    );
  });

  it("leads to nothing while there are few days, whatever they hold", () => {
    fc.assert(
      fc.property(anyDays, (days) => {
        const few = days.slice(-4).map(({ date, metrics: { steps: _, ...metrics } }) => ({
          date,
          metrics,
        }));
        expect(insightsOf(few, today, {})).toEqual([]);
        expect(insightsOf(days.slice(-2), today, {})).toEqual([]);
        expect(insightsOf([], today, {})).toEqual([]);
      }),
    );
  });

  it("says nothing of days to come", () => {
    fc.assert(
      fc.property(anyDays, (days) => {
        const past = days.filter(({ date }) => date <= "2026-11-10");
        expect(insightsOf(days, "2026-11-10", {})).toEqual(insightsOf(past, "2026-11-10", {}));
      }),
    );
  });
});

describe("the statistics", () => {
  it("know the exact chance of an order, and never say less of one with ties", () => {
    const rising = (n: number) => Array.from({ length: n }, (_, x) => ({ x, y: x }));
    expect(chanceOfOrder(rising(6))).toBeCloseTo(2 / 720, 12);
    expect(chanceOfOrder(rising(4))).toBeCloseTo(2 / 24, 12);
    expect(chanceOfOrder([0, 2, 1, 3].map((y, x) => ({ x, y })))).toBeCloseTo(8 / 24, 12);
    expect(chanceOfOrder([1, 1, 1, 1].map((y, x) => ({ x, y })))).toBe(1);
    const tied = rising(6).map(({ x }) => ({ x, y: Math.floor(x / 2) }));
    expect(chanceOfOrder(tied)).toBeGreaterThan(2 / 720);
  });

  it("put a line through most points, and a deviation to what is spread normally", () => {
    const points = Array.from({ length: 11 }, (_, x) => ({ x, y: x === 5 ? 999 : 3 + 2 * x }));
    expect(lineThrough(points)).toEqual({ slope: 2, at: 3 });
    const chance = chanceFrom(7);
    const values = Array.from({ length: 4000 }, () => 4 * noise(chance));
    expect(spread(values)).toBeGreaterThan(3.8);
    expect(spread(values)).toBeLessThan(4.2);
  });
});
