/** Days and nights of Withings, what measured them, and how all of it is asked for. */
import { describe, expect, it } from "vitest";
import { withings } from "../../../providers/withings.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { pull, samples, link } = withings;
const read = (kind: string, item: unknown) => {
  const found = samples.read(kind, item, receivedMs);
  if (!found.ok) throw new Error(found.error);
  return found.value;
};
const day = { date: "2026-11-13", timezone: "Europe/Paris", deviceid: "d-1", steps: 1_209 };

describe("a day", () => {
  it("is a day of each of its devices, ordered by its last change", () => {
    const of = (over: object) => read("activity", { ...day, ...over })[0];
    const modified = Date.UTC(2026, 10, 14) / 1000;
    expect(of({ modified, modelid: 93, model: "ScanWatch" })).toMatchObject({
      revision: modified * 1000,
      whole: "day",
      device: { kind: "watch", model: "ScanWatch" },
      app: "Withings",
    });
    const store = { deviceid: null, modelid: 1055, model: "GoogleFit tracker" };
    expect(of(store)).toMatchObject({
      device: { kind: "unknown", model: null },
      app: "Google Fit",
    });
    expect(of({ deviceid: null, modelid: 1051, model: "iOS step tracker" })).toMatchObject({
      device: { kind: "phone" },
    });
    expect(of(store)?.sourceId).not.toBe(of({})?.sourceId);
  });

  it("lasts 23 or 25 hours where the clocks change, by the zone that it names", () => {
    const [spring, autumn] = ["2026-03-29", "2026-10-25"].map((date) => {
      const [draft] = read("activity", { ...day, date });
      return ((draft?.toMs ?? 0) - (draft?.fromMs ?? 0)) / 3_600_000;
    });
    expect([spring, autumn]).toEqual([23, 25]);
  });

  it("in no zone that anybody knows is one of the member's", () => {
    for (const timezone of [null, "Mars/Olympus", 7])
      expect(read("activity", { ...day, timezone })).toMatchObject([
        { civil: true, fromMs: Date.UTC(2026, 10, 13), toMs: Date.UTC(2026, 10, 14) },
      ]);
  });

  it("of zeros says nothing, and one that is none is refused", () => {
    expect(read("activity", { ...day, steps: 0, distance: 0, calories: 0 })).toEqual([]);
    expect(samples.read("activity", { ...day, date: "2026-02-30" }, receivedMs)).toEqual({
      ok: false,
      error: "no-start",
    });
  });
});

describe("a night", () => {
  const [startdate, enddate] = [Date.UTC(2026, 10, 12, 22) / 1000, Date.UTC(2026, 10, 13) / 1000];
  const night = { id: 2_081_804_182, startdate, enddate, model: 16, data: {} };

  it("without stages is what was slept, of the watch or the mat", () => {
    expect(read("sleep", { ...night, data: { total_sleep_time: 3600 } })).toMatchObject([
      { stage: "asleep", value: 3600, sourceId: "2081804182", device: { kind: "watch" } },
    ]);
    const mat = { ...night, model: 32, data: { lightsleepduration: 60 } };
    expect(read("sleep", mat)).toMatchObject([{ stage: "light", device: { kind: "meter" } }]);
    expect(read("sleep", { ...night, data: null })).toEqual([]);
  });

  it("without an end is refused", () => {
    expect(samples.read("sleep", { ...night, enddate: startdate }, receivedMs)).toEqual({
      ok: false,
      error: "no-duration",
    });
  });
});

describe("what feeds the samples", () => {
  const step = (collection: string) => ({
    collection,
    fromMs: Date.UTC(2026, 10, 13, 12),
    toMs: Date.UTC(2026, 10, 14, 12),
  });
  const days = { startdateymd: "2026-11-12", enddateymd: "2026-11-15" };

  it("is asked for by days, and measurements by the instant", () => {
    expect(pull.list(step("activity"), null)).toMatchObject({
      path: "/v2/measure",
      form: { action: "getactivity", ...days, data_fields: "steps,distance,calories" },
    });
    expect(pull.list(step("sleep"), "60")).toMatchObject({
      path: "/v2/sleep",
      form: { action: "getsummary", ...days, offset: "60" },
    });
    const [startdate, enddate] = [step("").fromMs / 1000, step("").toMs / 1000].map(String);
    expect(pull.list(step("measures"), null)).toMatchObject({
      path: "/measure",
      form: {
        action: "getmeas",
        meastypes: "1,6,9,10,11,54,71",
        category: "1",
        startdate,
        enddate,
      },
    });
    expect(pull.list(step("workouts"), null)).toMatchObject({ form: { action: "getworkouts" } });
  });

  it.each([
    ["measures", "measuregrps"],
    ["activity", "activities"],
    ["sleep", "series"],
  ])("%s stands under %s in the answer", (collection, list) => {
    const page = (body: object) =>
      pull.page(replied({ body: JSON.stringify({ status: 0, body }) }), step(collection), null);
    expect(page({ [list]: [day], more: 1, offset: 60 })).toEqual({
      ok: true,
      value: { items: [day], next: "60" },
    });
    expect(page({ [list]: [day], more: false })).toMatchObject({ value: { next: null } });
    expect(page({ other: [day] })).toEqual({ ok: false, error: "broken" });
  });

  it("is granted beside the workouts, and can be done without", () => {
    expect(link.scopes.map(({ scope, needed }) => [scope, needed])).toEqual([
      ["user.activity", true],
      ["user.metrics", false],
    ]);
  });
});
