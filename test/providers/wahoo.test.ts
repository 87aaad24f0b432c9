import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relayedFrom } from "../../domain/workouts/relay.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { wahoo } from "../../providers/wahoo.ts";
import { spoilt, spoiltOf, written } from "./hostile.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = wahoo;
const { pull } = wahoo;

const startMs = Date.UTC(2026, 10, 13, 6, 30, 12);
const summary = {
  id: 8_812_345,
  started_at: "2026-11-13T06:30:12.000Z",
  time_zone: "Europe/Helsinki",
  ascent_accum: "103.5",
  cadence_avg: "75.0",
  calories_accum: "806.0",
  distance_accum: "27441.58",
  duration_active_accum: "4184.0",
  duration_paused_accum: "337.0",
  duration_total_accum: "4521.0",
  heart_rate_avg: "160.0",
  power_avg: "191.0",
  speed_avg: "6.56",
  work_accum: "797068.0",
  fitness_app_id: 1,
  manual: false,
  edited: false,
  file: { url: "https://cdn.example/ride.fit" },
  created_at: "2026-11-13T07:50:00.000Z",
  updated_at: "2026-11-13T07:50:01.000Z",
};
const workout = {
  id: 771_234_567,
  starts: "2026-11-13T06:30:00.000Z",
  minutes: 76,
  name: "Over the hills",
  plan_id: null,
  workout_token: "ELEMNT BOLT 1F2E:0A",
  workout_type_id: 0,
  fitness_app_id: 1,
  created_at: "2026-11-13T07:50:00.000Z",
  updated_at: "2026-11-13T07:50:00.000Z",
};
const ride = { ...workout, workout_summary: summary };

function read(item: unknown) {
  const draft = provider.normalise("workouts", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}
const readWith = (over: object, own: object = {}) =>
  read({ ...ride, ...own, workout_summary: { ...summary, ...over } }).fields;

describe("a notice", () => {
  const said = (over: object) =>
    wahoo.parse(
      JSON.stringify({
        event_type: "workout_summary",
        webhook_token: "whk-93ab11c0de77",
        user: { id: 9_812_345 },
        workout_summary: { ...summary, workout },
        ...over,
      }),
    );
  const none = { items: [], notices: [], claims: [] };
  const notice = { collection: "workouts", fromMs: 0, toMs: 0, gone: null };

  it("names the workout and whose it is, and nothing else of it is kept", () => {
    const notices = [{ ...notice, account: "9812345", record: "771234567" }];
    expect(said({})).toEqual({ ok: true, value: { ...none, notices, unknown: 0 } });
    expect(JSON.stringify(said({}))).not.toMatch(/whk|hills|27441|ELEMNT|fit/);
  });

  it("names them as numbers or as text", () => {
    const inText = {
      user: { id: "9812345" },
      workout_summary: { ...summary, workout: { ...workout, id: "771234567" } },
    };
    expect(said(inText)).toEqual(said({}));
  });

  it.each([
    ["of another event", { event_type: "workout_deleted" }],
    ["of no workout", { workout_summary: summary }],
    ["of nothing", { workout_summary: null }],
    ["of a workout that is a path", { workout_summary: { workout: { id: "1/../2" } } }],
    ["of a workout by zeros before its number", { workout_summary: { workout: { id: "007" } } }],
    ["of a workout that is none", { workout_summary: { workout: { id: 0 } } }],
    ["of a workout that is half a number", { workout_summary: { workout: { id: 0.5 } } }],
    ["of a workout that numbers cannot hold", { workout_summary: { workout: { id: 2 ** 53 } } }],
  ])("%s is counted, and nothing follows", (_, over) => {
    expect(said(over)).toEqual({ ok: true, value: { ...none, unknown: 1 } });
  });

  it("of nobody is not understood", () => {
    const odd = [{ id: null }, { id: -1 }, { id: "09812345" }, [9_812_345], "9812345"];
    for (const user of [undefined, null, {}, ...odd])
      expect(said({ user })).toEqual({ ok: false, error: "not-understood" });
  });
});

describe("a workout", () => {
  it("is read whole", () => {
    const { sourceId, revision, copyOf, fields } = read(ride);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "771234567",
      revision: Date.UTC(2026, 10, 13, 7, 50, 1),
      copyOf: null,
    });
    // Of the file, which is not read, nothing is said: neither that it has a heart rate nor that not.
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 4_521_000,
      movingMs: 4_184_000,
      type: "cycling",
      originalType: null,
      distanceMm: 27_441_580,
      energyMcal: 806_000_000,
      elevationGainMm: 103_500,
      speedMmps: 6_560,
      offsetMin: 120,
      method: "device",
      deviceModel: "ELEMNT BOLT",
      app: "Wahoo",
      hasTrack: null,
      heartRateBy: null,
      title: "Over the hills",
      notes: null,
      deviceName: null,
    });
  });

  it("in numbers says the same as in text", () => {
    const numbers = Object.entries(summary).map(([name, value]) => [
      name,
      /_(accum|avg)$/.test(name) ? Number(value) : value,
    ]);
    const inNumbers = { ...ride, workout_summary: Object.fromEntries(numbers) };
    expect(read(inNumbers).fields).toEqual(read(ride).fields);
  });

  it.each([
    "1e3",
    "0x10",
    " ",
    "",
    " 12",
    "12 ",
    "NaN",
    "Infinity",
    "-5",
    "+5",
    ".5",
    "5.",
    "1,5",
    "1_0",
  ])("with %j for a number measured nothing there", (text) => {
    const over = {
      distance_accum: text,
      calories_accum: text,
      ascent_accum: text,
      speed_avg: text,
      duration_active_accum: text,
    };
    expect(readWith(over)).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      speedMmps: null,
      movingMs: null,
    });
  });

  it("of zeros measured nothing", () => {
    const zeros = {
      distance_accum: "0.0",
      calories_accum: 0,
      ascent_accum: "0",
      speed_avg: "0.00",
    };
    expect(readWith(zeros)).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      speedMmps: null,
    });
  });

  it("lasts from its start to its end, pauses and all", () => {
    const lasts = (total: unknown, active: unknown, paused: unknown) => {
      const { elapsedMs, movingMs } = readWith({
        duration_total_accum: total,
        duration_active_accum: active,
        duration_paused_accum: paused,
      });
      return [elapsedMs, movingMs];
    };
    expect(lasts(275, 179, 95)).toEqual([275_000, 179_000]);
    expect(lasts(null, "179.00", "95.25")).toEqual([274_250, 179_000]);
    expect(lasts("0.0", 179, null)).toEqual([179_000, 179_000]);
    expect(lasts(275, null, 95)).toEqual([275_000, null]);
    // More than all of it cannot have been moved.
    expect(lasts(275, 900, 0)).toEqual([275_000, null]);
  });

  it("is of the later change, of its own or of its summary", () => {
    const [own, its] = ["2026-11-13T09:00:00.000Z", "2026-11-13T08:00:00.000Z"];
    const changed = (updated_at: unknown, of: unknown) =>
      read({ ...ride, updated_at, workout_summary: { ...summary, updated_at: of } }).revision;
    expect(changed(own, its)).toBe(Date.UTC(2026, 10, 13, 9));
    expect(changed(its, own)).toBe(Date.UTC(2026, 10, 13, 9));
    expect(changed(undefined, its)).toBe(Date.UTC(2026, 10, 13, 8));
    expect(changed(own, null)).toBe(Date.UTC(2026, 10, 13, 9));
  });

  it.each([
    [{}, { fitness_app_id: 1_001 }],
    [{ fitness_app_id: 1_001 }, {}],
    [{ fitness_app_id: "1002" }, { fitness_app_id: null }],
  ])("of another maker's app (%j, %j) is nobody's, and believed less", (over, own) => {
    expect(readWith(over, own)).toMatchObject({ app: null, deviceModel: null, method: "unknown" });
  });

  it("of its own app is its own", () => {
    for (const fitness_app_id of [1, 1_000, null, undefined, "x"]) {
      const { app } = readWith({ fitness_app_id }, { fitness_app_id });
      expect(app).toBe("Wahoo");
      expect(relayedFrom({ app: String(app), provider: "wahoo" })).toBeNull();
      expect(relayedFrom({ app: String(app), provider: "strava" })).toBe("wahoo");
    }
  });

  it.each([
    ["ELEMNT BOLT AABB:CC", "ELEMNT BOLT"],
    ["ELEMNT BOLT V2 AABB:CC", "ELEMNT BOLT V2"],
    ["ELEMNT ROAM", "ELEMNT ROAM"],
    ["ELEMNT AE48:27", "ELEMNT"],
    ["ELEMNT 2D05:12", "ELEMNT"],
    ["ELEMNT:AE48", "ELEMNT"],
    ["ELEMNT BOLTED 1", "ELEMNT"],
    ["ELEMNTS AABB:CC", null],
    ["Ann's ELEMNT BOLT", null],
    ["123", null],
    ["", null],
    [123, null],
    [null, null],
  ])("whose token is %j was recorded by %j", (workout_token, deviceModel) => {
    const method = deviceModel === null ? "unknown" : "device";
    expect(readWith({}, { workout_token })).toMatchObject({ deviceModel, method });
  });

  it("that was typed in is believed as such", () => {
    expect(readWith({ manual: true })).toMatchObject({ method: "manual" });
    for (const manual of [false, null, "true", 1])
      expect(readWith({ manual })).toMatchObject({ method: "device" });
  });

  it.each([
    [0, "cycling", null],
    ["0", "cycling", null],
    [1, "running", null],
    [4, "trail_running", null],
    [5, "treadmill_running", null],
    [8, "walking", null],
    [9, "hiking", null],
    [11, "gravel_cycling", null],
    [12, "indoor_cycling", null],
    [13, "mountain_biking", null],
    [17, "passive", "17"],
    [20, "cardio", null],
    [22, "indoor_rowing", null],
    [25, "swimming", null],
    [26, "open_water_swimming", null],
    [30, "cross_country_skiing", null],
    [39, "rowing", null],
    [40, "other", "40"],
    [47, "other", null],
    [61, "indoor_cycling", null],
    [62, "other", "62"],
    [64, "e_biking", null],
    [66, "yoga", null],
    [68, "virtual_cycling", null],
    [69, "passive", "69"],
    [255, "other", null],
    [999, "other", "999"],
    [1.5, "other", null],
    [-1, "other", null],
    ["biking", "other", null],
    [null, "other", null],
  ])("of type %j is %s", (workout_type_id, type, originalType) => {
    expect(readWith({}, { workout_type_id })).toMatchObject({ type, originalType });
  });

  it("fits the stream's schema, and can be read again from what is sealed", () => {
    const ids = { id: "f", member: "m", connection: "c", originId: "o", copyOf: null };
    const { fields, sourceId, revision, raw } = read(ride);
    const fact = { ...fields, ...ids, sourceId, revision, provider: "wahoo" };
    expect(workoutSchema.safeParse(fact).success).toBe(true);
    expect(read(provider.again?.(raw.column, JSON.parse(raw.text), {})?.body)).toEqual(read(ride));
    // Nor does it hold the address of its file, which opens that for whoever has it.
    expect(raw.text).not.toContain("cdn.example");
  });
});

it("an account is named as in its notices", () => {
  expect(wahoo.link.accountOf({ id: 9_812_345, email: "x" })).toBe("9812345");
  for (const said of [null, [], {}, { id: null }, { id: 1.5 }, { id: "007" }])
    expect(wahoo.link.accountOf(said)).toBeNull();
});

describe("whatever comes", () => {
  const keys = [
    ...Object.keys(ride),
    ...Object.keys(summary),
    "workouts",
    "page",
    "total",
    "user_id",
  ];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(...Object.values(ride), ...Object.values(summary), { toString: 1 }),
  );
  const entries = fc.dictionary(fc.constantFrom(...keys), value);
  const item = fc.oneof(
    fc.jsonValue(),
    entries,
    fc.tuple(entries, entries).map(([own, its]) => ({ ...ride, ...own, workout_summary: its })),
  );

  function everything(json: unknown) {
    const step = { collection: "workouts", fromMs: 0, toMs: receivedMs };
    const of = { event_type: "workout_summary", user: { id: 1 } };
    for (const workout_summary of [json, { workout: json }, { workout: { id: json } }])
      wahoo.parse(written({ ...of, workout_summary }));
    wahoo.parse(written(json));
    provider.normalise("workouts", json, receivedMs);
    for (const body of [json, { workouts: [json], page: 1 }])
      for (const of of [step, null]) pull.page(replied({ body: written(body) }), of);
    expect(typeof pull.mark(json)).toBe("string");
    pull.accountIn(json);
    wahoo.link.accountOf(json);
  }

  it("nothing throws", () => {
    fc.assert(fc.property(item, everything));
    fc.assert(fc.property(fc.string(), (body) => wahoo.parse(body).ok || true));
  });

  it("nothing throws where any value is malice", () => {
    const delivery = { event_type: "workout_summary", user: { id: 1 }, workout_summary: {} };
    const listed = { workouts: [{ id: 1, starts: "x" }], page: 1, per_page: 50, total: 51 };
    for (const said of [ride, delivery, listed])
      for (const json of spoiltOf(said)) everything(json);
    fc.assert(fc.property(spoilt(ride), everything));
  });

  it("a delivery never carries data", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (workout_summary) => {
        const body = { event_type: "workout_summary", user: { id: 1 }, workout_summary };
        const parsed = wahoo.parse(JSON.stringify(body));
        return parsed.ok && parsed.value.items.length === 0 && parsed.value.notices.length <= 1;
      }),
    );
  });

  it("text is the number that it says, to the millimetre", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), (mm) => {
        const { distanceMm } = readWith({ distance_accum: (mm / 1_000).toFixed(3) });
        return distanceMm === mm;
      }),
    );
  });
});
