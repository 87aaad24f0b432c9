/** The words that files use for what was done: FIT's profile, TCX, GPX by Garmin and Strava. */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

/**
 * "sport/sub_sport" where the second says more, "/sub_sport" where it says all, else the sport.
 * Strava's GPX says numbers, of which these five are known from its own exports.
 */
const words: Words = {
  running: "running run street_running track_running jogging 9",
  trail_running: "running/trail running/obstacle running/ultra trail_running trail_run",
  treadmill_running:
    "running/treadmill running/indoor_running running/virtual_activity treadmill_running treadmill virtual_run",
  walking: "walking walk 10",
  hiking: "hiking hike mountaineering snowshoeing /rucking 4",
  cycling: "cycling biking bike ride road_biking road_cycling 1",
  mountain_biking:
    "cycling/mountain cycling/downhill cycling/bmx cycling/enduro mountain_biking mountain_bike_ride",
  gravel_cycling:
    "cycling/gravel_cycling cycling/cyclocross cycling/mixed_surface gravel_cycling gravel_ride cyclocross",
  indoor_cycling: "cycling/spin /indoor_cycling indoor_cycling",
  virtual_cycling: "cycling/virtual_activity virtual_ride virtual_cycling",
  e_biking: "e_biking /e_bike_fitness /e_bike_mountain /e_bike_enduro e_bike_ride",
  swimming: "swimming swim lap_swimming pool_swimming 16",
  open_water_swimming: "swimming/open_water open_water_swimming open_water_swim",
  rowing: "rowing",
  indoor_rowing: "/indoor_rowing indoor_rowing",
  skiing: "alpine_skiing snowboarding winter_sport skiing resort_skiing alpine_ski /backcountry",
  cross_country_skiing: "cross_country_skiing /skate_skiing nordic_ski cross_country_ski",
  strength_training: "/strength_training strength_training weight_training",
  yoga: "/yoga /pilates /flexibility_training yoga pilates mobility",
  cardio:
    "training fitness_equipment hiit jump_rope floor_climbing dance /cardio_training /elliptical /stair_climbing /hiit /exercise /amrap /emom /tabata workout cardio elliptical indoor_cardio",
  other: "generic other multisport transition uncategorized",
};
const typeByWord = typesByWord(words);

/** Words in any case, parted by blanks, hyphens or underscores. */
const plain = (word: string): string =>
  word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "_");

export function sportType(sport: unknown): {
  readonly type: ActivityType;
  readonly originalType: string | null;
} {
  const word = textOf(sport, textCharsMax);
  if (word === null) return { type: "other", originalType: null };
  const said = plain(word);
  const slash = said.indexOf("/");
  const [main, sub] = slash < 0 ? [said, ""] : [said.slice(0, slash), said.slice(slash)];
  const type = typeByWord.get(said) ?? typeByWord.get(sub) ?? typeByWord.get(main);
  return { type: type ?? "other", originalType: type === undefined ? word : null };
}
