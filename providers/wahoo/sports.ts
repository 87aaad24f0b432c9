/**
 * Wahoo's types of workouts, by the numbers of its table (0 to 71, with gaps, and 255 for one that it
 * does not know itself). The machines of a gym are "FE". A motorcycle stands among its bicycles, and
 * a type is the same for a race, a class or a commute.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { typesByWord, type Words } from "../untrusted.ts";
import { decimalOf } from "./values.ts";

const numbers: Words = {
  running: "1 3 67",
  trail_running: "4",
  treadmill_running: "5 19 71",
  walking: "6 7 8 56",
  hiking: "9 10",
  cycling: "0 14 15 16 70",
  mountain_biking: "13",
  gravel_cycling: "11",
  indoor_cycling: "12 21 49 61",
  virtual_cycling: "68",
  e_biking: "64",
  swimming: "24 25",
  open_water_swimming: "26",
  rowing: "39",
  indoor_rowing: "22",
  skiing: "27 28 29",
  cross_country_skiing: "30",
  yoga: "66",
  cardio: "2 18 20 23 42 43 44 57 58 59 60",
  other: "47 255",
};
const typeByNumber = typesByWord(numbers);

/** A motorcycle; training of the mind. */
const passive: ReadonlySet<number | null> = new Set([17, 69]);

export function activityType(v: unknown): { type: ActivityType; originalType: string | null } {
  const number = decimalOf(v);
  if (number === null || !Number.isSafeInteger(number))
    return { type: "other", originalType: null };
  if (passive.has(number)) return { type: "passive", originalType: String(number) };
  const type = typeByNumber.get(String(number));
  return { type: type ?? "other", originalType: type === undefined ? String(number) : null };
}
