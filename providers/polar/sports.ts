/**
 * Polar's words for what was done: a coarse one (`sport`, mostly OTHER) and a finer one
 * (`detailed_sport_info`), of some 150. Where the finer one is not known the coarse one stands, and
 * the finer is kept as it came.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running:
    "RUNNING RUNNING_ROAD ROAD_RUNNING JOGGING TRACK_AND_FIELD_RUNNING ULTRARUNNING_RUNNING ORIENTEERING",
  trail_running: "RUNNING_TRAIL TRAIL_RUNNING",
  treadmill_running: "RUNNING_TREADMILL TREADMILL_RUNNING",
  walking: "WALKING WALKING_NORDIC NORDIC_WALKING",
  hiking: "HIKING MOUNTAINEERING TREKKING WINTERSPORTS_SNOWSHOEING SNOWSHOE_TREKKING",
  cycling: "CYCLING CYCLING_ROAD ROAD_BIKING ROAD_CYCLING",
  mountain_biking: "CYCLING_MOUNTAIN CYCLING_MOUNTAIN_BIKE MOUNTAIN_BIKING",
  gravel_cycling: "CYCLING_CYCLOCROSS CYCLOCROSS CYCLING_GRAVEL",
  indoor_cycling: "CYCLING_INDOOR INDOOR_CYCLING FITNESS_INDOOR_CYCLING SPINNING",
  swimming: "SWIMMING SWIMMING_POOL POOL_SWIMMING AQUATICS_SWIMMING",
  open_water_swimming: "SWIMMING_OPEN_WATER OPEN_WATER_SWIMMING",
  rowing: "WATERSPORTS_ROWING ROWING",
  indoor_rowing: "FITNESS_INDOOR_ROWING INDOOR_ROWING",
  skiing:
    "WINTERSPORTS_ALPINE_SKIING WINTERSPORTS_BACKCOUNTRY_SKIING WINTERSPORTS_DOWNHILL_SKIING WINTERSPORTS_SNOWBOARDING",
  cross_country_skiing: "WINTERSPORTS_CROSS_COUNTRY_SKIING CROSS_COUNTRY_SKIING",
  strength_training: "STRENGTH_TRAINING",
  yoga: "FITNESS_YOGA YOGA FITNESS_PILATES PILATES FITNESS_STRETCHING",
  cardio:
    "HIIT FITNESS_CARDIO JUMP_ROPE FITNESS_ELLIPTICAL FITNESS_STAIR_CLIMBING CIRCUIT_TRAINING AEROBICS",
  other: "OTHER",
};
const typeByWord = typesByWord(words);

export function sportType(
  sport: unknown,
  detail: unknown,
): { type: ActivityType; originalType: string | null } {
  const [coarse, fine] = [textOf(sport, textCharsMax), textOf(detail, textCharsMax)];
  const exact = fine === null ? undefined : typeByWord.get(fine.toUpperCase());
  if (exact !== undefined && exact !== "other") return { type: exact, originalType: null };
  const rough = coarse === null ? undefined : typeByWord.get(coarse.toUpperCase());
  const unknown = exact === undefined && fine !== null ? fine : rough === undefined ? coarse : null;
  return { type: rough ?? "other", originalType: unknown };
}
