/**
 * Times and quantities as this app writes them: `yyyy-MM-dd HH:mm:ss Z`, or with AM and PM where the
 * phone's clock has twelve hours; `{ qty, units }` in whatever the phone is set to. A zero is "not
 * measured". A label may be wrong by a thousand, so what nobody can have gone is not stated.
 */
import type { Instant, Moment } from "../../domain/time.ts";
import { energyToMcal, lengthToMm, secondsToMs } from "../../domain/units.ts";
import type { HeartRateSample, TrackPoint } from "../../domain/workouts/schema.ts";
import {
  beatAt,
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  pointAt,
  positiveOf,
} from "../untrusted.ts";

/** Longer than any time; what is, is not searched. */
const timeCharsMax = 40;
const halfDay =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{1,2}):(\d{2}:\d{2})\s?([AaPp])\.?[Mm]\.?\s?(Z|[+-]\d{2}:?\d{2})?$/;

/** "no-zone": a time on a clock that nobody says the place of. */
export function whenOf(v: unknown): Moment | "no-zone" | null {
  if (typeof v !== "string" || v.length > timeCharsMax) return null;
  // Some locales part the hour from AM and PM by a narrow blank.
  const text = v.replace(/[\u00a0\u202f]/g, " ").trim();
  const m = halfDay.exec(text);
  if (m === null) return momentOf(text);
  const [, date, hour, rest, half, zone = ""] = m;
  if (Number(hour) < 1 || Number(hour) > 12) return null;
  const hours = (Number(hour) % 12) + (half?.toLowerCase() === "p" ? 12 : 0);
  return momentOf(`${date}T${String(hours).padStart(2, "0")}:${rest}${zone}`);
}

export function instantOf(v: unknown): Instant | null {
  const when = whenOf(v);
  return when === null || when === "no-zone" ? null : when.atMs;
}

/** Seconds, as a number or as a quantity. */
export function durationMsOf(v: unknown): number | null {
  const { qty, units } = isFields(v) ? v : { qty: v, units: "s" };
  const seconds = positiveOf(qty);
  return seconds === null || units !== "s" ? null : secondsToMs(seconds);
}

function quantityOf(
  v: unknown,
  convert: (value: number, unit: string) => number | null,
): number | null {
  const { qty, units } = fieldsOf(v);
  const amount = positiveOf(qty);
  // The units' table is a plain object: only a word of letters may be looked up in it.
  if (amount === null || typeof units !== "string" || !/^[A-Za-z]{1,4}$/.test(units)) return null;
  return positiveOf(convert(amount, units));
}

/** More than any heart drives for a minute, and faster than any lift goes up. */
const mostMcalPerMs = (60 * 1_000_000) / 60_000;
const steepestMps = 20;
/**
 * Metres a second on average, in between which a distance is believed. What is labelled wrong by a
 * thousand lies outside, whether it was walked or raced.
 */
const slowestMps = 0.02;
const fastestMps = 80;

const atMost = (value: number | null, most: number): number | null =>
  value === null || value > most ? null : value;

const mcalOf = (v: unknown): number | null => quantityOf(v, energyToMcal);

/** Is what was burned by moving said, in the newer form or the older? */
export const isActiveEnergy = ({ activeEnergyBurned, activeEnergy }: Fields): boolean =>
  (mcalOf(activeEnergyBurned) ?? mcalOf(activeEnergy)) !== null;

/** What was burned by moving; what was burned in all, where nothing else is said. */
export function energyOf(workout: Fields, elapsedMs: number): number | null {
  const { activeEnergyBurned, activeEnergy, totalEnergy } = workout;
  const stated = mcalOf(activeEnergyBurned) ?? mcalOf(activeEnergy) ?? mcalOf(totalEnergy);
  return atMost(stated, mostMcalPerMs * elapsedMs);
}

export function distanceOf({ distance }: Fields, elapsedMs: number): number | null {
  const distanceMm = quantityOf(distance, lengthToMm);
  const isMoved = distanceMm !== null && distanceMm >= slowestMps * elapsedMs;
  return isMoved ? atMost(distanceMm, fastestMps * elapsedMs) : null;
}

/** `elevationUp` in the newer form, `elevation.ascent` in the older. */
export function elevationOf({ elevationUp, elevation }: Fields, elapsedMs: number): number | null {
  const { ascent, units } = fieldsOf(elevation);
  const climbedMm =
    quantityOf(elevationUp, lengthToMm) ?? quantityOf({ qty: ascent, units }, lengthToMm);
  return atMost(climbedMm, steepestMps * elapsedMs);
}

/** An average over the minute or the second that the entry stands for. */
export const beatOf = (t: Instant, { Avg, avg, qty }: Fields): HeartRateSample | null =>
  beatAt(t, Avg ?? avg ?? qty);

export const pointOf = (
  t: Instant,
  { latitude, longitude, lat, lon, altitude }: Fields,
): TrackPoint | null => pointAt(t, latitude ?? lat, longitude ?? lon, altitude);
