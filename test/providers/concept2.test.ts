import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relayedFrom } from "../../domain/workouts/relay.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { concept2 } from "../../providers/concept2.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { endMs, result, strokes } from "./concept2/said.ts";
import { spoilt, spoiltOf, written } from "./hostile.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = concept2;
const { pull } = concept2;

const startMs = endMs - 432_500;
const intervals = {
  ...result,
  workout_type: "FixedDistanceInterval",
  time: 4_200,
  rest_time: 1_800,
  rest_distance: 124,
  workout: {
    intervals: [600, 600, 600, 0].map((rest_time) => ({
      type: "distance",
      time: 1_050,
      distance: 500,
      rest_time,
    })),
  },
};

function read(item: unknown) {
  const draft = provider.normalise("results", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a delivery", () => {
  const nothing = { items: [], notices: [], claims: [], unknown: 0 };
  const of = { account: "1553112", collection: "results", fromMs: 0, toMs: 0 };
  const said = (event: object) => concept2.parse(JSON.stringify(event));

  it("of a result names it, added or changed alike, within data or without, and carries nothing", () => {
    const notice = { ...of, gone: null, record: "91133774" };
    for (const type of ["result-added", "result-updated"])
      for (const body of [{ type, result }, { data: { type, result } }])
        expect(said(body)).toEqual({ ok: true, value: { ...nothing, notices: [notice] } });
  });

  it("of a deletion names what is gone only where it says whose it was", () => {
    const type = "result-deleted";
    const unknown = { ok: true, value: { ...nothing, unknown: 1 } };
    expect(said({ type, result_id: 91_133_774 })).toEqual(unknown);
    expect(said({ type, user_id: 1_553_112 })).toEqual(unknown);
    const notices = [{ ...of, gone: "91133774" }];
    for (const more of [
      { result_id: 91_133_774, user_id: 1_553_112 },
      { result: { id: 91_133_774, user_id: 1_553_112 } },
    ])
      expect(said({ data: { type, ...more } })).toEqual({
        ok: true,
        value: { ...nothing, notices },
      });
  });

  it("of another kind is counted, and nothing follows", () => {
    expect(said({ type: "challenge-added", result })).toEqual({
      ok: true,
      value: { ...nothing, unknown: 1 },
    });
  });
});

describe("a result", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(pull.join(result, strokes));
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "91133774",
      revision: null,
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 432_500,
      movingMs: 432_500,
      type: "indoor_rowing",
      originalType: null,
      distanceMm: 2_000_000,
      energyMcal: 121_000_000,
      elevationGainMm: null,
      offsetMin: 60,
      method: "device",
      deviceModel: null,
      app: "ErgData iOS",
      speedMmps: null,
      hasTrack: false,
      heartRateBy: "unknown",
      title: null,
      notes: "Felt good.",
      deviceName: null,
      heartRate: [
        { t: startMs + 1_000, bpm: 120 },
        { t: startMs + 3_100, bpm: 124 },
      ],
    });
  });

  it("of intervals lasts its rests too, and neither moved nor went far in them", () => {
    const { rest_time, ...without } = intervals;
    expect(rest_time).toBe(1_800);
    for (const item of [intervals, without, { ...without, rest_time: null }])
      expect(read(item).fields).toMatchObject({
        elapsedMs: 600_000,
        movingMs: 420_000,
        distanceMm: 2_000_000,
      });
    expect(read({ ...intervals, rest_time: 0 }).fields.elapsedMs).toBe(420_000);
  });

  it("of intervals has its beats where they were, rests and all", () => {
    const again = [...strokes, { t: 20, d: 40, hr: 150 }];
    expect(read(pull.join(intervals, again)).fields.heartRate).toEqual([
      { t: endMs - 600_000 + 1_000, bpm: 120 },
      { t: endMs - 600_000 + 3_100, bpm: 124 },
      { t: endMs - 600_000 + 165_000 + 2_000, bpm: 150 },
    ]);
  });

  it("says that it has no heart rate only where it has no strokes, or none of them any", () => {
    const none = { ...result, heart_rate: { average: 0 } };
    const of = (item: unknown) => {
      const { heartRate, heartRateBy } = read(item).fields;
      return [heartRate, heartRateBy];
    };
    expect(of(none)).toEqual([undefined, null]);
    expect(of(pull.join(none, []))).toEqual([undefined, null]);
    expect(of({ ...none, stroke_data: undefined })).toEqual([undefined, null]);
    expect(of({ ...none, stroke_data: false })).toEqual([null, null]);
    expect(of(pull.join(none, [{ t: 10, d: 24, hr: 0 }]))).toEqual([null, null]);
    expect(of(pull.join(none, strokes))[1]).toBe("unknown");
    expect(of({ ...result, heart_rate: { average: 255 } })).toEqual([undefined, null]);
    expect(of(result)).toEqual([undefined, "unknown"]);
  });

  it("of zeros measured nothing", () => {
    expect(read({ ...result, distance: 0, calories_total: 0 }).fields).toMatchObject({
      distanceMm: null,
      energyMcal: null,
    });
  });

  it.each([
    [true, "ErgData iOS", true, "device"],
    [true, undefined, undefined, "device"],
    [false, "ErgData Android", true, "unknown"],
    [false, "Concept2 Utility", false, "unknown"],
    ["true", "ErgData iOS", true, "unknown"],
    [false, "Web", false, "manual"],
    [false, "web", undefined, "manual"],
    [undefined, undefined, undefined, "manual"],
    [false, null, false, "manual"],
    [false, "Web", true, "unknown"],
  ])("verified %s, of %s, strokes %s, is by %s", (verified, source, stroke_data, method) => {
    expect(read({ ...result, verified, source, stroke_data }).fields.method).toBe(method);
  });

  it("of its own apps is its own, and one that another passed on is a copy", () => {
    const relayed = (source: string) =>
      relayedFrom({ app: read({ ...result, source }).fields.app as string, provider: "concept2" });
    for (const source of ["ErgData iOS", "ErgData Android", "Web", "Concept2 Utility"])
      expect(relayed(source), source).toBeNull();
    expect(relayed("Garmin Connect")).toBe("garmin");
    expect(relayed("Zwift")).toBe("zwift");
  });

  it.each([
    ["ErgData iOS", "ErgData iOS", null],
    ["ergdata android 2.1.4", "ErgData Android", null],
    ["RowPro 5.3", "RowPro", null],
    ["EXR", "EXR", null],
    ["PM5", "PM5", null],
    ["Anna Müller's iPad", null, "Anna Müller's iPad"],
    ["ErgData of Anna", null, "ErgData of Anna"],
    ["Garmin 0151 2345678", null, "Garmin 0151 2345678"],
    ["constructor", null, "constructor"],
    ["", null, null],
    [undefined, null, null],
    [7, null, null],
  ])("by %s names %s to others, and keeps %s", (source, app, deviceName) => {
    expect(read({ ...result, source }).fields).toMatchObject({ app, deviceName });
  });

  it.each([
    ["rower", "indoor_rowing", null, false],
    ["dynamic", "indoor_rowing", null, false],
    ["slides", "indoor_rowing", null, false],
    ["skierg", "cross_country_skiing", null, false],
    ["bike", "indoor_cycling", null, false],
    ["multierg", "other", "multierg", false],
    ["water", "rowing", null, null],
    ["snow", "cross_country_skiing", null, null],
    ["rollerski", "cross_country_skiing", null, null],
    ["paddle", "other", "paddle", null],
    ["constructor", "other", "constructor", null],
    [undefined, "other", null, null],
    [7, "other", null, null],
  ])("on a %s is %s", (word, type, originalType, hasTrack) => {
    const { fields } = read({ ...result, type: word });
    expect(fields).toMatchObject({ type, originalType, hasTrack });
  });

  it("is at one instant, whichever way its time is said", () => {
    const { date_utc, timezone, ...bare } = result;
    for (const item of [
      { ...bare, timezone },
      { ...bare, date_utc },
      { ...bare, date_utc: `${date_utc}Z`, timezone: null },
      { ...bare, date_utc: "midnight", timezone },
    ])
      expect(read(item).fields).toMatchObject({ at: startMs, offsetMin: 60 });
    expect(provider.normalise("results", bare, receivedMs)).toEqual({
      ok: false,
      error: "no-zone",
    });
  });

  it("fits the stream's schema", () => {
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    for (const item of [result, intervals, pull.join(result, strokes)]) {
      const { fields, sourceId } = read(item);
      const fact = { ...fields, ...ids, sourceId, revision: 1, provider: "concept2" };
      expect(workoutSchema.safeParse(fact).success).toBe(true);
    }
  });
});

describe("whatever comes", () => {
  const key = fc.constantFrom(...Object.keys(intervals), "data", "meta", "strokes", "result");
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...Object.values(intervals), "result-added"),
  );
  const item = fc.oneof(fc.jsonValue(), fc.dictionary(key, value));

  function everything(json: unknown, found: readonly unknown[] = []) {
    concept2.parse(written(json));
    pull.readings(json);
    pull.mark?.(json);
    pull.accountIn?.(json);
    pull.isUnfinished?.(json, found);
    pull.page(replied({ body: written(json) }));
    concept2.link.accountOf(json);
    concept2.link.tokens.read(json);
    const draft = provider.normalise("results", pull.join(json, found), receivedMs);
    return draft.ok || /^[a-z-]+$/.test(draft.error);
  }

  it("nothing throws", () => {
    fc.assert(fc.property(item, fc.array(fc.jsonValue(), { maxLength: 3 }), everything));
    fc.assert(fc.property(fc.string(), (body) => concept2.parse(body).ok || true));
  });

  it("nothing throws where any value is malice", () => {
    const pages = { data: [{}], meta: { pagination: { current_page: 1, total_pages: 2 } } };
    const refused = { error: "invalid_request", message: "no", error_description: "no" };
    const rowed = { ...result, strokes: [strokes[0]] };
    for (const said of [{ type: "result-added", result }, rowed, pages, refused])
      for (const json of spoiltOf(said)) expect(everything(json)).toBe(true);
    fc.assert(fc.property(spoilt(intervals), (json) => everything(json)));
  });

  it("moving time never exceeds the elapsed", () => {
    const tenths = fc.oneof(fc.double({ min: -10, max: 1e7, noNaN: true }), fc.jsonValue());
    fc.assert(
      fc.property(tenths, tenths, (time, rest_time) => {
        const draft = provider.normalise("results", { ...intervals, time, rest_time }, receivedMs);
        if (!draft.ok || isRetractedDraft(draft.value)) return true;
        const { elapsedMs, movingMs } = draft.value.fields;
        return Number(movingMs) <= Number(elapsedMs) && Number(movingMs) >= 1;
      }),
    );
  });
});
