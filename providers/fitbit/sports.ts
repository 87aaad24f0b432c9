/**
 * Fitbit's activities by their English name, which old and new entries carry, and by number where the
 * name says nothing. 90024 stands for indoor cycling in one public table and for swimming in
 * recorded bodies: its name decides, and without one what was recorded.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { type Fields, textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const names: Words = {
  running: "run running outdoor_run outdoor_running jogging",
  trail_running: "trail_run trail_running",
  treadmill_running: "treadmill treadmill_run treadmill_running indoor_run indoor_running",
  walking: "walk walking outdoor_walk indoor_walk treadmill_walk nordic_walking power_walking",
  hiking: "hike hiking backpacking",
  cycling: "bike biking cycling bicycling outdoor_bike outdoor_biking road_biking",
  mountain_biking: "mountain_bike mountain_biking",
  indoor_cycling: "indoor_cycling indoor_biking spinning stationary_bike exercise_bike",
  e_biking: "e_bike e_biking electric_bike",
  swimming: "swim swimming pool_swim lap_swim",
  open_water_swimming: "open_water_swim open_water_swimming",
  rowing: "rowing",
  indoor_rowing: "rowing_machine indoor_rowing",
  skiing: "skiing downhill_skiing alpine_skiing",
  cross_country_skiing: "cross_country_skiing",
  strength_training: "weights weightlifting weight_lifting strength_training",
  yoga: "yoga pilates stretching",
  cardio:
    "workout elliptical aerobic_workout aerobics circuit_training interval_workout interval_training hiit stairclimber stair_climbing stair_climber bootcamp kickboxing",
};
const ids: Words = {
  running: "90009",
  treadmill_running: "91",
  walking: "90013",
  hiking: "1071",
  cycling: "90001",
  swimming: "82 90024",
  strength_training: "3000",
  yoga: "52001",
  cardio: "20047",
};
const typeByName = typesByWord(names);
const typeById = typesByWord(ids);

const nameOf = (v: unknown): string | null => textOf(v, textCharsMax);
const asWord = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
const idOf = (v: unknown): string | null => (Number.isSafeInteger(v) ? String(v) : null);

export function activityType(entry: Fields): { type: ActivityType; originalType: string | null } {
  const said = [entry.activityName, entry.name, entry.activityParentName].map(nameOf);
  const numbers = [entry.activityTypeId, entry.activityId, entry.activityParentId].map(idOf);
  const byName = said.map((name) => (name === null ? undefined : typeByName.get(asWord(name))));
  const byId = numbers.map((id) => (id === null ? undefined : typeById.get(id)));
  const type = [...byName, ...byId].find((found) => found !== undefined);
  if (type !== undefined) return { type, originalType: null };
  return {
    type: "other",
    originalType: [...said, ...numbers].find((word) => word !== null) ?? null,
  };
}
