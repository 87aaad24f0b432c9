/**
 * GET /v1/summary and /v1/aggregates: numbers in the metric's own unit, local days by the member's
 * zone, weeks and months whole, and of what the caller has already nothing but that it still stands.
 */
import { describe, expect, it } from "vitest";
import type { Aggregate } from "../../domain/samples/aggregate.ts";
import { metrics } from "../../domain/samples/metrics.ts";
import { addDays } from "../../domain/time.ts";
import { ada, ben, saidOf, world } from "./samples-world.ts";

const started = async () => {
  const of = world();
  await of.enrol(ada);
  return of;
};
const aggregate = (value: number, more: Partial<Aggregate> = {}): Aggregate => ({
  ...{ value, min: value, max: value, count: 1, weighed: null, atMs: null, stages: null },
  sources: [{ device: "dev_watch", amount: value }],
  ...more,
});
const summary = (of: ReturnType<typeof world>, query: object = {}, more: object = {}) =>
  of.ask("get", "/v1/summary", { query, ...more });
const rows = (of: ReturnType<typeof world>, query: object, more: object = {}) =>
  of.ask("get", "/v1/aggregates", { query, ...more });

describe("a summary", () => {
  it("is of today where the member lives, unless a day is named", async () => {
    const of = await started();
    of.clock.nowMs = Date.UTC(2026, 10, 21, 23, 30);
    expect((await summary(of)).body).toEqual({ date: "2026-11-22", metrics: {} });
    expect((await summary(of, { date: "2026-02-03" })).body.date).toBe("2026-02-03");
    expect(of.asked.map(({ from, to }) => [from, to])).toEqual([
      ["2026-11-22", "2026-11-22"],
      ["2026-02-03", "2026-02-03"],
    ]);
    expect(of.asked[0]).toMatchObject({ member: ada, metrics, hours: false, knownVersion: null });
    expect(of.asked[0]?.zones).toEqual([{ zone: "Europe/Amsterdam", fromMs: 0 }]);
  });

  it("shows units, goals, shares, stages and the time of the last", async () => {
    const of = await started();
    const date = "2026-11-20";
    const shares = [
      { device: "dev_phone", amount: 2_000 },
      { device: "dev_watch", amount: 4_000 },
    ];
    of.shown.days = [
      {
        date,
        metrics: {
          steps: aggregate(6_000, { min: 10, max: 900, count: 12, sources: shares }),
          weight: aggregate(81_250, { atMs: Date.UTC(2026, 10, 20, 6, 30) }),
          sleep: aggregate(27_000_000, { stages: { deep: 7_200_000, rem: 5_400_000 } }),
          distance: aggregate(3_001),
          active_energy: aggregate(0, { sources: [{ device: "dev_watch", amount: 0 }] }),
        },
      },
    ];
    const { status, headers, body } = await summary(of, { date });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("audit-entry")).toBe("3/7");
    expect(Object.keys(body.metrics)).toEqual([
      ...["steps", "distance", "active_energy", "weight", "sleep"],
    ]);
    expect(body.metrics.steps).toEqual({
      ...{ value: 6_000, unit: "1", min: 10, max: 900, count: 12 },
      ...{ goal: 10_000, goalFrom: "default", goalKind: "at-least" },
      sources: [
        { device: "dev_phone", share: 0.3333 },
        { device: "dev_watch", share: 0.6667 },
      ],
    });
    expect(body.metrics.weight).toMatchObject({
      ...{ value: 81.25, unit: "kg", goal: null, goalFrom: null, goalKind: null },
      ...{ at: "2026-11-20T07:30:00.000+01:00" },
    });
    expect(body.metrics.sleep).toMatchObject({
      ...{ value: 27_000, unit: "s", goal: 28_800, stages: { deep: 7_200, rem: 5_400 } },
    });
    expect(body.metrics.distance.value).toBe(3.001);
    expect(body.metrics.active_energy.sources).toEqual([{ device: "dev_watch", share: 1 }]);
  });

  it("is of some metrics alone, where they are named: all that a consent may give", async () => {
    const of = await started();
    const date = "2026-11-20";
    of.shown.days = [{ date, metrics: { steps: aggregate(10), weight: aggregate(80_000) } }];
    const { body } = await summary(of, { date, types: "weight" });
    expect([Object.keys(body.metrics), of.asked[0]?.metrics]).toEqual([["weight"], ["weight"]]);
    expect(saidOf(await summary(of, { types: "mood" }))).toBe("invalid-request");
  });

  it("shows the member's own goals where they have some, and else the common ones", async () => {
    const of = await started();
    const date = "2026-11-20";
    of.shown.days = [
      { date, metrics: { steps: aggregate(10), weight: aggregate(80_000), sleep: aggregate(1) } },
    ];
    of.shown.goals = { steps: 8_000, weight: 77.5 };
    const { metrics: shown } = (await summary(of, { date })).body;
    expect(shown.steps).toMatchObject({ goal: 8_000, goalFrom: "own", goalKind: "at-least" });
    expect(shown.weight).toMatchObject({ goal: 77.5, goalFrom: "own", goalKind: "reach" });
    expect(shown.sleep).toMatchObject({ goal: 28_800, goalFrom: "default" });
  });

  it("of another member shows no goal, neither theirs nor the common one", async () => {
    const of = await started();
    await of.enrol(ben);
    const date = "2026-11-20";
    of.shown.days = [{ date, metrics: { steps: aggregate(10) } }];
    of.shown.goals = { steps: 8_000 };
    const goalIn = async (member: string) => {
      const { metrics: shown } = (await summary(of, { date, member })).body;
      const { goal, goalFrom, goalKind } = shown.steps;
      return [goal, goalFrom, goalKind];
    };
    expect(await goalIn(ben)).toEqual([null, null, null]);
    expect(await goalIn(ada)).toEqual([8_000, "own", "at-least"]);
  });

  it("that is known still costs one look at its version, and nothing is sent", async () => {
    const of = await started();
    const first = await summary(of);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await summary(of, {}, { headers: { "if-none-match": tag } });
      expect([again.status, again.body, again.headers.get("etag")]).toEqual([304, null, etag]);
      expect(again.headers.get("cache-control")).toBe("no-store");
      expect(again.headers.get("audit-entry")).toBeNull();
      expect(of.asked.at(-1)?.knownVersion).toBe("v1");
    }
    of.shown.version = "v2";
    const changed = await summary(of, {}, { headers: { "if-none-match": etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).not.toBe(etag);
  });

  it("of another day, or by other settings, is not what is known, be it of one version", async () => {
    const of = await started();
    const etag = (await summary(of)).headers.get("etag") ?? "";
    of.clock.nowMs += 86_400_000;
    const tomorrow = await summary(of, {}, { headers: { "if-none-match": etag } });
    expect([tomorrow.status, of.asked.at(-1)?.knownVersion]).toEqual([200, null]);
    of.clock.nowMs -= 86_400_000;
    await of.rows("UPDATE member SET settings_version = 2");
    expect((await summary(of, {}, { headers: { "if-none-match": etag } })).status).toBe(200);
    for (const odd of ["*", '"', "v1", '"v1"'])
      expect((await summary(of, {}, { headers: { "if-none-match": odd } })).status).toBe(200);
  });

  it("of another member is the vault's to decide, by their zones", async () => {
    const of = await started();
    await of.enrol(ben, [{ zone: "Pacific/Auckland", fromMs: 0 }]);
    const asked = await summary(of, { member: ben, purpose: "care" });
    expect([asked.status, asked.body.date]).toEqual([200, "2026-11-22"]);
    expect(of.asked[0]).toMatchObject({ member: ben, purpose: "care" });
    for (const refused of ["forbidden", "not-found"]) {
      of.faults.aggregates = refused;
      expect(saidOf(await summary(of, { member: ben }))).toBe(refused);
    }
    const stranger = `m_${"0".repeat(32)}`;
    expect(saidOf(await summary(of, { member: stranger }))).toBe("not-found");
    expect(of.asked.at(-1)).toMatchObject({ member: stranger, zones: [] });
  });

  it("is nobody's who is no member and names none, nor of a day that is none", async () => {
    const of = await started();
    expect(saidOf(await summary(of, {}, { member: "" }))).toBe("not-a-member");
    for (const query of [
      { date: "2026-02-30" },
      { date: "today" },
      { member: "m_1" },
      { purpose: "fun" },
    ])
      expect(saidOf(await summary(of, query))).toBe("invalid-request");
    expect(of.asked).toEqual([]);
  });
});

describe("aggregates", () => {
  const weighed = { sum: "60000000", ms: 1_000 };
  const beats = aggregate(60_000, { weighed });
  const days = [
    { date: "2026-11-16", metrics: { steps: aggregate(4_000), heart_rate: beats } },
    { date: "2026-11-18", metrics: { steps: aggregate(5_000) } },
    { date: "2026-11-24", metrics: { steps: aggregate(6_000) } },
  ];

  it("by the day are a row a metric and day that has something", async () => {
    const of = await started();
    of.shown.days = days;
    const query = { types: "heart_rate,steps", start: "2026-11-16", end: "2026-11-24" };
    const { body, headers } = await rows(of, query);
    expect(of.asked[0]).toMatchObject({
      ...{ metrics: ["heart_rate", "steps"], from: "2026-11-16", to: "2026-11-24", hours: false },
    });
    expect(body).toMatchObject({ period: "day", start: "2026-11-16", end: "2026-11-24" });
    // biome-ignore lint/suspicious/noExplicitAny: the schema says what a row is.
    expect(body.items.map((r: any) => [r.type, r.label, r.from, r.to, r.value, r.days])).toEqual([
      ["heart_rate", "2026-11-16", "2026-11-16", "2026-11-16", 60, 1],
      ["steps", "2026-11-16", "2026-11-16", "2026-11-16", 4_000, 1],
      ["steps", "2026-11-18", "2026-11-18", "2026-11-18", 5_000, 1],
      ["steps", "2026-11-24", "2026-11-24", "2026-11-24", 6_000, 1],
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("by the week or the month take the whole of each, so that none is half a one", async () => {
    const of = await started();
    of.shown.days = days;
    const query = { types: "steps", start: "2026-11-18", end: "2026-11-24" };
    const weeks = await rows(of, { ...query, period: "week" });
    expect(of.asked[0]).toMatchObject({ from: "2026-11-16", to: "2026-11-29" });
    expect(weeks.body).toMatchObject({ start: "2026-11-16", end: "2026-11-29" });
    expect(weeks.body.items).toMatchObject([
      { label: "2026-W47", from: "2026-11-16", to: "2026-11-22", value: 9_000, days: 2 },
      { label: "2026-W48", from: "2026-11-23", to: "2026-11-29", value: 6_000, days: 1 },
    ]);
    const months = await rows(of, { ...query, period: "month" });
    expect(of.asked[1]).toMatchObject({ from: "2026-11-01", to: "2026-11-30" });
    expect(months.body.items).toMatchObject([{ label: "2026-11", value: 15_000, days: 3 }]);
  });

  it("by the hour say when each began, on the clock of its place", async () => {
    const of = await started();
    const fromMs = Date.UTC(2026, 9, 25, 0);
    const hours = [fromMs, fromMs + 3_600_000].map((at, i) => ({
      ...{ ...aggregate(100 * (i + 1)), fromMs: at },
    }));
    of.shown.days = [{ date: "2026-10-25", metrics: {}, hours: { steps: hours } }];
    const { body } = await rows(of, { period: "hour", start: "2026-10-25", end: "2026-10-25" });
    expect(of.asked[0]?.hours).toBe(true);
    expect(of.asked[0]?.metrics).toContain("heart_rate");
    expect(of.asked[0]?.metrics).not.toContain("weight");
    expect(body.items).toMatchObject([
      { type: "steps", label: "2026-10-25T02:00:00.000+02:00", from: "2026-10-25", value: 100 },
      { type: "steps", label: "2026-10-25T02:00:00.000+01:00", from: "2026-10-25", value: 200 },
    ]);
  });

  it("are of all metrics unless some are named, each once", async () => {
    const of = await started();
    const query = { start: "2026-11-01", end: "2026-11-02" };
    await rows(of, query);
    await rows(of, { ...query, types: "steps,steps,weight" });
    expect(of.asked.map((asked) => asked.metrics)).toEqual([metrics, ["steps", "weight"]]);
  });

  const start = "2026-01-01";
  it.each([
    ["a metric that is none", { types: "steps,mood", start, end: start }],
    ["no metric", { types: "", start, end: start }],
    ["a period that is none", { period: "year", start, end: start }],
    ["no days", {}],
    ["a day that is none", { start, end: "2026-13-01" }],
    ["an end before its start", { start, end: addDays(start, -1) }],
    ["too many days", { start, end: addDays(start, 400) }],
    ["too many days once they are whole months", { period: "month", start, end: "2027-02-05" }],
    ["too many days of hours", { period: "hour", start, end: addDays(start, 31) }],
  ])("with %s are refused, and nobody is asked", async (_, query) => {
    const of = await started();
    expect(saidOf(await rows(of, query))).toBe("invalid-request");
    expect(of.asked).toEqual([]);
  });

  it("of as many days as there may be are not", async () => {
    const of = await started();
    expect((await rows(of, { start, end: addDays(start, 399) })).status).toBe(200);
    const hours = { period: "hour", start, end: addDays(start, 30) };
    expect((await rows(of, hours)).status).toBe(200);
  });

  it("that are known still are not sent", async () => {
    const of = await started();
    const query = { start, end: start };
    const etag = (await rows(of, query)).headers.get("etag") ?? "";
    expect((await rows(of, query, { headers: { "if-none-match": etag } })).status).toBe(304);
    const other = { start, end: addDays(start, 1) };
    expect((await rows(of, other, { headers: { "if-none-match": etag } })).status).toBe(200);
  });
});
