/**
 * The archive's versions as Parquet: sorted rows, groups of one size, Zstandard. The same rows are
 * the same bytes, so a version is named by its content. What is read is first compared with what
 * the manifest says of it; anything else is an `ArchiveFault` that names the object.
 */
import { parquetMetadata, parquetRead } from "hyparquet";
import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { Column } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { Instant, LocalDate } from "../../domain/time.ts";
import { ArchiveFault, type ManifestObject } from "./manifest.ts";
import type { Objects, Zstd } from "./ports.ts";

export const rowsPerGroup = 2048;
/** Before it is packed; the platform packs into no more than 40,960 bytes (workers/archive/zstd.ts). */
const pageBytesMax = 32_768;
/** What one invocation may hold of one object. */
export const objectBytesMax = 24 * 1024 * 1024;
export const rowsMax = 400_000;

/** One identity on one day: what its ledger published last. Null where it is retracted. */
export interface FactRow {
  readonly subject: string;
  readonly id: string;
  readonly seq: number;
  readonly revision: number;
  readonly kind: "fact" | "decision" | "retraction";
  readonly at: Instant | null;
  /** The end of the time that it covers. */
  readonly until: Instant | null;
  /** The open statement as JSON. */
  readonly body: string | null;
}
export interface ResolvedRow {
  readonly subject: string;
  readonly id: string;
  readonly day: LocalDate;
  readonly at: Instant;
  readonly [column: string]: string | number | boolean | null;
}

type Row = { readonly [column: string]: string | number | boolean | null };
interface Field {
  readonly name: string;
  readonly type: "STRING" | "INT64" | "BOOLEAN";
  readonly nullable: boolean;
  /** Never the same twice: no dictionary is tried. */
  readonly plain?: true;
}

const required = (name: string, type: Field["type"]): Field => ({ name, type, nullable: false });
const optional = (name: string, type: Field["type"]): Field => ({ name, type, nullable: true });
const key: readonly Field[] = [
  required("subject", "STRING"),
  { ...required("id", "STRING"), plain: true },
];
const types = { text: "STRING", integer: "INT64", boolean: "BOOLEAN" } as const;

export const factFields: readonly Field[] = [
  ...key,
  required("seq", "INT64"),
  required("revision", "INT64"),
  required("kind", "STRING"),
  optional("at", "INT64"),
  optional("until", "INT64"),
  { ...optional("body", "STRING"), plain: true },
];
export const resolvedFields = (stream: AnyStream): readonly Field[] => [
  ...key,
  required("day", "STRING"),
  required("at", "INT64"),
  ...stream.columns.map((c: Column<unknown>) => optional(c.name, types[c.type])),
];

/** Takes rows in their order; holds one group of them and the bytes so far. */
export class VersionWriter<R> {
  readonly #fields: readonly Field[];
  readonly #bytes = new ByteWriter();
  readonly #parquet: ParquetWriter;
  #group: R[] = [];
  rows = 0;

  constructor(fields: readonly Field[], zstd: Zstd) {
    this.#fields = fields;
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData: this.#columns() }),
      codec: "ZSTD",
      compressors: { ZSTD: (bytes) => zstd.compress(bytes) },
      statisticsTruncateLength: Number.POSITIVE_INFINITY,
      createdBy: "singlet",
    });
  }

  add(row: R): void {
    this.#group.push(row);
    this.rows++;
    if (this.#group.length === rowsPerGroup) this.#flush();
  }

  /** True while another row would still be read back. */
  get fits(): boolean {
    return this.rows < rowsMax && this.#bytes.offset < objectBytesMax;
  }

  finish(): Uint8Array {
    if (this.#group.length > 0) this.#flush();
    void this.#parquet.finish();
    return this.#bytes.getBytes();
  }

  #flush(): void {
    const columnData = this.#columns();
    void this.#parquet.write({ columnData, rowGroupSize: rowsPerGroup, pageSize: pageBytesMax });
    this.#group = [];
  }

  #columns() {
    return this.#fields.map(({ name, type, nullable, plain }) => ({
      name,
      type,
      nullable,
      ...(plain ? { encoding: "PLAIN" as const } : {}),
      statistics: name !== "body",
      data: (this.#group as Row[]).map((row) => {
        const value = row[name] ?? null;
        return typeof value === "number" ? BigInt(value) : value;
      }),
    }));
  }
}

export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** The object that a manifest names, exactly as it was written. */
export async function fetchVersion(objects: Objects, named: ManifestObject): Promise<Uint8Array> {
  const { object, bytes: length, rows, sha256 } = named;
  if (length > objectBytesMax || rows > rowsMax)
    throw new ArchiveFault("oversized-version", object);
  const bytes = await objects.get(object);
  if (bytes === null) throw new ArchiveFault("missing-version", object);
  if (bytes.length !== length || (await sha256Of(bytes)) !== sha256)
    throw new ArchiveFault("damaged-version", object);
  return bytes;
}

/** Subjects from one to before another; null: without end. */
export interface Range {
  readonly from: string | null;
  readonly before: string | null;
}
export const everybody: Range = { from: null, before: null };

/**
 * Row groups in their order, one at a time; only those that may hold subjects of the range, and of
 * them the rows whose subject is `asked`. `range` is asked before each group, so that it may become
 * narrower meanwhile.
 */
export async function* rowGroups<R>(
  bytes: Uint8Array,
  named: ManifestObject,
  zstd: Zstd,
  range: () => Range = () => everybody,
  asked: (subject: string) => boolean = () => true,
): AsyncGenerator<R[]> {
  const damaged = () => new ArchiveFault("damaged-version", named.object);
  const buffer =
    bytes.byteLength === bytes.buffer.byteLength
      ? (bytes.buffer as ArrayBuffer)
      : (bytes.slice().buffer as ArrayBuffer);
  const metadata = readable(() => parquetMetadata(buffer), damaged);
  if (Number(metadata.num_rows) !== named.rows) throw damaged();
  const file = { byteLength: buffer.byteLength, slice: buffer.slice.bind(buffer) };
  const compressors = {
    ZSTD: (input: Uint8Array, length: number) => zstd.decompress(input, length),
  };
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const { min_value: min, max_value: max } = group.columns[0]?.meta_data?.statistics ?? {};
    const { from, before } = range();
    if (typeof min === "string" && before !== null && min >= before) return;
    if (typeof max !== "string" || from === null || max >= from) {
      const columns: Columns = new Map();
      const onChunk = ({ columnName, columnData }: Chunk) => {
        const held = columns.get(columnName);
        columns.set(columnName, held === undefined ? columnData : [...held, ...columnData]);
      };
      const options = { file, metadata, compressors, rowStart: start, rowEnd: end, onChunk };
      await parquetRead(options).catch(() => {
        throw damaged();
      });
      yield rowsIn(columns, end - start, asked) as R[];
    }
    start = end;
  }
}

type Values = ArrayLike<unknown> & Iterable<unknown>;
type Columns = Map<string, Values>;
interface Chunk {
  readonly columnName: string;
  readonly columnData: Values;
}

/** What nobody asked for never becomes an object: columns are cheap, rows are not. */
function rowsIn(columns: Columns, count: number, asked: (subject: string) => boolean): unknown[] {
  const subjects = columns.get("subject");
  const all = [...columns];
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) {
    if (!asked(subjects?.[i] as string)) continue;
    const row: Record<string, unknown> = {};
    for (const [name, values] of all) {
      const value = values[i];
      row[name] = typeof value === "bigint" ? Number(value) : value;
    }
    rows.push(row);
  }
  return rows;
}

function readable<T>(read: () => T, fault: () => ArchiveFault): T {
  try {
    return read();
  } catch {
    throw fault();
  }
}
