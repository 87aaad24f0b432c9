/**
 * Which columns of a row are sealed together, and what a group's plaintext is. A series, a raw slice,
 * a token and a callback are alone in their group: each is large, or read by itself. The short texts
 * are sealed as one, so that a row costs a few sealed values and not one a column.
 *
 *   a series   samples of fixed width (domain/workouts/series.ts)
 *   a chunk    its bytes (domain/samples/chunk-code.ts); as a text they are in base64
 *   words      JSON {column: text}
 *   the others the text itself
 */
import { decodeSeries, encodeSeries, isSeries } from "../../domain/workouts/series.ts";
import { fromBase64, toBase64, utf8 } from "./cell.ts";
import type { Bytes } from "./chunked.ts";

/** A column's value as JSON text, by column. */
export type Values = ReadonlyMap<string, string>;

export const wordsGroup = "words";

/** Asked for as one: every raw slice of a row. One may lie with its words (sealed-place.ts). */
export const rawColumn = "raw";
export const isRaw = (column: string): boolean => column === rawColumn || column.startsWith("raw_");

/** What connections need for themselves (provider-line.ts, kept.ts). */
export const tokenColumn = "token";
export const callbackColumn = "callback";

/** Samples (sample-rows.ts): each merged by whoever writes it, so each by itself. */
export const chunkColumn = "chunk";
export const dayColumn = "day";
export const hoursColumn = "hours";
export const devicesColumn = "devices";
export const goalsColumn = "goals";
export const acknowledgedColumn = "acknowledged";

const alone: ReadonlySet<string> = new Set([
  ...[tokenColumn, callbackColumn, chunkColumn, dayColumn, hoursColumn],
  ...[devicesColumn, goalsColumn, acknowledgedColumn],
]);

export const groupOf = (column: string): string =>
  isSeries(column) || isRaw(column) || alone.has(column) ? column : wordsGroup;

/** The least group and the one that is above every group that this column is read from. */
export const groupsFor = (column: string): readonly [from: string, below: string] =>
  column === rawColumn ? [rawColumn, "raw`"] : [groupOf(column), `${groupOf(column)}\u0001`];

/** Of one column: what its digest is made of, the same for every text that means the same. */
export function columnBytes(column: string, text: string): Bytes {
  if (column === chunkColumn) return fromBase64(text);
  return isSeries(column) ? encodeSeries(column, JSON.parse(text)) : utf8(text);
}

export const encodeGroup = (group: string, values: Values): Bytes =>
  group === wordsGroup
    ? utf8(JSON.stringify(Object.fromEntries(values)))
    : columnBytes(group, values.get(group) ?? "");

export function decodeGroup(group: string, bytes: Bytes): Values {
  if (group === chunkColumn) return new Map([[group, toBase64(bytes)]]);
  if (isSeries(group)) return new Map([[group, JSON.stringify(decodeSeries(group, bytes))]]);
  const text = new TextDecoder().decode(bytes);
  if (group !== wordsGroup) return new Map([[group, text]]);
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}

/** The one column of a group that was asked for, and its name; of raw slices, the one that it holds. */
export function columnIn(
  values: Values,
  asked: string,
): readonly [name: string, text: string] | null {
  const name = asked === rawColumn ? [...values.keys()].find(isRaw) : asked;
  const text = name === undefined ? undefined : values.get(name);
  return name === undefined || text === undefined ? null : [name, text];
}
