/** The files of one step of an export, one at a time: each is sealed before the next is written. */

import { parquetWriteBuffer } from "hyparquet-writer";
import { sampleColumns } from "../../domain/consent.ts";
import { type AnyTakeaway, takeaways } from "../../domain/export/index.ts";
import type { ExportPart, TableColumn } from "../../domain/export/part.ts";
import type { Written as Content } from "../../domain/export/takeaway.ts";
import type { ExportFile, ExportFormat } from "../../domain/export-ports.ts";
import type { Chunk } from "../../domain/samples/chunk.ts";
import { chunkBundle, chunkLines, chunkTable } from "../../domain/samples/chunk-export.ts";
import { utf8 } from "./cell.ts";
import type { Bytes } from "./chunked.ts";

const rowsPerGroup = 10_000;

interface Kind {
  readonly stem: string;
  readonly extension: string;
  readonly type: string;
}

const lines = (written: readonly string[]): Bytes | null =>
  written.length === 0 ? null : utf8(`${written.join("\n")}\n`);

const ndjson = { extension: "ndjson", type: "application/x-ndjson" } as const;
const parquet = { extension: "parquet", type: "application/vnd.apache.parquet" } as const;
const gpx = { extension: "gpx", type: "application/gpx+xml" } as const;
const fhir = { extension: "ndjson", type: "application/fhir+ndjson" } as const;
const forms: Readonly<Record<ExportFormat, Omit<Kind, "stem">>> = { ndjson, parquet, gpx, fhir };

/** Parked items are text as it was delivered, so they come in this format and in no other. */
export const parkedFormat: ExportFormat = "ndjson";
/** With the profile. */
export const filesPerStepMax =
  Math.max(...Object.values(takeaways).map(({ files }) => files.length)) + 1;

export interface Written {
  readonly file: ExportFile;
  readonly content: Bytes;
}

/** The restricted columns that these formats of it are made of, and no other is opened. */
export const columnsOf = (
  { columns }: Pick<AnyTakeaway, "columns">,
  formats: readonly ExportFormat[],
): string[] => [...new Set(formats.flatMap((format) => columns[format]))];

const sampleFormats: readonly ExportFormat[] = ["ndjson", "parquet", "fhir"];
export const holdsSamples = (formats: readonly ExportFormat[]): boolean =>
  formats.some((format) => sampleFormats.includes(format));

/** As the log names them: what is no column of a record is opened too. */
export const columnsInLog = (formats: readonly ExportFormat[]): string[] => [
  ...new Set(Object.values(takeaways).flatMap((one) => columnsOf(one, formats))),
  ...(formats.includes(parkedFormat) ? ["parked"] : []),
  ...(holdsSamples(formats) ? sampleColumns : []),
];

/** Numbered by what is there already, so that each name is given once. */
export async function* filesOf(
  { files }: Pick<AnyTakeaway, "files">,
  part: ExportPart<unknown>,
  formats: readonly ExportFormat[],
  there: readonly ExportFile[],
): AsyncGenerator<Written> {
  for (const { stem, format, write } of files) {
    if (!formats.includes(format)) continue;
    const content = bytesOf(write(part));
    if (content !== null) yield named({ stem, ...forms[format] }, content, there);
  }
}

/** Null: nothing of the kind is in this part. */
function bytesOf(content: Content): Bytes | null {
  if ("lines" in content) return lines(content.lines);
  if ("table" in content) return tableFile(content.table);
  return content.text === null ? null : utf8(content.text);
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
  const writing: readonly [ExportFormat, string, () => Bytes | null][] = [
    ["ndjson", "samples", () => lines(chunks.flatMap(chunkLines))],
    ["parquet", "samples", () => tableFile(chunkTable(chunks))],
    ["fhir", "fhir", () => lines(chunks.flatMap((chunk) => chunkBundle(member, chunk) ?? []))],
  ];
  for (const [format, stem, write] of writing) {
    const content = formats.includes(format) ? write() : null;
    if (content !== null) yield named({ stem, ...forms[format] }, content, there);
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
  { stem, extension, type }: Kind,
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
