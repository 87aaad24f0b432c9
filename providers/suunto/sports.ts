/**
 * Suunto's activities, by the numbers 0 to 121 of its own list (Activities.pdf). Zero is walking. Of
 * multisports (68, 74, 80, 92 to 94) no single activity can be named.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { typesByWord, type Words } from "../untrusted.ts";

const numbers: Words = {
  running: "1 59 103",
  trail_running: "22 95 115",
  treadmill_running: "53",
  walking: "0 24",
  hiking: "11 65 70 83",
  cycling: "2 109",
  mountain_biking: "10",
  gravel_cycling: "99 114",
  indoor_cycling: "52",
  e_biking: "105 106",
  swimming: "21",
  open_water_swimming: "85",
  rowing: "15",
  indoor_rowing: "57",
  skiing: "13 31 84 107 116",
  cross_country_skiing: "3 56 111 117 118",
  strength_training: "23 54 63 104",
  yoga: "51 58 120 121",
  cardio: "17 20 32 55 69 73 102",
};
const typeByNumber = typesByWord(numbers);

export function activityType(v: unknown): { type: ActivityType; originalType: string | null } {
  if (!Number.isSafeInteger(v)) return { type: "other", originalType: null };
  const type = typeByNumber.get(String(v));
  return { type: type ?? "other", originalType: type === undefined ? String(v) : null };
}
