/** The files of one step of an export, one at a time: each is sealed before the next is written. */

import { parquetWriteBuffer } from "hyparquet-writer";
import { sampleColumns } from "../../domain/consent.ts";
import type { ExportFile, ExportFormat } from "../../domain/export-ports.ts";
import type { Chunk } from "../../domain/samples/chunk.ts";
import { chunkBundle, chunkLines, chunkTable } from "../../domain/samples/chunk-export.ts";
import { fhirLines } from "../../domain/workouts/export/fhir.ts";
import { gpxOf } from "../../domain/workouts/export/gpx.ts";
import {
  type ExportPart,
  pieceLine,
  pieceTable,
  type TableColumn,
  workoutLine,
  workoutTable,
} from "../../domain/workouts/export/part.ts";
import { utf8 } from "./cell.ts";
import type { Bytes } from "./chunked.ts";

const rowsPerGroup = 10_000;

interface Kind {
  readonly stem: string;
  readonly extension: string;
  readonly type: string;
  readonly format: ExportFormat;
  /** Null: nothing of the kind is in this part. */
  write(part: ExportPart): Bytes | null;
}

const lines = (written: readonly string[]): Bytes | null =>
  written.length === 0 ? null : utf8(`${written.join("\n")}\n`);

const ndjson = { extension: "ndjson", type: "application/x-ndjson", format: "ndjson" } as const;
const parquet = {
  extension: "parquet",
  type: "application/vnd.apache.parquet",
  format: "parquet",
} as const;
const fhir = { extension: "ndjson", type: "application/fhir+ndjson", format: "fhir" } as const;

const kinds: readonly Kind[] = [
  { stem: "workouts", ...ndjson, write: ({ begun }) => lines(begun.map(workoutLine)) },
  { stem: "readings", ...ndjson, write: ({ pieces }) => lines(pieces.map(pieceLine)) },
  { stem: "workouts", ...parquet, write: ({ begun }) => tableFile(workoutTable(begun)) },
  { stem: "readings", ...parquet, write: ({ pieces }) => tableFile(pieceTable(pieces)) },
  {
    stem: "tracks",
    extension: "gpx",
    type: "application/gpx+xml",
    format: "gpx",
    write(part) {
      const text = gpxOf(part);
      return text === null ? null : utf8(text);
    },
  },
  { stem: "fhir", ...fhir, write: (part) => lines(fhirLines(part)) },
];
/** Parked items are text as it was delivered, so they come in this format and in no other. */
export const parkedFormat: ExportFormat = "ndjson";
/** With the profile. */
export const filesPerStepMax = kinds.length + 1;

export interface Written {
  readonly file: ExportFile;
  readonly content: Bytes;
}

const words = ["title", "notes", "device_name", "original_type", "source_id"];
const columnsBy: Readonly<Record<ExportFormat, readonly string[]>> = {
  ndjson: ["heart_rate", "track", "raw", ...words],
  parquet: ["heart_rate", "track", ...words],
  gpx: ["track", "title"],
  fhir: ["heart_rate"],
};
/** The restricted columns that these formats are made of, and no other is opened. */
export const columnsOf = (formats: readonly ExportFormat[]): string[] => [
  ...new Set(formats.flatMap((format) => columnsBy[format])),
];

const sampleFormats: readonly ExportFormat[] = ["ndjson", "parquet", "fhir"];
export const holdsSamples = (formats: readonly ExportFormat[]): boolean =>
  formats.some((format) => sampleFormats.includes(format));

/** As the log names them: what is no column of a record is opened too. */
export const columnsInLog = (formats: readonly ExportFormat[]): string[] => [
  ...columnsOf(formats),
  ...(formats.includes(parkedFormat) ? ["parked"] : []),
  ...(holdsSamples(formats) ? sampleColumns : []),
];

/** Numbered by what is there already, so that each name is given once. */
export async function* filesOf(
  part: ExportPart,
  formats: readonly ExportFormat[],
  there: readonly ExportFile[],
): AsyncGenerator<Written> {
  for (const kind of kinds) {
    if (!formats.includes(kind.format)) continue;
    const content = kind.write(part);
    if (content !== null) yield named(kind, content, there);
  }
}

export async function* parkedFiles(
  items: readonly string[],
  there: readonly ExportFile[],
): AsyncGenerator<Written> {
  const content = lines(items);
  if (content !== null) yield named({ stem: "parked", ...ndjson }, content, there);
}

export async function* sampleFiles(
  member: string,
  chunks: readonly Chunk[],
  formats: readonly ExportFormat[],
  there: readonly ExportFile[],
): AsyncGenerator<Written> {
  const writing: readonly [
    Pick<Kind, "extension" | "type" | "format">,
    string,
    () => Bytes | null,
  ][] = [
    [ndjson, "samples", () => lines(chunks.flatMap(chunkLines))],
    [parquet, "samples", () => tableFile(chunkTable(chunks))],
    [fhir, "fhir", () => lines(chunks.flatMap((chunk) => chunkBundle(member, chunk) ?? []))],
  ];
  for (const [kind, stem, write] of writing) {
    const content = formats.includes(kind.format) ? write() : null;
    if (content !== null) yield named({ stem, ...kind }, content, there);
  }
}

/** What is known of the member besides readings. */
export const profileFile = (profile: unknown): Promise<Written> =>
  named(
    { stem: "profile", extension: "json", type: "application/json" },
    utf8(JSON.stringify(profile)),
    [],
  );

async function named(
  { stem, extension, type }: Pick<Kind, "stem" | "extension" | "type">,
  content: Bytes,
  there: readonly ExportFile[],
): Promise<Written> {
  const before = there.filter(
    ({ name }) => name.startsWith(`${stem}-`) && name.endsWith(`.${extension}`),
  ).length;
  const name = `${stem}-${String(before + 1).padStart(4, "0")}.${extension}`;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { file: { name, type, bytes: content.length, sha256 }, content };
}

/** Null when it has no row. */
function tableFile(columns: readonly TableColumn[]): Bytes | null {
  if ((columns[0]?.data.length ?? 0) === 0) return null;
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, data }) => ({
      ...{ name, type, nullable: true },
      data: type === "INT64" ? data.map((n) => (n === null ? null : BigInt(n))) : [...data],
    })),
    codec: "SNAPPY",
    rowGroupSize: rowsPerGroup,
  });
  return new Uint8Array(buffer);
}
