/** Google's words for what was done: an open list, of which these were seen. */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running: "RUNNING RUN OUTDOOR_RUN TRACK_RUN INTERVAL_RUN JOGGING",
  trail_running: "TRAIL_RUN TRAIL_RUNNING",
  treadmill_running: "TREADMILL TREADMILL_RUN TREADMILL_RUNNING RUNNING_TREADMILL INDOOR_RUN",
  walking: "WALKING WALK OUTDOOR_WALK INDOOR_WALK TREADMILL_WALK POWER_WALKING NORDIC_WALKING",
  hiking: "HIKING HIKE OUTDOOR_HIKE BACKPACKING RUCKING",
  cycling: "BIKING CYCLING BIKE OUTDOOR_BIKE ROAD_BIKE ROAD_BIKING",
  mountain_biking: "MOUNTAIN_BIKE MOUNTAIN_BIKING",
  gravel_cycling: "GRAVEL_BIKE GRAVEL_BIKING",
  indoor_cycling: "SPINNING STATIONARY_BIKE BIKING_STATIONARY INDOOR_BIKE INDOOR_CYCLING",
  virtual_cycling: "VIRTUAL_BIKE VIRTUAL_RIDE",
  e_biking: "E_BIKE ELECTRIC_BIKE EBIKE",
  swimming: "SWIMMING SWIM SWIMMING_POOL POOL_SWIM LAP_SWIM",
  open_water_swimming: "OPEN_WATER_SWIM OPEN_WATER_SWIMMING SWIMMING_OPEN_WATER",
  rowing: "ROWING OUTDOOR_ROWING",
  indoor_rowing: "ROWING_MACHINE INDOOR_ROWING",
  skiing: "SKIING DOWNHILL_SKIING ALPINE_SKIING BACKCOUNTRY_SKIING",
  cross_country_skiing: "CROSS_COUNTRY_SKIING CROSS_COUNTRY_SKI NORDIC_SKIING",
  strength_training: "STRENGTH_TRAINING WEIGHTS WEIGHTLIFTING FUNCTIONAL_STRENGTH_TRAINING",
  yoga: "YOGA PILATES STRETCHING",
  cardio:
    "WORKOUT HIIT INTERVAL_WORKOUT ELLIPTICAL CIRCUIT_TRAINING STAIRCLIMBER STAIR_CLIMBING_MACHINE AEROBIC_WORKOUT AEROBICS BOOTCAMP CARDIO_WORKOUT JUMPING_ROPE",
  other: "OTHER EXERCISE_TYPE_UNSPECIFIED",
};
const typeByWord = typesByWord(words);

export function exerciseType(v: unknown): { type: ActivityType; originalType: string | null } {
  const word = textOf(v, textCharsMax);
  const type = word === null ? "other" : typeByWord.get(word);
  return { type: type ?? "other", originalType: type === undefined ? word : null };
}
