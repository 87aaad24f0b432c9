/** One ride as three providers tell it: each with its own start, length and distance. */

import { addDays, daysOfPeriod, localDate, weekOf } from "../../domain/time.ts";
import { notifyGoogle, pushActivities, syncPhone } from "../../local/deliveries.ts";
import type { System } from "../../local/system.ts";
import {
  appleWorkout,
  garminActivity,
  garminDetails,
  googleExercise,
  type Ride,
} from "../fakes/rides.ts";
import type { Athlete } from "./support.ts";

/** Wednesday of last week, which is open whenever this runs: older ones close. */
export const day = addDays(daysOfPeriod(weekOf(localDate(Date.now(), 0))).from, -5);
export const startMs = Date.parse(`${day}T07:00:00Z`);
export const week = weekOf(day);
/** What each source says it was, in millimetres; Garmin's is the one that counts. */
export const saidMm = { garmin: 30_000_000, google: 29_800_000, apple: 30_100_000 } as const;
export type Source = keyof typeof saidMm;

export const googleId = "77001";
export const appleId = "0F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E77";
const hourMs = 3_600_000;

export const rideOf = (who: Athlete): Ride => ({
  account: who.garmin,
  id: "31500100200",
  startMs,
  elapsedSeconds: 3600,
  movingSeconds: 3500,
  distanceM: saidMm.garmin / 1000,
  everySeconds: 30,
});

const byGoogle = (who: Athlete) =>
  googleExercise({
    ...rideOf(who),
    account: who.google,
    id: googleId,
    startMs: startMs + 20_000,
    elapsedSeconds: 3560,
    distanceM: saidMm.google / 1000,
  });

const byApple = (who: Athlete) =>
  appleWorkout({
    ...rideOf(who),
    id: appleId,
    startMs: startMs - 10_000,
    distanceM: saidMm.apple / 1000,
    elapsedSeconds: 3590,
  });

/** Delivers one source's telling; `repeat` keeps a phone's batches apart. */
export async function tell(
  system: System,
  source: Source,
  who: Athlete,
  repeat = 1,
): Promise<number> {
  if (source === "garmin") {
    const ride = rideOf(who);
    return (await pushActivities(system, garminActivity(ride), garminDetails(ride))).status;
  }
  if (source === "apple")
    return (await syncPhone(system, who, `key-${repeat}`, [byApple(who)])).status;
  const told = byGoogle(who);
  system.provider.setExercise(who.google, told.point);
  system.provider.setHeartRate(who.google, told.heartRate);
  return (await notifyGoogle(system, who.google, startMs, startMs + hourMs)).status;
}

/** The source says that it is gone. */
export async function untell(
  system: System,
  source: "google" | "apple",
  who: Athlete,
): Promise<void> {
  if (source === "apple") {
    await syncPhone(system, who, "untell", [], [appleId]);
    return;
  }
  system.provider.deleteExercise(who.google, googleId);
  await notifyGoogle(system, who.google, startMs, startMs + hourMs, googleId);
}
