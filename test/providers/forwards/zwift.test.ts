/**
 * A ride in a made-up world: Zwift tells Strava how far it was there, the head unit on the bars and
 * the watch at the wrist each how far by their own sensors, and all three may stand at Strava too. It
 * is one ride, told by a device that recorded it.
 */
import { describe, expect, it } from "vitest";
import { atGarmin, atStrava, atWahoo, onTheSpot } from "./bodies.ts";
import { oneInAnyOrder, resolvedOf, seconds, startMs, toldBy } from "./told.ts";

const later = (byS: number) => new Date(startMs + byS * 1000).toISOString();
const zwift = {
  sport_type: "VirtualRide",
  type: "VirtualRide",
  trainer: true,
  external_id: "zwift-activity-1834567890123456789.fit",
  device_name: "Zwift",
  start_date: later(21),
  elapsed_time: seconds - 30,
  moving_time: 3_640,
  distance: 33_480,
  total_elevation_gain: 412,
  // On an island that nobody was at.
  start_latlng: [-11.63, 166.97],
};
const ofZwift = atStrava(zwift);
const headUnit = atWahoo(
  { workout_type_id: 12, name: "Indoor cycling" },
  { distance_accum: "31202.00", ascent_accum: "0" },
);
const watch = atGarmin({
  activityType: "INDOOR_CYCLING",
  startTimeInSeconds: startMs / 1000 + 44,
  durationInSeconds: seconds - 80,
  distanceInMeters: 29_870,
  startingLatitudeInDegree: undefined,
  startingLongitudeInDegree: undefined,
  totalElevationGainInMeters: undefined,
  deviceName: "Garmin Forerunner 265",
});
const copyOfWatch = atStrava({
  ...onTheSpot,
  id: 16_412_345_999,
  external_id: "garmin_ping_493123456789",
  device_name: "Garmin Forerunner 265",
  start_date: later(44),
  elapsed_time: seconds - 80,
  distance: 29_870,
});

describe("a ride in Zwift", () => {
  it("that Strava alone has is a virtual one, its owner's, and no place is where anybody was", async () => {
    const [one] = await resolvedOf([ofZwift]);
    expect(one).toMatchObject({ type: "virtual_cycling", scored: null, track: [] });
    expect(one?.distance?.value).toBe(33_480_000);
  });

  it.each([
    ["the head unit's", [ofZwift, headUnit], "wahoo"],
    ["the watch's", [ofZwift, watch], "garmin"],
    ["the head unit's and the watch's, three distances", [ofZwift, headUnit, watch], "wahoo"],
    [
      "both, and the watch's copy at Strava, beside Zwift's",
      [ofZwift, headUnit, watch, copyOfWatch],
      "wahoo",
    ],
  ] as const)("is one with %s, in any order", async (_, told, recorder) => {
    const one = await oneInAnyOrder(told);
    expect(one).toMatchObject({ type: "indoor_cycling", offsetMin: 180, held: [] });
    expect(one.sources[0]?.provider).toBe(recorder);
    expect(toldBy(one)).toMatchObject({ distance: [recorder], energy: [recorder] });
    const metres = recorder === "wahoo" ? 31_202_000 : 29_870_000;
    // What Zwift made of it is neither shown over what was measured, nor scored.
    expect(one.distance?.value).toBe(metres);
    expect(one.scored).toMatchObject({ distanceMm: metres, elevationGainMm: null });
  });
});
