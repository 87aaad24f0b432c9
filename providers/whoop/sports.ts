/**
 * WHOOP's words for what was done, of some 120: its documentation shows them with blanks, its answers
 * parted by "-". Many are no sport (sauna, commuting, gaming, watching sports): they are kept, and
 * count nowhere. What is not in the table is `other`, and its word is kept. The numbers are those of older records.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const words: Words = {
  running: "running track-field track-and-field stroller-jogging",
  walking: "walking dog-walking stroller-walking",
  hiking: "hiking hiking-rucking rucking",
  cycling: "cycling",
  mountain_biking: "mountain-biking",
  indoor_cycling: "spin assault-bike",
  swimming: "swimming",
  rowing: "rowing",
  skiing: "skiing snowboarding",
  cross_country_skiing: "cross-country-skiing",
  strength_training: "weightlifting powerlifting strength-trainer",
  yoga: "yoga hot-yoga pilates stretching barre barre3",
  cardio:
    "functional-fitness elliptical stairmaster climber stadium-steps hiit jumping-rope f45-training barrys barry-s box-fitness",
  other: "activity other",
};
/** What WHOOP lets people log beside sports; the word is kept. */
const passive: ReadonlySet<string> = new Set(
  "commuting gaming watching-sports sauna steam-room ice-bath massage-therapy percussive-massage air-compression meditation breathwork public-speaking driving motor-racing motocross motorcycling flying paragliding skydiving".split(
    " ",
  ),
);
const typeByWord = typesByWord(words);

/** Of records that name no sport but its number. */
const wordByNumber: Readonly<Record<number, string>> = {
  [-1]: "activity",
  0: "running",
  1: "cycling",
  18: "rowing",
  29: "skiing",
  33: "swimming",
  35: "track-field",
  43: "pilates",
  44: "yoga",
  45: "weightlifting",
  47: "cross-country-skiing",
  48: "functional-fitness",
  52: "hiking-rucking",
  57: "mountain-biking",
  59: "powerlifting",
  63: "walking",
  65: "elliptical",
  66: "stairmaster",
  71: "other",
  84: "jumping-rope",
  91: "snowboarding",
  96: "hiit",
  97: "spin",
  123: "strength-trainer",
  126: "assault-bike",
  128: "stretching",
};

const bare = (word: string): string =>
  word
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");

/** By the name where there is one: the number beside it is deprecated, and contradicts it. */
export function sportType(
  name: unknown,
  number: unknown,
): { type: ActivityType; originalType: string | null } {
  const stated = textOf(name, textCharsMax);
  const word = stated ?? (typeof number === "number" ? wordByNumber[number] : undefined);
  const type = word === undefined ? undefined : typeByWord.get(bare(word));
  if (type !== undefined) return { type, originalType: null };
  if (stated !== null && passive.has(bare(stated)))
    return { type: "passive", originalType: stated };
  const isNumbered = stated === null && Number.isInteger(number);
  return { type: "other", originalType: isNumbered ? `sport_id ${number}` : stated };
}
