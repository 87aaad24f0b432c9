/**
 * Reading values out of a body that nobody vouches for: anything may be missing, of another type or
 * absurd, and none of it may throw. Null is "not stated in a form we know".
 */
import type { Instant } from "../domain/time.ts";
import type { ActivityType } from "../domain/workouts/activity.ts";
import { speedMmpsMax, type TrackPoint } from "../domain/workouts/schema.ts";

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

/** A finite number that is not negative. */
export const amountOf = (v: unknown): number | null =>
  typeof v === "number" && Number.isFinite(v) && v >= 0 ? v : null;

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
