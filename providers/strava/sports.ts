/**
 * Strava's words for what was done: `sport_type`, of 56 by now, and the older and coarser `type`. What
 * none of our types names (tennis, surfing, a wheelchair) is `other`, and its word is kept. On a
 * trainer a ride, a run or a row is one indoors.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running: "Run",
  trail_running: "TrailRun",
  treadmill_running: "VirtualRun",
  walking: "Walk",
  hiking: "Hike Snowshoe",
  cycling: "Ride Handcycle Velomobile",
  mountain_biking: "MountainBikeRide",
  gravel_cycling: "GravelRide",
  virtual_cycling: "VirtualRide",
  e_biking: "EBikeRide EMountainBikeRide",
  swimming: "Swim",
  rowing: "Rowing",
  indoor_rowing: "VirtualRow",
  skiing: "AlpineSki BackcountrySki Snowboard",
  cross_country_skiing: "NordicSki RollerSki",
  strength_training: "WeightTraining Crossfit",
  yoga: "Yoga Pilates",
  cardio: "HighIntensityIntervalTraining Elliptical StairStepper",
  other: "Workout",
};
const typeByWord = typesByWord(words);

const indoors: Readonly<Partial<Record<ActivityType, ActivityType>>> = {
  running: "treadmill_running",
  cycling: "indoor_cycling",
  rowing: "indoor_rowing",
};

export function activityType(
  sportType: unknown,
  older: unknown,
  trainer: unknown,
): { type: ActivityType; originalType: string | null } {
  const fine = textOf(sportType, textCharsMax);
  const coarse = textOf(older, textCharsMax);
  const exact = fine === null ? undefined : typeByWord.get(fine);
  const type = exact ?? (coarse === null ? undefined : typeByWord.get(coarse)) ?? "other";
  const isKnown = exact !== undefined || (fine === null && typeByWord.has(coarse ?? ""));
  const word = isKnown ? null : (fine ?? coarse);
  return { type: trainer === true ? (indoors[type] ?? type) : type, originalType: word };
}
