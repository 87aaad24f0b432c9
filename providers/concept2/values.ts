/**
 * How Concept2's logbook writes values: lengths of time in tenths of a second, of which `time` is the
 * work alone and `rest_time` what lay between; a moment as the clock on the wall showed it, with the
 * zone's name and the same in UTC beside it, or neither.
 */
import { type Instant, isZone, offsetIn, parseMoment } from "../../domain/time.ts";
import { amountOf, type Fields, fieldsOf, offsetOf, wordOf } from "../untrusted.ts";

export const results = "results";

const tenthMs = 100;
const minuteMs = 60_000;

export const tenthsToMs = (tenths: unknown): number =>
  Math.round((amountOf(tenths) ?? 0) * tenthMs);

export interface Interval {
  readonly workMs: number;
  readonly restMs: number;
}

export function intervalsOf({ workout }: Fields): readonly Interval[] {
  const { intervals } = fieldsOf(workout);
  return (Array.isArray(intervals) ? intervals : []).map(fieldsOf).map((interval) => ({
    workMs: tenthsToMs(interval.time),
    restMs: tenthsToMs(interval.rest_time),
  }));
}

export interface Span {
  readonly at: Instant;
  readonly elapsedMs: number;
  /** The work alone. */
  readonly workMs: number;
  readonly offsetMin: number | null;
}

/** When a workout began and how long it went on, rests included; its date is when it ended. */
export function spanOf(item: Fields): Span | "no-zone" | "no-start" | "no-duration" {
  const moment = momentOf(item);
  if (typeof moment === "string") return moment;
  const workMs = tenthsToMs(item.time);
  if (workMs === 0) return "no-duration";
  const said = amountOf(item.rest_time) === null ? null : tenthsToMs(item.rest_time);
  const restMs = said ?? intervalsOf(item).reduce((sum, interval) => sum + interval.restMs, 0);
  const elapsedMs = workMs + restMs;
  // The monitor stores the end, and that is what is shown.
  const at = moment.at - elapsedMs;
  return at > 0 ? { at, offsetMin: moment.offsetMin, workMs, elapsedMs } : "no-start";
}

type Moment = Pick<Span, "at" | "offsetMin">;

/** By what is said in UTC; else by the zone; a clock without either names no instant. */
function momentOf(item: Fields): Moment | "no-zone" | "no-start" {
  const wallMs = shownAt(item.date);
  const utcMs = shownAt(item.date_utc);
  if (utcMs !== null) return { at: utcMs, offsetMin: offsetBetween(wallMs, utcMs) };
  if (wallMs === null) return "no-start";
  const zone = wordOf(item.timezone);
  if (zone === null || !isZone(zone)) return "no-zone";
  // The offset holds at an instant, which it takes the offset to know: the second guess is right but
  // for the hour that a clock is put back over, which is there twice.
  const near = wallMs - offsetIn(zone, wallMs) * minuteMs;
  const at = wallMs - offsetIn(zone, near) * minuteMs;
  return at > 0 ? { at, offsetMin: offsetOf(offsetIn(zone, at)) } : "no-start";
}

/** What a clock shows, as if it stood in UTC. */
function shownAt(v: unknown): Instant | null {
  const text = wordOf(v, 40);
  const moment = text === null ? null : parseMoment(text.endsWith("Z") ? text : `${text}Z`);
  return moment?.ok && moment.value.atMs > 0 ? moment.value.atMs : null;
}

const offsetBetween = (wallMs: Instant | null, utcMs: Instant): number | null =>
  wallMs === null ? null : offsetOf((wallMs - utcMs) / minuteMs);
