/**
 * What an activity says of itself, in a list (a summary) and alone (the detail) alike: its id, whether
 * it was typed in, and whether there is a heart rate or a track to be had of it.
 */
import { offsetMinutesMax } from "../../domain/time.ts";
import { type Fields, fieldsOf, instantOf, offsetOf, positiveOf, wordOf } from "../untrusted.ts";

export const activities = "activities";
/** Of one activity, in steps alone: nothing is announced or listed by this name. */
export const streams = "streams";

/** Typed in; where it does not say so, what was never uploaded is. */
export const isManual = ({ manual, upload_id, external_id }: Fields): boolean =>
  typeof manual === "boolean" ? manual : upload_id === null && external_id === null;

/** Ridden on the spot: whatever places it names are of a road that nobody was on. */
export const isOnTheSpot = ({ trainer, sport_type, type }: Fields): boolean =>
  trainer === true || /^Virtual/.test(wordOf(sport_type ?? type) ?? "");

/** Whether a heart rate was measured; null: it does not say. */
export function hasBeats({ has_heartrate, average_heartrate }: Fields): boolean | null {
  if (has_heartrate === true || positiveOf(average_heartrate) !== null) return true;
  return has_heartrate === false ? false : null;
}

/** Whether there are places that somebody was at; null: it does not say. */
export function hasPlaces(item: Fields): boolean | null {
  if (isManual(item) || isOnTheSpot(item)) return false;
  const { start_latlng, map } = item;
  const { polyline, summary_polyline } = fieldsOf(map);
  const lines = [polyline, summary_polyline].filter((line) => typeof line === "string");
  if (Array.isArray(start_latlng) && start_latlng.length > 0) return true;
  if (lines.some((line) => line !== "")) return true;
  return Array.isArray(start_latlng) || start_latlng === null || lines.length > 0 ? false : null;
}

/** Whether anything may be had beyond the activity itself. */
export const hasReadings = (item: Fields): boolean =>
  !isManual(item) && (hasBeats(item) === true || hasPlaces(item) === true);

const secondsAMinute = 60;
const msAMinute = 60_000;

/**
 * Minutes east of UTC. `timezone` prints the zone's standard offset, also in summer: it is never
 * read. Where there is no `utc_offset`, the local time is the same instant as it was on the clock,
 * for all its Z.
 */
export function offsetMinutesOf({
  utc_offset,
  start_date,
  start_date_local,
}: Fields): number | null {
  if (typeof utc_offset === "number") return offsetOf(utc_offset / secondsAMinute);
  const [at, local] = [instantOf(start_date), instantOf(start_date_local)];
  if (at === null || local === null) return null;
  const minutes = (local - at) / msAMinute;
  return Math.abs(minutes) > offsetMinutesMax ? null : offsetOf(minutes);
}
