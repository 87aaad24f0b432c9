import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { garmin } from "../../providers/garmin.ts";
import { isRetractedDraft } from "../../providers/provider.ts";

const started = 1_763_597_760;
const receivedMs = (started + 86_400) * 1000;

const summary = {
  userId: "account-a",
  summaryId: "21047282990",
  activityId: 21_047_282_990,
  activityName: "Morning Run",
  activityDescription: "along the river",
  activityType: "RUNNING",
  startTimeInSeconds: started,
  startTimeOffsetInSeconds: 3600,
  durationInSeconds: 1800,
  distanceInMeters: 5012.345,
  activeKilocalories: 321,
  totalElevationGainInMeters: 41.5,
  deviceName: "Forerunner 965",
  manual: false,
  isWebUpload: false,
};
const details = {
  userId: "account-a",
  summaryId: "21047282990-detail",
  activityId: 21_047_282_990,
  summary: { ...summary, userId: undefined, summaryId: undefined },
  samples: [
    {
      startTimeInSeconds: started + 1,
      heartRate: 121,
      latitudeInDegree: 48.1,
      longitudeInDegree: 11.5,
      elevationInMeters: 520,
      clockDurationInSeconds: 1,
      timerDurationInSeconds: 1,
    },
    { startTimeInSeconds: started, heartRate: 120, latitudeInDegree: 0, longitudeInDegree: 0 },
    { startTimeInSeconds: started + 2, heartRate: 0, heartrate: 90 },
    {
      startTimeInSeconds: started + 2000,
      heartrate: 150,
      clockDurationInSeconds: 2000,
      timerDurationInSeconds: 1800,
    },
  ],
};

const delivered = (body: unknown) => {
  const parsed = garmin.parse(JSON.stringify(body));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const read = (kind: string, item: unknown) => {
  const result = garmin.normalise(kind, item, receivedMs);
  if (!result.ok) throw new Error(result.error);
  if (isRetractedDraft(result.value)) throw new Error("a retraction");
  return result.value;
};
const faultOf = (kind: string, item: unknown) => {
  const result = garmin.normalise(kind, item, receivedMs);
  return result.ok ? null : result.error;
};

describe("a body", () => {
  it("holds items of several accounts and several summary types", () => {
    const { items, unknown } = delivered({
      activities: [summary, { ...summary, userId: "account-b" }],
      manuallyUpdatedActivities: [summary],
      activityDetails: [details],
    });
    expect(items.map((i) => [i.account, i.kind])).toEqual([
      ["account-a", "activities"],
      ["account-b", "activities"],
      ["account-a", "activities"],
      ["account-a", "activityDetails"],
    ]);
    expect(unknown).toBe(0);
  });

  it("makes claims of what anyone could say of an account", () => {
    const { items, claims } = delivered({
      deregistrations: [{ userId: "account-a" }],
      userPermissionsChange: [{ userId: "account-b", permissions: [] }],
    });
    expect(items).toEqual([]);
    expect(claims).toEqual([
      { account: "account-a", claim: "deregistered" },
      { account: "account-b", claim: "permissions-changed" },
    ]);
  });

  it("counts what is not read, pings and entries without an account, and keeps the rest", () => {
    const { items, unknown } = delivered({
      epochs: [{ userId: "account-a" }, { userId: "account-a" }],
      activities: [
        { userId: "account-a", callbackURL: "https://apis.garmin.com/x" },
        { ...summary, userId: 7 },
        null,
        summary,
      ],
    });
    expect(items).toHaveLength(1);
    expect(unknown).toBe(5);
  });

  it("has what feeds the samples apart, by its type", () => {
    const [daily, night] = [
      { userId: "account-a", steps: 1 },
      { userId: "account-b", hrvValues: {} },
    ];
    expect(delivered({ dailies: [daily], hrv: [night], activities: [summary] })).toMatchObject({
      items: [{ kind: "activities" }],
      later: {
        items: [
          { account: "account-a", kind: "dailies", body: daily },
          { account: "account-b", kind: "hrv", body: night },
        ],
        notices: [],
      },
      unknown: 0,
    });
    expect(delivered({ activities: [summary] })).not.toHaveProperty("later");
  });

  it("is understood when it holds only what is not read", () => {
    expect(delivered({ epochs: [{ userId: "a" }], hrv: [] })).toMatchObject({ unknown: 1 });
  });

  it("is refused when none of it names an account under a type that Garmin has", () => {
    for (const body of [
      { activities: [null, 1, "x", [], {}] },
      { unheardOf: [{ userId: "a" }] },
      { dailies: [{}] },
    ])
      expect(garmin.parse(JSON.stringify(body))).toEqual({ ok: false, error: "not-understood" });
    expect(delivered({ unheardOf: [{ userId: "a" }], epochs: [{ userId: "a" }] }).unknown).toBe(2);
    expect(delivered({ activities: [] })).toMatchObject({ items: [], unknown: 0 });
  });

  it("is refused when it is not JSON, or nothing in it is an array", () => {
    expect(garmin.parse("{")).toEqual({ ok: false, error: "not-json" });
    for (const body of ["[]", "null", "3", "{}", '{"activities":{}}'])
      expect(garmin.parse(body)).toEqual({ ok: false, error: "not-understood" });
  });
});

describe("a summary", () => {
  it("becomes integers in the smallest units, and fits the stream's schema", () => {
    const draft = read("activities", summary);
    expect(draft).toMatchObject({ sourceId: "21047282990", revision: null, copyOf: null });
    expect(draft.fields).toEqual({
      at: started * 1000,
      elapsedMs: 1_800_000,
      movingMs: null,
      type: "running",
      originalType: null,
      distanceMm: 5_012_345,
      energyMcal: 321_000_000,
      elevationGainMm: 41_500,
      offsetMin: 60,
      method: "device",
      deviceModel: "Forerunner 965",
      deviceName: null,
      app: "Garmin Connect",
      speedMmps: null,
      hasTrack: null,
      heartRateBy: null,
      title: "Morning Run",
      notes: "along the river",
    });
    expect(draft.raw).toEqual({ column: "raw_summary", text: JSON.stringify(summary) });
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
    expect(fact.safeParse(read("activityDetails", details).fields).success).toBe(true);
  });

  it("does not speak of readings, so that it cannot take away what the details said", () => {
    const { fields } = read("activities", summary);
    expect(fields).not.toHaveProperty("heartRate");
    expect(fields).not.toHaveProperty("track");
  });

  it("shows the traces of what was measured, alike in a summary and in its details", () => {
    const traces = {
      averageSpeedInMetersPerSecond: 2.785,
      averageHeartRateInBeatsPerMinute: 151,
      startingLatitudeInDegree: 48.1,
      startingLongitudeInDegree: 11.5,
    };
    const expected = { speedMmps: 2785, hasTrack: true, heartRateBy: "unknown" };
    expect(read("activities", { ...summary, ...traces }).fields).toMatchObject(expected);
    const detailed = { ...details, summary: { ...details.summary, ...traces } };
    expect(read("activityDetails", detailed).fields).toMatchObject(expected);
  });

  it("takes no speed that nothing moves at, and no fix that was none", () => {
    const odd = { averageSpeedInMetersPerSecond: 1e9, startingLatitudeInDegree: 0 };
    const { fields } = read("activities", { ...summary, ...odd, startingLongitudeInDegree: 0 });
    expect(fields).toMatchObject({ speedMmps: null, hasTrack: null });
  });

  it.each([
    ["TRAIL_RUNNING", "trail_running"],
    ["E_BIKE_FITNESS", "e_biking"],
    ["VIRTUAL_RIDE", "virtual_cycling"],
    ["STRENGTH_TRAINING_V2", "strength_training"],
    ["CROSS_COUNTRY_SKIING_WS", "cross_country_skiing"],
    ["OTHER", "other"],
  ])("of type %s is %s", (activityType, type) => {
    const { fields } = read("activities", { ...summary, activityType });
    expect(fields).toMatchObject({ type, originalType: null });
  });

  it("of an unknown type is other, with the word kept", () => {
    const { fields } = read("activities", { ...summary, activityType: "PADDELBALL" });
    expect(fields).toMatchObject({ type: "other", originalType: "PADDELBALL" });
  });

  it("that was typed in or uploaded is manual", () => {
    for (const flag of ["manual", "isWebUpload"])
      expect(read("activities", { ...summary, [flag]: true }).fields.method).toBe("manual");
  });

  it("states an offset only when a place on Earth has it", () => {
    const offset = (startTimeOffsetInSeconds: unknown) =>
      read("activities", { ...summary, startTimeOffsetInSeconds }).fields.offsetMin;
    expect([offset(20_700), offset(-34_200), offset(0)]).toEqual([345, -570, 0]);
    expect([offset(3601), offset(61_200), offset("3600"), offset(null)]).toEqual(
      Array(4).fill(null),
    );
  });

  it("has no value where the value is of a wrong kind or below zero", () => {
    const { fields } = read("activities", {
      ...summary,
      distanceInMeters: -1,
      activeKilocalories: "9",
      totalElevationGainInMeters: null,
    });
    expect(fields).toMatchObject({ distanceMm: null, energyMcal: null, elevationGainMm: null });
  });

  it("is identified by a number only while the number is exact", () => {
    const unnamed = { ...summary, summaryId: undefined };
    expect(read("activities", unnamed).sourceId).toBe("21047282990");
    expect(faultOf("activities", { ...unnamed, activityId: 2 ** 60 })).toBe("no-id");
  });

  it.each([
    ["not-an-object", []],
    ["no-id", { ...summary, summaryId: "", activityId: null }],
    ["no-start", { ...summary, startTimeInSeconds: 0 }],
    ["no-duration", { ...summary, durationInSeconds: -5 }],
    ["start-in-future", { ...summary, startTimeInSeconds: started + 3 * 86_400 }],
  ])("is refused as %s", (fault, item) => {
    expect(faultOf("activities", item)).toBe(fault);
  });
});

describe("details", () => {
  it("are a statement of the same record, with the same open fields", () => {
    const a = read("activities", summary);
    const b = read("activityDetails", { ...details, samples: [] });
    expect(b.sourceId).toBe(a.sourceId);
    expect(b.fields).toEqual({ ...a.fields, heartRate: null, track: null });
    expect(b.raw.column).toBe("raw_details");
  });

  it("state readings in order, without zeros that mean nothing was measured", () => {
    const { fields } = read("activityDetails", details);
    expect(fields.heartRate).toEqual([
      { t: started * 1000, bpm: 120 },
      { t: (started + 1) * 1000, bpm: 121 },
      { t: (started + 2000) * 1000, bpm: 150 },
    ]);
    expect(fields.track).toEqual([{ t: (started + 1) * 1000, lat: 48.1, lon: 11.5, alt: 520 }]);
  });

  it("say the same of an activity as its summary, so that their order cannot matter", () => {
    const openOf = ({ fields }: ReturnType<typeof read>) => {
      const { heartRate: _h, track: _t, ...open } = fields;
      return open;
    };
    expect(openOf(read("activityDetails", details))).toEqual(
      openOf(read("activities", details.summary)),
    );
  });

  it("without a summary, with too many samples or nested too deep are refused", () => {
    expect(faultOf("activityDetails", { ...details, summary: undefined })).toBe("no-summary");
    const samples = Array(691_201).fill(null);
    expect(faultOf("activityDetails", { ...details, samples })).toBe("too-many-samples");
    const laps = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
    expect(faultOf("activityDetails", { ...details, laps })).toBe("too-deep");
  });
});

describe("whatever comes", () => {
  const kinds = fc.constantFrom("activities", "activityDetails", "else");

  it("parse answers", () => {
    fc.assert(fc.property(fc.json(), (body) => typeof garmin.parse(body).ok === "boolean"));
    fc.assert(fc.property(fc.string(), (body) => typeof garmin.parse(body).ok === "boolean"));
  });

  it("normalise answers, for any JSON and for any value in any known field", () => {
    const known = fc.record(
      Object.fromEntries(Object.keys(summary).map((key) => [key, fc.jsonValue()])),
      { requiredKeys: [] },
    );
    const item = fc.oneof(
      fc.jsonValue(),
      known.map((some) => ({ ...summary, ...some })),
      fc.record({ summary: known.map((s) => ({ ...summary, ...s })), samples: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(kinds, item, (kind, value) => {
        const result = garmin.normalise(kind, value, receivedMs);
        return result.ok || /^[a-z-]+$/.test(result.error);
      }),
    );
  });
});

describe("linking", () => {
  it("learns the account, or nothing", () => {
    expect(garmin.link.accountOf({ userId: "account-a" })).toBe("account-a");
    for (const answer of [null, {}, { userId: 7 }, { userId: "" }])
      expect(garmin.link.accountOf(answer)).toBeNull();
  });
});
