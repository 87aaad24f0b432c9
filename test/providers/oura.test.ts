import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../domain/ports.ts";
import { formatMoment, msPerDay } from "../../domain/time.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { oura } from "../../providers/oura.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = oura;
const { pull } = oura;

/** Of any code units, whole characters or not. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const page = (json: unknown) => pull.page(replied({ body: JSON.stringify(json) }));

const id = "c0ffee00-1d2e-4f30-8a41-5b6c7d8e9f00";
const account = "0a1b2c3d-4e5f-4607-8899-aabbccddeeff";
const startMs = Date.UTC(2026, 10, 14, 7);
const workout = {
  id,
  activity: "running",
  calories: 301.5,
  day: "2026-11-14",
  distance: 5_012.3,
  start_datetime: "2026-11-14T08:00:00+01:00",
  end_datetime: "2026-11-14T08:31:15+01:00",
  intensity: "moderate",
  label: "Before breakfast",
  source: "confirmed",
};
const beat = (ms: number, bpm: unknown) => ({
  bpm,
  source: "workout",
  timestamp: formatMoment(startMs + ms, 60),
});

function read(item: unknown) {
  const draft = provider.normalise("workout", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a notice", () => {
  const said = (over: object) =>
    oura.parse(
      JSON.stringify({
        event_type: "create",
        data_type: "workout",
        object_id: id,
        event_time: "2026-11-14T08:32:00+00:00",
        user_id: account,
        ...over,
      }),
    );
  const none = { items: [], notices: [], claims: [] };
  const of = { account, collection: "workout", fromMs: 0, toMs: 0 };

  it("of a workout names the record, made or changed alike", () => {
    const notice = { ...of, gone: null, record: id };
    expect(said({})).toEqual({ ok: true, value: { ...none, notices: [notice], unknown: 0 } });
    expect(said({ event_type: "update" })).toEqual(said({}));
  });

  it("of a deletion names what is gone", () => {
    expect(said({ event_type: "delete" })).toEqual({
      ok: true,
      value: { ...none, notices: [{ ...of, gone: id }], unknown: 0 },
    });
  });

  it("of another type stands apart: it feeds the samples, or nothing", () => {
    for (const collection of ["daily_sleep", "daily_spo2", "heartrate", "vo2_max"]) {
      const delivery = said({ data_type: collection, object_id: "abc-123" });
      expect(delivery).toEqual({
        ok: true,
        value: {
          ...none,
          later: {
            items: [],
            notices: [{ ...of, collection, gone: null, record: "abc-123" }],
          },
          unknown: 0,
        },
      });
    }
  });

  it.each([
    ["of a type that nobody knows", { data_type: "daily_mood" }],
    ["of something else that happened", { event_type: "renamed" }],
    ["of an id that is a path", { object_id: "../personal_info" }],
    ["of no id", { object_id: null }],
  ])("%s is counted, and nothing follows", (_, over) => {
    expect(said(over)).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });

  it("of an account that no one could have is not understood", () => {
    for (const user_id of ["", 7, null, "x".repeat(201)])
      expect(said({ user_id })).toEqual({ ok: false, error: "not-understood" });
  });
});

describe("a workout", () => {
  it("is read whole, with the heart rate that was measured in it", () => {
    const samples = [
      beat(60_000, 131),
      beat(0, 118.4),
      beat(120_000, 0),
      beat(180_000, 401),
      { bpm: 90, timestamp: "2026-11-14T08:04:00" },
      { bpm: "90", timestamp: formatMoment(startMs) },
      null,
    ];
    const { sourceId, revision, copyOf, fields } = read(pull.join(workout, samples));
    expect({ sourceId, revision, copyOf }).toEqual({ sourceId: id, revision: null, copyOf: null });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 1_875_000,
      movingMs: null,
      type: "running",
      originalType: null,
      distanceMm: 5_012_300,
      energyMcal: 301_500_000,
      elevationGainMm: null,
      offsetMin: 60,
      method: "device",
      deviceModel: null,
      app: "Oura",
      speedMmps: null,
      hasTrack: null,
      heartRateBy: null,
      title: "Before breakfast",
      notes: null,
      deviceName: null,
      track: null,
      heartRate: [
        { t: startMs, bpm: 118 },
        { t: startMs + 60_000, bpm: 131 },
      ],
    });
  });

  it("without readings says nothing of them, so those that it had are kept", () => {
    for (const item of [workout, pull.join(workout, []), pull.join(workout, [beat(0, 0)])])
      expect(Object.keys(read(item).fields)).not.toContain("heartRate");
  });

  it("that went no way has no distance, whichever way that is said", () => {
    for (const distance of [null, 0, undefined, "5012"])
      expect(read({ ...workout, distance, calories: 0 }).fields).toMatchObject({
        distanceMm: null,
        energyMcal: null,
      });
  });

  it.each([
    ["manual", "manual"],
    ["autodetected", "device"],
    ["confirmed", "device"],
    ["workout_heart_rate", "device"],
    ["imported", "unknown"],
    [undefined, "unknown"],
  ])("with source %s was recorded by %s", (source, method) => {
    expect(read({ ...workout, source }).fields).toMatchObject({ method });
  });

  it.each([
    ["trail_running", "trail_running", null],
    ["Strength Training", "strength_training", null],
    ["housework", "other", "housework"],
    ["other", "other", null],
    ["__proto__", "other", "__proto__"],
    [null, "other", null],
  ])("called %s is %s", (activity, type, originalType) => {
    expect(read({ ...workout, activity }).fields).toMatchObject({ type, originalType });
  });

  it("that ends before it begins is refused by that name, and asked nothing more of", () => {
    const item = { ...workout, end_datetime: "2026-11-14T07:30:00+01:00", id: undefined };
    expect(provider.normalise("workout", item, receivedMs)).toEqual({
      ok: false,
      error: "end-before-start",
    });
    expect(pull.readings(item)).toBeNull();
  });

  it("fits the stream's schema", () => {
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    const { fields, sourceId } = read(pull.join(workout, [beat(0, 100)]));
    const fact = { ...fields, ...ids, sourceId, revision: 1, provider: "oura" };
    expect(workoutSchema.safeParse(fact).success).toBe(true);
  });
});

describe("what is asked", () => {
  const path = "/v2/usercollection/workout";

  it("is days, one more than the window has, and goes on where the last page ended", () => {
    const step = { collection: "workout", fromMs: startMs, toMs: startMs + 2 * msPerDay };
    const query = { start_date: "2026-11-14", end_date: "2026-11-17" };
    expect(pull.list(step, null)).toEqual({ path, query });
    expect(pull.list(step, "t")).toEqual({ path, query: { ...query, next_token: "t" } });
  });

  it("is then the heart rate over each workout", () => {
    const wanted = pull.readings(workout);
    expect(wanted).toEqual({
      collection: "heartrate",
      fromMs: startMs,
      toMs: startMs + 1_875_000,
    });
    expect(wanted && pull.list(wanted, null)).toEqual({
      path: "/v2/usercollection/heartrate",
      query: {
        start_datetime: "2026-11-14T07:00:00.000Z",
        end_datetime: "2026-11-14T07:31:15.000Z",
      },
    });
    const endless = { ...workout, end_datetime: "2027-11-14T08:00:00+01:00" };
    expect(pull.readings(endless)).toBeNull();
  });

  it("for one record never leaves the path of workouts", () => {
    expect(pull.one("workout", id)).toEqual({ path: `${path}/${id}`, query: {} });
    fc.assert(
      fc.property(anyText, (name) => {
        const asked = pull.one("workout", name).path;
        const url = new URL(asked, "https://api.ouraring.com");
        return url.pathname === asked && /^[A-Za-z0-9_~-]+$/.test(asked.slice(path.length + 1));
      }),
    );
  });
});

describe("an answer", () => {
  it("is a page with where to go on, or one workout", () => {
    expect(page({ data: [workout], next_token: "t" })).toEqual({
      ok: true,
      value: { items: [workout], next: "t" },
    });
    for (const last of [{}, { next_token: null }, { next_token: "" }])
      expect(page({ data: [], ...last })).toEqual({ ok: true, value: { items: [], next: null } });
    expect(page(workout)).toEqual({ ok: true, value: { items: [workout], next: null } });
  });

  it.each<[string, Partial<ProviderReply>, string]>([
    ["of another form", { body: '{"workouts":[]}' }, "broken"],
    ["with a token that is none", { body: '{"data":[],"next_token":{}}' }, "broken"],
    ["too large", { complete: false, fault: "too-large", body: "" }, "broken"],
    ["429", { status: 429, retryAfterMs: 9_000 }, "again"],
    ["500", { status: 500, body: "" }, "again"],
    ["401", { status: 401, body: '{"status":401}' }, "reconnect"],
    ["403", { status: 403, body: '{"detail":"scope"}' }, "refused"],
    ["404", { status: 404, body: "{}" }, "gone"],
    ["404 of some machine on the way", { status: 404, body: "<html>" }, "broken"],
    ["422", { status: 422, body: "{}" }, "refused"],
  ])("%s is a fault", (_, over, error) => {
    expect(pull.page(replied(over))).toEqual({ ok: false, error });
  });
});

describe("a heart rate between workouts", () => {
  const of = (item: unknown, kind = "heartrate") => oura.samples.read(kind, item, receivedMs);

  it("is one sample at its instant", () => {
    expect(of({ bpm: 61, source: "rest", timestamp: "2026-11-14T06:00:00+01:00" })).toEqual({
      ok: true,
      value: [
        {
          metric: "heart_rate",
          sourceId: null,
          fromMs: Date.UTC(2026, 10, 14, 5),
          toMs: Date.UTC(2026, 10, 14, 5),
          offsetMin: 60,
          value: 61,
          unit: "/min",
          device: { id: "oura", kind: "ring", model: null },
        },
      ],
    });
  });

  it.each([
    ["a time without a zone", { bpm: 61, timestamp: "2026-11-14T06:00:00" }, "no-zone"],
    ["no time", { bpm: 61 }, "no-start"],
    ["a time to come", { bpm: 61, timestamp: "2026-11-24T06:00:00Z" }, "start-in-future"],
    ["no value", { bpm: null, timestamp: "2026-11-14T06:00:00Z" }, "no-value"],
    ["a value of no heart", { bpm: 500, timestamp: "2026-11-14T06:00:00Z" }, "no-value"],
    ["no object", [], "not-an-object"],
  ])("with %s is refused", (_, item, error) => {
    expect(of(item)).toEqual({ ok: false, error });
  });
});

it("whatever comes, nothing throws", () => {
  const key = fc.constantFrom(
    ...Object.keys(workout),
    "data",
    "next_token",
    "data_type",
    "user_id",
  );
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(workout), "workout"));
  const item = fc.oneof(fc.jsonValue(), fc.dictionary(key, value));
  fc.assert(
    fc.property(item, (json) => {
      oura.parse(JSON.stringify(json));
      provider.normalise("workout", json, receivedMs);
      provider.normalise("workout", pull.join(json, [json]), receivedMs);
      for (const kind of oura.samples.kinds) oura.samples.read(kind, json, receivedMs);
      pull.readings(json);
      page(json);
    }),
  );
  fc.assert(fc.property(fc.string(), (body) => oura.parse(body).ok || true));
});
