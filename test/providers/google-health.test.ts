import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { msPerDay } from "../../domain/time.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { googleHealth } from "../../providers/google-health.ts";
import { isRetractedDraft } from "../../providers/provider.ts";

const startMs = Date.UTC(2026, 10, 14, 9, 0, 0);
const endMs = startMs + 3_600_000;
const receivedMs = endMs + msPerDay;
const { pull } = googleHealth;

const physical = {
  physicalTimeInterval: { startTime: "2026-11-14T09:00:00Z", endTime: "2026-11-14T10:00:00Z" },
};
const iso = {
  civilIso8601TimeInterval: { startTime: "2026-11-14T00:00:00", endTime: "2026-11-15T00:00:00" },
};
const civil = {
  civilDateTimeInterval: {
    startDateTime: { date: { year: 2026, month: 11, day: 14 }, time: {} },
    endDateTime: { date: { year: 2026, month: 11, day: 14 }, time: { hours: 23, minutes: 5 } },
  },
};
const notice = (over: object = {}) => ({
  data: {
    version: "1",
    healthUserId: "account-a",
    operation: "UPSERT",
    dataType: "exercise",
    intervals: [physical],
    ...over,
  },
});
const point = {
  name: "users/u1/dataTypes/exercise/dataPoints/8896720705097069096",
  dataSource: {
    recordingMethod: "ACTIVELY_MEASURED",
    platform: "FITBIT",
    device: { formFactor: "WATCH", manufacturer: "Google", displayName: "Pixel Watch 3" },
    application: { packageName: "com.fitbit.FitbitMobile" },
  },
  exercise: {
    interval: {
      startTime: "2026-11-14T09:00:00Z",
      startUtcOffset: "3600s",
      endTime: "2026-11-14T10:00:00Z",
      endUtcOffset: "3600s",
    },
    exerciseType: "RUNNING",
    displayName: "Run",
    notes: "easy",
    activeDuration: "3065.400s",
    metricsSummary: {
      caloriesKcal: 512.5,
      distanceMillimeters: 10_002_345.4,
      elevationGainMillimeters: "12500",
      steps: "8612",
    },
    updateTime: "2026-11-14T10:05:00.123Z",
  },
};
const beat = (secondsIn: number, beatsPerMinute: unknown) => ({
  heartRate: {
    sampleTime: { physicalTime: new Date(startMs + secondsIn * 1000).toISOString() },
    beatsPerMinute,
  },
});

const delivered = (body: unknown) => {
  const parsed = googleHealth.parse(JSON.stringify(body));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const read = (item: unknown) => {
  const result = googleHealth.normalise("exercise", item, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const faultOf = (item: unknown) => {
  const result = googleHealth.normalise("exercise", item, receivedMs);
  return result.ok ? null : result.error;
};
const session = (over: object) => ({ ...point, exercise: { ...point.exercise, ...over } });
const source = (over: object) => ({ ...point, dataSource: { ...point.dataSource, ...over } });

describe("a notice", () => {
  it("names the window it speaks of, a day wider on both sides", () => {
    expect(delivered(notice()).notices).toEqual([
      {
        account: "account-a",
        collection: "exercise",
        fromMs: startMs - msPerDay,
        toMs: endMs + msPerDay,
        gone: null,
      },
    ]);
  });

  it.each([
    ["physical", [physical], startMs, endMs],
    ["civil text", [iso], Date.UTC(2026, 10, 14), Date.UTC(2026, 10, 15)],
    ["civil parts", [civil], Date.UTC(2026, 10, 14), Date.UTC(2026, 10, 14, 23, 5)],
    ["all together", [physical, civil, iso], Date.UTC(2026, 10, 14), Date.UTC(2026, 10, 15)],
  ])("is understood with intervals in %s form", (_form, intervals, from, to) => {
    const [first] = delivered(notice({ intervals })).notices;
    expect(first).toMatchObject({ fromMs: from - msPerDay, toMs: to + msPerDay });
  });

  it("comes alone or in a batch, in which what is not read here is counted", () => {
    const batch = [notice(), notice({ dataType: "steps" }), notice({ healthUserId: 3 }), 5];
    expect(delivered(batch)).toMatchObject({ notices: [{}], unknown: 2 });
    const ofNobodys = notice({ dataType: "electrocardiogram" });
    expect(delivered([notice(), ofNobodys])).toMatchObject({ notices: [{}], unknown: 1 });
  });

  it("of what feeds the samples names its collection, and energy with the steps", () => {
    const told = (dataType: string) => {
      const { notices, later } = delivered(notice({ dataType }));
      return [notices, later?.notices ?? []].map((all) => all.map(({ collection }) => collection));
    };
    expect(told("steps")).toEqual([[], ["steps", "active-energy-burned"]]);
    expect(told("weight")).toEqual([[], ["weight"]]);
    // It may belong to an exercise, too.
    expect(told("heart-rate")).toEqual([["exercise"], ["heart-rate"]]);
    const asleep = { dataType: "sleep", operation: "DELETE", recordId: "9875412" };
    expect(delivered(notice(asleep)).later?.notices).toMatchObject([
      { collection: "sleep", gone: "9875412" },
    ]);
  });

  it("of a deletion names the record that is said to be gone", () => {
    const deletion = { operation: "DELETE", recordId: "9875412" };
    expect(delivered(notice(deletion)).notices[0]?.gone).toBe("9875412");
    const strange = { operation: "DELETE", recordId: "../../identity" };
    expect(delivered(notice(strange)).notices[0]?.gone).toBeNull();
  });

  it("with an operation nobody documented is read as a change", () => {
    const changed = notice({ operation: "UPDATE", recordId: "9875412" });
    expect(delivered(changed).notices[0]?.gone).toBeNull();
  });

  it("of heart rate asks for the exercises it belongs to", () => {
    const { notices } = delivered(notice({ dataType: "heart-rate", operation: "DELETE" }));
    expect(notices).toMatchObject([{ collection: "exercise", gone: null }]);
  });

  it("without any usable interval is counted, not guessed at", () => {
    for (const intervals of [[], null, [{}], [{ physicalTimeInterval: { startTime: "soon" } }]])
      expect(delivered(notice({ intervals }))).toMatchObject({ notices: [], unknown: 1 });
  });

  it("about a deletion needs no interval, for it names its record", () => {
    const deleted = notice({ intervals: [], operation: "DELETE", recordId: "8896720705097069096" });
    expect(delivered(deleted).notices).toMatchObject([{ gone: "8896720705097069096" }]);
  });

  it("is refused when it is not JSON, holds nothing known, or is more than a batch", () => {
    expect(googleHealth.parse("")).toEqual({ ok: false, error: "not-json" });
    for (const body of [3, {}, [7], Array(100).fill(notice())])
      expect(googleHealth.parse(JSON.stringify(body))).toEqual({
        ok: false,
        error: "not-understood",
      });
  });
});

describe("an exercise", () => {
  it("becomes integers in the smallest units, and fits the stream's schema", () => {
    const draft = read(pull.join(point, [beat(60, "131"), beat(5, 120), beat(7, "0"), {}]));
    expect(draft).toMatchObject({
      sourceId: "8896720705097069096",
      revision: Date.UTC(2026, 10, 14, 10, 5, 0, 123),
      copyOf: null,
    });
    expect(draft.fields).toEqual({
      at: startMs,
      elapsedMs: 3_600_000,
      movingMs: 3_065_400,
      type: "running",
      originalType: null,
      distanceMm: 10_002_345,
      energyMcal: 512_500_000,
      elevationGainMm: 12_500,
      offsetMin: 60,
      method: "device",
      deviceModel: "Pixel Watch 3",
      deviceName: null,
      app: "com.fitbit.FitbitMobile",
      speedMmps: null,
      hasTrack: null,
      heartRateBy: null,
      title: "Run",
      notes: "easy",
      heartRate: [
        { t: startMs + 5000, bpm: 120 },
        { t: startMs + 60_000, bpm: 131 },
      ],
    });
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

  it("whose heart rate was not had says nothing of it, nor of a track", () => {
    for (const item of [point, googleHealth.pull.join(point, [])]) {
      const { fields } = read(item);
      expect(fields).not.toHaveProperty("heartRate");
      expect(fields).not.toHaveProperty("track");
    }
  });

  it("keeps a device's name restricted when another platform passed it on", () => {
    const passedOn = { platform: "HEALTH_CONNECT", application: {} };
    expect(read(source(passedOn)).fields).toMatchObject({
      deviceModel: null,
      deviceName: "Pixel Watch 3",
      app: "HEALTH_CONNECT",
    });
  });

  it.each([
    ["manual", { recordingMethod: "MANUAL" }],
    ["unknown", { recordingMethod: "MANUAL", platform: "FITBIT_WEB_API" }],
    ["phone", { device: { formFactor: "PHONE" } }],
    ["device", { device: { formFactor: "CHEST_STRAP" } }],
    ["device", { device: {} }],
    ["unknown", { device: {}, platform: "HEALTH_KIT" }],
  ])("is by %s when its source says so", (method, over) => {
    expect(read(source(over)).fields.method).toBe(method);
  });

  it.each([
    ["SPINNING", "indoor_cycling"],
    ["TREADMILL", "treadmill_running"],
    ["OUTDOOR_BIKE", "cycling"],
    ["OTHER", "other"],
  ])("of type %s is %s", (exerciseType, type) => {
    expect(read(session({ exerciseType })).fields).toMatchObject({ type, originalType: null });
  });

  it("of an unknown type is other, with the word kept", () => {
    const { fields } = read(session({ exerciseType: "KAYAKING" }));
    expect(fields).toMatchObject({ type: "other", originalType: "KAYAKING" });
  });

  it("has no moving time when the one stated is longer than the whole", () => {
    expect(read(session({ activeDuration: "4000s" })).fields.movingMs).toBeNull();
    expect(read(session({ activeDuration: "3600.5s" })).fields.movingMs).toBe(3_600_000);
  });

  const interval = point.exercise.interval;
  it.each([
    ["not-an-object", null],
    ["not-an-object", { name: point.name }],
    ["no-id", { ...point, name: "users/u1/dataTypes/exercise/dataPoints/" }],
    ["no-revision", session({ updateTime: "yesterday" })],
    ["no-start", session({ interval: { ...interval, startTime: 5 } })],
    ["no-duration", session({ interval: { ...interval, endTime: interval.startTime } })],
    ["start-in-future", session({ interval: { ...interval, startTime: "2027-01-01T00:00:00Z" } })],
    ["too-many-samples", { ...point, heartRateSamples: Array(691_201).fill(null) }],
  ])("is refused as %s", (fault, item) => {
    expect(faultOf(item)).toBe(fault);
  });
});

describe("whatever comes", () => {
  it("parse and page answer", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.integer(), (body, status) => {
        googleHealth.parse(body);
        const form = { complete: true, fault: null, retryAfterMs: null, headers: {} };
        pull.page({ status, body, ...form });
        pull.page({ status: 200, body, ...form });
      }),
    );
  });

  it("a notice with any value in any field is counted once", () => {
    const any = fc.record(
      { operation: fc.jsonValue(), recordId: fc.jsonValue(), intervals: fc.array(fc.jsonValue()) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (over) => {
        const { notices, unknown } = delivered(notice(over));
        return notices.length + unknown === 1;
      }),
    );
  });

  it("normalise, readings and join answer, for any JSON and any value in any known field", () => {
    const keys = Object.keys(point.exercise);
    const some = fc.record(Object.fromEntries(keys.map((k) => [k, fc.jsonValue()])), {
      requiredKeys: [],
    });
    const item = fc.oneof(
      fc.jsonValue(),
      some.map(session),
      fc.jsonValue().map((v) => source({ device: v })),
    );
    fc.assert(
      fc.property(item, fc.array(fc.jsonValue()), (value, samples) => {
        pull.readings(value);
        const joined = pull.join(value, samples);
        const result = googleHealth.normalise("exercise", joined, receivedMs);
        return result.ok || /^[a-z-]+$/.test(result.error);
      }),
    );
  });
});

describe("linking", () => {
  const { accountOf, formerly, authorise, scopes } = googleHealth.link;

  it("learns the account, or nothing", () => {
    expect(accountOf({ healthUserId: "account-a" })).toBe("account-a");
    for (const answer of [null, [], {}, { healthUserId: 7 }]) expect(accountOf(answer)).toBeNull();
  });

  it("learns which account at Fitbit it was, of those who had one", () => {
    const identity = { healthUserId: "account-a", legacyUserId: "228S74" };
    expect(formerly(identity)).toEqual({ provider: "fitbit", account: "228S74" });
    for (const answer of [null, {}, { legacyUserId: "" }, { legacyUserId: 7 }])
      expect(formerly(answer)).toBeNull();
  });

  it("asks for a lasting grant, of reading alone, and can do without heart rate", () => {
    expect(authorise).toMatchObject({ access_type: "offline", prompt: "consent" });
    const asked = scopes.map(({ scope, needed }) => [scope.split("/auth/")[1], needed]);
    expect(asked).toEqual([
      ["googlehealth.activity_and_fitness.readonly", true],
      ["googlehealth.health_metrics_and_measurements.readonly", false],
      ["googlehealth.sleep.readonly", false],
    ]);
  });
});
