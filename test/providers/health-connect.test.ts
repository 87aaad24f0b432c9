import { describe, expect, it } from "vitest";
import { neverReturns } from "../../domain/stream.ts";
import { healthConnect, recordsABodyMax } from "../../providers/health-connect.ts";
import { isRetractedDraft, nothing, senders } from "../../providers/provider.ts";
import {
  dumped,
  endMs,
  hook,
  id,
  metadata,
  receivedMs,
  session,
  startMs,
} from "./health-connect/bodies.ts";

const read = (said: object) => {
  const result = healthConnect.normalise("session", said, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const readBy = (over: object) => read({ ...session, metadata: { ...metadata, ...over } });
const parsed = (body: unknown) => healthConnect.parse(JSON.stringify(body));
const item = (kind: string, body: unknown) => ({ account: senders, kind, body });

describe("a body", () => {
  const top = { timestamp: "2026-11-14T09:00:00Z", app_version: "1.9.3" };

  it("of HC Webhook holds sessions, and sections that feed the samples", () => {
    const steps = [{ count: 12, start_time: hook.start_time, end_time: hook.end_time }];
    const body = { ...top, exercise: [hook], steps, menstruation_flow: [{ flow: 1 }] };
    expect(parsed(body)).toEqual({
      ok: true,
      value: {
        items: [item("session", hook)],
        notices: [],
        claims: [],
        later: { items: [item("steps", steps)], notices: [] },
        unknown: 0,
      },
    });
    expect(parsed(top)).toMatchObject({ ok: true, value: { items: [] } });
  });

  it("that the button for tests sends is nothing: what is in it was invented", () => {
    expect(parsed({ ...top, test: true, exercise: [hook] })).toEqual({ ok: true, value: nothing });
    expect(parsed({ ...top, test: false, exercise: [hook] })).toMatchObject({
      value: { items: [item("session", hook)] },
    });
  });

  it("of records holds sessions by their type or the list's, and samples by theirs", () => {
    const weight = { recordType: "Weight", weight: { inKilograms: 71 } };
    const untyped = { startTime: session.startTime };
    const records = [session, weight, untyped, null, { recordType: "Nutrition" }];
    expect(parsed({ records })).toMatchObject({
      value: {
        items: [item("session", session)],
        later: { items: [item("Weight", weight)] },
        unknown: 3,
      },
    });
    const all = { recordType: "ExerciseSessionRecord", records: [untyped] };
    expect(parsed(all)).toMatchObject({ value: { items: [item("session", untyped)], unknown: 0 } });
    expect(parsed([dumped])).toMatchObject({ value: { items: [item("session", dumped)] } });
  });

  it("of changes holds what came and what is gone", () => {
    const changes = {
      upsertionChanges: [{ record: session }, {}],
      deletionChanges: [{ recordId: id }],
      nextChangesToken: "t",
      hasMore: false,
    };
    expect(parsed(changes)).toMatchObject({
      value: { items: [item("session", session), item("deleted", id)], unknown: 1 },
    });
  });

  it("of which a list is null says nothing by that list", () => {
    const none = { exercise: null, records: null, upsertionChanges: null, deletionChanges: null };
    expect(parsed(none)).toMatchObject({ ok: true, value: { items: [], unknown: 0 } });
    expect(parsed({ ...none, exercise: [hook] })).toMatchObject({
      value: { items: [item("session", hook)] },
    });
  });

  it("is bounded over all its lists", () => {
    const half = Array.from({ length: recordsABodyMax / 2 }, () => 0);
    expect(parsed({ exercise: half, records: half }).ok).toBe(true);
    const refused = { ok: false, error: "not-understood" };
    expect(parsed({ exercise: half, records: half, deletionChanges: [0] })).toEqual(refused);
  });

  it("of records that say of no type what they are is counted, and nothing else", () => {
    const energy = { inCalories: 41_000, inKilocalories: 41 };
    const record = { startTime: session.startTime, endTime: session.endTime, energy, metadata };
    expect(parsed({ records: [record] })).toMatchObject({ value: { items: [], unknown: 1 } });
    const typed = { recordType: "ActiveCaloriesBurned", records: [record] };
    const later = { items: [item("ActiveCaloriesBurned", record)] };
    expect(parsed(typed)).toMatchObject({ value: { items: [], later, unknown: 0 } });
  });
});

describe("a session", () => {
  it("as react-native-health-connect reads it out", () => {
    const draft = read(session);
    expect(draft).toMatchObject({ sourceId: id, revision: null, copyOf: null });
    expect(draft.raw).toEqual({ column: "raw", text: JSON.stringify(session) });
    expect(draft.fields).toEqual({
      at: startMs,
      elapsedMs: 3_600_000,
      movingMs: null,
      type: "running",
      originalType: null,
      distanceMm: null,
      energyMcal: null,
      elevationGainMm: null,
      offsetMin: null,
      method: "device",
      deviceModel: "Forerunner 265",
      deviceName: null,
      app: "com.garmin.android.apps.connectmobile",
      title: "Morning run",
      notes: "with the dog",
      speedMmps: null,
      hasTrack: null,
      heartRateBy: null,
      track: [
        { t: startMs + 1000, lat: 52.4, lon: 13.4 },
        { t: startMs + 2000, lat: 52.5, lon: 13.4, alt: 34 },
      ],
    });
  });

  it("as HC Webhook writes it: no id, a number in a text, the distance that it states", () => {
    const { sourceId, revision, fields } = read(hook);
    const origin = "com.sec.android.app.shealth";
    expect([sourceId, revision]).toEqual([JSON.stringify([origin, "56", startMs, endMs]), null]);
    expect(fields).toMatchObject({
      type: "running",
      distanceMm: 10_234_500,
      offsetMin: null,
      method: "device",
      deviceModel: "SM-R960",
      app: origin,
    });
    for (const unsaid of ["title", "notes", "track", "heartRate"])
      expect(fields).not.toHaveProperty(unsaid);
    // Its pages have the word where its program writes the number: the same session.
    for (const type of ["running", "RUNNING", "EXERCISE_TYPE_RUNNING", 56])
      expect(read({ ...hook, type }).sourceId).toBe(sourceId);
    expect(read({ ...hook, type: "57" }).sourceId).not.toBe(sourceId);
    expect(read({ ...hook, distance_meters: 0 }).fields.distanceMm).toBeNull();
  });

  it("as an androidx record that was written down", () => {
    const { sourceId, fields } = read(dumped);
    expect(sourceId).toBe(id);
    expect(fields).toMatchObject({
      at: Date.UTC(2024, 2, 19, 2, 45),
      type: "walking",
      offsetMin: 540,
      method: "unknown",
      deviceModel: null,
      app: "com.sec.android.app.shealth",
      hasTrack: null,
    });
    const exerciseRouteResult = { exerciseRoute: session.exerciseRoute };
    expect(read({ ...dumped, exerciseRouteResult }).fields.track).toHaveLength(2);
  });

  it("is named by its writer first, and numbered by it where it numbers", () => {
    const of = (over: object) => {
      const { sourceId, revision } = readBy(over);
      return [sourceId, revision];
    };
    const named = JSON.stringify([metadata.dataOrigin, "run-7"]);
    expect(of({ clientRecordId: "run-7" })).toEqual([named, null]);
    expect(of({ clientRecordId: "run-7", clientRecordVersion: 3 })).toEqual([named, 3000]);
    const [, later] = of({ clientRecordId: "run-7", clientRecordVersion: 4 });
    expect(later).toBeGreaterThan(3000);
    for (const clientRecordVersion of [-1, 1.5, "3", 2 ** 52, 2 ** 60, null])
      expect(of({ clientRecordId: "run-7", clientRecordVersion })).toEqual([named, null]);
    expect(of({ clientRecordId: "" })).toEqual([id, null]);
    const other = { clientRecordId: "run-7", dataOrigin: "com.other" };
    expect(of(other)).toEqual(['["com.other","run-7"]', null]);
    expect(of({ id: "[1]", clientRecordVersion: 3 })).toEqual([
      JSON.stringify([metadata.dataOrigin, "56", startMs, endMs]),
      0,
    ]);
  });

  it("names no device but by a model: what its owner called it is theirs", () => {
    const of = (device: object) => {
      const { deviceModel, deviceName } = readBy({ device }).fields;
      return [deviceModel, deviceName];
    };
    expect(of({ manufacturer: "Garmin", model: "Forerunner 265" })).toEqual([
      "Forerunner 265",
      null,
    ]);
    expect(of({ model: "SM-R960" })).toEqual(["SM-R960", null]);
    for (const model of ["Anna's Polar H10 7A2B", "Anna Müller", "SM-Anna", "0151 2345678"])
      for (const manufacturer of ["Polar", undefined, 7])
        expect(of({ manufacturer, model })).toEqual([null, model]);
    expect(of({ manufacturer: "Polar", model: "" })).toEqual([null, null]);
    expect(of({ model: { toString: 1 } })).toEqual([null, null]);
  });

  it("of a type that is too long for one is other, and is still named", () => {
    const type = "x".repeat(4000);
    const { sourceId, fields } = read({ ...hook, type });
    expect(sourceId.length).toBeLessThan(1000);
    expect(fields).toMatchObject({ type: "other", originalType: null });
  });

  it.each([
    { exerciseRoute: undefined },
    { exerciseRoute: null },
    { exerciseRoute: undefined, exerciseRouteResult: { type: "CONSENT_REQUIRED" } },
    { exerciseRoute: { type: "NO_DATA", route: [] } },
  ])("whose route a bridge may not read says nothing of one: %j", (over) => {
    const { fields } = read({ ...session, ...over });
    expect(fields).not.toHaveProperty("track");
    const { track: _, ...open } = read(session).fields;
    expect(fields).toEqual(open);
  });

  it("says what it holds of title and notes, and nothing where it holds neither", () => {
    expect(read({ ...session, title: null, notes: "" }).fields).toMatchObject({
      title: null,
      notes: null,
    });
  });

  it.each([
    [3, null, "manual"],
    ["manual_entry", { type: 1 }, "manual"],
    ["MANUAL_ENTRY", null, "manual"],
    [1, { type: 2 }, "phone"],
    [2, { type: "TYPE_WATCH" }, "device"],
    [2, { type: "ring" }, "device"],
    [2, { type: "chest_strap" }, "device"],
    [2, { type: 3 }, "unknown"],
    [1, 0, "unknown"],
    [undefined, undefined, "unknown"],
  ])("recorded by %o on %o is by %s", (recordingMethod, device, method) => {
    expect(readBy({ recordingMethod, device }).fields.method).toBe(method);
  });

  it.each([
    [8, "cycling"],
    ["biking_stationary", "indoor_cycling"],
    [37, "hiking"],
    [53, "rowing"],
    ["54", "indoor_rowing"],
    [57, "treadmill_running"],
    [61, "skiing"],
    [70, "strength_training"],
    [73, "open_water_swimming"],
    [74, "swimming"],
    [81, "strength_training"],
    [83, "yoga"],
    [0, "other"],
    [null, "other"],
    ["other_workout", "other"],
  ])("of type %o is %s", (exerciseType, type) => {
    expect(read({ ...session, exerciseType }).fields).toMatchObject({ type, originalType: null });
  });

  it.each([45, 4, 84, "tennis", "constructor", "__proto__"])(
    "of type %o keeps the word",
    (word) => {
      expect(read({ ...session, exerciseType: word }).fields).toMatchObject({
        type: "other",
        originalType: String(word),
      });
    },
  );

  it("is written by a package, or by nobody who says so", () => {
    for (const dataOrigin of [7, "", "Somebody’s phone", { packageName: 7 }, ["a.b"], null])
      expect(readBy({ dataOrigin }).fields.app).toBeNull();
  });

  it.each([{ totalSeconds: 51_000 }, { totalSeconds: 10 }, { id: "Z" }, "+15:00", "x", 120, []])(
    "has no zone by %o",
    (startZoneOffset) => {
      expect(read({ ...session, startZoneOffset }).fields.offsetMin).toBeNull();
    },
  );
});

it("a deletion is final, for what is written anew has another id", () => {
  expect(healthConnect.normalise("deleted", id, receivedMs)).toEqual({
    ok: true,
    value: { sourceId: id, revision: neverReturns, retracted: true },
  });
  for (const odd of [null, "", "[1]", `["com.other","run-7"]`, 7])
    expect(healthConnect.normalise("deleted", odd, receivedMs)).toEqual({
      ok: false,
      error: "no-id",
    });
});
