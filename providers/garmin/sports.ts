/** Garmin's words for what was done, of some 140: those that are not here become `other`. */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running: "RUNNING STREET_RUNNING TRACK_RUNNING ROAD_RUNNING INDOOR_TRACK_RUNNING",
  trail_running: "TRAIL_RUNNING ULTRA_RUN OBSTACLE_RUN SKY_RUNNING",
  treadmill_running: "TREADMILL_RUNNING INDOOR_RUNNING VIRTUAL_RUN",
  walking: "WALKING CASUAL_WALKING SPEED_WALKING INDOOR_WALKING RACE_WALKING NORDIC_WALKING",
  hiking: "HIKING RUCKING MOUNTAINEERING SNOW_SHOE",
  cycling: "CYCLING ROAD_BIKING ROAD_CYCLING TRACK_CYCLING RECUMBENT_CYCLING BIKE_COMMUTING",
  mountain_biking: "MOUNTAIN_BIKING DOWNHILL_BIKING ENDURO_MTB BMX",
  gravel_cycling: "GRAVEL_CYCLING CYCLOCROSS MIXED_SURFACE_CYCLING",
  indoor_cycling: "INDOOR_CYCLING INDOOR_BIKING SPINNING",
  virtual_cycling: "VIRTUAL_RIDE",
  e_biking: "E_BIKE_FITNESS E_BIKE_MOUNTAIN E_ENDURO_MTB E_BIKE",
  swimming: "SWIMMING LAP_SWIMMING POOL_SWIMMING",
  open_water_swimming: "OPEN_WATER_SWIMMING",
  rowing: "ROWING",
  indoor_rowing: "INDOOR_ROWING",
  skiing:
    "RESORT_SKIING RESORT_SKIING_SNOWBOARDING SKIING ALPINE_SKIING BACKCOUNTRY_SKIING BACKCOUNTRY_SKIING_SNOWBOARDING SKI_TOURING",
  cross_country_skiing:
    "CROSS_COUNTRY_SKIING CROSS_COUNTRY_CLASSIC_SKIING SKATE_SKIING BIATHLON ROLLER_SKIING",
  strength_training: "STRENGTH_TRAINING FUNCTIONAL_STRENGTH_TRAINING WEIGHT_TRAINING",
  yoga: "YOGA PILATES MOBILITY",
  cardio:
    "CARDIO CARDIO_TRAINING INDOOR_CARDIO FITNESS_EQUIPMENT ELLIPTICAL STAIR_CLIMBING FLOOR_CLIMBING HIIT JUMP_ROPE AEROBICS BOOTCAMP",
  other: "OTHER UNCATEGORIZED",
};
const typeByWord = typesByWord(words);

/** The canonical type; "_V2" and "_WS" only name a newer or a winter form of the same word. */
export function activityType(word: unknown): { type: ActivityType; originalType: string | null } {
  const text = textOf(word, textCharsMax);
  const bare = text?.toUpperCase().replace(/(_V2|_WS)+$/, "") ?? "OTHER";
  const type = typeByWord.get(bare);
  return { type: type ?? "other", originalType: type === undefined ? text : null };
}
