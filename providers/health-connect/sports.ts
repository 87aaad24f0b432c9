/**
 * What an exercise session is called: a number of `androidx.health.connect.client`, that number as
 * text, or the constant's name. The numbers of the framework (`android.health.connect`) are others,
 * and nothing in a body says which of the two it was; bridges are written with the former.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { wordOf } from "../untrusted.ts";

type Sport = readonly [number: number, word: string, type: ActivityType];

/** Those that are of a type of ours; any other is `other`, with its word kept. */
const sports: readonly Sport[] = [
  [8, "biking", "cycling"],
  [9, "biking_stationary", "indoor_cycling"],
  [10, "boot_camp", "cardio"],
  [13, "calisthenics", "strength_training"],
  [25, "elliptical", "cardio"],
  [26, "exercise_class", "cardio"],
  [36, "high_intensity_interval_training", "cardio"],
  [37, "hiking", "hiking"],
  [48, "pilates", "yoga"],
  [53, "rowing", "rowing"],
  [54, "rowing_machine", "indoor_rowing"],
  [56, "running", "running"],
  [57, "running_treadmill", "treadmill_running"],
  [61, "skiing", "skiing"],
  [68, "stair_climbing", "cardio"],
  [69, "stair_climbing_machine", "cardio"],
  [70, "strength_training", "strength_training"],
  [71, "stretching", "yoga"],
  [73, "swimming_open_water", "open_water_swimming"],
  [74, "swimming_pool", "swimming"],
  [79, "walking", "walking"],
  [81, "weightlifting", "strength_training"],
  [83, "yoga", "yoga"],
];
const unnamed = new Set(["0", "other_workout", "other"]);

const byWord: ReadonlyMap<string, Sport> = new Map(
  sports.flatMap((sport) => [
    [String(sport[0]), sport],
    [sport[1], sport],
  ]),
);

/** Longer than any type's name it is none: what it was is a part of some sessions' names. */
const statedOf = (v: unknown): string | null => (Number.isSafeInteger(v) ? String(v) : wordOf(v));

const plainOf = (word: string): string => word.toLowerCase().replace(/^exercise_type_/, "");

export function typeOf(v: unknown): { type: ActivityType; originalType: string | null } {
  const word = statedOf(v);
  const plain = word === null ? "0" : plainOf(word);
  const sport = byWord.get(plain);
  if (sport !== undefined) return { type: sport[2], originalType: null };
  return { type: "other", originalType: unnamed.has(plain) ? null : word };
}

/** The same for the number and the word, which one bridge writes in turns. */
export function numberOf(v: unknown): string {
  const plain = plainOf(statedOf(v) ?? "0");
  return String(byWord.get(plain)?.[0] ?? (unnamed.has(plain) ? 0 : plain));
}
