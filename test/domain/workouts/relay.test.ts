/** Whose app wrote a record, by what a hub says of it. */
import { describe, expect, test } from "vitest";
import { isRelayOf, relayedFrom } from "../../../domain/workouts/relay.ts";

const from = (app: string | null, provider = "terra") => relayedFrom({ app, provider });

describe("an app", () => {
  test.each([
    ["garmin", "com.garmin.android.apps.connectmobile", "Garmin Connect"],
    ["google-health", "com.fitbit.FitbitMobile", "Fitbit"],
    ["google-health", "com.google.android.apps.fitness", "Google Fit"],
    ["apple-health", "com.apple.health.workout", "Apple Watch"],
    ["strava", "com.strava", "Strava"],
    ["polar", "fi.polar.polarflow", "Polar Flow"],
    ["polar", "com.polar.beat", "POLAR"],
    ["suunto", "com.stt.android.suunto", "Suunto"],
    ["suunto", "com.sports-tracker.suunto", "suunto 9"],
    ["wahoo", "com.wahoofitness.fitness", "Wahoo ELEMNT"],
    ["coros", "com.yf.coros", "COROS"],
    ["coros", "com.coros.coros", "Coros Pace"],
    ["oura", "com.ouraring.oura", "Oura"],
    ["whoop", "com.whoop.iphone", "WHOOP"],
    ["withings", "com.withings.wiscale2", "Withings"],
    ["zwift", "com.zwift.ZwiftGame", "Zwift"],
    ["peloton", "com.onepeloton.callisto", "Peloton"],
    ["peloton", "com.peloton.app", "peloton"],
    ["samsung-health", "com.sec.android.app.shealth", "Samsung Health"],
    ["samsung-health", "com.samsung.health", "samsung"],
    ["concept2", "com.concept2.ergdata", "Concept2"],
  ])(
    "of %s is known by its package and its name, at the beginning of either",
    (maker, id, name) => {
      for (const app of [id, id.toUpperCase(), name]) {
        expect(from(app)).toBe(maker);
        expect(from(`my ${app}`)).toBeNull();
        expect(from(`x${app}`)).toBeNull();
      }
      expect(from(id, maker)).toBeNull();
    },
  );

  test("is nobody's where nothing is said of it, or nobody is known by it", () => {
    expect(from(null)).toBeNull();
    expect(from("com.example.runner")).toBeNull();
    expect(from("")).toBeNull();
  });

  test("of Fitbit is Google Health's own, under both of its names", () => {
    expect(from("Fitbit", "fitbit")).toBeNull();
    expect(from("Fitbit", "google-health")).toBeNull();
    expect(from("Garmin", "fitbit")).toBe("garmin");
  });
});

describe("a relay", () => {
  const own = { app: null, provider: "garmin" };
  test("tells what the other has of itself, and nothing else does", () => {
    expect(isRelayOf({ app: "Garmin", provider: "terra" }, own)).toBe(true);
    expect(isRelayOf({ app: "Garmin", provider: "garmin" }, own)).toBe(false);
    expect(isRelayOf({ app: "Strava", provider: "terra" }, own)).toBe(false);
    expect(isRelayOf({ app: null, provider: "terra" }, own)).toBe(false);
    expect(isRelayOf({ app: "Garmin", provider: "terra" }, { ...own, app: "Strava" })).toBe(false);
    expect(isRelayOf({ app: "Fitbit", provider: "terra" }, { app: null, provider: "fitbit" })).toBe(
      true,
    );
  });
});
