/** A workout and its readings as lines of NDJSON and as rows of tables. */
import {
  columnOver,
  type ExportPiece,
  isRaw,
  isValue,
  type TableColumn,
  type TableType,
  textOf,
  type ValuePiece,
  valueLine,
} from "../../export/part.ts";
import { formatMoment } from "../../time.ts";
import type { Chosen, Reason, ResolvedWorkout } from "../resolved.ts";
import type { HeartRateSample, TrackPoint } from "../schema.ts";

const chosen = (c: Chosen<number> | null) =>
  c === null ? null : { value: c.value, from: c.from, because: c.because };
const reason = ({ a, b, rule, overlapPermille, because }: Reason) => ({
  ...{ records: [a, b], rule, overlap: overlapPermille / 1000, because },
});

/** Everything open that is known of it: with its sources, and why they are one. */
export function workoutLine(w: ResolvedWorkout): string {
  return JSON.stringify({
    ...{ id: w.id, type: w.type, family: w.family },
    start: formatMoment(w.at, w.offsetMin),
    end: formatMoment(w.toMs, w.offsetMin),
    ...{ offsetFrom: w.offsetFrom, day: w.day, elapsedMs: w.elapsedMs },
    movingMs: chosen(w.moving),
    distanceMm: chosen(w.distance),
    energyMcal: chosen(w.energy),
    elevationGainMm: chosen(w.elevationGain),
    readings: { heartRate: w.heartRate, track: w.track },
    scored: w.scored !== null,
    held: w.held,
    sources: w.sources.map(({ fact, at, ...source }) => ({
      ...{ record: fact, start: formatMoment(at, w.offsetMin), ...source },
    })),
    joined: w.joined.map(reason),
    apart: w.apart.map(reason),
  });
}

/** Times in RFC 3339, as the API says them. */
export function pieceLine(piece: ExportPiece): string {
  if (isValue(piece)) return valueLine("workout", piece);
  const { thing, record, column, from } = piece;
  const samples = piece.samples.map((sample) => ({ ...sample, t: formatMoment(sample.t) }));
  return JSON.stringify({ workout: thing, record, column, from, samples });
}

export function workoutTable(workouts: readonly ResolvedWorkout[]): TableColumn[] {
  const column = columnOver(workouts);
  return [
    column("id", "STRING", (w) => w.id),
    column("start_ms", "INT64", (w) => w.at),
    column("end_ms", "INT64", (w) => w.toMs),
    column("offset_min", "INT64", (w) => w.offsetMin),
    column("day", "STRING", (w) => w.day),
    column("type", "STRING", (w) => w.type),
    column("family", "STRING", (w) => w.family),
    column("elapsed_ms", "INT64", (w) => w.elapsedMs),
    column("moving_ms", "INT64", (w) => w.moving.value),
    column("distance_mm", "INT64", (w) => w.distance?.value ?? null),
    column("energy_mcal", "INT64", (w) => w.energy?.value ?? null),
    column("elevation_gain_mm", "INT64", (w) => w.elevationGain?.value ?? null),
    column("scored", "BOOLEAN", (w) => w.scored !== null),
    column("held", "BOOLEAN", (w) => w.held.length > 0),
    column("records", "STRING", (w) => JSON.stringify(w.sources.map((s) => s.fact))),
  ];
}

/** A row a sample; a text is a row too. Raw slices are in the NDJSON only. */
export function pieceTable(pieces: readonly ExportPiece[]): TableColumn[] {
  const said = pieces.filter((piece) => !isRaw(piece.column));
  const column = (
    name: string,
    type: TableType,
    sample: (
      s: Partial<HeartRateSample & TrackPoint>,
      piece: ExportPiece,
    ) => string | number | null,
    value: (piece: ValuePiece) => string | null = () => null,
  ): TableColumn => ({
    ...{ name, type },
    data: said.flatMap((piece) =>
      isValue(piece) ? [value(piece)] : piece.samples.map((s) => sample(s, piece)),
    ),
  });
  return [
    column(
      "workout",
      "STRING",
      (_, piece) => piece.thing,
      (piece) => piece.thing,
    ),
    column(
      "record",
      "STRING",
      (_, piece) => piece.record,
      (piece) => piece.record,
    ),
    column(
      "column",
      "STRING",
      (_, piece) => piece.column,
      (piece) => piece.column,
    ),
    column("t_ms", "INT64", (s) => s.t ?? null),
    column("bpm", "INT64", (s) => s.bpm ?? null),
    column("lat", "DOUBLE", (s) => s.lat ?? null),
    column("lon", "DOUBLE", (s) => s.lon ?? null),
    column("alt_m", "DOUBLE", (s) => s.alt ?? null),
    column(
      "text",
      "STRING",
      () => null,
      ({ json }) => textOf(json),
    ),
  ];
}
