import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { msPerDay } from "../../domain/time.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { polar } from "../../providers/polar.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = polar;
const { pull } = polar;

/** Of any code units, whole characters or not. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const page = (json: unknown, status = 200) =>
  pull.page(replied({ status, body: JSON.stringify(json) }));

const fromList = {
  id: "y6Wq9Kd",
  upload_time: "2026-11-14T10:01:02.000Z",
  polar_user: "https://www.polaraccesslink.com/v3/users/71234",
  device: "Polar Vantage V3",
  device_id: "0A1B2C3D",
  start_time: "2026-11-14T09:30:00",
  start_time_utc_offset: 60,
  duration: "PT25M30S",
  calories: 312,
  distance: 5_012.4,
  heart_rate: { average: 151, maximum: 177 },
  sport: "RUNNING",
  has_route: true,
  detailed_sport_info: "RUNNING_TRAIL",
  "running-index": 55,
};
const startMs = Date.UTC(2026, 10, 14, 8, 30);
const whole = {
  ...fromList,
  samples: [
    { "recording-rate": 5, "sample-type": "0", data: "0,101,null,103.4,999,,-4,120" },
    { "recording-rate": 1, "sample-type": "1", data: "10.1,10.2,10.3" },
  ],
  route: [
    { latitude: 47.1, longitude: 8.2, time: "PT0S", satellites: 7, fix: 1 },
    { latitude: 0, longitude: 0, time: "PT1S" },
    { latitude: 47.2, longitude: 8.3, time: "PT1M1.5S" },
    { latitude: 47.3, longitude: 8.4, time: "soon" },
  ],
};

function read(item: unknown, kind = "exercises") {
  const draft = provider.normalise(kind, item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a notice", () => {
  const said = (over: object) =>
    polar.parse(
      JSON.stringify({
        event: "EXERCISE",
        user_id: 71_234,
        entity_id: "y6Wq9Kd",
        timestamp: "2026-11-14T10:01:05Z",
        url: "https://www.polaraccesslink.com/v3/exercises/y6Wq9Kd",
        ...over,
      }),
    );
  const none = { items: [], notices: [], claims: [] };

  it("of an exercise names the record to fetch, and nothing of its address is kept", () => {
    const notice = {
      account: "71234",
      collection: "exercises",
      fromMs: 0,
      toMs: 0,
      gone: null,
      record: "y6Wq9Kd",
    };
    expect(said({})).toEqual({ ok: true, value: { ...none, notices: [notice], unknown: 0 } });
    expect(said({ url: undefined })).toEqual(said({}));
    expect(JSON.stringify(said({}))).not.toContain("polaraccesslink");
  });

  it.each([
    "https://www.polaraccesslink.com/v3/exercises/y6Wq9Kd/",
    "https://www.polaraccesslink.com/v3/exercises/y6Wq9Kd?samples=true",
    "https://www.polaraccesslink.com/v4/exercises/y6Wq9Kd",
    "https://www.polaraccesslink.com.example/v3/exercises/y6Wq9Kd",
    "https://www.polaraccesslink.com/v3/exercises/z",
    7,
    null,
  ])("names its exercise by the id alone, whatever address is beside it: %s", (url) => {
    expect(said({ url })).toEqual(said({}));
    expect(said({ url, entity_id: "z" })).toMatchObject({ value: { notices: [{ record: "z" }] } });
  });

  it.each([
    ["an id that is a path", { entity_id: "../users", url: undefined }],
    ["an id that is none", { entity_id: null, url: undefined }],
    ["an event of which nobody has heard", { event: "SOMETHING_NEW" }],
  ])("with %s is counted, and nothing follows", (_, over) => {
    expect(said(over)).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });

  it("of a day feeds the samples by what is read of it, a day wider on both sides", () => {
    const midnightMs = Date.UTC(2026, 10, 14);
    for (const [event, collections] of [
      ["SLEEP", ["sleep", "nightly-recharge"]],
      ["ACTIVITY_SUMMARY", ["activities"]],
      ["CONTINUOUS_HEART_RATE", ["continuous-heart-rate"]],
    ] as const) {
      const notices = collections.map((collection) => ({
        account: "71234",
        collection,
        fromMs: midnightMs - msPerDay,
        toMs: midnightMs + 2 * msPerDay,
        gone: null,
      }));
      const later = { items: [], notices };
      const value = { ...none, later, unknown: 0 };
      expect(said({ event, date: "2026-11-14" })).toEqual({ ok: true, value });
    }
    const span = said({ event: "SLEEP_WISE_ALERTNESS", from: "2026-11-12", to: "2026-11-14" });
    expect(span.ok && span.value.later?.notices).toMatchObject([
      { fromMs: midnightMs - 3 * msPerDay, toMs: midnightMs + 2 * msPerDay },
    ]);
    const body = said({ event: "PHYSICAL_INFORMATION" });
    expect(body.ok && body.value.later?.notices).toMatchObject([
      { fromMs: midnightMs - msPerDay, toMs: midnightMs + 2 * msPerDay },
    ]);
    expect(said({ event: "SLEEP", date: "2026-02-30" })).toMatchObject({ value: { unknown: 1 } });
  });

  it("that is a greeting says nothing", () => {
    expect(polar.parse('{"event":"PING","timestamp":"2026-11-14T10:00:00Z"}')).toEqual({
      ok: true,
      value: { ...none, unknown: 0 },
    });
  });
});

describe("an exercise", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(whole);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "y6Wq9Kd",
      revision: Date.UTC(2026, 10, 14, 10, 1, 2),
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 1_530_000,
      movingMs: null,
      offsetMin: 60,
      type: "trail_running",
      originalType: null,
      distanceMm: 5_012_400,
      energyMcal: 312_000_000,
      elevationGainMm: null,
      method: "device",
      deviceModel: "Polar Vantage V3",
      app: "Polar Flow",
      speedMmps: null,
      hasTrack: true,
      heartRateBy: "unknown",
      title: null,
      notes: null,
      deviceName: null,
      heartRate: [
        { t: startMs + 5_000, bpm: 101 },
        { t: startMs + 15_000, bpm: 103 },
        { t: startMs + 35_000, bpm: 120 },
      ],
      track: [
        { t: startMs, lat: 47.1, lon: 8.2 },
        { t: startMs + 61_500, lat: 47.2, lon: 8.3 },
      ],
    });
  });

  it("says the same in the open with its samples and without, and of what it lacks nothing", () => {
    const { heartRate, track, ...open } = read(whole).fields;
    expect(read(fromList).fields).toEqual(open);
    const told = read({ ...whole, samples: [], route: [] }).fields;
    expect(told).toEqual(open);
    for (const field of ["heartRate", "track"]) expect(told).not.toHaveProperty(field);
    const none = { ...whole, samples: [], route: [], heart_rate: {}, has_route: false };
    expect(read(none).fields).toMatchObject({ heartRate: null, track: null });
  });

  it("is the same in the older API's spelling", () => {
    const kebab = Object.fromEntries(
      Object.entries(fromList).map(([name, value]) => [name.replaceAll("_", "-"), value]),
    );
    expect(kebab["start-time-utc-offset"]).toBe(60);
    expect(read(kebab).fields).toEqual(read(fromList).fields);
    expect(read({ ...kebab, id: 48_151_623 }).sourceId).toBe("48151623");
  });

  it("has the revision of its upload, with or without leading zeros; null where there is none", () => {
    const uploaded = (upload_time: unknown) => read({ ...fromList, upload_time }).revision;
    expect(uploaded("2026-11-14T10:1:2.000Z")).toBe(Date.UTC(2026, 10, 14, 10, 1, 2));
    expect(uploaded("2026-11-14T9:01:0.5Z")).toBe(Date.UTC(2026, 10, 14, 9, 1, 0, 500));
    for (const none of [undefined, "2026-11-14T10:01:02", "soon", 7])
      expect(uploaded(none)).toBeNull();
  });

  it("of zeros measured nothing, and without a device is trusted less", () => {
    const { device, device_id, ...bare } = fromList;
    expect(device).toBeDefined();
    expect(device_id).toBeDefined();
    expect(read({ ...bare, distance: 0, calories: 0, heart_rate: {} }).fields).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      heartRateBy: null,
      method: "unknown",
      deviceModel: null,
    });
  });

  it.each([
    ["RUNNING", null, "running", null],
    ["RUNNING", "RUNNING_TREADMILL", "treadmill_running", null],
    ["RUNNING", "RUNNING_SOMEHOW", "running", "RUNNING_SOMEHOW"],
    ["OTHER", "RUNNING", "running", null],
    ["OTHER", "CYCLING_MOUNTAIN_BIKE", "mountain_biking", null],
    ["OTHER", "WATERSPORTS_WATERSKI", "other", "WATERSPORTS_WATERSKI"],
    ["SOCCER", null, "other", "SOCCER"],
    ["OTHER", null, "other", null],
    [undefined, undefined, "other", null],
    ["constructor", "__proto__", "other", "__proto__"],
  ])("of %s and %s is %s", (sport, detailed_sport_info, type, originalType) => {
    const { fields } = read({ ...fromList, sport, detailed_sport_info });
    expect(fields).toMatchObject({ type, originalType });
  });

  it("with too many samples, or from the future, is refused", () => {
    const data = "1,".repeat(700_000);
    const samples = [{ "recording-rate": 1, "sample-type": "0", data }];
    const fault = (over: object) =>
      provider.normalise("exercises", { ...whole, ...over }, receivedMs);
    expect(fault({ samples })).toEqual({ ok: false, error: "too-many-samples" });
    const start_time = "2026-11-23T09:30:00";
    expect(fault({ start_time })).toEqual({ ok: false, error: "start-in-future" });
  });
});

describe("what is asked", () => {
  const step = { collection: "exercises", fromMs: startMs, toMs: startMs + msPerDay };

  it("is the list without a window, then each exercise that has readings, whole", () => {
    expect(pull.list(step, null)).toEqual({ path: "/v3/exercises", query: {} });
    const wanted = pull.readings(fromList);
    expect(wanted).toEqual({
      collection: "exercises",
      fromMs: startMs,
      toMs: startMs + 1_530_000,
      of: "y6Wq9Kd",
    });
    expect(wanted && pull.list(wanted, null)).toEqual(pull.one("exercises", "y6Wq9Kd"));
    expect(pull.one("exercises", "y6Wq9Kd")).toEqual({
      path: "/v3/exercises/y6Wq9Kd",
      query: { samples: "true", zones: "true", route: "true" },
    });
  });

  it("is nothing more of one that has its readings, or says that it has none", () => {
    const { heart_rate, ...quiet } = { ...fromList, has_route: false };
    expect(heart_rate).toBeDefined();
    for (const item of [
      whole,
      { ...fromList, samples: [] },
      quiet,
      {},
      null,
      { ...fromList, id: "/" },
    ])
      expect(pull.readings(item)).toBeNull();
    expect(pull.readings({ ...fromList, has_route: false })).not.toBeNull();
  });

  it("for one record never leaves the path of exercises", () => {
    const base = "/v3/exercises/";
    fc.assert(
      fc.property(anyText, (id) => {
        const { path } = pull.one("exercises", id);
        const url = new URL(path, "https://www.polaraccesslink.com");
        return url.pathname === path && /^[A-Za-z0-9_~-]+$/.test(path.slice(base.length));
      }),
    );
  });

  it("joins the whole exercise to the short one, and no other", () => {
    expect(pull.join(fromList, [whole])).toEqual(whole);
    expect(pull.join(fromList, [{ ...whole, id: "other" }])).toBe(fromList);
    expect(pull.join(fromList, [])).toBe(fromList);
  });
});

it("an account is named by what gives the tokens, as in its notices", () => {
  expect(polar.link.accountIn({ token_type: "bearer", x_user_id: 71_234 })).toBe("71234");
  for (const given of [null, {}, { x_user_id: -1 }, { x_user_id: 1.5 }, { x_user_id: "me" }])
    expect(polar.link.accountIn(given)).toBeNull();
  expect(polar.link.enrol.json("word")).toEqual({ "member-id": "word" });
});

it("what is kept is open or restricted as the stream's table says, and fits its schema", () => {
  const { fields, sourceId } = read(whole);
  const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
  const fact = { ...fields, ...ids, sourceId, revision: 1, provider: "polar" };
  expect(workoutSchema.safeParse(fact).success).toBe(true);
});

describe("whatever comes", () => {
  const key = fc.constantFrom(
    ...Object.keys(whole),
    "event",
    "user_id",
    "entity_id",
    "date",
    "data",
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...Object.values(whole), "EXERCISE", "SLEEP", "PT1H", "2026-11-14T09:30:00"),
  );
  const item = fc.oneof(fc.jsonValue(), fc.dictionary(key, value), fc.array(fc.jsonValue()));

  it("nothing throws", () => {
    fc.assert(
      fc.property(item, (json) => {
        polar.parse(JSON.stringify(json));
        provider.normalise("exercises", json, receivedMs);
        pull.readings(json);
        pull.join(json, [json]);
        page(json);
      }),
    );
    fc.assert(fc.property(fc.string(), (body) => polar.parse(body).ok || true));
  });

  it("the instant is the local time less the offset, for every offset on Earth", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -840, max: 840 }),
        fc.integer({ min: Date.UTC(2001, 0, 1), max: receivedMs - msPerDay }),
        (offset, ms) => {
          const atMs = ms - (ms % 1000);
          const local = new Date(atMs + offset * 60_000).toISOString().slice(0, 19);
          const moved = { ...fromList, start_time: local, start_time_utc_offset: offset };
          return read(moved).fields.at === atMs;
        },
      ),
    );
  });
});
