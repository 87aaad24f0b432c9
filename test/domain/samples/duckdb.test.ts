/**
 * What samples come to, number by number the same as in SQL that was written apart from it: a fortnight
 * of a watch, a phone and a scale, over a change of the clock, four flights, one of them over the date
 * line, and a change of whom the member believes first.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Aggregate, DayAggregates, MetricDay } from "../../../domain/samples/aggregate.ts";
import { datesOf, hoursOf } from "../../../domain/samples/days.ts";
import { type Metric, metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { foldDays } from "../../../domain/samples/periods.ts";
import { rankOf } from "../../../domain/samples/priority.ts";
import { type Measured, resolveMetric } from "../../../domain/samples/resolve.ts";
import { addDays, type LocalDate, localDate } from "../../../domain/time.ts";
import { devices, type Reading } from "../../sim/samples/body.ts";
import { type Came, type Figures, figuresOf, type Grain } from "../../sim/samples/duck.ts";
import { dayMs } from "../../sim/samples/life.ts";
import { compared, exactly } from "../../sim/samples/numbers.ts";
import { type World, worldOf } from "../../sim/samples/world.ts";

const days = 14;
const grains = ["hour", "day", "week", "month"] as const;

let world: World;
let figures: Figures;
beforeAll(async () => {
  world = worldOf({ days, seed: 1, batch: 1500 });
  figures = await figuresOf(world.life, world.truth, world.believed);
});

const kinds = devices.map((kind) => ({ id: kind, kind }));
/** No sample is longer. */
const reachMs = 3 * dayMs;

type Resolved = readonly (readonly [LocalDate, MetricDay])[];

function resolved(metric: Metric, { life, believed }: World, truth: readonly Reading[]): Resolved {
  const own = truth
    .map((r, i): Measured & Pick<Reading, "metric"> => ({ ...r, key: String(i).padStart(8, "0") }))
    .filter((m) => m.metric === metric);
  const [, { since, order }] = believed;
  const orders = [{ from: since, devices: order }];
  const found: (readonly [LocalDate, MetricDay])[] = [];
  const last = localDate(life.endMs + 2 * dayMs, 0);
  for (let date = localDate(life.startMs - 2 * dayMs, 0); date <= last; date = addDays(date, 1)) {
    const hours = hoursOf(metric, date, life.zones);
    const [first, end] = [hours[0], hours.at(-1)];
    if (first === undefined || end === undefined) continue;
    const near = own.filter(
      (m) => m.fromMs > first.fromMs - reachMs && m.fromMs < end.toMs + reachMs,
    );
    const day = resolveMetric(metric, near, rankOf(kinds, orders, date), hours);
    if (day !== null) found.push([date, day]);
  }
  return found;
}

/** As DuckDB says it. */
function oursOf(truth: readonly Reading[]): Readonly<Record<Grain, ReadonlyMap<string, Came>>> {
  const came = { hour: new Map(), day: new Map(), week: new Map(), month: new Map() } as const;
  for (const metric of metrics) {
    const note = (grain: Grain, label: string, ofDays: number, of: Aggregate) =>
      came[grain].set(`${metric} ${label}`, { metric, label, ...of, days: ofDays });
    const all = resolved(metric, world, truth);
    for (const [, { hours }] of all)
      for (const hour of hours) note("hour", String(hour.fromMs), 1, hour);
    const perDay = all.map(([date, { day }]): DayAggregates => {
      return { date, metrics: { [metric]: day } };
    });
    for (const grain of ["day", "week", "month"] as const)
      for (const of of foldDays(metric, perDay, grain)) note(grain, of.label, of.days, of);
  }
  return came;
}

describe("a fortnight of samples", () => {
  it("has all that makes it hard", () => {
    const { truth, life } = world;
    expect(truth.length).toBeGreaterThan(days * 1200);
    expect(new Set(truth.map((r) => r.metric)).size).toBe(11);
    expect(new Set(life.clock.map((c) => c.offsetMin))).toEqual(new Set([60, 120, 330, 540, -600]));
    const steps = truth.filter((r) => r.metric === "steps");
    expect(steps.some((r) => r.fromMs === r.toMs)).toBe(true);
    expect(steps.some((r) => r.toMs - r.fromMs > dayMs / 6)).toBe(true);
    const carried = steps.filter((r) => r.device === "phone" && r.value > 0);
    const isCarried = (idle: Reading) =>
      carried.some((r) => r.fromMs < idle.toMs && idle.fromMs < r.toMs);
    const idle = steps.filter((r) => r.device === "watch" && r.value === 0);
    expect(idle.filter(isCarried).length).toBeGreaterThan(3);
    expect(idle.every(isCarried)).toBe(false);
    expect(truth.filter((r) => r.metric === "resting_heart_rate").length).toBeGreaterThan(days / 2);
    // Readings shortly before midnight would hold on beyond it.
    const zones = life.zones;
    const isLate = ({ metric, fromMs, toMs }: Reading) => {
      const [date = ""] = datesOf(metric, fromMs, toMs, zones);
      const endMs = hoursOf(metric, date, zones).at(-1)?.toMs ?? 0;
      return fromMs === toMs && fromMs + metricOf(metric).holdMs > endMs;
    };
    const averaged = truth.filter(({ metric }) => metricOf(metric).fold === "average");
    expect(averaged.some(isLate)).toBe(true);
  });

  it("comes to the same as in DuckDB, by hour, day, week and month", () => {
    const ours = oursOf(world.truth);
    for (const grain of grains) {
      const { shown, equal } = compared(exactly(figures[grain]), exactly(ours[grain]));
      expect(shown, grain).toEqual([]);
      expect(equal, grain).toBeGreaterThan(100);
    }
  });

  it("is told from another by one step", () => {
    const one = world.truth.findIndex(
      (r) => r.metric === "steps" && r.device === "watch" && r.value > 0,
    );
    const other = world.truth.map((r, i) => (i === one ? { ...r, value: r.value + 1 } : r));
    const ours = oursOf(other);
    expect(compared(exactly(figures.day), exactly(ours.day)).different).toBeGreaterThan(0);
    expect(compared(exactly(figures.month), exactly(ours.month)).different).toBeGreaterThan(0);
  });
});
