/** Oura's words for what was done; it publishes no list, and these are those that were seen. */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running: "running jogging",
  trail_running: "trail_running",
  treadmill_running: "treadmill_running indoor_running treadmill",
  walking: "walking nordic_walking",
  hiking: "hiking",
  cycling: "cycling",
  mountain_biking: "mountain_biking",
  indoor_cycling: "indoor_cycling spinning",
  swimming: "swimming",
  open_water_swimming: "open_water_swimming",
  rowing: "rowing",
  indoor_rowing: "indoor_rowing rowing_machine",
  skiing: "skiing downhill_skiing alpine_skiing snowboarding",
  cross_country_skiing: "cross_country_skiing",
  strength_training: "strength_training weightlifting weight_training",
  yoga: "yoga pilates stretching",
  cardio:
    "functional_training hiit circuit_training elliptical stair_climbing jump_rope aerobics cardio",
  other: "other activity workout",
};
const typeByWord = typesByWord(words);

export function activityType(v: unknown): { type: ActivityType; originalType: string | null } {
  const word = textOf(v, textCharsMax);
  if (word === null) return { type: "other", originalType: null };
  const type = typeByWord.get(word.toLowerCase().replaceAll(/[\s-]+/g, "_"));
  return { type: type ?? "other", originalType: type === undefined ? word : null };
}
