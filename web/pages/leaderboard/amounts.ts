/** Scores, places and what changed of them, in words. */
import { hoursAndMinutes, km, number, words } from "../../design/format.ts";
import { many } from "../../design/many.ts";

/** Who stands where, as boards and challenges tell it alike. */
export interface Standing {
  readonly rank: number;
  readonly member: string;
  readonly name: string | null;
  readonly score: number;
  readonly at: string;
  /** Absent: it is not told here. */
  readonly moved?: number | null;
}

export const workouts = (n: number): string => many(n, "workout");
const places = (n: number): string => many(n, "place");

/** A score in the unit that the API names. */
export function amount(unit: string, score: number): string {
  if (unit === "mm") return km(score);
  if (unit === "ms") return hoursAndMinutes(score);
  return workouts(score);
}

const measureNames: Readonly<Record<string, string>> = {
  distance: "Distance",
  moving_time: "Moving time",
  count: "Workouts",
};
export const measureName = (measure: string): string => measureNames[measure] ?? words(measure);

const familyNames: Readonly<Record<string, string>> = {
  all: "All activities",
  run: "Running",
  walk: "Walking",
  ride: "Riding",
  e_ride: "E-bike riding",
  swim: "Swimming",
  row: "Rowing",
  ski: "Skiing",
  gym: "Gym",
  other: "Other",
};
export const familyName = (family: string): string => familyNames[family] ?? words(family);

/** Members who gave no name are somebody all the same. */
export const nameOf = ({ name }: Pick<Standing, "name">): string => name ?? "Unnamed member";

export interface Movement {
  readonly sign: "▲" | "▼" | "=";
  readonly said: string;
  readonly mood: "up" | "down" | "same";
}

/** Null: there is nothing to compare with. */
export function movement(moved: number | null | undefined): Movement | null {
  if (moved === null || moved === undefined) return null;
  if (moved > 0) return { sign: "▲", said: `up ${places(moved)}`, mood: "up" };
  if (moved < 0) return { sign: "▼", said: `down ${places(-moved)}`, mood: "down" };
  return { sign: "=", said: "same place", mood: "same" };
}

/** Members whose score somebody before them had already: ties go to who was there first. */
export function laterInTies(items: readonly Standing[]): ReadonlySet<string> {
  const later = items.filter(({ score }, i) => i > 0 && items[i - 1]?.score === score);
  return new Set(later.map(({ member }) => member));
}

/** How far the next ones are, before and behind; `items` are in order of rank. */
export function gaps(items: readonly Standing[], member: string, unit: string): string[] {
  const at = items.findIndex((each) => each.member === member);
  const [before, own, after] = [items[at - 1], items[at], items[at + 1]];
  if (at < 0 || own === undefined) return [];
  const said: string[] = [];
  if (before !== undefined)
    said.push(
      before.score === own.score
        ? `Level with ${nameOf(before)}, who was there first`
        : `${amount(unit, before.score - own.score)} behind ${nameOf(before)}`,
    );
  if (after !== undefined)
    said.push(
      after.score === own.score
        ? `Level with ${nameOf(after)}: you were there first`
        : `${amount(unit, own.score - after.score)} ahead of ${nameOf(after)}`,
    );
  return said;
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const endings: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd", other: "th" };
/** 1st, 22nd, 113th. */
export const place = (rank: number): string =>
  `${number(rank)}${endings[ordinals.select(rank)] ?? "th"}`;
