/** What a workout is called: its key. `workoutId` is another number, and 0 in recorded answers. */
import { wordOf } from "../untrusted.ts";

/** The collections read here, and what an item of a notice is. */
export const workouts = "workouts";
export const sleep = "sleep";
export const activity = "activity";
/** Sums of a day, as they are listed. */
export const days = "daily-activity-statistics";
export const sampleCollections: readonly string[] = [sleep, activity, days];

export const keyPattern = /^[A-Za-z0-9_-]{1,100}$/;

export function keyOf(v: unknown): string | null {
  const key = wordOf(v);
  return key !== null && keyPattern.test(key) ? key : null;
}
