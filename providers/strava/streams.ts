/**
 * An activity's streams: lists of one length, a reading each, the first of them (`time`) in seconds
 * from the start. One may be shorter or hold nulls; one of another resolution than the time's has no
 * times at all, and is not read.
 */
import type { Instant } from "../../domain/time.ts";
import { secondsToMs } from "../../domain/units.ts";
import type { HeartRateSample, TrackPoint } from "../../domain/workouts/schema.ts";
import {
  amountOf,
  beatAt,
  type Fields,
  fieldsOf,
  inOrder,
  isFields,
  pointAt,
  samplesMax,
  wordOf,
} from "../untrusted.ts";

/** What is asked for: of the rest nothing is read. */
export const streamKeys = "time,heartrate,latlng,altitude";

/** Keyed by type, as it is asked for; or listed, each with its type. Null: neither. */
export function streamsIn(json: unknown): Fields | null {
  if (isFields(json)) return json;
  if (!Array.isArray(json)) return null;
  return Object.fromEntries(json.filter(isFields).map((one) => [wordOf(one.type) ?? "", one]));
}

const dataIn = (streams: Fields, type: string): readonly unknown[] => {
  const { data } = fieldsOf(streams[type]);
  return Array.isArray(data) ? data : [];
};

/** Whether there is anything in them that readings are made of. */
export const areEmpty = (streams: Fields): boolean =>
  dataIn(streams, "time").length === 0 ||
  dataIn(streams, "heartrate").length + dataIn(streams, "latlng").length === 0;

export interface Readings {
  readonly heartRate: HeartRateSample[] | null;
  readonly track: TrackPoint[] | null;
}

export function readingsIn(streams: Fields, at: Instant, latestMs: Instant): Readings | "too-many" {
  const times = dataIn(streams, "time");
  const timed = (type: string) => (isOfOneGrain(streams, type) ? dataIn(streams, type) : []);
  const [beats, places, heights] = [timed("heartrate"), timed("latlng"), timed("altitude")];
  if (Math.max(times.length, beats.length, places.length) > samplesMax) return "too-many";
  const heartRate = new Map<Instant, HeartRateSample>();
  const track = new Map<Instant, TrackPoint>();
  for (const [i, seconds] of times.entries()) {
    const since = amountOf(seconds);
    const t = since === null ? Number.POSITIVE_INFINITY : at + secondsToMs(since);
    if (t > latestMs) continue;
    const beat = beatAt(t, beats[i]);
    if (beat !== null) heartRate.set(t, beat);
    const place = places[i];
    const point = Array.isArray(place) ? pointAt(t, place[0], place[1], heights[i]) : null;
    if (point !== null) track.set(t, point);
  }
  return { heartRate: inOrder(heartRate), track: inOrder(track) };
}

function isOfOneGrain(streams: Fields, type: string): boolean {
  const [time, other] = [fieldsOf(streams.time).resolution, fieldsOf(streams[type]).resolution];
  return time === undefined || other === undefined || time === other;
}
