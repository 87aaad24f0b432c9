/**
 * What an export's files are written from: resolved things, and pieces of what is restricted of
 * their records. A long series comes in several pieces; `from` says how many samples came before.
 */
import type { HeartRateSample, TrackPoint } from "../workouts/schema.ts";

interface Piece {
  /** The resolved thing's id. */
  readonly thing: string;
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

/** Of a step, which is of one stream: the things that it begins, and the pieces that it stages. */
export interface ExportPart<T> {
  readonly member: string;
  /** All that the pieces are of. */
  readonly things: ReadonlyMap<string, T>;
  /** Those whose own lines belong into this step. */
  readonly begun: readonly T[];
  readonly pieces: readonly ExportPiece[];
  /** Of each thing, the record whose series is the one to show. */
  readonly best: Readonly<Record<"heart_rate" | "track", ReadonlySet<string>>>;
}

export type TableType = "STRING" | "INT64" | "DOUBLE" | "BOOLEAN";
type Value = string | number | boolean | null;
export interface TableColumn {
  readonly name: string;
  readonly type: TableType;
  readonly data: readonly Value[];
}

/** A column of these rows. */
export const columnOver =
  <R>(rows: readonly R[]) =>
  (name: string, type: TableType, of: (row: R) => Value): TableColumn => ({
    ...{ name, type, data: rows.map(of) },
  });

/** A value of a record as it stands: under the name of what it is a record of. */
export function valueLine(of: string, { thing, record, column, json }: ValuePiece): string {
  const head = JSON.stringify({ [of]: thing, record, column });
  return `${head.slice(0, -1)},"value":${json.replaceAll(/[\r\n]/g, " ")}}`;
}

export const isRaw = (column: string): boolean => column === "raw" || column.startsWith("raw_");

/** What a text says; anything else stays JSON. */
export function textOf(json: string): string | null {
  const value: unknown = JSON.parse(json);
  return value === null ? null : typeof value === "string" ? value : json;
}
