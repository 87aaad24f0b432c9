import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { appleHealth, selfAccount, workoutsABodyMax } from "../../providers/apple-health.ts";
import { isRetractedDraft } from "../../providers/provider.ts";

const startMs = Date.UTC(2026, 10, 14, 9, 0, 0);
const receivedMs = startMs + 86_400_000;
const uuid = "801B68D7-F4AA-4A23-BD26-A3BA1BA6B08D";

const device = { model: "iPhone15,2", os: "20.1" };
const workout = {
  uuid: uuid.toLowerCase(),
  workoutActivityType: "HKWorkoutActivityTypeRunning",
  startDate: "2026-11-14T09:00:00Z",
  endDate: "2026-11-14T10:00:00Z",
  duration: 3065.4,
  totalDistance: { value: 5.5, unit: "km" },
  totalEnergyBurned: { value: 400, unit: "kcal" },
  sourceName: "Somebody’s Apple Watch",
  sourceBundle: "com.apple.health.0B2F5A52-7C5B-4B7B-9E6E-5D5E0E8A9F11",
  metadata: { HKTimeZone: "Europe/Berlin", HKElevationAscended: { value: 1550, unit: "cm" } },
  route: [
    { t: "2026-11-14T09:00:02Z", lat: 52.5, lon: 13.4, alt: 34 },
    { t: startMs / 1000, lat: 52.4, lon: 13.4 },
    { t: startMs, lat: 91, lon: 0 },
  ],
  heartRate: [
    { t: startMs + 5000, bpm: 131.4 },
    { t: startMs, bpm: 120 },
    { t: startMs + 9000, bpm: 0 },
  ],
};

const read = (over: object = {}, from: object = device) => {
  const item = { device: from, workout: { ...workout, ...over } };
  const result = appleHealth.normalise("workout", item, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const faultOf = (kind: string, item: unknown) => {
  const result = appleHealth.normalise(kind, item, receivedMs);
  return result.ok ? null : result.error;
};

describe("a body", () => {
  const parsed = (body: unknown) => appleHealth.parse(JSON.stringify(body));

  it("keeps its order, workouts before deletions, all of the caller's own account", () => {
    const result = parsed({ device, workouts: [workout, null], deleted: [uuid], samples: [1, 2] });
    expect(result).toEqual({
      ok: true,
      value: {
        items: [
          { account: selfAccount, kind: "workout", body: { device, workout } },
          { account: selfAccount, kind: "workout", body: { device, workout: null } },
          { account: selfAccount, kind: "deleted", body: uuid },
        ],
        notices: [],
        claims: [],
        unknown: 2,
      },
    });
  });

  it("may hold deletions only", () => {
    expect(parsed({ deleted: [uuid] })).toMatchObject({ value: { items: [{ kind: "deleted" }] } });
  });

  it("is refused without any list, and beyond its bound", () => {
    const refused = { ok: false, error: "not-understood" };
    for (const body of [null, [], {}, { workouts: {} }]) expect(parsed(body)).toEqual(refused);
    const many = Array(workoutsABodyMax + 1).fill(uuid);
    expect(parsed({ workouts: many })).toEqual(refused);
    expect(parsed({ deleted: many })).toEqual(refused);
    expect(parsed({ workouts: many.slice(1) }).ok).toBe(true);
    expect(appleHealth.parse("no")).toEqual({ ok: false, error: "not-json" });
  });
});

describe("a workout", () => {
  it("becomes integers in the smallest units, and fits the stream's schema", () => {
    const draft = read();
    expect(draft).toMatchObject({ sourceId: uuid, revision: null, copyOf: null });
    expect(draft.fields).toEqual({
      at: startMs,
      elapsedMs: 3_600_000,
      movingMs: 3_065_400,
      type: "running",
      originalType: null,
      distanceMm: 5_500_000,
      energyMcal: 400_000_000,
      elevationGainMm: 15_500,
      offsetMin: 60,
      method: "device",
      deviceModel: "iPhone15,2",
      deviceName: "Somebody’s Apple Watch",
      app: "com.apple.health",
      title: null,
      notes: null,
      speedMmps: null,
      hasTrack: true,
      heartRateBy: "unknown",
      heartRate: [
        { t: startMs, bpm: 120 },
        { t: startMs + 5000, bpm: 131 },
      ],
      track: [
        { t: startMs, lat: 52.4, lon: 13.4 },
        { t: startMs + 2000, lat: 52.5, lon: 13.4, alt: 34 },
      ],
    });
    expect(draft.raw).toEqual({ column: "raw", text: JSON.stringify(workout) });
    const fact = workoutSchema.omit({
      id: true,
      revision: true,
      member: true,
      connection: true,
      provider: true,
      originId: true,
      copyOf: true,
    });
    expect(fact.safeParse(draft.fields).success).toBe(true);
  });

  it("never carries the id of a device in an open field", () => {
    const { heartRate, track, deviceName, ...open } = read().fields;
    expect(JSON.stringify(open)).not.toContain("0B2F5A52");
    expect(read({ sourceBundle: "COM.APPLE.HEALTH.0b2f" }).fields.app).toBe("com.apple.health");
    expect(read({ sourceBundle: "Somebody’s app" }).fields.app).toBeNull();
  });

  it("says what it holds, and that a watch measures at the wrist", () => {
    expect(read({}, { model: "Watch7,5" }).fields.heartRateBy).toBe("wrist");
    const bare = read({ route: [], heartRate: undefined }, { model: "Watch7,5" }).fields;
    expect(bare).toMatchObject({ hasTrack: false, heartRateBy: null });
    expect(read({ route: [{ t: startMs, lat: 0, lon: 0 }] }).fields.hasTrack).toBe(false);
  });

  it.each([
    [{ value: 2.5, unit: "m/s" }, 2500],
    [{ value: 1424.9, unit: "m/hr" }, null],
    [{ value: 0, unit: "m/s" }, null],
    [2.5, null],
  ])("states a speed of %o as %s", (HKAverageSpeed, speedMmps) => {
    expect(read({ metadata: { HKAverageSpeed } }).fields.speedMmps).toBe(speedMmps);
  });

  it("takes its offset from its own text first, then from its zone", () => {
    expect(read({ startDate: "2026-11-14 01:00:00 -0800" }).fields).toMatchObject({
      at: startMs,
      offsetMin: -480,
    });
    expect(read({ metadata: { HKTimeZone: "Nowhere/Else" } }).fields.offsetMin).toBeNull();
    expect(read({ metadata: null }).fields.offsetMin).toBeNull();
  });

  it.each([
    ["HKWorkoutActivityTypeCycling", {}, "cycling"],
    ["running", {}, "running"],
    [37, {}, "running"],
    [37, { HKIndoorWorkout: 1 }, "treadmill_running"],
    ["Cycling", { HKIndoorWorkout: true }, "indoor_cycling"],
    ["Rowing", { HKIndoorWorkout: false }, "rowing"],
    ["Swimming", { HKSwimmingLocationType: 2 }, "open_water_swimming"],
    [3000, {}, "other"],
    [undefined, {}, "other"],
  ])("of type %s with %o is %s", (workoutActivityType, metadata, type) => {
    expect(read({ workoutActivityType, metadata }).fields).toMatchObject({
      type,
      originalType: null,
    });
  });

  it("of an unknown type is other, with the word kept", () => {
    for (const word of ["HKWorkoutActivityTypeTennis", "constructor", "__proto__"])
      expect(read({ workoutActivityType: word }).fields).toMatchObject({
        type: "other",
        originalType: word,
      });
  });

  it.each([
    ["manual", "com.apple.Health", {}, {}],
    ["manual", "com.example.app", { HKWasUserEntered: true }, {}],
    ["device", "com.example.app", {}, { model: "Watch7,5" }],
    ["phone", "com.example.app", {}, { model: "iPhone15,2" }],
    ["unknown", "com.example.app", {}, {}],
  ])("is by %s when %s wrote it", (method, sourceBundle, metadata, from) => {
    expect(read({ sourceBundle, metadata }, from).fields).toMatchObject({
      method,
      app: sourceBundle,
    });
  });

  it("has no value in a unit nobody knows, and takes bare numbers as metres and kcal", () => {
    const amounts = (totalDistance: unknown, totalEnergyBurned: unknown) => {
      const { distanceMm, energyMcal } = read({ totalDistance, totalEnergyBurned }).fields;
      return [distanceMm, energyMcal];
    };
    expect(amounts(12.5, 3)).toEqual([12_500, 3_000_000]);
    expect(amounts({ value: 1, unit: "mi" }, { value: 4.184, unit: "kJ" })).toEqual([
      1_609_344, 1_000_000,
    ]);
    expect(amounts({ value: 1, unit: "parsec" }, { value: 1, unit: "constructor" })).toEqual([
      null,
      null,
    ]);
    expect(amounts({ value: -1, unit: "m" }, "3")).toEqual([null, null]);
  });

  it("has no moving time when the one stated is nothing or longer than the whole", () => {
    for (const duration of [0, -3, 3602, "3000", null])
      expect(read({ duration }).fields.movingMs).toBeNull();
    expect(read({ duration: 3600.9 }).fields.movingMs).toBe(3_600_000);
  });

  it("without readings says that there are none", () => {
    const { fields } = read({ route: undefined, heartRate: [] });
    expect(fields).toMatchObject({ heartRate: null, track: null });
  });

  const item = (over: object) => ({ device, workout: { ...workout, ...over } });
  it.each([
    ["not-an-object", { device, workout: [] }],
    ["bad-uuid", item({ uuid: "1" })],
    ["no-start", item({ startDate: "2026-11-14T09:00:00" })],
    ["no-duration", item({ endDate: workout.startDate })],
    ["start-in-future", item({ startDate: "2026-12-24T09:00:00Z" })],
    ["too-many-samples", item({ heartRate: Array(691_201).fill(null) })],
    ["too-deep", item({ metadata: JSON.parse("[".repeat(200_000) + "]".repeat(200_000)) })],
  ])("is refused as %s", (fault, value) => {
    expect(faultOf("workout", value)).toBe(fault);
  });
});

describe("a deletion", () => {
  it("outranks every statement of that uuid", () => {
    expect(appleHealth.normalise("deleted", uuid.toLowerCase(), receivedMs)).toEqual({
      ok: true,
      value: { sourceId: uuid, revision: Number.MAX_SAFE_INTEGER - 1, retracted: true },
    });
    for (const value of [null, 7, "x", {}]) expect(faultOf("deleted", value)).toBe("bad-uuid");
  });
});

describe("whatever comes", () => {
  it("parse answers", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        appleHealth.parse(body);
      }),
    );
  });

  it("normalise answers, for any JSON and for any value in any known field", () => {
    const some = fc.record(
      Object.fromEntries(Object.keys(workout).map((key) => [key, fc.jsonValue()])),
      { requiredKeys: [] },
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({ device: fc.jsonValue(), workout: some.map((s) => ({ ...workout, ...s })) }),
    );
    fc.assert(
      fc.property(fc.constantFrom("workout", "deleted", "else"), value, (kind, any) => {
        const result = appleHealth.normalise(kind, any, receivedMs);
        return result.ok || /^[a-z-]+$/.test(result.error);
      }),
    );
  });
});
