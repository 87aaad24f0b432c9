/**
 * Reading values out of a body that nobody vouches for: anything may be missing, of another type or
 * absurd, and none of it may throw. Null is "not stated in a form we know".
 */
import {
  type Instant,
  isZone,
  type Moment,
  offsetIn,
  offsetMinutesMax,
  parseMoment,
} from "../domain/time.ts";
import { secondsToMs } from "../domain/units.ts";
import type { ActivityType } from "../domain/workouts/activity.ts";
import { type HeartRateSample, speedMmpsMax, type TrackPoint } from "../domain/workouts/schema.ts";

export const textCharsMax = 4000;
export const nameCharsMax = 200;
/** Samples of one workout: a reading a second for eight days. */
export const samplesMax = 691_200;
/** Beats a minute that no heart has. */
export const highestHeartRate = 400;

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (v: unknown): v is Fields =>
  typeof v === "object" && v !== null && !Array.isArray(v);
export const fieldsOf = (v: unknown): Fields => (isFields(v) ? v : {});

/** Undefined when it is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export const textOf = (v: unknown, charsMax = nameCharsMax): string | null =>
  typeof v === "string" && v.length > 0 ? v.slice(0, charsMax) : null;

/** A whole text of at most so many characters: what names something would name another if cut. */
export const wordOf = (v: unknown, charsMax = nameCharsMax): string | null =>
  typeof v === "string" && v.length > 0 && v.length <= charsMax ? v : null;

/** Half of a character that takes two: it is lost where text is written as bytes. */
export const halves = /\p{Surrogate}/gu;

/** A finite number that is not negative. */
export const amountOf = (v: unknown): number | null =>
  typeof v === "number" && Number.isFinite(v) && v >= 0 ? v : null;

/** A number that is more than zero: where a zero says that nothing was measured. */
export const positiveOf = (v: unknown): number | null => {
  const amount = amountOf(v);
  return amount === 0 ? null : amount;
};

/** What is named by a number, as text. */
export function numberNameOf(v: unknown): string | null {
  if (typeof v === "string") return /^\d{1,19}$/.test(v) ? v : null;
  return Number.isSafeInteger(v) && Number(v) >= 0 ? String(v) : null;
}

/** What a provider counts from one on: no zeros before it, so that nothing has two names. */
export const idPattern = /^[1-9]\d{0,18}$/;

/** The same for a number and for its digits; a number beyond 2^53 is no longer exact, and names nothing. */
export function idOf(v: unknown): string | null {
  const id = numberNameOf(v);
  return id !== null && idPattern.test(id) ? id : null;
}

/** A time in RFC 3339. "no-zone": one on a clock that nobody says the place of, so no instant. */
export function momentOf(v: unknown): Moment | "no-zone" | null {
  if (typeof v !== "string") return null;
  const moment = parseMoment(v);
  if (moment.ok) return moment.value.atMs > 0 ? moment.value : null;
  return parseMoment(`${v}Z`).ok ? "no-zone" : null;
}

/** The instant of such a time. */
export function instantOf(v: unknown): Instant | null {
  const moment = momentOf(v);
  return moment === null || moment === "no-zone" ? null : moment.atMs;
}

/** Whole minutes east of UTC. */
export function offsetOf(minutes: unknown): number | null {
  if (typeof minutes !== "number" || !Number.isInteger(minutes)) return null;
  if (Math.abs(minutes) > offsetMinutesMax) return null;
  return minutes === 0 ? 0 : minutes;
}

/** Longer than the longest name of a zone. */
const zoneCharsMax = 64;

/** Minutes east of UTC at an instant, by the name of a zone; null when nobody knows such a zone. */
export function offsetInZone(zone: unknown, atMs: Instant): number | null {
  const name = wordOf(zone, zoneCharsMax);
  return name !== null && isZone(name) ? offsetOf(offsetIn(name, atMs)) : null;
}

/** Two clocks' seconds: so much more than all of it may be said to have been moved. */
const roundingMs = 1000;

/** Time without pauses, of seconds as stated; null when zero or more than all of it. */
export function movingOf(seconds: unknown, elapsedMs: number): number | null {
  const movingMs = secondsToMs(amountOf(seconds) ?? 0);
  return movingMs <= 0 || movingMs > elapsedMs + roundingMs ? null : Math.min(movingMs, elapsedMs);
}

/** Metres a second as stated, in millimetres; null when zero or faster than anything that moves. */
export function speedOf(metresPerSecond: unknown): number | null {
  const mmps = Math.round((amountOf(metresPerSecond) ?? 0) * 1000);
  return mmps > 0 && mmps <= speedMmpsMax ? mmps : null;
}

/** Null without a fix; exactly (0, 0) is what a device writes before it has one. */
export function pointAt(t: Instant, lat: unknown, lon: unknown, alt: unknown): TrackPoint | null {
  if (typeof lat !== "number" || typeof lon !== "number") return null;
  if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180) || (lat === 0 && lon === 0)) return null;
  const height = typeof alt === "number" && alt >= -11_000 && alt <= 100_000;
  return height ? { t, lat, lon, alt } : { t, lat, lon };
}

/** Null when nothing was measured, or what no heart does. */
export function beatAt(t: Instant, bpm: unknown): HeartRateSample | null {
  const beats = Math.round(amountOf(bpm) ?? 0);
  return beats > 0 && beats <= highestHeartRate ? { t, bpm: beats } : null;
}

/** The slice as it came; null when it is nested deeper than can be written again. */
export function rawOf(v: unknown): string | null {
  try {
    return JSON.stringify(v);
  } catch {
    return null;
  }
}

/** In order of time, one reading an instant; null when there are none. */
export const inOrder = <T extends { t: Instant }>(readings: ReadonlyMap<Instant, T>): T[] | null =>
  readings.size === 0 ? null : [...readings.values()].sort((a, b) => a.t - b.t);

/** The readings in a list of entries, none from later than `latestMs`; null when there are none. */
export function readingsOf<T extends { t: Instant }>(
  entries: readonly unknown[],
  latestMs: Instant,
  timeOf: (entry: Fields) => Instant | null,
  read: (t: Instant, entry: Fields) => T | null,
): T[] | null {
  const found = new Map<Instant, T>();
  for (const entry of entries) {
    if (!isFields(entry)) continue;
    const t = timeOf(entry);
    if (t === null || t <= 0 || t > latestMs) continue;
    const reading = read(t, entry);
    if (reading !== null) found.set(t, reading);
  }
  return inOrder(found);
}

export type Words = Readonly<Partial<Record<ActivityType, string>>>;

/** A provider's words, listed by our type and parted by blanks, turned around. */
export const typesByWord = (words: Words): ReadonlyMap<string, ActivityType> =>
  new Map(
    Object.entries(words).flatMap(([type, list]) =>
      list.split(" ").map((word) => [word, type as ActivityType] as const),
    ),
  );
