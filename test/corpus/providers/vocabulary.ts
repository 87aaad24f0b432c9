/**
 * The words that each provider of ours puts into a workout and into nothing else, so that in its
 * folder a record is known for one by what is left of it, when its start, its length or its sport is
 * missing; and the words by which what looks like one there is something else.
 */
import { type Fields, isFields, plain } from "./fields.ts";
import { known } from "./own-words.ts";

/** How to know the workouts of one provider. */
export interface Vocabulary {
  readonly marks: ReadonlySet<string>;
  /** So many of its marks make a workout. */
  readonly enough: number;
  /** One of these, and it is none, whatever its marks. */
  readonly others: ReadonlySet<string>;
  readonly othersLike?: RegExp;
  /** Objects in a record whose words count as the record's own. */
  readonly inside: readonly string[];
  /** What the count of words cannot tell. */
  readonly also?: (record: Fields, keys: ReadonlySet<string>) => boolean;
  /** What looks like a workout there and is none, and what it is. */
  readonly not?: { readonly is: string; fits(record: Fields, keys: ReadonlySet<string>): boolean };
}

const has = (keys: ReadonlySet<string>, any: ReadonlySet<string>): boolean =>
  [...any].some((key) => keys.has(key));

export const vocabularyOf = (provider: string | undefined): Vocabulary | undefined =>
  provider !== undefined && Object.hasOwn(known, provider) ? known[provider] : undefined;

/** What a record says, null or not: that it has the word is what counts. */
function keysOf(record: Fields, inside: readonly string[]): Set<string> {
  const keys = new Set(Object.keys(record).map(plain));
  for (const name of inside)
    for (const key of Object.keys(isFields(record[name]) ? record[name] : {})) keys.add(plain(key));
  return keys;
}

/** Null: its words do not tell. */
export function toldBy(its: Vocabulary, record: Fields): "workout" | "no workout" | null {
  const keys = keysOf(record, its.inside);
  const like = its.othersLike;
  if (has(keys, its.others) || (like && [...keys].some((key) => like.test(key)))) return null;
  let marks = 0;
  for (const mark of its.marks) if (keys.has(mark)) marks++;
  if (marks >= its.enough || its.also?.(record, keys) === true) return "workout";
  return its.not?.fits(record, keys) === true ? "no workout" : null;
}

/** The same without the words by which a workout is known: it has to say when, how long and what. */
export const byShapeAlone = (its: Vocabulary | undefined): Vocabulary | undefined =>
  its && { ...its, marks: new Set(), enough: 1, also: () => false };

/** What lies in a body that looks like a workout and is none; null: nothing of the kind. */
export function otherIn(its: Vocabulary | undefined, value: unknown, depth = 0): string | null {
  if (its?.not === undefined || typeof value !== "object" || value === null || depth > 6)
    return null;
  if (isFields(value) && toldBy(its, value) === "no workout") return its.not.is;
  for (const child of Object.values(value).slice(0, 1000)) {
    const other = otherIn(its, child, depth + 1);
    if (other !== null) return other;
  }
  return null;
}
