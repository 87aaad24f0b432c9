/** What is kept raw says later what the item said: nothing that is read from it is lost by sealing. */
import { expect, it } from "vitest";
import { appleHealth } from "../../providers/apple-health.ts";
import { garmin } from "../../providers/garmin.ts";
import { googleHealth } from "../../providers/google-health.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import {
  appleBody,
  appleWorkout,
  garminActivity,
  garminDetails,
  googleExercise,
  type Ride,
} from "../fakes/rides.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const ride: Ride = {
  account: "account",
  id: "7100",
  startMs: Date.UTC(2026, 9, 14, 7),
  elapsedSeconds: 900,
  distanceM: 7_000,
  notes: "Against the wind",
};
const uuid = "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001";
const { point, heartRate } = googleExercise(ride);
const samples = heartRate.map(({ atMs, bpm }) => ({
  heartRate: {
    sampleTime: { physicalTime: new Date(atMs).toISOString() },
    beatsPerMinute: String(bpm),
  },
}));
const phone = appleBody([appleWorkout({ ...ride, id: uuid })]);
const fromPhone = (device: unknown) => ({ device, workout: phone.workouts[0] });

it.each<[string, Provider, string, unknown]>([
  ["a summary of Garmin's", garmin, "activities", garminActivity(ride)],
  ["details of Garmin's", garmin, "activityDetails", garminDetails(ride)],
  [
    "an exercise with its heart rate",
    googleHealth,
    "exercise",
    googleHealth.pull.join(point, samples),
  ],
  ["a workout of a watch", appleHealth, "workout", fromPhone(phone.device)],
  ["a workout of a phone", appleHealth, "workout", fromPhone({ model: "iPhone17,1" })],
  ["a workout of nothing named", appleHealth, "workout", fromPhone(null)],
])("%s is read from its slice as it was from the item", (_, provider, kind, item) => {
  const once = provider.normalise(kind, item, receivedMs);
  if (!once.ok || isRetractedDraft(once.value)) throw new Error("not read");
  const { raw, fields } = once.value;
  const again = provider.again?.(raw.column, JSON.parse(raw.text), fields) ?? null;
  expect(again?.kind).toBe(kind);
  expect(provider.normalise(kind, again?.body, receivedMs)).toEqual(once);
});
