import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relayedFrom } from "../../domain/workouts/relay.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { suunto } from "../../providers/suunto.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = suunto;
const { pull } = suunto;

const page = (json: unknown, status = 200) =>
  pull.page(replied({ status, body: JSON.stringify(json) }));

const startMs = Date.UTC(2026, 10, 14, 6, 30);
const workout = {
  workoutKey: "6917b0c4e1f2a80012cd34ab",
  activityId: 22,
  startTime: startMs,
  totalTime: 4211.507,
  totalDistance: 11_874,
  totalAscent: 431.5,
  totalDescent: 430,
  energyConsumption: 812,
  stepCount: 10_211,
  startPosition: { x: 24.91, y: 60.2 },
  hrdata: { workoutAvgHR: 149, workoutMaxHR: 178 },
  avgSpeed: 2.82,
  maxSpeed: 35.9,
  timeOffsetInMinutes: 120,
};
const gear = { manufacturer: "Suunto", name: "Suunto Race", productType: "SPORT_WATCH" };

function read(item: unknown) {
  const draft = provider.normalise("workouts", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("a workout", () => {
  it("says all that a workout is", () => {
    const { fields, sourceId, revision, copyOf } = read({ workout, gear });
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "6917b0c4e1f2a80012cd34ab",
      revision: null,
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 4_211_507,
      movingMs: null,
      type: "trail_running",
      originalType: null,
      distanceMm: 11_874_000,
      energyMcal: 812_000_000,
      elevationGainMm: 431_500,
      speedMmps: 2820,
      offsetMin: 120,
      method: "device",
      deviceModel: "Suunto Race",
      app: "Suunto",
      hasTrack: true,
      heartRateBy: null,
      title: null,
      notes: null,
      deviceName: null,
    });
  });

  it("is the same by notice and by answer, whatever end the answer states", () => {
    const answered = {
      ...workout,
      workoutId: 0,
      stopTime: startMs + 4_211_600,
      gear: { ...gear, displayName: "Anna's watch", serialNumber: "S1" },
      hrdata: { workoutAvgHR: 149, workoutMaxHR: 178, userMaxHR: 196, hrmax: 178, max: 196 },
      isEdited: false,
      isManuallyAdded: false,
    };
    expect(read(answered).fields).toEqual(read({ workout, gear }).fields);
    expect(read(answered).sourceId).toBe(read({ workout, gear }).sourceId);
  });

  /** As one was recorded: without the gear, and with what a watch keeps beside it. */
  const { gear: _none, ...bare } = {
    ...workout,
    gear,
    isEdited: false,
    isManuallyAdded: false,
    extensionTypes: ["FITNESS", "HEARTRATESTREAM", "SML", "SUMMARY"],
  };

  it("whose answer lacks the gear keeps what the notice said, until it is edited", () => {
    expect(read({ workout, gear }).revision).toBeNull();
    // Below every number of the ledger's, which begin at 1.
    expect(read(bare).revision).toBe(0);
    expect(read({ ...bare, gear: { serialNumber: "S1" } }).revision).toBe(0);
    for (const over of [{ isEdited: true }, { isEdited: undefined }, { gear }])
      expect(read({ ...bare, ...over }).revision).toBeNull();
    // What the notice itself says is never the poorer one.
    expect(read({ workout: bare }).revision).toBeNull();
  });

  it("that a watch kept a log of is a device's, also where no gear is named", () => {
    expect(read(bare).fields).toEqual({
      ...read({ workout, gear }).fields,
      deviceModel: null,
    });
    expect(read({ ...bare, isManuallyAdded: true }).fields.method).toBe("manual");
    for (const extensionTypes of [undefined, "SML", ["SUMMARY"], [["SML"]]])
      expect(read({ ...bare, extensionTypes }).fields.method).toBe("unknown");
  });

  it("is never taken from the other number, which is 0 or another name of it", () => {
    for (const workoutId of [0, 8_123_456])
      expect(
        provider.normalise(
          "workouts",
          { ...workout, workoutKey: undefined, workoutId },
          receivedMs,
        ),
      ).toEqual({ ok: false, error: "no-id" });
  });

  it("holds no way at (0, 0), and nothing where zero was written for it", () => {
    const empty = {
      ...workout,
      startPosition: { x: 0, y: 0 },
      totalDistance: 0,
      totalAscent: 0,
      energyConsumption: 0,
      avgSpeed: 0,
      hrdata: { workoutAvgHR: 0, userMaxHR: 196, max: 196 },
    };
    expect(read(empty).fields).toMatchObject({
      hasTrack: null,
      distanceMm: null,
      elevationGainMm: null,
      energyMcal: null,
      speedMmps: null,
      heartRateBy: null,
    });
  });

  it("keeps no place and no rate of the heart in the open", () => {
    const { fields } = read({ workout, gear });
    expect(JSON.stringify(fields)).not.toMatch(/24\.91|60\.2|149|178/);
  });

  it.each([
    ["typed in", { isManuallyAdded: true, gear: undefined }, "manual"],
    ["typed in for a watch", { isManuallyAdded: true }, "manual"],
    ["of a watch", {}, "device"],
    ["of no gear", { gear: undefined }, "unknown"],
  ])("%s was recorded so", (_name, over, method) => {
    expect(read({ ...workout, gear, ...over }).fields.method).toBe(method);
  });

  it("that Suunto's app took over from another maker is seen as a copy", () => {
    const { fields } = read({ workout, gear: { manufacturer: "Garmin", name: "Forerunner 965" } });
    expect(relayedFrom({ app: String(fields.app), provider: "suunto" })).toBe("garmin");
    const own = read({ workout, gear }).fields;
    expect(relayedFrom({ app: String(own.app), provider: "suunto" })).toBeNull();
  });

  it.each([
    [0, "walking"],
    [1, "running"],
    [2, "cycling"],
    [3, "cross_country_skiing"],
    [10, "mountain_biking"],
    [11, "hiking"],
    [15, "rowing"],
    [21, "swimming"],
    [23, "strength_training"],
    [52, "indoor_cycling"],
    [53, "treadmill_running"],
    [57, "indoor_rowing"],
    [85, "open_water_swimming"],
    [99, "gravel_cycling"],
    [105, "e_biking"],
    [115, "trail_running"],
    [121, "yoga"],
    [68, "other"],
    [74, "other"],
    [122, "other"],
    ["0", "other"],
    [undefined, "other"],
  ])("of activity %s is %s", (activityId, type) => {
    expect(read({ ...workout, activityId }).fields.type).toBe(type);
  });
});

describe("a notice", () => {
  const said = (event: object) =>
    provider.parse(JSON.stringify({ username: "trailfox", ...event }));

  it("carries a workout, without the account's name in what is kept of it", () => {
    const parsed = said({ type: "WORKOUT_CREATED", workout, gear });
    expect(parsed).toMatchObject({
      ok: true,
      value: { items: [{ account: "trailfox", kind: "workouts" }], unknown: 0 },
    });
    const [item] = parsed.ok ? parsed.value.items : [];
    expect(read(item?.body).raw.text).not.toContain("trailfox");
  });

  it("of a day's measurements feeds the samples, where its form is known", () => {
    const samples = [
      { timestamp: "2026-11-13T22:00:00.000+02:00", entryData: { HR: 60 } },
      { timestamp: "2026-11-13T20:10:00.000Z", entryData: { HR: 61 } },
      { timestamp: "some day" },
    ];
    const account = "trailfox";
    for (const kind of ["sleep", "activity"])
      expect(said({ type: `SUUNTO_247_${kind.toUpperCase()}_CREATED`, samples })).toMatchObject({
        value: { items: [], later: { items: [{ account, kind, body: { samples } }] } },
      });
    for (const kind of ["recovery"])
      expect(said({ type: `SUUNTO_247_${kind.toUpperCase()}_CREATED`, samples })).toMatchObject({
        value: {
          items: [],
          notices: [],
          later: {
            notices: [
              {
                account,
                collection: kind,
                fromMs: Date.UTC(2026, 10, 13, 20),
                toMs: Date.UTC(2026, 10, 13, 20, 10),
              },
            ],
          },
        },
      });
  });

  it("of a route, or of what is not known, is counted", () => {
    for (const type of ["ROUTE_CREATED", "WORKOUT_UPDATED"])
      expect(said({ type })).toMatchObject({ ok: true, value: { items: [], unknown: 1 } });
  });

  it("of the old form names a workout that is to be read", () => {
    expect(provider.parse("username=trail%40fox&workoutid=6917b0c4")).toMatchObject({
      ok: true,
      value: {
        items: [],
        notices: [
          {
            account: "trail@fox",
            collection: "workouts",
            record: "6917b0c4",
            fromMs: 0,
            toMs: 0,
            gone: null,
          },
        ],
      },
    });
    for (const form of [
      "workoutid=6917b0c4",
      "username=a&workoutid=b&workoutid=c",
      "username=a&workoutid=",
      "username=a&workoutid=%2E%2E%2Fme",
    ])
      expect(provider.parse(form)).toEqual({ ok: false, error: "not-understood" });
  });
});

describe("what is read", () => {
  const step = { collection: "workouts", fromMs: startMs, toMs: startMs + 1000 };

  it("is asked for by start, the newest first, and one by its key alone", () => {
    expect(pull.list(step, null)).toEqual({
      path: "/v3/workouts",
      query: {
        since: String(startMs),
        until: String(startMs + 1000),
        sort: "desc",
        limit: "100",
        "filter-by-modification-time": "false",
      },
    });
    expect(pull.one("workouts", "6917b0c4").path).toBe("/v3/workouts/6917b0c4");
    expect(pull.one("workouts", "../../oauth/x?y").path).toMatch(
      /^\/v3\/workouts\/~[A-Za-z0-9_~-]+$/,
    );
  });

  it("is a list, or one", () => {
    expect(page({ error: null, payload: [workout] })).toEqual({
      ok: true,
      value: { items: [workout], next: null },
    });
    expect(page({ error: null, payload: workout })).toEqual({
      ok: true,
      value: { items: [workout], next: null },
    });
  });

  it("goes on from the oldest of a full page, and believes no other order", () => {
    const many = (startOf: (i: number) => number) =>
      Array.from({ length: 100 }, (_, i) => ({ ...workout, startTime: startOf(i) }));
    const full = page({ payload: many((i) => startMs - i * 1000) });
    if (!full.ok || full.value.next === null) throw new Error("no next");
    expect(pull.list(step, full.value.next).query.until).toBe(String(startMs - 99_000));
    expect(page({ payload: many((i) => startMs + i) })).toEqual({ ok: false, error: "broken" });
    expect(page({ payload: many(() => startMs) })).toEqual({ ok: false, error: "broken" });
  });

  it.each([
    [401, {}, "reconnect"],
    [401, { message: "Access denied due to missing subscription key." }, "again"],
    [403, { message: "Out of call volume quota. Quota will be replenished." }, "again"],
    [403, {}, "refused"],
    [404, { error: "none" }, "gone"],
    [429, { message: "Rate limit is exceeded." }, "again"],
    [500, {}, "again"],
    [400, {}, "refused"],
    [200, { error: { code: "E" }, payload: [] }, "broken"],
    [200, { payload: null }, "broken"],
    [200, [], "broken"],
  ])("answered by %s %o is no page: %s", (status, body, fault) => {
    expect(page(body, status)).toEqual({ ok: false, error: fault });
  });
});

it("an account is named with the tokens, and in nothing else", () => {
  expect(suunto.link.accountIn({ user: "trailfox", scope: "workout" })).toBe("trailfox");
  for (const given of [null, {}, { user: "" }, { user: 7 }, { user: "x".repeat(201) }])
    expect(suunto.link.accountIn(given)).toBeNull();
});

describe("whatever comes", () => {
  it("is read or refused, and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (json, text) => {
        const body = JSON.stringify(json);
        provider.parse(body);
        provider.parse(text);
        provider.parse(`username=${text}&workoutid=${text}`);
        for (const type of ["WORKOUT_CREATED", "SUUNTO_247_SLEEP_CREATED", "SUUNTO_247_X_CREATED"])
          provider.parse(
            JSON.stringify({ type, username: "u", workout: json, gear: json, samples: json }),
          );
        pull.page(replied({ body }));
        page({ payload: json });
        page({ payload: Array.from({ length: 100 }, () => json) });
        provider.samples?.read("sleep", json, receivedMs);
        provider.samples?.read("sleep", { samples: [{ entryData: json }, json] }, receivedMs);
        provider.normalise("workouts", json, receivedMs);
        provider.normalise("workouts", { workout: json, gear: json }, receivedMs);
        for (const field of Object.keys(workout))
          provider.normalise("workouts", { ...workout, [field]: json, gear: json }, receivedMs);
      }),
    );
  });

  it("gives fields that a workout may have", () => {
    const { fields, sourceId } = read({ workout, gear });
    const fact = {
      ...fields,
      id: "f",
      revision: 0,
      member: "m",
      connection: "c",
      provider: "suunto",
      originId: "o",
      copyOf: null,
      sourceId,
    };
    expect(workoutSchema.safeParse(fact).error).toBeUndefined();
  });
});
