/**
 * Junction's sports by `slug`, or by name where there is none. Its list is open and was not to be had,
 * so the words of its sources are taken alike: what is not here becomes `other`.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { fieldsOf, textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running: "running run street_running road_running track_running jogging outdoor_running",
  trail_running: "trail_running trail_run ultra_run",
  treadmill_running: "treadmill_running treadmill indoor_running virtual_run virtual_running",
  walking: "walking walk casual_walking speed_walking indoor_walking nordic_walking power_walking",
  hiking: "hiking hike rucking trekking mountaineering snowshoeing",
  cycling: "cycling biking ride bike road_biking road_cycling outdoor_cycling bike_commuting",
  mountain_biking: "mountain_biking mountain_bike_ride downhill_biking",
  gravel_cycling: "gravel_cycling gravel_ride cyclocross",
  indoor_cycling: "indoor_cycling indoor_biking spinning stationary_biking stationary_bike spin",
  virtual_cycling: "virtual_ride virtual_cycling",
  e_biking: "e_biking e_bike_ride e_bike ebiking e_mountain_bike_ride",
  swimming: "swimming swim lap_swimming pool_swimming swimming_pool",
  open_water_swimming: "open_water_swimming swimming_open_water",
  rowing: "rowing outdoor_rowing",
  indoor_rowing: "indoor_rowing rowing_machine virtual_row",
  skiing: "skiing alpine_skiing alpine_ski downhill_skiing backcountry_skiing backcountry_ski",
  cross_country_skiing: "cross_country_skiing nordic_skiing nordic_ski roller_skiing roller_ski",
  strength_training:
    "strength_training weight_training weightlifting weights functional_strength_training traditional_strength_training crossfit",
  yoga: "yoga pilates stretching flexibility",
  cardio:
    "cardio cardio_training indoor_cardio workout hiit high_intensity_interval_training elliptical stair_climbing stair_stepper aerobics circuit_training jump_rope",
  other: "other unknown generic",
};
const typeByWord = typesByWord(words);

export function activityType(sport: unknown): { type: ActivityType; originalType: string | null } {
  const { slug, name } = fieldsOf(sport);
  const said = [slug, name, sport].flatMap((v) => textOf(v, textCharsMax) ?? []);
  const types = said.map((word) =>
    typeByWord.get(word.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")),
  );
  const type = types.find((found) => found !== undefined);
  return { type: type ?? "other", originalType: type === undefined ? (said[0] ?? null) : null };
}
