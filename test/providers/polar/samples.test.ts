/** What Polar measures between exercises: by the clock of the watch, and how it is asked for. */
import { describe, expect, it } from "vitest";
import { polar } from "../../../providers/polar.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { pull, samples } = polar;
const read = (kind: string, item: unknown) => samples.read(kind, item, receivedMs);
const beganMs = Date.UTC(2026, 10, 12, 22, 30, 20);
const night = {
  date: "2026-11-13",
  sleep_start_time: "2026-11-12T23:30:20+01:00",
  sleep_end_time: "2026-11-13T07:00:20+01:00",
  device_id: "1111AAAA",
};

describe("a night", () => {
  it("without a hypnogram is its stages one after another, what was not told asleep", () => {
    const lengths = { light_sleep: 3600, deep_sleep: 600, unrecognized_sleep_stage: 60 };
    expect(read("sleep", { ...night, ...lengths })).toMatchObject({
      value: [
        { stage: "light", fromMs: beganMs, value: 3600, sourceId: "2026-11-13", offsetMin: 60 },
        { stage: "deep", value: 600, device: { id: '["polar","1111AAAA"]', kind: "watch" } },
        { stage: "asleep", value: 60 },
      ],
    });
  });

  it("passes over times that are none, and lasts no longer than it does", () => {
    const hypnogram = { "23:30": 3, "25:00": 4, soon: 1, "09:00": 4 };
    expect(read("sleep", { ...night, hypnogram })).toMatchObject({
      value: [{ stage: "light", fromMs: beganMs, toMs: Date.UTC(2026, 10, 13, 6, 0, 20) }],
    });
  });

  it.each([
    ["no-id", { date: null }],
    ["no-zone", { sleep_start_time: "2026-11-12T23:30:20" }],
    ["no-start", { sleep_start_time: null }],
    ["no-duration", { sleep_end_time: night.sleep_start_time }],
  ])("is %s", (error, over) => {
    expect(read("sleep", { ...night, ...over })).toEqual({ ok: false, error });
  });
});

it("a day goes by its date, of zeros says nothing, and without an end is refused", () => {
  const day = { start_time: "2026-11-13T08:00:00", end_time: "2026-11-13T20:00:00", steps: 10 };
  expect(read("activities", day)).toMatchObject({
    value: [{ sourceId: "2026-11-13", civil: true, whole: "day", value: 10 }],
  });
  expect(read("activities", { ...day, steps: 0 })).toEqual({ ok: true, value: [] });
  expect(read("activities", { ...day, end_time: day.start_time })).toEqual({
    ok: false,
    error: "no-duration",
  });
  expect(read("activities", { ...day, start_time: 7 })).toEqual({ ok: false, error: "no-start" });
});

it("of which the date is none, heart and night say nothing", () => {
  for (const kind of ["nightly-recharge", "continuous-heart-rate"])
    expect(read(kind, { date: "2026-02-30" })).toEqual({ ok: false, error: "no-start" });
});

describe("a list", () => {
  const step = (collection: string, days = 7) => ({
    collection,
    fromMs: Date.UTC(2026, 10, 14 - days),
    toMs: Date.UTC(2026, 10, 14),
  });

  it("takes dates, 28 of them at most, or is of the last days", () => {
    for (const collection of ["activities", "continuous-heart-rate"]) {
      const path = `/v3/users/${collection}`;
      const query = { from: "2026-11-07", to: "2026-11-14" };
      expect(pull.list(step(collection), null)).toEqual({ path, query });
      expect(pull.list(step(collection, 90), null).query).toEqual({
        from: "2026-10-18",
        to: "2026-11-14",
      });
    }
    for (const collection of ["sleep", "nightly-recharge"])
      expect(pull.list(step(collection), null)).toEqual({
        path: `/v3/users/${collection}`,
        query: {},
      });
    expect(pull.list(step("exercises"), null).path).toBe("/v3/exercises");
  });

  it("is one page, alone, under a name of its own, or a day by itself", () => {
    const page = (json: unknown, over: object = {}) =>
      pull.page(replied({ body: JSON.stringify(json), ...over }), step("sleep"), null);
    const value = { items: [night], next: null };
    for (const json of [[night], { nights: [night] }, { recharges: [night] }, night])
      expect(page(json)).toEqual({ ok: true, value });
    expect(page({ heart_rates: [night] })).toEqual({ ok: true, value });
    expect(page({})).toEqual({ ok: false, error: "broken" });
    expect(page(null, { status: 204, body: "" })).toEqual({
      ok: true,
      value: { items: [], next: null },
    });
    expect(page({}, { status: 403 })).toEqual({ ok: false, error: "reconnect" });
  });
});
