/**
 * A track as a drawing: north up, as long on paper east as north, without a map, so that nobody else
 * is told where somebody was. A flat projection around the middle of it; a workout is small enough.
 */
import { earthRadiusM, metresBetween, radians } from "../../domain/sphere.ts";

export interface TrackPoint {
  readonly t: string;
  readonly lat: number;
  readonly lon: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export interface TrackDrawing {
  /** Of the drawing, in its own units. */
  readonly width: number;
  readonly height: number;
  /** Strokes, as the `d` of an SVG path; broken where nothing was measured. */
  readonly path: string;
  readonly start: Place;
  readonly end: Place;
  /** A round length for scale, and how wide it is drawn. */
  readonly scale: { readonly metres: number; readonly width: number };
  /** Along all points, in metres. */
  readonly lengthM: number;
  /** From where it began to where it ended. */
  readonly apartM: number;
}

export const drawnMax = 2_000;
const longSide = 1_000;
const margin = 40;
/** Neither a walk on the spot nor a straight line is drawn as nothing. */
const extentMinM = 20;
const gapMs = 120_000;
const scaleShare = 0.3;

/** Null where there are no points. */
export function drawingOf(points: readonly TrackPoint[]): TrackDrawing | null {
  const sorted = [...points].sort((a, b) => Date.parse(a.t) - Date.parse(b.t));
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  const flat = flattened(sorted);
  const box = boxOf(flat);
  const perMetre = (longSide - 2 * margin) / Math.max(box.width, box.height);
  const place = ({ x, y }: Place): Place => ({
    x: round(margin + (x - box.left) * perMetre),
    y: round(margin + (box.top - y) * perMetre),
  });
  const lengthM = sorted.reduce(
    (sum, point, i) => sum + (i === 0 ? 0 : metresBetween(sorted[i - 1] ?? point, point)),
    0,
  );
  const metres = roundLength(Math.max(box.width, box.height) * scaleShare);
  return {
    width: round(box.width * perMetre + 2 * margin),
    height: round(box.height * perMetre + 2 * margin),
    path: strokes(sorted, flat.map(place)),
    start: place(flat[0] ?? origin),
    end: place(flat.at(-1) ?? origin),
    scale: { metres, width: round(metres * perMetre) },
    lengthM,
    apartM: metresBetween(first, last),
  };
}

const origin: Place = { x: 0, y: 0 };
const round = (n: number): number => Math.round(n * 10) / 10;

/** Metres east and north of the first point; the date line is crossed without a jump. */
function flattened(points: readonly TrackPoint[]): Place[] {
  const [first] = points;
  if (first === undefined) return [];
  const lats = points.map(({ lat }) => lat);
  const middle = radians((leastOf(lats) + mostOf(lats)) / 2);
  return points.map(({ lat, lon }) => ({
    x: earthRadiusM * Math.cos(middle) * radians(turned(lon - first.lon)),
    y: earthRadiusM * radians(lat - first.lat),
  }));
}

const turned = (degrees: number): number =>
  degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;

/** Lists of a hundred thousand are more than a call takes as arguments. */
const leastOf = (all: readonly number[]): number => all.reduce((a, b) => Math.min(a, b));
const mostOf = (all: readonly number[]): number => all.reduce((a, b) => Math.max(a, b));

function boxOf(places: readonly Place[]) {
  const [xs, ys] = [places.map(({ x }) => x), places.map(({ y }) => y)];
  const [left, right, bottom, top] = [leastOf(xs), mostOf(xs), leastOf(ys), mostOf(ys)];
  const width = Math.max(right - left, extentMinM);
  const height = Math.max(top - bottom, extentMinM);
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
  return { width, height, left: middle.x - width / 2, top: middle.y + height / 2 };
}

/** Of more points than can be seen, every so-many-th, and always the last. */
function strokes(points: readonly TrackPoint[], places: readonly Place[]): string {
  const every = Math.ceil(places.length / drawnMax);
  let path = "";
  let formerMs = Number.NEGATIVE_INFINITY;
  points.forEach((point, i) => {
    if (i % every !== 0 && i !== points.length - 1) return;
    const { x, y } = places[i] ?? origin;
    const atMs = Date.parse(point.t);
    path += `${atMs - formerMs > gapMs * every ? "M" : "L"}${x} ${y}`;
    formerMs = atMs;
  });
  return path;
}

/** 1, 2 or 5 times a power of ten, no longer than that. */
function roundLength(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres));
  const step = [5, 2, 1].find((n) => n * power <= metres) ?? 1;
  return step * power;
}
