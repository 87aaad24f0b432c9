/**
 * Samples as bytes of a fixed width, in the order given: the nth lies at n times the width, so that
 * a page of a long stream opens without the rest. All numbers are big-endian.
 *
 *   heart_rate  8 bytes  time 6, beats a minute 2
 *   track      18 bytes  time 6, latitude 4, longitude 4, altitude 4
 *
 * Time is milliseconds since 1970, unsigned. A place is rounded to 1e-7 degrees (1.1 cm at most), an
 * altitude to the millimetre, once: what was decoded encodes to the same bytes. Nothing else of a
 * sample is kept.
 */
import type { HeartRateSample, TrackPoint } from "./schema.ts";

interface Samples {
  readonly heart_rate: HeartRateSample;
  readonly track: TrackPoint;
}
export type SeriesColumn = "heart_rate" | "track";
export type SampleOf<C extends SeriesColumn> = Samples[C];

interface Layout<S> {
  readonly bytes: number;
  write(view: DataView, at: number, sample: S): void;
  read(view: DataView, at: number): S;
}

// The schema's bounds; a test holds the two to each other.
const latestMs = 4_102_444_800_000;
const bpmMax = 400;
const latMax = 90;
const lonMax = 180;
const altMinM = -11_000;
const altMaxM = 100_000;

const perDegree = 1e7;
const perMetre = 1000;
const absentAlt = -(2 ** 31);
const low = 2 ** 32;
const timeBytes = 6;

/** What is not a number is in no bounds. */
function bounded(value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new RangeError("a sample is out of bounds");
}

function whole(value: number, min: number, max: number): number {
  if (Number.isInteger(value)) return bounded(value, min, max);
  throw new RangeError("a sample's whole number is none");
}

function writeTime(view: DataView, at: number, t: number): void {
  const ms = whole(t, 0, latestMs);
  view.setUint16(at, Math.floor(ms / low));
  view.setUint32(at + 2, ms % low);
}
const readTime = (view: DataView, at: number): number =>
  view.getUint16(at) * low + view.getUint32(at + 2);

const heartRate: Layout<HeartRateSample> = {
  bytes: timeBytes + 2,
  write(view, at, { t, bpm }) {
    writeTime(view, at, t);
    view.setUint16(at + 6, whole(bpm, 1, bpmMax));
  },
  read: (view, at) => ({ t: readTime(view, at), bpm: view.getUint16(at + 6) }),
};

const track: Layout<TrackPoint> = {
  bytes: timeBytes + 12,
  write(view, at, { t, lat, lon, alt }) {
    writeTime(view, at, t);
    view.setInt32(at + 6, Math.round(bounded(lat, -latMax, latMax) * perDegree));
    view.setInt32(at + 10, Math.round(bounded(lon, -lonMax, lonMax) * perDegree));
    const altMm =
      alt === undefined ? absentAlt : Math.round(bounded(alt, altMinM, altMaxM) * perMetre);
    view.setInt32(at + 14, altMm);
  },
  read(view, at) {
    const t = readTime(view, at);
    const lat = view.getInt32(at + 6) / perDegree;
    const lon = view.getInt32(at + 10) / perDegree;
    const altMm = view.getInt32(at + 14);
    return altMm === absentAlt ? { t, lat, lon } : { t, lat, lon, alt: altMm / perMetre };
  },
};

const layouts: { readonly [C in SeriesColumn]: Layout<Samples[C]> } = {
  heart_rate: heartRate,
  track,
};

export const isSeries = (column: string): column is SeriesColumn => Object.hasOwn(layouts, column);

/** The width of one sample. */
export const sampleBytes = (column: SeriesColumn): number => layouts[column].bytes;

/** How many samples so many bytes are. Throws `RangeError` when the last one is not whole. */
export function samplesIn(column: SeriesColumn, byteLength: number): number {
  const samples = byteLength / sampleBytes(column);
  return whole(samples, 0, Number.MAX_SAFE_INTEGER);
}

/** Throws `RangeError` for a sample that the schema refuses: it was to be checked before. */
export function encodeSeries<C extends SeriesColumn>(
  column: C,
  samples: readonly SampleOf<C>[],
): Uint8Array<ArrayBuffer> {
  const layout = layouts[column];
  const out = new Uint8Array(samples.length * layout.bytes);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const sample of samples) {
    layout.write(view, at, sample);
    at += layout.bytes;
  }
  return out;
}

/** Any run of whole samples; throws `RangeError` when one is not whole. */
export function decodeSeries<C extends SeriesColumn>(column: C, bytes: Uint8Array): SampleOf<C>[] {
  const layout = layouts[column];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples: SampleOf<C>[] = new Array(samplesIn(column, bytes.byteLength));
  for (let n = 0; n < samples.length; n++) samples[n] = layout.read(view, n * layout.bytes);
  return samples;
}
