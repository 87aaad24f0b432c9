import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relayedFrom } from "../../domain/workouts/relay.ts";
import { workoutSchema } from "../../domain/workouts/schema.ts";
import { fitbit } from "../../providers/fitbit.ts";
import { legacyOf } from "../../providers/google-health/legacy.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { replied } from "./replied.ts";

const receivedMs = Date.UTC(2026, 10, 1);
const provider: Provider = fitbit;
const { pull } = fitbit;

const page = (json: unknown, status = 200) =>
  pull.page(replied({ status, body: JSON.stringify(json) }));

/** Late in the evening where it was, and over midnight. */
const ride = {
  logId: 46_512_340_987,
  logType: "tracker",
  activityName: "Bike",
  activityTypeId: 90_001,
  startTime: "2026-10-13T23:41:07.000+09:00",
  originalStartTime: "2026-10-13T23:40:00.000+09:00",
  duration: 2_405_000,
  originalDuration: 2_600_000,
  activeDuration: 2_342_000,
  distance: 15.218,
  distanceUnit: "Kilometer",
  speed: 23.4,
  elevationGain: 54.864,
  calories: 402,
  averageHeartRate: 131,
  hasGps: true,
  lastModified: "2026-10-13T15:20:00.500Z",
  source: { id: "1X", name: "Charge 6", type: "tracker", url: "https://www.fitbit.com/" },
  manualValuesSpecified: { calories: false, distance: false, steps: false },
};
const startMs = Date.UTC(2026, 9, 13, 14, 41, 7);

function read(item: unknown) {
  const draft = provider.normalise("activities", item, receivedMs);
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

describe("an entry of the log", () => {
  it("says all that a workout is, as it was edited", () => {
    const { sourceId, revision, fields, copyOf } = read(ride);
    expect({ sourceId, revision, copyOf }).toEqual({
      sourceId: "46512340987",
      revision: Date.UTC(2026, 9, 13, 15, 20, 0, 500),
      copyOf: null,
    });
    expect(fields).toEqual({
      at: startMs,
      elapsedMs: 2_405_000,
      movingMs: 2_342_000,
      type: "cycling",
      originalType: null,
      distanceMm: 15_218_000,
      energyMcal: 402_000_000,
      elevationGainMm: 54_864,
      speedMmps: 6500,
      offsetMin: 540,
      method: "device",
      deviceModel: "Charge 6",
      app: null,
      hasTrack: true,
      heartRateBy: "wrist",
      title: null,
      notes: null,
      deviceName: null,
    });
  });

  it("in miles is in feet and miles an hour too", () => {
    const american = { ...ride, distanceUnit: "Mile", distance: 10, speed: 10, elevationGain: 100 };
    expect(read(american).fields).toMatchObject({
      distanceMm: 16_093_440,
      elevationGainMm: 30_480,
      speedMmps: 4470,
    });
  });

  it("in a unit that nobody knows states no length", () => {
    const strange = { ...ride, distanceUnit: "Li" };
    expect(read(strange).fields).toMatchObject({
      distanceMm: null,
      elevationGainMm: null,
      speedMmps: null,
      elapsedMs: 2_405_000,
    });
  });

  it("of another app is seen as that one's copy, and not as typed by hand", () => {
    const copy = {
      ...ride,
      logType: "manual",
      averageHeartRate: undefined,
      source: { id: "22997K", name: "Fitbit + Strava", type: "app" },
      manualValuesSpecified: { distance: true },
    };
    const { fields } = read(copy);
    expect(fields).toMatchObject({
      method: "unknown",
      app: "Strava",
      deviceModel: null,
      heartRateBy: null,
    });
    expect(relayedFrom({ app: String(fields.app), provider: "fitbit" })).toBe("strava");
  });

  it.each([
    ["typed in", { logType: "manual", source: undefined }, "manual"],
    [
      "typed into Fitbit's app",
      { logType: "manual", source: { type: "app", name: "Fitbit for Android" } },
      "manual",
    ],
    ["of a distance that was typed in", { manualValuesSpecified: { distance: true } }, "manual"],
    ["found by the tracker itself", { logType: "auto_detected" }, "device"],
    [
      "of a phone",
      { logType: "mobile_run", source: { type: "app", name: "Fitbit for iPhone" } },
      "phone",
    ],
    ["of nobody says what", { logType: "fitstar", source: undefined }, "unknown"],
  ])("%s was recorded so", (_name, over, method) => {
    const { fields } = read({ ...ride, ...over });
    expect(fields.method).toBe(method);
    expect(relayedFrom({ app: fields.app as string | null, provider: "fitbit" })).toBeNull();
  });

  it("keeps the number by which Google Health names it later", () => {
    const { sourceId } = read(ride);
    expect(legacyOf(sourceId, startMs, { platform: "FITBIT" })).toEqual({
      provider: "fitbit",
      sourceId,
    });
  });

  it.each([
    ["Swimming", 90_024, "swimming"],
    ["Spinning", 90_024, "indoor_cycling"],
    [undefined, 90_024, "swimming"],
    ["Workout", 3000, "cardio"],
    ["Weights", 3000, "strength_training"],
    ["Elliptical", 20_047, "cardio"],
    ["Course à pied", 90_009, "running"],
    ["Open Water Swim", undefined, "open_water_swimming"],
  ])("called %s with number %s is %s", (activityName, activityTypeId, type) => {
    expect(read({ ...ride, activityName, activityTypeId }).fields.type).toBe(type);
  });

  it("without a word of when it was changed is ordered by the ledger", () => {
    expect(read({ ...ride, lastModified: undefined }).revision).toBeNull();
  });
});

describe("a notice", () => {
  const notice = { collectionType: "activities", date: "2026-10-13", ownerId: "7XK2QP" };
  const said = (...entries: unknown[]) => provider.parse(JSON.stringify(entries));

  it("said again means the same, and is never known already", () => {
    const once = said(notice);
    expect(said(notice, notice)).toMatchObject({
      value: { notices: once.ok ? [...once.value.notices, ...once.value.notices] : [] },
    });
  });

  it("of other collections feeds the samples; what is not known is counted", () => {
    const others = ["sleep", "body", "foods"].map((collectionType) => ({
      ...notice,
      collectionType,
    }));
    expect(
      said(...others, { ...notice, collectionType: "stars" }, { ...notice, ownerId: "" }, notice),
    ).toMatchObject({
      ok: true,
      value: {
        notices: [{ account: "7XK2QP" }],
        later: {
          notices: [{ collection: "sleep" }, { collection: "body" }, { collection: "foods" }],
        },
        unknown: 2,
      },
    });
  });

  it("may come as the file of a form, as long ago", () => {
    const form = (name: string) =>
      [
        "--xYzZy",
        'Content-Disposition: form-data; name="other"',
        "",
        "[1]",
        "--xYzZy",
        `Content-Disposition: form-data; name="${name}"; filename="updates.json"`,
        "Content-Type: application/json",
        "",
        JSON.stringify([notice]),
        "--xYzZy--",
        "",
      ].join("\r\n");
    expect(provider.parse(form("updates"))).toEqual(said(notice));
    expect(provider.parse(form("others"))).toEqual({ ok: false, error: "not-json" });
  });
});

it("an account is named with the tokens, and in nothing else", () => {
  expect(fitbit.link.accountIn({ user_id: "7XK2QP", scope: "activity" })).toBe("7XK2QP");
  for (const given of [
    null,
    {},
    { user_id: "" },
    { user_id: 7 },
    { user: { encodedId: "7XK2QP" } },
  ])
    expect(fitbit.link.accountIn(given)).toBeNull();
});

describe("whatever comes", () => {
  it("is read or refused, and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (json, text) => {
        const body = JSON.stringify(json);
        provider.parse(body);
        provider.parse(text);
        provider.parse(`--x\r\n\r\n${text}`);
        pull.page(replied({ body }));
        page({ activities: [json], pagination: json });
        page({ "activities-heart": [json], "activities-heart-intraday": json });
        pull.readings(json);
        for (const kind of fitbit.samples.kinds)
          for (const item of [
            json,
            {
              sleep: [json],
              weight: [json],
              "activities-heart": [json],
              "activities-steps": [json],
            },
          ])
            provider.samples?.read(kind, item, receivedMs);
        for (const field of Object.keys(ride))
          provider.normalise(
            "activities",
            { ...ride, [field]: json, heartRateReadings: [json] },
            receivedMs,
          );
      }),
    );
  });

  it("gives fields that a workout may have", () => {
    const { fields, sourceId, revision } = read(
      pull.join(ride, [{ time: "23:50:00", value: 120 }]),
    );
    const fact = {
      ...fields,
      id: "f",
      revision: revision ?? 0,
      member: "m",
      connection: "c",
      provider: "fitbit",
      originId: "o",
      copyOf: null,
      sourceId,
    };
    expect(workoutSchema.safeParse(fact).error).toBeUndefined();
  });
});
