/**
 * Concept2's words for what was rowed, skied or ridden. A multierg is of several machines, a paddle of
 * none that has a name here: they are `other`, and the word is kept.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textCharsMax, textOf, typesByWord, type Words } from "../untrusted.ts";

const machines: Words = {
  indoor_rowing: "rower dynamic slides",
  indoor_cycling: "bike",
  cross_country_skiing: "skierg",
  other: "multierg",
};
const outdoors: Words = {
  rowing: "water",
  cross_country_skiing: "snow rollerski",
};
const byMachine = typesByWord(machines);
const byWord = new Map([...byMachine, ...typesByWord(outdoors)]);

/** It stands still, so that it goes nowhere. */
export const isErgometer = (word: unknown): boolean =>
  typeof word === "string" && byMachine.has(word);

export function sportType(word: unknown): { type: ActivityType; originalType: string | null } {
  const stated = textOf(word, textCharsMax);
  const type = (stated === null ? undefined : byWord.get(stated)) ?? "other";
  return { type, originalType: type === "other" ? stated : null };
}
