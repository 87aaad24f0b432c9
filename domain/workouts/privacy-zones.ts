/**
 * What everybody but the member sees of a track: neither where it begins, nor where it ends, nor any
 * point at a place the member named. Larger zones, or more, never show more; the points that stay are
 * not changed, and of those that go not even the time is told.
 *
 * What it does not promise. Many tracks that are cut on one circle show its centre, whatever is done
 * to a single track, and moving the circle by a rule that anybody can read here would hide nothing:
 * only a generous radius helps. A track is cut where it begins and ends, not where it comes by again
 * on its way, and a first fix far from the truth takes its circle along: a home is to be named as a
 * place. A workout's start and distance are open, so that how long and how far the hidden part went
 * can be worked out.
 */
import type { PrivacyZones } from "../ports.ts";
import { earthRadiusM, metresBetween, type Position, radians } from "../sphere.ts";
import type { TrackPoint } from "./schema.ts";

type Place = PrivacyZones["places"][number];

export const endsMMax = 5000;
export const placesMax = 20;
export const placeRadiusMMin = 50;
export const placeRadiusMMax = 5000;

export const defaultPrivacyZones: PrivacyZones = { endsM: 200, places: [] };

const metresPerDegree = radians(earthRadiusM);
/** How far apart a position and its sealed form, or a sum and its rounding, can put an edge. */
const edgeM = 0.02;
/** More than rounding can make of a difference in latitude. */
const slackM = 1;

/** On the edge is within, and so is what is not a number: a doubt hides. */
function isWithin(point: Position, centre: Position, radiusM: number): boolean {
  if (Math.abs(point.lat - centre.lat) * metresPerDegree > radiusM + slackM) return false;
  return !(metresBetween(point, centre) > radiusM + edgeM);
}

/** On the way in order of time, whatever the order they were written in. */
function inOrder(points: readonly TrackPoint[]): readonly TrackPoint[] {
  const isOrdered = points.every((point, n) => n === 0 || (points[n - 1]?.t ?? 0) <= point.t);
  return isOrdered ? points : points.toSorted((a, b) => a.t - b.t);
}

/**
 * `points` is the whole track of one record: a part of it begins elsewhere. From either end it is
 * hidden up to the first point that is further than `endsM` from that end (0: no zone there) and at
 * no place; between the two, every point at a place. In order of time; empty when nothing is left.
 */
export function cutTrack(points: readonly TrackPoint[], zones: PrivacyZones): TrackPoint[] {
  const { endsM, places } = zones;
  const way = inOrder(points);
  const [start, end] = [way[0], way.at(-1)];
  if (start === undefined || end === undefined) return [];
  const isAtPlace = (point: TrackPoint) =>
    places.some((place) => isWithin(point, place, place.radiusM));
  const hasLeft = (point: TrackPoint, from: TrackPoint) =>
    (endsM === 0 || !isWithin(point, from, endsM)) && !isAtPlace(point);
  const first = way.findIndex((point) => hasLeft(point, start));
  if (first < 0) return [];
  const last = way.findLastIndex((point) => hasLeft(point, end));
  return way.slice(first, last + 1).filter((point) => !isAtPlace(point));
}

const isBetween = (v: unknown, min: number, max: number): boolean =>
  typeof v === "number" && v >= min && v <= max;

/** An object with these keys of its own and no other. */
function hasKeys<K extends string>(v: unknown, keys: readonly K[]): v is Record<K, unknown> {
  if (typeof v !== "object" || v === null) return false;
  return Object.keys(v).length === keys.length && keys.every((key) => Object.hasOwn(v, key));
}

const isPlace = (v: unknown): v is Place =>
  hasKeys(v, ["lat", "lon", "radiusM"]) &&
  isBetween(v.lat, -90, 90) &&
  isBetween(v.lon, -180, 180) &&
  isBetween(v.radiusM, placeRadiusMMin, placeRadiusMMax);

/** Zones as a member may set them: nothing missing, nothing more, everything in its bounds. */
export function isPrivacyZones(value: unknown): value is PrivacyZones {
  if (!hasKeys(value, ["endsM", "places"]) || !isBetween(value.endsM, 0, endsMMax)) return false;
  const { places } = value;
  return Array.isArray(places) && places.length <= placesMax && Array.from(places).every(isPlace);
}
