import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../domain/ports.ts";
import { relayedFrom } from "../../domain/workouts/relay.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { junction } from "../../providers/junction.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = junction;
const account = "5d0f9c52-0c1b-4b7e-8f7a-2f5f0a9d3c11";
const startMs = Date.UTC(2026, 10, 14, 6, 30);

const workout = {
  id: "b2a7c1de-94c3-4f1e-9c55-0e6c2d1f7a01",
  user_id: account,
  title: "Hill repeats",
  calendar_date: "2026-11-14",
  time_start: "2026-11-14T06:30:00+00:00",
  time_end: "2026-11-14T07:12:30.500+00:00",
  timezone_offset: -28_800,
  moving_time: 2_400,
  distance: 8_213.4,
  calories: 611.2,
  average_hr: 152,
  max_hr: 181,
  average_speed: 3.422,
  total_elevation_gain: 212,
  sport: { id: 17, name: "Trail running", slug: "trail_running" },
  map: { id: "m", polyline: "_p~iF~ps|U", summary_polyline: null },
  source: { provider: "garmin", type: "watch", app_id: null },
  provider_id: "garmin-18112233",
  updated_at: "2026-11-14T08:00:00.250+00:00",
};

function read(item: unknown) {
  const draft = provider.normalise("workout", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}
const said = (event_type: string, data: unknown = workout, over: object = {}) =>
  provider.parse(
    JSON.stringify({
      event_type,
      user_id: account,
      client_user_id: "ref-0f6a",
      team_id: "t",
      data,
      ...over,
    }),
  );

describe("a workout", () => {
  it("says all that a workout is", () => {
    const { fields, sourceId, revision, copyOf } = read(workout);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: workout.id,
      revision: Date.UTC(2026, 10, 14, 8, 0, 0, 250),
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 2_550_500,
      movingMs: 2_400_000,
      type: "trail_running",
      originalType: null,
      distanceMm: 8_213_400,
      energyMcal: 611_200_000,
      elevationGainMm: 212_000,
      speedMmps: 3422,
      offsetMin: -480,
      method: "device",
      deviceModel: null,
      app: "garmin",
      hasTrack: true,
      heartRateBy: null,
      title: "Hill repeats",
      notes: null,
      deviceName: null,
    });
  });

  it("is seen as a copy of what its source says itself, wherever it is named", () => {
    const sources: [object, string | null][] = [
      [{ source: { provider: "garmin" } }, "garmin"],
      [{ source: { slug: "polar" } }, "polar"],
      [{ source: { provider: { slug: "strava" } } }, "strava"],
      [{ source: undefined, provider: "suunto" }, "suunto"],
      [{ source: {}, provider: { name: "Oura", slug: "oura" } }, "oura"],
      [{ source: { provider: "fitbit" } }, "google-health"],
      [{ source: { provider: "apple_health_kit" } }, "apple-health"],
      [{ source: { provider: "apple_health_kit", app_id: "com.garmin.connect.mobile" } }, "garmin"],
      [{ source: { provider: "health_connect", app_id: "com.sports-tracker" } }, "suunto"],
      [{ source: { provider: "health_connect" } }, null],
      [{ source: undefined }, null],
    ];
    for (const [over, maker] of sources) {
      const { app } = read({ ...workout, ...over }).fields;
      expect(relayedFrom({ app: app as string | null, provider: "junction" })).toBe(maker);
    }
  });

  it.each([
    ["watch", "device"],
    ["chest_strap", "device"],
    ["ring", "device"],
    ["phone", "phone"],
    ["app", "unknown"],
    [null, "unknown"],
  ])("of a %s is of a %s, and no heart rate, of which it brings no reading", (type, method) => {
    const { fields } = read({ ...workout, source: { provider: "garmin", type } });
    expect(fields).toMatchObject({ method, heartRateBy: null });
    expect(fields).not.toHaveProperty("heartRate");
  });

  it("has nothing where zero was written for it, and no revision where none is said", () => {
    const empty = {
      ...workout,
      distance: 0,
      calories: 0,
      average_hr: 0,
      moving_time: 0,
      map: null,
    };
    expect(read(empty).fields).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      heartRateBy: null,
      movingMs: null,
      hasTrack: null,
    });
    expect(read({ ...workout, updated_at: undefined }).revision).toBeNull();
    expect(read({ ...workout, updated_at: "yesterday" }).revision).toBeNull();
  });

  it("moving longer than it lasted does not say how long it moved", () => {
    expect(read({ ...workout, moving_time: 2551 }).fields.movingMs).toBe(2_550_500);
    expect(read({ ...workout, moving_time: 4000 }).fields.movingMs).toBeNull();
  });

  it.each([
    [{ slug: "running" }, "running"],
    [{ slug: "x_new", name: "Indoor Cycling" }, "indoor_cycling"],
    ["strength_training", "strength_training"],
    [{ name: "Open-water swimming" }, "open_water_swimming"],
    [null, "other"],
  ])("of sport %o is %s", (sport, type) => {
    expect(read({ ...workout, sport }).fields.type).toBe(type);
  });
});

describe("an event", () => {
  it.each(["created", "updated"])("of a workout %s carries it", (how) => {
    expect(said(`daily.data.workouts.${how}`)).toEqual({
      ok: true,
      value: {
        items: [{ account, kind: "workout", body: workout }],
        notices: [],
        claims: [],
        unknown: 0,
      },
    });
  });

  it("with several takes each, but none that says it is another account's", () => {
    const data = [workout, { ...workout, user_id: "another" }, null];
    expect(said("daily.data.workouts.created", data)).toMatchObject({
      value: { items: [{ account }], unknown: 2 },
    });
  });

  it("of a connection says by our word whose account it is", () => {
    expect(said("provider.connection.created", { provider: { slug: "garmin" } })).toMatchObject({
      value: { links: [{ account, by: { reference: "ref-0f6a" } }], items: [], unknown: 0 },
    });
    const nobody = said("provider.connection.created", {}, { client_user_id: null });
    expect(nobody).toMatchObject({ ok: true, value: { unknown: 1 } });
    expect(nobody.ok && nobody.value.links).toBeFalsy();
  });

  it("of anything else links nobody, though it bears the same word", () => {
    for (const type of ["daily.data.workouts.created", "provider.connection.error", "x.y"]) {
      const parsed = said(type);
      expect(parsed.ok && (parsed.value.links ?? [])).toEqual([]);
    }
  });

  it("of one source that failed ends nothing of the account", () => {
    const failed = said("provider.connection.error", { provider: { slug: "oura" } });
    expect(failed).toMatchObject({ value: { claims: [{ account, claim: "source-failed" }] } });
    expect(failed.ok && (failed.value.ends ?? [])).toEqual([]);
  });

  it("of history without data is counted as not understood, if it is of workouts", () => {
    const data = { start_date: "2026-08-01", end_date: "2026-11-01", provider: "garmin" };
    expect(said("historical.data.workouts.created", data)).toMatchObject({
      ok: true,
      value: { items: [], notices: [], unknown: 1 },
    });
    expect(said("historical.data.sleep.created", data)).toMatchObject({
      value: {
        later: {
          notices: [
            { collection: "sleep", fromMs: Date.UTC(2026, 7, 1), toMs: Date.UTC(2026, 10, 1) },
          ],
        },
        unknown: 0,
      },
    });
  });

  it("of measurements feeds the samples", () => {
    expect(said("daily.data.sleep.updated", { id: "s" })).toMatchObject({
      value: { items: [], later: { items: [{ account, kind: "sleep", body: { id: "s" } }] } },
    });
    expect(said("daily.data.mindfulness_minutes.created", { id: "m" })).toMatchObject({
      value: { items: [], later: { items: [], notices: [{ collection: "mindfulness_minutes" }] } },
    });
  });

  it("of something else is counted", () => {
    for (const type of [
      "labtest.order.created",
      "daily.data.workouts.deleted",
      "daily.data..created",
    ])
      expect(said(type)).toMatchObject({ ok: true, value: { items: [], unknown: 1 } });
  });
});

describe("the way to Junction's own page", () => {
  const replied = (status: number, json: unknown): ProviderReply => ({
    status,
    body: JSON.stringify(json),
    complete: true,
    fault: null,
    retryAfterMs: null,
    headers: {},
  });
  const next = (...replies: ProviderReply[]) =>
    junction.reference.session?.next("ref-0f6a", "https://singlet.example/linked", replies);
  const made = replied(200, { user_id: account, client_user_id: "ref-0f6a" });

  it("makes a user under our word, then a page in that user's name", () => {
    expect(next()).toEqual({
      method: "POST",
      path: "/v2/user",
      query: {},
      json: { client_user_id: "ref-0f6a" },
    });
    expect(next(made)).toEqual({
      method: "POST",
      path: "/v2/link/token",
      query: {},
      json: { user_id: account, redirect_url: "https://singlet.example/linked" },
    });
    const page = "https://link.junction.com/?token=lt_us_1";
    expect(next(made, replied(200, { link_token: "lt_us_1", link_web_url: page }))).toEqual({
      page,
    });
  });

  it("takes the user that the word has already", () => {
    const exists = replied(400, { detail: { error_type: "INVALID_REQUEST", user_id: account } });
    expect(next(exists)).toMatchObject({ json: { user_id: account } });
  });

  it("is not to be had where no user is named, or the page is somebody else's", () => {
    for (const status of [200, 400, 401, 500]) expect(next(replied(status, {}))).toBeNull();
    for (const link_web_url of [
      "https://link.junction.com.example.net/?token=1",
      "http://link.junction.com/?token=1",
      "https://me@link.junction.com/",
      "https://evil.example/https://link.junction.com/",
      "javascript:alert(1)",
      7,
    ])
      expect(next(made, replied(200, { link_web_url }))).toBeNull();
    expect(
      next(made, replied(403, { link_web_url: "https://link.junction.com/?token=1" })),
    ).toBeNull();
  });

  it("goes nowhere else than where it may", () => {
    for (const step of [next(), next(made)])
      expect(junction.reference.session?.paths).toContain(step && "path" in step ? step.path : "");
  });
});

describe("whatever comes", () => {
  it("is read or refused, and never throws", () => {
    const types = [
      "daily.data.workouts.created",
      "daily.data.sleep.created",
      "historical.data.sleep.created",
      "provider.connection.created",
    ];
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (json, text) => {
        provider.parse(JSON.stringify(json));
        provider.parse(text);
        for (const type of types) said(type, json, { client_user_id: json });
        for (const kind of junction.samples.kinds)
          for (const item of [json, { data: [json] }, { calendar_date: text, heart_rate: json }])
            provider.samples?.read(kind, item, receivedMs);
        provider.normalise("workout", json, receivedMs);
        for (const field of Object.keys(workout))
          provider.normalise("workout", { ...workout, [field]: json, provider: json }, receivedMs);
      }),
    );
  });

  it("gives fields that a workout may have", () => {
    const { fields, sourceId, revision } = read(workout);
    const fact = {
      ...fields,
      id: "f",
      revision: revision ?? 0,
      member: "m",
      connection: "c",
      provider: "junction",
      originId: "o",
      copyOf: null,
      sourceId,
    };
    expect(workoutSchema.safeParse(fact).error).toBeUndefined();
  });
});
