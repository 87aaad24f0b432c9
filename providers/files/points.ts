/**
 * The points of an XML track, taken one by one: distance, time in motion, first and last time are
 * summed as they come, before any thinning, so what is kept of a track never changes its sums.
 */
import { metresBetween } from "../../domain/sphere.ts";
import {
  elapsedMsMax,
  type HeartRateSample,
  type TrackPoint,
} from "../../domain/workouts/schema.ts";
import { highestHeartRate, pointAt } from "../untrusted.ts";
import { samplesAFileMax, samplesATrackMin, thinning } from "./session.ts";

/** Slower than this between two points is standing still: a fix that wanders makes less. */
export const stillBelowMps = 0.3;
/** A step that takes longer without a point was a pause, whatever distance it bridged. */
export const pauseFromMs = 300_000;

export interface Point {
  readonly t: number | null;
  readonly lat: unknown;
  readonly lon: unknown;
  readonly alt: unknown;
  readonly bpm: number | null;
}

/** `earlier`: the tracks of the same file, which share what may be kept of it. */
export function pointSums(earlier: readonly { readonly points: { kept(): number } }[]) {
  const used = earlier.reduce((sum, { points }) => sum + points.kept(), 0);
  const room = Math.max(samplesATrackMin, samplesAFileMax - used);
  const heartRate = thinning<HeartRateSample>(room);
  const track = thinning<TrackPoint>(room);
  let before: TrackPoint | null = null;
  const sums = {
    /** The earliest and the latest time, which need not be the first point's and the last one's. */
    firstMs: null as number | null,
    lastMs: null as number | null,
    /** A time lies further from those before it than any recording lasts, and was passed over. */
    beyond: false,
    points: 0,
    metres: null as number | null,
    movingMs: 0,
  };

  function add({ t, lat, lon, alt, bpm }: Point): void {
    sums.points++;
    if (t !== null) spread(t);
    const point = pointAt(t ?? 0, lat, lon, alt);
    if (point !== null) step(point, t !== null);
    if (t === null) return;
    if (point !== null) track.push(point);
    if (bpm !== null && bpm > 0 && bpm <= highestHeartRate)
      heartRate.push({ t, bpm: Math.round(bpm) });
  }

  function spread(t: number): void {
    const firstMs = Math.min(sums.firstMs ?? t, t);
    const lastMs = Math.max(sums.lastMs ?? t, t);
    if (lastMs - firstMs > elapsedMsMax) sums.beyond = true;
    else Object.assign(sums, { firstMs, lastMs });
  }

  function step(point: TrackPoint, timed: boolean): void {
    sums.metres ??= 0;
    if (before !== null) {
      const metres = metresBetween(before, point);
      sums.metres += metres;
      const ms = timed && before.t > 0 ? Math.abs(point.t - before.t) : 0;
      const moved = ms > 0 && ms < pauseFromMs && metres * 1000 >= stillBelowMps * ms;
      if (moved) sums.movingMs += ms;
    }
    before = point;
  }

  return {
    sums,
    add,
    /** What lies between two segments was not travelled on record. */
    cut(): void {
      before = null;
    },
    heartRate: () => heartRate.kept(),
    track: () => track.kept(),
    kept: () => Math.max(heartRate.kept().length, track.kept().length),
    thinned: () => heartRate.thinned() || track.thinned(),
  };
}
export type PointSums = ReturnType<typeof pointSums>;
