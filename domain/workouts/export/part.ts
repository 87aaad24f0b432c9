/**
 * What an export's files are written from: resolved workouts, and pieces of what is restricted of
 * their records. A long series comes in several pieces; `from` says how many samples came before.
 */
import { formatMoment } from "../../time.ts";
import type { Chosen, Reason, ResolvedWorkout } from "../resolved.ts";
import type { HeartRateSample, TrackPoint } from "../schema.ts";

interface Piece {
  /** The resolved workout's id. */
  readonly workout: string;
  /** The source fact's. */
  readonly record: string;
}
export interface HeartRatePiece extends Piece {
  readonly column: "heart_rate";
  readonly from: number;
  readonly samples: readonly HeartRateSample[];
}
export interface TrackPiece extends Piece {
  readonly column: "track";
  readonly from: number;
  readonly samples: readonly TrackPoint[];
}
/** A text or a raw slice. */
export interface ValuePiece extends Piece {
  readonly column: string;
  /** As JSON text, which is written down as it is: parsed, a long number would lose digits. */
  readonly json: string;
}
export type ExportPiece = HeartRatePiece | TrackPiece | ValuePiece;

export const isHeartRate = (piece: ExportPiece): piece is HeartRatePiece =>
  piece.column === "heart_rate" && "samples" in piece;
export const isTrack = (piece: ExportPiece): piece is TrackPiece =>
  piece.column === "track" && "samples" in piece;
export const isValue = (piece: ExportPiece): piece is ValuePiece => "json" in piece;

/** Of a step: the workouts that it begins, and the pieces that it stages. */
export interface ExportPart {
  readonly member: string;
  /** All that the pieces are of. */
  readonly workouts: ReadonlyMap<string, ResolvedWorkout>;
  /** Those whose own lines belong into this step. */
  readonly begun: readonly ResolvedWorkout[];
  readonly pieces: readonly ExportPiece[];
  /** Of each workout, the record whose series is the one to show. */
  readonly best: Readonly<Record<"heart_rate" | "track", ReadonlySet<string>>>;
}

// -- NDJSON ----------------------------------------------------------------------------------

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
  if (isValue(piece)) {
    const head = JSON.stringify({
      workout: piece.workout,
      record: piece.record,
      column: piece.column,
    });
    return `${head.slice(0, -1)},"value":${piece.json.replaceAll(/[\r\n]/g, " ")}}`;
  }
  const { workout, record, column, from } = piece;
  const samples = piece.samples.map((sample) => ({ ...sample, t: formatMoment(sample.t) }));
  return JSON.stringify({ workout, record, column, from, samples });
}

// -- tables ----------------------------------------------------------------------------------

export type TableType = "STRING" | "INT64" | "DOUBLE" | "BOOLEAN";
export interface TableColumn {
  readonly name: string;
  readonly type: TableType;
  readonly data: readonly (string | number | boolean | null)[];
}

export function workoutTable(workouts: readonly ResolvedWorkout[]): TableColumn[] {
  const column = (
    name: string,
    type: TableType,
    of: (w: ResolvedWorkout) => string | number | boolean | null,
  ): TableColumn => ({ name, type, data: workouts.map(of) });
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
      (_, piece) => piece.workout,
      (piece) => piece.workout,
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

export const isRaw = (column: string): boolean => column === "raw" || column.startsWith("raw_");

/** What a text says; anything else stays JSON. */
export function textOf(json: string): string | null {
  const value: unknown = JSON.parse(json);
  return value === null ? null : typeof value === "string" ? value : json;
}
