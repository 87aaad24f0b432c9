import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { strava } from "../../providers/strava.ts";
import { spoilt, spoiltOf, written } from "./hostile.ts";
import { replied } from "./replied.ts";
import { detail, notice, startMs, streams, summary, whole } from "./strava/said.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = strava;
const { pull } = strava;

const said = (over: object) => strava.parse(JSON.stringify({ ...notice, ...over }));
const none = { items: [], notices: [], claims: [], unknown: 0 };

function read(item: unknown, kind = "activities") {
  const draft = provider.normalise(kind, item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a notice", () => {
  const at = { account: "7654321", collection: "activities", fromMs: 0, toMs: 0 };
  const there = { ...at, gone: null, record: "16412345678" };

  it("of an activity made or changed names the one to read, and keeps nothing else", () => {
    const value = { ...none, notices: [there] };
    expect(said({})).toEqual({ ok: true, value });
    expect(said({ aspect_type: "update", updates: { title: "Messy" } })).toEqual(said({}));
    expect(said({ aspect_type: "update", updates: { private: "true" } })).toEqual(said({}));
    expect(JSON.stringify(said({ updates: { title: "Messy" } }))).not.toContain("Messy");
  });

  it("is read with its numbers as text, without updates, and without what we do not need", () => {
    for (const over of [
      { subscription_id: "1", updates: undefined },
      { event_time: undefined, subscription_id: undefined },
      { owner_id: "7654321", object_id: "16412345678" },
      { updates: null },
      { updates: "none" },
    ])
      expect(said(over)).toEqual(said({}));
  });

  it("of a deletion is one, and after it the same id may be there again", () => {
    const value = { ...none, notices: [{ ...at, gone: "16412345678" }] };
    expect(said({ aspect_type: "delete" })).toEqual({ ok: true, value });
    expect(said({ aspect_type: "create", event_time: notice.event_time + 60 })).toEqual(said({}));
  });

  it.each([
    ["update", { authorized: "false" }, 1],
    ["update", { authorized: false }, 1],
    ["delete", {}, 1],
    ["delete", undefined, 1],
    ["update", { authorized: "true" }, 0],
    ["update", { weight: "70" }, 0],
    ["update", undefined, 0],
    ["create", { authorized: "false" }, 0],
  ])("of an athlete's %s with %j claims %i deauthorisation, and no more", (aspect, updates, n) => {
    const claims = n === 0 ? [] : [{ account: "7654321", claim: "deregistered" }];
    const over = { object_type: "athlete", object_id: 7_654_321, aspect_type: aspect, updates };
    expect(said(over)).toEqual({ ok: true, value: { ...none, claims } });
  });

  it.each([
    ["a kind of object that nobody has heard of", { object_type: "route" }],
    ["an aspect that nobody has heard of", { aspect_type: "archive" }],
    ["an id that is none", { object_id: "../athlete" }],
    ["no id", { object_id: undefined }],
  ])("of %s is counted, and nothing follows", (_, over) => {
    expect(said(over)).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });

  it("with an id that JSON would corrupt is counted, never read as another's", () => {
    const body = JSON.stringify(notice);
    for (const id of ["9007199254740993", "418173315956375999", "1e30"]) {
      const record = strava.parse(body.replace("16412345678", id));
      expect(record).toEqual({ ok: true, value: { ...none, unknown: 1 } });
      const account = strava.parse(body.replace("7654321", id));
      expect(account).toEqual({ ok: true, value: { ...none, unknown: 1 } });
    }
    const exact = strava.parse(body.replace("16412345678", "9007199254740991"));
    expect(exact).toMatchObject({ value: { notices: [{ record: "9007199254740991" }] } });
    const text = strava.parse(body.replace("16412345678", '"418173315956375999"'));
    expect(text).toMatchObject({ value: { notices: [{ record: "418173315956375999" }] } });
  });
});

describe("an activity", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(whole);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "16412345678",
      revision: null,
      copyOf: { provider: "garmin", sourceId: "9412345678" },
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 4_410_000,
      movingMs: 4_207_000,
      offsetMin: 180,
      type: "gravel_cycling",
      originalType: null,
      distanceMm: 28_099_400,
      energyMcal: 870_200_000,
      elevationGainMm: 0,
      method: "device",
      deviceModel: "Garmin Edge 530",
      deviceName: null,
      app: "Garmin",
      speedMmps: 6_679,
      hasTrack: true,
      heartRateBy: "unknown",
      title: "Along the river",
      notes: "With a headwind",
      heartRate: [
        { t: startMs, bpm: 101 },
        { t: startMs + 3_600_500, bpm: 140 },
      ],
      track: [
        { t: startMs, lat: 60.2, lon: 24.9, alt: 12.5 },
        { t: startMs + 3_600_500, lat: 60.3, lon: 24.8 },
      ],
    });
  });

  it("says the same of itself with its streams and without, and of what it lacks nothing", () => {
    const { heartRate, track, ...open } = read(whole).fields;
    expect([heartRate, track]).not.toContain(undefined);
    expect(read(detail).fields).toEqual(open);
    for (const empty of [{}, { time: { data: [] } }, { heartrate: { data: [] } }, "none"])
      expect(read({ ...detail, streams: empty }).fields).toEqual(open);
  });

  it("of a list lacks what only the whole one has", () => {
    const { energyMcal, deviceModel, notes, heartRate, track, ...rest } = read(whole).fields;
    expect([energyMcal, deviceModel, notes, heartRate, track]).not.toContain(undefined);
    // What its file is called makes no device of it.
    const lacks = { energyMcal: null, deviceModel: null, method: "unknown" };
    expect(read(summary).fields).toEqual({ ...rest, ...lacks });
  });

  it("that tells of no readings has none, whatever was had before", () => {
    const bare = { ...detail, has_heartrate: false, average_heartrate: undefined };
    const still = { ...bare, start_latlng: [], map: { polyline: "", summary_polyline: null } };
    expect(read(still).fields).toMatchObject({
      heartRate: null,
      track: null,
      hasTrack: false,
      heartRateBy: null,
    });
    // Of one that was climbed nowhere a zero was not measured.
    expect(read(still).fields.elevationGainMm).toBeNull();
    const { has_heartrate, start_latlng, map, ...silent } = bare;
    expect([has_heartrate, start_latlng, map]).not.toContain(undefined);
    const { fields } = read(silent);
    expect(fields).toMatchObject({ hasTrack: null, heartRateBy: null });
    for (const field of ["heartRate", "track"]) expect(fields).not.toHaveProperty(field);
  });

  it("on a trainer, or on virtual roads, has no places that anybody was at", () => {
    const virtual = { ...whole, sport_type: "VirtualRide", type: "VirtualRide" };
    for (const item of [{ ...whole, trainer: true }, virtual]) {
      const { fields } = read(item);
      expect(fields).toMatchObject({ hasTrack: false, track: null });
      expect(fields.heartRate).toHaveLength(2);
    }
  });

  it("that was typed in is by hand, and no copy of anything", () => {
    const typed = {
      ...detail,
      manual: true,
      upload_id: null,
      upload_id_str: undefined,
      external_id: null,
      device_name: undefined,
      has_heartrate: false,
      average_heartrate: undefined,
    };
    const { copyOf, fields } = read(typed);
    expect(copyOf).toBeNull();
    expect(fields).toMatchObject({
      method: "manual",
      app: "Strava",
      deviceModel: null,
      hasTrack: false,
      track: null,
      heartRate: null,
    });
    const older = { ...typed, manual: undefined };
    expect(read(older).fields.method).toBe("manual");
    expect(read({ ...typed, manual: false }).fields.method).not.toBe("manual");
  });

  it("of zeros measured nothing, and never moved longer than it lasted", () => {
    const zero = { distance: 0, calories: 0, average_speed: 0, moving_time: 0 };
    const nothing = { distanceMm: null, energyMcal: null, speedMmps: null, movingMs: null };
    expect(read({ ...detail, ...zero }).fields).toMatchObject(nothing);
    expect(read({ ...detail, moving_time: 5_000 }).fields.movingMs).toBeNull();
    // What the pedals did is not what was burnt.
    expect(read({ ...detail, calories: undefined }).fields.energyMcal).toBeNull();
  });

  it("that is flagged or private is kept for its athlete", () => {
    expect(read({ ...whole, flagged: true, private: false }).fields).toEqual(read(whole).fields);
    expect(strava.facts.othersMaySee).toBe(false);
  });

  it("has streams of which one is shorter, listed, of another grain, or too long", () => {
    const beatsOf = (over: object) => read({ ...detail, streams: { ...streams, ...over } }).fields;
    expect(beatsOf({ heartrate: { data: [90] } }).heartRate).toEqual([{ t: startMs, bpm: 90 }]);
    const coarse = beatsOf({ heartrate: { data: [90, 91], resolution: "low" } });
    expect(coarse).not.toHaveProperty("heartRate");
    expect(coarse.track).toHaveLength(2);
    const { time, ...timeless } = streams;
    expect(time.data).toHaveLength(4);
    expect(read({ ...detail, streams: timeless }).fields).not.toHaveProperty("track");
    const data = Array.from({ length: 691_201 }, (_, i) => i);
    const long = { ...detail, streams: { time: { data } } };
    expect(provider.normalise("activities", long, receivedMs)).toEqual({
      ok: false,
      error: "too-many-samples",
    });
  });

  it("fits the schema of the stream", () => {
    const { fields, sourceId } = read(whole);
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    const fact = { ...fields, ...ids, sourceId, revision: 1, provider: "strava" };
    expect(workoutSchema.safeParse(fact).success).toBe(true);
  });

  it("is read again from its slice as it was read", () => {
    const once = read(whole);
    const again = strava.again("raw", JSON.parse(once.raw.text));
    expect(again?.kind).toBe("activities");
    expect(read(again?.body)).toEqual(once);
  });
});

describe("whatever comes", () => {
  const key = fc.constantFrom(
    ...new Set([...Object.keys(whole), ...Object.keys(notice), ...Object.keys(streams), "data"]),
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      ...Object.values(whole),
      ...Object.values(notice),
      "athlete",
      "delete",
    ),
  );
  const item = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(key, value),
    fc.array(fc.jsonValue()),
    fc.dictionary(key, value).map((over) => ({ ...whole, ...over })),
    fc.dictionary(key, value).map((over) => ({ ...detail, streams: over })),
    fc.dictionary(key, value).map((over) => ({ ...notice, ...over })),
  );
  const step = { collection: "activities", fromMs: 0, toMs: receivedMs };

  function everything(json: unknown) {
    const body = written(json);
    strava.parse(body);
    provider.normalise("activities", json, receivedMs);
    pull.readings(json);
    pull.join(json, [json, { streams: json }]);
    pull.mark?.(json);
    pull.isUnfinished?.(json, [json, { streams: json }]);
    pull.accountIn?.(json);
    for (const of of [
      null,
      step,
      { ...step, of: "1" },
      { ...step, collection: "streams", of: "1" },
    ])
      pull.page(replied({ body }), of);
    pull.page(replied({ status: 401, body }), null);
    strava.link.tokens.read(json, null);
    strava.link.accountIn(json);
  }

  it("nothing throws", () => {
    fc.assert(fc.property(item, everything), { numRuns: 500 });
    fc.assert(fc.property(fc.string(), (body) => strava.parse(body).ok || true));
  });

  const withdrawal = {
    ...notice,
    object_type: "athlete",
    aspect_type: "update",
    updates: { authorized: "false" },
  };
  const listed = [
    { type: "time", data: [0] },
    { type: "heartrate", data: [90] },
  ];
  const refused = { errors: [{ resource: "AccessToken", field: "x_permission", code: "missing" }] };

  it.each([
    ["a notice", notice],
    ["a withdrawal", withdrawal],
    ["an activity", whole],
  ] as const)("nothing throws at %s of which any value is malice", (_, said) => {
    for (const json of spoiltOf(said)) everything(json);
    fc.assert(fc.property(spoilt(said), everything));
  });

  it("nothing throws at answers of which any value is malice", () => {
    for (const said of [listed, [detail], refused])
      for (const json of spoiltOf(said)) everything(json);
  });

  it("what is read fits the schema of the stream", () => {
    fc.assert(
      fc.property(item, (json) => {
        const draft = provider.normalise("activities", json, receivedMs);
        if (!draft.ok || isRetractedDraft(draft.value)) return true;
        const { fields, sourceId } = draft.value;
        const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
        const fact = { ...fields, ...ids, sourceId, revision: 1, provider: "strava" };
        const parsed = workoutSchema.safeParse(fact);
        // What is absurdly long, far or high is for the ledger to refuse.
        const named = parsed.error?.issues.map(({ path }) => String(path[0])) ?? [];
        const absurd = ["elapsedMs", "distanceMm", "energyMcal", "elevationGainMm"];
        // The time that was moved is too long only where all of it is.
        if (named.includes("elapsedMs")) absurd.push("movingMs");
        return named.every((name) => absurd.includes(name));
      }),
      { numRuns: 500 },
    );
  });

  it("a delivery causes one reading or one question at most, of its own account", () => {
    fc.assert(
      fc.property(item, (json) => {
        const parsed = strava.parse(JSON.stringify(json));
        if (!parsed.ok) return true;
        const { items, notices, claims, unknown } = parsed.value;
        return items.length === 0 && notices.length + claims.length + unknown <= 1;
      }),
    );
  });

  it("the offset is the one that was stated, for every quarter of an hour on Earth", () => {
    fc.assert(
      fc.property(fc.integer({ min: -56, max: 56 }), (quarters) => {
        const { utc_offset: _, ...silent } = detail;
        const local = new Date(startMs + quarters * 900_000).toISOString();
        const stated = read({ ...detail, utc_offset: quarters * 900 }).fields.offsetMin;
        const derived = read({ ...silent, start_date_local: local }).fields.offsetMin;
        expect([stated, derived]).toEqual([quarters * 15 + 0, quarters * 15 + 0]);
      }),
    );
  });
});
