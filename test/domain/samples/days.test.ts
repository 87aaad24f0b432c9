import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkDaysOf, datesOf, hoursOf, utcDayOf } from "../../../domain/samples/days.ts";
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import { type Measured, resolveMetric } from "../../../domain/samples/resolve.ts";
import { sampleMsMax } from "../../../domain/samples/sample.ts";
import { zoneAt } from "../../../domain/settings.ts";
import { addDays, type LocalDate, localDate, offsetIn } from "../../../domain/time.ts";
import { crowds, hour, midnight, minute, ranks, sample } from "./measurements.ts";

const at = (text: string) => Date.parse(text);
type Zones = readonly { zone: string; fromMs: number }[];
const always = (zone: string): Zones => [{ zone, fromMs: 0 }];
const lasting = (metric: Metric, date: LocalDate, zones: Zones) =>
  hoursOf(metric, date, zones).reduce((sum, h) => sum + h.toMs - h.fromMs, 0) / hour;

/** Lives that cross what clocks do, and the days on which they do it. */
const lives: Readonly<Record<string, readonly [Zones, LocalDate]>> = {
  nowhere: [[], "2026-11-14"],
  "Berlin in spring": [always("Europe/Berlin"), "2026-03-29"],
  "Berlin in autumn": [always("Europe/Berlin"), "2026-10-25"],
  "half an hour on Lord Howe": [always("Australia/Lord_Howe"), "2026-04-05"],
  "Samoa without a Friday": [always("Pacific/Apia"), "2011-12-30"],
  "a minute past midnight in Newfoundland": [always("America/St_Johns"), "2010-11-07"],
  "a quarter in Kathmandu": [always("Asia/Kathmandu"), "2026-11-14"],
  "Tokyo to Honolulu": [
    [
      { zone: "Asia/Tokyo", fromMs: 0 },
      { zone: "Pacific/Honolulu", fromMs: at("2026-11-14T12:10:00Z") },
    ],
    "2026-11-14",
  ],
  "Honolulu to Tokyo": [
    [
      { zone: "Pacific/Honolulu", fromMs: 0 },
      { zone: "Asia/Tokyo", fromMs: at("2026-11-14T12:10:00Z") },
    ],
    "2026-11-14",
  ],
  "there and back over midnight": [
    [
      { zone: "Europe/London", fromMs: 0 },
      { zone: "Europe/Berlin", fromMs: at("2026-11-13T23:20:00Z") },
      { zone: "Europe/London", fromMs: at("2026-11-13T23:40:00Z") },
    ],
    "2026-11-14",
  ],
};
const life = fc.constantFrom(...Object.values(lives));
const metric = fc.constantFrom<Metric[]>("steps", "sleep", "heart_rate", "resting_heart_rate");
const aroundOf = (date: LocalDate) => [-3, -2, -1, 0, 1, 2, 3].map((n) => addDays(date, n));

describe("a local day", () => {
  test("lasts 24 hours, or 23, 25, 24½ where a clock is turned, or never was", () => {
    expect(lasting("steps", "2026-11-14", [])).toBe(24);
    expect(lasting("steps", "2026-03-29", always("Europe/Berlin"))).toBe(23);
    expect(lasting("steps", "2026-10-25", always("Europe/Berlin"))).toBe(25);
    expect(lasting("steps", "2026-04-05", always("Australia/Lord_Howe"))).toBe(24.5);
    expect(lasting("steps", "2026-10-04", always("Australia/Lord_Howe"))).toBe(23.5);
    expect(hoursOf("steps", "2011-12-30", always("Pacific/Apia"))).toEqual([]);
    expect(lasting("steps", "2011-12-29", always("Pacific/Apia"))).toBe(24);
  });

  test("has an hour a clock hour: the one that comes twice counts twice", () => {
    const autumn = hoursOf("steps", "2026-10-25", always("Europe/Berlin"));
    expect(autumn).toHaveLength(25);
    expect(autumn[0]).toEqual({ fromMs: at("2026-10-24T22:00Z"), toMs: at("2026-10-24T23:00Z") });
    expect(hoursOf("steps", "2026-03-29", always("Europe/Berlin"))).toHaveLength(23);
    const half = hoursOf("steps", "2026-04-05", always("Australia/Lord_Howe"));
    expect(half.filter((h) => h.toMs - h.fromMs === hour / 2)).toHaveLength(1);
  });

  test("of sleep begins at six the evening before", () => {
    const [first] = hoursOf("sleep", "2026-11-14", always("Europe/Berlin"));
    expect(first?.fromMs).toBe(at("2026-11-13T17:00Z"));
  });

  test("is long for whoever flies west, and short for whoever flies east", () => {
    const [west = []] = lives["Tokyo to Honolulu"] ?? [];
    const [east = []] = lives["Honolulu to Tokyo"] ?? [];
    expect(lasting("steps", "2026-11-14", west)).toBe(24 + 19);
    expect(lasting("steps", "2026-11-14", east)).toBeCloseTo(2 + 10 / 60 + 2 + 50 / 60);
  });

  test("comes in two stretches where somebody goes back over midnight", () => {
    const [zones = []] = lives["there and back over midnight"] ?? [];
    const hours = hoursOf("steps", "2026-11-14", zones);
    expect(hours.slice(0, 2)).toEqual([
      { fromMs: at("2026-11-13T23:20Z"), toMs: at("2026-11-13T23:40Z") },
      { fromMs: at("2026-11-14T00:00Z"), toMs: at("2026-11-14T01:00Z") },
    ]);
    expect(hoursOf("steps", "2026-11-13", zones).at(-1)).toEqual({
      fromMs: at("2026-11-13T23:40Z"),
      toMs: at("2026-11-14T00:00Z"),
    });
  });

  test.each(Object.entries(lives))(
    "%s: every minute is in one date, its own",
    (_, [zones, mid]) => {
      for (const of of ["steps", "sleep"] as const) {
        const { dayStartMin } = metricOf(of);
        const hours = aroundOf(mid).flatMap((date) =>
          hoursOf(of, date, zones).map((h) => ({ ...h, date })),
        );
        for (const h of hours) expect(h.toMs - h.fromMs).toBeLessThanOrEqual(hour);
        const middle = at(mid);
        for (let ms = middle - 30 * hour; ms < middle + 54 * hour; ms += minute) {
          const shown = offsetIn(zoneAt({ zones, ownerOnly: [] }, ms), ms) - dayStartMin;
          const found = hours.filter((h) => h.fromMs <= ms && ms < h.toMs).map((h) => h.date);
          if (found.length !== 1 || found[0] !== localDate(ms, shown))
            expect(found, new Date(ms).toISOString()).toEqual([localDate(ms, shown)]);
        }
      }
    },
  );
});

describe("the dates of a sample", () => {
  test("are those it lies in, its end not included", () => {
    const [from, to] = [at("2026-11-14T22:00Z"), at("2026-11-15T00:00Z")];
    expect(datesOf("steps", from, to, [])).toEqual(["2026-11-14"]);
    expect(datesOf("steps", from, to + 1, [])).toEqual(["2026-11-14", "2026-11-15"]);
    expect(datesOf("steps", to, to, [])).toEqual(["2026-11-15"]);
    expect(datesOf("sleep", from, to, [])).toEqual(["2026-11-15"]);
    expect(datesOf("resting_heart_rate", to - 1, to - 1, [])).toEqual(["2026-11-14"]);
    expect(datesOf("weight", to - 1, to - 1, [])).toEqual(["2026-11-14"]);
  });

  test("are in order, even for whoever lives them the other way round", () => {
    const zones = [
      { zone: "Asia/Tokyo", fromMs: 0 },
      { zone: "Pacific/Honolulu", fromMs: at("2026-11-14T15:10Z") },
    ];
    const [from, to] = [at("2026-11-14T15:05Z"), at("2026-11-14T16:00Z")];
    expect(datesOf("steps", from, to, zones)).toEqual(["2026-11-14", "2026-11-15"]);
  });

  test("skip the day that never was", () => {
    const [from, to] = [at("2011-12-29T20:00Z"), at("2011-12-30T20:00Z")];
    expect(datesOf("steps", from, to, always("Pacific/Apia"))).toEqual([
      "2011-12-29",
      "2011-12-31",
    ]);
  });

  test("are all that it can change, and found in a chunk of each of them", () => {
    const drawn = life.chain(([zones, mid]) =>
      fc.record({
        zones: fc.constant(zones),
        date: fc.constantFrom(...aroundOf(mid).slice(1, -1)),
        measured: crowds({
          ...{ stepMs: 10 * minute, atMs: at(mid) - 40 * hour, steps: 90 * 6, most: 30 },
          ...{ lengths: [0, 0, 1, 6, 40, 150], values: fc.integer({ min: 40_000, max: 90_000 }) },
        }),
      }),
    );
    fc.assert(
      fc.property(drawn, metric, ranks, ({ zones, date, measured }, of, by) => {
        const touching = measured.filter((m) =>
          datesOf(of, m.fromMs, m.toMs, zones).includes(date),
        );
        const hours = hoursOf(of, date, zones);
        const found = resolveMetric(of, measured, by, hours);
        expect(resolveMetric(of, touching, by, hours)).toEqual(found);
        const days = chunkDaysOf(of, date, zones);
        for (const m of touching) {
          expect(days).toContain(utcDayOf(m.fromMs));
          expect(days).toContain(utcDayOf(m.toMs - sampleMsMax));
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("have their chunks as far back as a record lasts, and no further for what holds", () => {
    for (const of of ["steps", "heart_rate", "resting_heart_rate", "weight"] as const)
      expect(chunkDaysOf(of, "2026-11-14", []), of).toEqual([
        ...["2026-11-12", "2026-11-13", "2026-11-14"],
      ]);
  });

  test("have no chunk where there is no day", () => {
    expect(chunkDaysOf("steps", "2011-12-30", always("Pacific/Apia"))).toEqual([]);
  });
});

describe("over all days, wherever somebody was", () => {
  const everywhere = (
    of: Metric,
    measured: readonly Measured[],
    by: (d: string) => number,
    zones: Zones,
  ) => {
    const dates = new Set(measured.flatMap((m) => datesOf(of, m.fromMs, m.toMs, zones)));
    const days = [...dates].flatMap(
      (date) => resolveMetric(of, measured, by, hoursOf(of, date, zones))?.day ?? [],
    );
    return {
      value: days.reduce((sum, d) => sum + d.value, 0),
      weighed: days.reduce((sum, d) => sum + BigInt(d.weighed?.sum ?? 0), 0n),
      ms: days.reduce((sum, d) => sum + (d.weighed?.ms ?? 0), 0),
      stages: days.reduce((sum, d) => sum + (d.stages?.rem ?? 0), 0),
    };
  };
  const drawn = life.chain(([zones, mid]) =>
    fc.tuple(
      fc.constant(zones),
      crowds({
        ...{ stepMs: 7 * minute, atMs: at(mid) - 20 * hour, steps: 300, most: 20, stages: true },
        ...{ lengths: [0, 1, 5, 40, 200], values: fc.integer({ min: 1, max: 100_000 }) },
      }),
    ),
  );

  test("what nobody covers comes to its value", () => {
    fc.assert(
      fc.property(drawn, ranks, ([zones, measured], by) => {
        const [one] = measured;
        if (one !== undefined) expect(everywhere("steps", [one], by, zones).value).toBe(one.value);
      }),
      { numRuns: 500 },
    );
  });

  test("sleep and the weight of what lasts are what they are anywhere else", () => {
    const exact = fc.constantFrom<Metric[]>("sleep", "heart_rate", "hrv_sdnn");
    fc.assert(
      fc.property(drawn, exact, ranks, ([zones, measured], of, by) => {
        // How long a moment holds hangs on the midnight after it.
        const lasting = measured.filter((m) => of === "sleep" || m.fromMs < m.toMs);
        const { value, ...here } = everywhere(of, lasting, by, zones);
        const { value: valueThere, ...there } = everywhere(of, lasting, by, []);
        expect(here).toEqual(there);
        if (of === "sleep") expect(value).toBe(valueThere);
      }),
      { numRuns: 500 },
    );
  });

  test("a moment is measured on one date: its own, for no longer than that goes on", () => {
    const slow = fc.constantFrom<Metric[]>("resting_heart_rate", "heart_rate");
    fc.assert(
      fc.property(drawn, slow, fc.nat(300 * 7), ([zones, measured], of, minutes) => {
        const atMs = (measured[0]?.fromMs ?? midnight) + minutes * minute;
        const one = { ...sample("a", 0, 0, 60_000), fromMs: atMs, toMs: atMs };
        const shown = offsetIn(zoneAt({ zones, ownerOnly: [] }, atMs), atMs);
        const own = localDate(atMs, shown);
        expect(datesOf(of, atMs, atMs, zones)).toEqual([own]);
        for (const date of aroundOf(own)) {
          const day = resolveMetric(of, [one], () => 0, hoursOf(of, date, zones))?.day;
          if (date === own) expect(day).toMatchObject({ value: 60_000, count: 1 });
          else expect(day).toBeUndefined();
          expect(day?.weighed?.ms ?? 0).toBeLessThanOrEqual(metricOf(of).holdMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a sum differs by roundings only, where a midnight parts what is covered in part", () => {
    fc.assert(
      fc.property(drawn, ranks, ([zones, measured], by) => {
        const here = everywhere("steps", measured, by, zones).value;
        const there = everywhere("steps", measured, by, []).value;
        const partsOf = (m: Measured, z: Zones) => datesOf("steps", m.fromMs, m.toMs, z).length;
        const parts = measured.map((m) => partsOf(m, zones) + partsOf(m, []));
        const roundings = parts.filter((n) => n > 2).reduce((sum, n) => sum + n, 0);
        expect(Math.abs(here - there)).toBeLessThanOrEqual(2 * roundings);
      }),
      { numRuns: 500 },
    );
  });
});
