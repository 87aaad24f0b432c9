/** What was done, in every word that Strava has, and whose recording it is, by its hints. */
import { describe, expect, it } from "vitest";
import { relayedFrom } from "../../../domain/workouts/relay.ts";
import { isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import { strava } from "../../../providers/strava.ts";

const provider: Provider = strava;
const detail = {
  resource_state: 3,
  id: 16_412_345_678,
  name: "Along the river",
  start_date: "2026-10-03T05:00:00Z",
  utc_offset: 10_800,
  elapsed_time: 4_410,
  manual: false,
  trainer: false,
  upload_id: 17_512_345_678,
};

function read(item: unknown) {
  const draft = provider.normalise("activities", item, Date.UTC(2026, 10, 21));
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value;
}

/** Every word that Strava has, and what it is here; those that are none of our types keep theirs. */
const sports: readonly (readonly [word: string, type: string])[] = [
  ...["AlpineSki", "BackcountrySki", "Snowboard"].map((w) => [w, "skiing"] as const),
  ...["NordicSki", "RollerSki"].map((w) => [w, "cross_country_skiing"] as const),
  ...["EBikeRide", "EMountainBikeRide"].map((w) => [w, "e_biking"] as const),
  ...["Elliptical", "HighIntensityIntervalTraining", "StairStepper"].map(
    (w) => [w, "cardio"] as const,
  ),
  ...["Crossfit", "WeightTraining"].map((w) => [w, "strength_training"] as const),
  ...["Hike", "Snowshoe"].map((w) => [w, "hiking"] as const),
  ...["Ride", "Handcycle", "Velomobile"].map((w) => [w, "cycling"] as const),
  ...["Pilates", "Yoga"].map((w) => [w, "yoga"] as const),
  ["GravelRide", "gravel_cycling"],
  ["MountainBikeRide", "mountain_biking"],
  ["Rowing", "rowing"],
  ["Run", "running"],
  ["Swim", "swimming"],
  ["TrailRun", "trail_running"],
  ["VirtualRide", "virtual_cycling"],
  ["VirtualRow", "indoor_rowing"],
  ["VirtualRun", "treadmill_running"],
  ["Walk", "walking"],
  ["Workout", "other"],
];
const unnamed =
  "Badminton Basketball Canoeing Cricket Dance Golf IceSkate InlineSkate Kayaking Kitesurf Padel PhysicalTherapy Pickleball Racquetball RockClimbing Sail Skateboard Soccer Squash StandUpPaddling Surfing TableTennis Tennis Volleyball Wheelchair Windsurf".split(
    " ",
  );

describe("what was done", () => {
  const typeOf = (over: object) => {
    const { type, originalType } = read({ ...detail, ...over }).fields;
    return [type, originalType];
  };

  it("is told by every word that Strava has", () => {
    expect(new Set([...sports.map(([word]) => word), ...unnamed]).size).toBe(56);
    for (const [word, type] of sports)
      expect(typeOf({ sport_type: word, type: word }), word).toEqual([type, null]);
    for (const word of unnamed)
      expect(typeOf({ sport_type: word, type: word }), word).toEqual(["other", word]);
  });

  it.each([
    [{ sport_type: "Run", type: "Run", trainer: true }, "treadmill_running", null],
    [{ sport_type: "Ride", type: "Ride", trainer: true }, "indoor_cycling", null],
    [{ sport_type: "Rowing", type: "Rowing", trainer: true }, "indoor_rowing", null],
    [{ sport_type: "VirtualRide", type: "VirtualRide", trainer: true }, "virtual_cycling", null],
    [{ sport_type: "WeightTraining", type: "Workout", trainer: true }, "strength_training", null],
    [{ sport_type: undefined, type: "Hike" }, "hiking", null],
    [{ sport_type: "TrailRun", type: "Run" }, "trail_running", null],
    [{ sport_type: "UltraRun", type: "Run" }, "running", "UltraRun"],
    [{ sport_type: "Quidditch", type: "Quidditch" }, "other", "Quidditch"],
    [{ sport_type: "constructor", type: "__proto__" }, "other", "constructor"],
    [{ sport_type: undefined, type: undefined }, "other", null],
  ])("of %j is %s, and %s is kept", (over, type, word) => {
    expect(typeOf(over)).toEqual([type, word]);
  });
});

const uuid = "620d5ddd-b836-4f6b-8760-f905b8c2895f";
const garmin = (sourceId: string) => ({ provider: "garmin", sourceId });

describe("whose recording it is", () => {
  it.each([
    ["garmin_push_9412345678", "Garmin Edge 530", "Garmin", "garmin", garmin("9412345678")],
    ["garmin_push_9412345678", undefined, "Garmin", "garmin", garmin("9412345678")],
    ["garmin_ping_493123456789", "Garmin Forerunner 255", "Garmin", "garmin", null],
    ["garmin_push_9412345678", "Zwift", "Garmin", "garmin", null],
    ["garmin_push_9412345678", "Maria's watch", "Garmin", "garmin", null],
    ["garmin_push_x", undefined, null, null, null],
    ["garmin_push_9412345678.fit", undefined, "Garmin", "garmin", null],
    ["9412345678_ACTIVITY.fit", undefined, "Garmin", "garmin", null],
    ["tp-123.2026-10-03.GarminPing.AAAA.FIT", undefined, "Garmin", "garmin", null],
    [
      "17900304917.tcx",
      "Fitbit Ionic",
      "Fitbit",
      "google-health",
      { provider: "fitbit", sourceId: "17900304917" },
    ],
    ["17900304917.tcx", "Garmin fenix 7", "Garmin", "garmin", null],
    ["17900304917.tcx", undefined, null, null, null],
    ["2026-10-03-080000-ELEMNT_BOLT_1A2B-51-0.fit", undefined, "Wahoo ELEMNT", "wahoo", null],
    ["2026-10-03-08-00-00.fit", "Wahoo ELEMNT ROAM", "Wahoo", "wahoo", null],
    ["zwift-activity-1234567.fit", "Zwift", "Zwift", "zwift", null],
    ["ride.fit", "Zwift", "Zwift", "zwift", null],
    ["row.fit", "Concept2 PM5", "Concept2", "concept2", null],
    ["ride.tcx", "Peloton Bike", "Peloton", "peloton", null],
    ["a.fit", "Polar Vantage V3", "Polar", "polar", null],
    ["a.fit", "Suunto Race", "Suunto", "suunto", null],
    ["a.fit", "COROS PACE 3", "COROS", "coros", null],
    ["a.fit", "WHOOP", "WHOOP", "whoop", null],
    ["a.fit", "Apple Watch Series 9", "Apple", "apple-health", null],
    [uuid, "Apple Watch Series 9", "Strava", null, null],
    [`${uuid}-activity.fit`, "Strava iPhone App", "Strava", null, null],
    [uuid.toUpperCase(), undefined, "Strava", null, null],
    ["hevy-0123", undefined, "Hevy", null, null],
    ["GOTOES_123.gpx", undefined, null, null, null],
    ["Ran 6.24 mi on 10_1_17.tcx", undefined, null, null, null],
  ])("%s by %s is %s's, relayed from %s", (external_id, device_name, app, from, copyOf) => {
    const draft = read({ ...detail, external_id, device_name });
    expect(draft.fields.app).toBe(app);
    expect(relayedFrom({ app, provider: "strava" })).toBe(from);
    expect(draft.copyOf).toEqual(copyOf);
  });

  it.each([
    ["garmin_ping_1", "Garmin Edge 530", "device", "Garmin Edge 530", null],
    // Whoever uploads a file chooses what it is called.
    ["garmin_ping_1", undefined, "unknown", null, null],
    ["garmin_push_1", undefined, "unknown", null, null],
    ["garmin_push_1", "Zwift", "unknown", null, null],
    ["garmin_push_1", "Maria's watch", "unknown", null, "Maria's watch"],
    ["2026-10-03-080000-ELEMNT_BOLT_1A2B-51-0.fit", undefined, "unknown", null, null],
    [
      "2026-10-03-080000-ELEMNT_BOLT_1A2B-51-0.fit",
      "Wahoo ELEMNT BOLT",
      "device",
      "Wahoo ELEMNT BOLT",
      null,
    ],
    ["zwift-activity-1", undefined, "unknown", null, null],
    ["zwift-activity-1", "Garmin Edge 530", "unknown", "Garmin Edge 530", null],
    [uuid, "Strava iPhone App", "phone", null, null],
    [uuid, "Apple Watch Series 9", "device", "Apple Watch Series 9", null],
    [uuid, undefined, "unknown", null, null],
    ["zwift-activity-1", "Zwift", "device", null, null],
    ["hevy-1", undefined, "unknown", null, null],
    ["a.gpx", "Maria's watch", "unknown", null, "Maria's watch"],
    ["a.gpx", undefined, "unknown", null, null],
    // A maker's name with a person's behind it is a person's.
    ["a.fit", "Garmin of Anna Müller", "device", null, "Garmin of Anna Müller"],
    ["a.fit", "Apple Watch 0151 2345678", "device", null, "Apple Watch 0151 2345678"],
    ["a.fit", "Zwift, with Anna", "device", null, "Zwift, with Anna"],
  ])("%s by %s: %s, model %s, name %s", (external_id, device_name, method, model, name) => {
    const { fields } = read({ ...detail, external_id, device_name });
    expect(fields).toMatchObject({ method, deviceModel: model, deviceName: name });
  });

  it("another athlete's, of an outing they were tagged in, is no copy of this athlete's own", () => {
    const { copyOf, fields } = read({
      ...detail,
      external_id: "garmin_push_9412345678",
      device_name: "Garmin Edge 530",
      from_accepted_tag: true,
    });
    expect(copyOf).toBeNull();
    expect(fields.method).toBe("unknown");
  });
});
