/**
 * The readings of a FIT file as columns: 25 bytes a reading where an object takes hundreds. Once
 * full, every second row goes, so a recording of any length ends with an even picture of itself.
 */
import type { HeartRateSample, TrackPoint } from "../../domain/workouts/schema.ts";
import { highestHeartRate, pointAt } from "../untrusted.ts";
import { type FitMessage, fitAbsoluteMin, fitEpochSeconds } from "./fit-messages.ts";
import { samplesAFileMax } from "./session.ts";

const degreesPerSemicircle = 180 / 2 ** 31;
const degreeDecimals = 1e7;
const noPlace = 0x7fffffff;
const rowsAtFirst = 1024;

const recordField = { lat: 0, lon: 1, altitude: 2, heartRate: 3, distance: 5, height: 78 } as const;

export interface FitSpan {
  /** FIT seconds of the first and the last row. */
  readonly first: number;
  readonly last: number;
  /** Metres between the first and the last distance that rows of it state. */
  readonly distanceM: number | null;
  readonly heartRate: readonly HeartRateSample[];
  readonly track: readonly TrackPoint[];
}

export function fitRows() {
  let room = rowsAtFirst;
  let times = new Uint32Array(room);
  let lats = new Int32Array(room);
  let lons = new Int32Array(room);
  let heights = new Float32Array(room);
  let beats = new Uint8Array(room);
  let distances = new Float64Array(room);
  let count = 0;
  let seen = 0;
  let stride = 1;
  /** Rows that came with a time of the device's own making, or with none. */
  const without = { absolute: 0, any: 0 };

  function grow(): void {
    room = Math.min(room * 2, samplesAFileMax);
    const grown = <T extends { set(from: T): void }>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    times = grown(new Uint32Array(room), times);
    lats = grown(new Int32Array(room), lats);
    lons = grown(new Int32Array(room), lons);
    heights = grown(new Float32Array(room), heights);
    beats = grown(new Uint8Array(room), beats);
    distances = grown(new Float64Array(room), distances);
  }

  function thin(): void {
    for (let i = 0; i * 2 < count; i++)
      for (const column of [times, lats, lons, heights, beats, distances])
        column[i] = column[i * 2] ?? 0;
    count = Math.ceil(count / 2);
    stride *= 2;
  }

  function add(message: FitMessage): void {
    const { time } = message;
    if (time === null) without.any++;
    else if (time < fitAbsoluteMin) without.absolute++;
    if (time === null || time < fitAbsoluteMin) return;
    if (count === room && room < samplesAFileMax) grow();
    if (count === room) thin();
    if (seen++ % stride !== 0) return;
    const altitude = message.value(recordField.height) ?? message.value(recordField.altitude);
    times[count] = time;
    lats[count] = message.value(recordField.lat) ?? noPlace;
    lons[count] = message.value(recordField.lon) ?? noPlace;
    heights[count] = altitude === null ? Number.NaN : altitude / 5 - 500;
    beats[count] = Math.min(message.value(recordField.heartRate) ?? 0, 255);
    distances[count] = (message.value(recordField.distance) ?? Number.NaN) / 100;
    count++;
  }

  /** What the rows from one FIT second (included) to another (not) say; null when there are none. */
  function between(from: number, to: number): FitSpan | null {
    const heartRate: HeartRateSample[] = [];
    const track: TrackPoint[] = [];
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    let fromM: number | null = null;
    let toM: number | null = null;
    for (let i = 0; i < count; i++) {
      const time = times[i] ?? 0;
      if (time < from || time >= to) continue;
      first = Math.min(first, time);
      last = Math.max(last, time);
      const t = (time + fitEpochSeconds) * 1000;
      const bpm = beats[i] ?? 0;
      if (bpm > 0 && bpm <= highestHeartRate) heartRate.push({ t, bpm });
      const height = heights[i] ?? Number.NaN;
      const point =
        lats[i] === noPlace ? null : pointAt(t, degrees(lats[i]), degrees(lons[i]), tenths(height));
      if (point !== null) track.push(point);
      const distance = distances[i] ?? Number.NaN;
      if (Number.isNaN(distance)) continue;
      fromM ??= distance;
      toM = distance;
    }
    if (last === 0) return null;
    const distanceM = fromM === null || toM === null || toM < fromM ? null : toM - fromM;
    return { first, last, distanceM, heartRate, track };
  }

  return { add, between, without, thinned: () => stride > 1, count: () => count };
}

const degrees = (semicircles = noPlace): number =>
  Math.round(semicircles * degreesPerSemicircle * degreeDecimals) / degreeDecimals;
const tenths = (metres: number): number => Math.round(metres * 10) / 10;
