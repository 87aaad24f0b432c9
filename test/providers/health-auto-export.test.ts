import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { healthAutoExport } from "../../providers/health-auto-export.ts";
import { isRetractedDraft, senders } from "../../providers/provider.ts";
import { hostile, spoilt } from "./hostile.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const startMs = Date.UTC(2026, 10, 14, 7);
const id = "6b0e2c1a-5c7d-4f0b-9a4e-0d8e5b7c3a21";

const workout = {
  id,
  name: "Outdoor Run",
  start: "2026-11-14 08:00:00 +0100",
  end: "2026-11-14 09:00:30 +0100",
  duration: 3500.25,
  location: "Outdoor",
  isIndoor: false,
  distance: { qty: 10.2, units: "km" },
  speed: { qty: 10.2, units: "m/hr" },
  activeEnergyBurned: { qty: 640.5, units: "kcal" },
  totalEnergy: { qty: 720, units: "kcal" },
  elevationUp: { qty: 84.2, units: "m" },
  avgHeartRate: { qty: 148, units: "bpm" },
  heartRateData: [
    { date: "2026-11-14 08:01:00 +0100", Min: 120, Avg: 124.6, Max: 130, units: "bpm" },
    { date: "2026-11-14 08:00:00 +0100", Min: 0, Avg: 0, Max: 0, units: "bpm" },
    { date: "soon", Avg: 140 },
  ],
  route: [
    { latitude: 52.5, longitude: 13.4, altitude: 34, timestamp: "2026-11-14 08:00:02 +0100" },
    { lat: 52.6, lon: 13.5, timestamp: "2026-11-14 08:00:01 +0100" },
    { latitude: 91, longitude: 0, timestamp: "2026-11-14 08:00:03 +0100" },
  ],
};

const read = (over: object = {}) => {
  const result = healthAutoExport.normalise("workout", { ...workout, ...over }, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const parsed = (data: unknown) => healthAutoExport.parse(JSON.stringify({ data }));

describe("a body", () => {
  it("holds workouts of the sender's, and what is measured for the samples", () => {
    const weight = { name: "weight_body_mass", units: "kg", data: [] };
    const steps = { name: "step_count", units: "count", data: [] };
    expect(parsed({ workouts: [workout], metrics: [weight, steps, null] })).toEqual({
      ok: true,
      value: {
        items: [{ account: senders, kind: "workout", body: workout }],
        notices: [],
        claims: [],
        later: { items: [{ account: senders, kind: "metric", body: weight }], notices: [] },
        unknown: 0,
      },
    });
  });

  it("keeps nothing of what is nobody's business, and counts what nobody knows", () => {
    const data = {
      stateOfMind: [{ valence: 0.4 }],
      medications: [{ displayText: "something" }],
      symptoms: [{}],
      cycleTracking: [{}],
      ecg: [{}],
      heartRateNotifications: [{}],
    };
    const none = { items: [], later: { items: [], notices: [] } };
    expect(parsed(data)).toMatchObject({ value: { ...none, unknown: 0 } });
    expect(parsed({ ...data, dreams: [] })).toMatchObject({ value: { ...none, unknown: 1 } });
  });

  it("of which a list is null says nothing by that list", () => {
    const none = { items: [], later: { items: [] }, unknown: 0 };
    expect(parsed({ workouts: null, metrics: [] })).toMatchObject({ value: none });
    expect(parsed({ workouts: [], metrics: null })).toMatchObject({ value: none });
    expect(parsed({ workouts: 0 })).toEqual({ ok: false, error: "not-understood" });
  });

  it("is understood however much it holds: how much is taken is the door's to say", () => {
    const many = (length: number) => Array.from({ length }, () => 0);
    const read = parsed({ workouts: many(10_001), metrics: many(1_001) });
    expect(read.ok && read.value.items).toHaveLength(10_001);
  });
});

describe("a workout", () => {
  it("becomes integers in the smallest units", () => {
    const draft = read();
    const sourceId = id.toUpperCase();
    const copyOf = { provider: "apple-health", sourceId };
    expect(draft).toMatchObject({ sourceId, copyOf });
    expect(draft.raw).toEqual({ column: "raw", text: JSON.stringify(workout) });
    expect(draft.fields).toEqual({
      at: startMs,
      elapsedMs: 3_630_000,
      movingMs: 3_500_250,
      type: "running",
      originalType: null,
      distanceMm: 10_200_000,
      energyMcal: 640_500_000,
      elevationGainMm: 84_200,
      offsetMin: 60,
      method: "unknown",
      deviceModel: null,
      deviceName: null,
      app: "Apple Health",
      title: null,
      notes: null,
      speedMmps: null,
      hasTrack: true,
      heartRateBy: "unknown",
      heartRate: [{ t: startMs + 60_000, bpm: 125 }],
      track: [
        { t: startMs + 1000, lat: 52.6, lon: 13.5 },
        { t: startMs + 2000, lat: 52.5, lon: 13.4, alt: 34 },
      ],
    });
  });

  it("of the older form is named by when it was, whatever the phone's offset at export", () => {
    const older = { id: undefined };
    const { sourceId, copyOf } = read(older);
    expect([sourceId, copyOf]).toEqual([
      JSON.stringify([startMs, startMs + 3_630_000, 3_500_250]),
      null,
    ]);
    const abroad = { start: "2026-11-14 02:00:00 -0500", end: "2026-11-14 03:00:30 -0500" };
    expect(read({ ...older, ...abroad }).sourceId).toBe(sourceId);
    expect(read({ ...older, duration: 3500.3 }).sourceId).not.toBe(sourceId);
    expect(read({ id: "not an id" }).sourceId).toBe(sourceId);
  });

  it("is a copy only where its id is one of HealthKit's", () => {
    expect(read({ id: "demo-1" })).toMatchObject({ sourceId: "demo-1", copyOf: null });
  });

  it.each([
    ["zeros", { distance: 0, activeEnergyBurned: 0, totalEnergy: 0, elevationUp: 0 }],
    ["nothing", { distance: null, activeEnergyBurned: null, totalEnergy: null, elevationUp: null }],
  ])("states nothing by %s", (_, values) => {
    const over = Object.fromEntries(
      Object.entries(values).map(([name, qty]) => [
        name,
        qty === null ? null : { qty, units: "m" },
      ]),
    );
    expect(read({ ...over, duration: 0, heartRateData: [], route: [] }).fields).toMatchObject({
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      movingMs: null,
      heartRateBy: null,
      hasTrack: null,
    });
  });

  it.each([[[]], [null], [undefined], [[{ Avg: 0 }]]])(
    "says nothing of route and heart rate by %j",
    (none) => {
      const { fields } = read({ route: none, heartRateData: none });
      expect(fields).not.toHaveProperty("track");
      expect(fields).not.toHaveProperty("heartRate");
    },
  );

  it("of whom nothing was burned in moving says what was burned in all", () => {
    const activeEnergyBurned = { qty: 0, units: "kcal" };
    const older = { qty: 2678, units: "kJ" };
    expect(read({ activeEnergyBurned }).fields.energyMcal).toBe(720_000_000);
    expect(read({ activeEnergyBurned, activeEnergy: older }).fields.energyMcal).toBe(
      Math.round((2678 * 1_000_000) / 4.184),
    );
  });

  it.each([
    [{ qty: 10.2, units: "km" }, 10_200_000],
    [{ qty: 6.25, units: "mi" }, 10_058_400],
    [{ qty: 10_200, units: "m" }, 10_200_000],
    [{ qty: 11_000, units: "yd" }, 10_058_400],
    [{ qty: 33_000, units: "ft" }, 10_058_400],
    // Metres that are labelled kilometres, and kilometres that are labelled metres.
    [{ qty: 10_200, units: "km" }, null],
    [{ qty: 10.2, units: "m" }, null],
    [{ qty: 1.825, units: "m" }, null],
    [{ qty: 10.2, units: "furlong" }, null],
    [{ qty: 10.2, units: "constructor" }, null],
    [{ qty: "10.2", units: "km" }, null],
    [{ qty: -10.2, units: "km" }, null],
    [{ qty: 1e308, units: "km" }, null],
    [10.2, null],
    [[{ qty: 10.2, units: "km" }], null],
  ])("that states %o went %s mm", (distance, distanceMm) => {
    expect(read({ distance }).fields.distanceMm).toBe(distanceMm);
  });

  it("burns and climbs no more than anybody could", () => {
    const fields = read({
      activeEnergyBurned: { qty: 640_500, units: "kcal" },
      elevationUp: { qty: 84_200, units: "km" },
    }).fields;
    expect(fields).toMatchObject({ energyMcal: null, elevationGainMm: null });
  });

  it("climbs as its older form says, in feet", () => {
    const elevation = { ascent: 100, descent: 0, units: "ft" };
    expect(read({ elevationUp: undefined, elevation }).fields.elevationGainMm).toBe(30_480);
  });

  it.each([
    [3630.7, 3_630_000],
    [{ qty: 3500, units: "s" }, 3_500_000],
    [{ qty: 58, units: "min" }, null],
    [4000, null],
    ["3500", null],
  ])("whose duration is %o moved for %s ms", (duration, movingMs) => {
    expect(read({ duration }).fields.movingMs).toBe(movingMs);
  });
});

describe("whatever comes", () => {
  const kept = healthAutoExport.samples.kinds[0] ?? "";

  const fields = [...Object.keys(workout), "elevation", "lapLength", "strokeStyle"];
  const names = ["heart_rate", "sleep_analysis", "blood_pressure", "weight_body_mass"];

  it("is read or refused, and never throws", () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("NaN", "Infinity", "\ud800", "__proto__", 1e308, -0, {}, [[[[[]]]]]),
    );
    const field = fc.constantFrom(...fields);
    const name = fc.constantFrom(...names);
    fc.assert(
      fc.property(odd, fc.string(), field, name, (json, text, field, name) => {
        healthAutoExport.parse(text);
        healthAutoExport.parse(`--${text}`);
        healthAutoExport.parse(JSON.stringify(json));
        parsed({ workouts: json, metrics: json });
        parsed({ workouts: [json], metrics: [json, { name: json, data: json }] });
        healthAutoExport.normalise("workout", json, receivedMs);
        for (const value of [json, [json], { qty: json, units: json, ascent: json }])
          healthAutoExport.normalise("workout", { ...workout, [field]: value }, receivedMs);
        const entry = { date: json, qty: json, Avg: json, core: json, sleepStart: json };
        const data = [json, entry, { ...entry, date: workout.start }];
        healthAutoExport.samples.read(kept, { name, units: json, data }, receivedMs);
        healthAutoExport.samples.read(kept, { name: json, units: json, data: json }, receivedMs);
      }),
      { numRuns: 300 },
    );
  });

  it("even what only malice writes", () => {
    const metric = {
      name: "sleep_analysis",
      units: "kg",
      data: [{ date: workout.start, qty: 1, sleepStart: workout.start, sleepEnd: workout.end }],
    };
    fc.assert(
      fc.property(fc.oneof(spoilt(workout), hostile), spoilt(metric), (said, measured) => {
        healthAutoExport.normalise("workout", said, receivedMs);
        healthAutoExport.samples.read(kept, measured, receivedMs);
      }),
    );
  });

  it("nested deeper than can be written again is refused", () => {
    let deep: unknown = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    const result = healthAutoExport.normalise(
      "workout",
      { ...workout, metadata: deep },
      receivedMs,
    );
    expect(result).toEqual({ ok: false, error: "too-deep" });
  });

  it("fits the stream, whatever the numbers in it", () => {
    const fact = workoutSchema.omit({
      id: true,
      revision: true,
      member: true,
      connection: true,
      provider: true,
      originId: true,
      copyOf: true,
    });
    const quantity = fc.record({
      qty: fc.oneof(fc.double({ noNaN: true }), fc.nat()),
      units: fc.constantFrom("km", "mi", "m", "yd", "ft", "kcal", "kJ", "Cal"),
    });
    fc.assert(
      fc.property(quantity, quantity, fc.string(), (one, other, name) => {
        const { fields } = read({
          name,
          distance: one,
          activeEnergyBurned: other,
          elevationUp: other,
          duration: one.qty,
          heartRateData: [{ date: workout.start, Avg: other.qty }],
        });
        expect(fact.safeParse(fields).error).toBeUndefined();
      }),
    );
  });
});
