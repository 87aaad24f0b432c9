/**
 * Everything that is kept, read as plain text whatever it is packed in: rows of every SQLite file,
 * objects of every bucket (Parquet, gzip and JSON opened), and any other file. Works on the folder of
 * a local system, running or not, and on a folder of exports and copies from elsewhere.
 */
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative, sep } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";

export type Row = Readonly<Record<string, unknown>>;

/** One thing that is kept: a row, an object, a file. `text` is all that it says. */
export interface Kept {
  /** "warehouse.member", "ledger.fact", "bucket ARCHIVE", "file". */
  readonly store: string;
  /** Which one of them: a table's place, an object's name. */
  readonly name: string;
  readonly text: string;
  readonly row: Row | null;
}

const bytesMax = 512 * 1_048_576;
/** A table that only one kind of database has tells which one it is. */
const kinds: readonly (readonly [table: string, store: string])[] = [
  ["forgotten_ledger", "warehouse"],
  ["placement", "directory"],
  ["sealed", "phi"],
  ["member_key", "keys"],
  ["counted", "ledger"],
  ["page", "ledger"],
  ["claim", "connection"],
  ["score", "board"],
  ["thing", "live"],
  ["entry", "log"],
  ["_mf_objects", "objects"],
];

/** Told of what a folder listed and that was gone when it was to be read. */
type Gone = (path: string) => void;

/** Null: it is there no more; a running system makes and deletes files all the time. */
async function unlessGone<T>(path: string, gone: Gone, reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    gone(path);
    return null;
  }
}

/** Every file below a folder, but for what SQLite keeps beside its own. */
async function* filesIn(folder: string, gone: Gone): AsyncGenerator<string> {
  const entries = await unlessGone(folder, gone, readdir(folder, { withFileTypes: true }));
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path, gone);
    else if (entry.isFile() && !/-(wal|shm)$/.test(entry.name)) yield path;
  }
}

export async function* everything(folder: string, gone: Gone = () => {}): AsyncGenerator<Kept> {
  const scratch = await mkdtemp(join(tmpdir(), "singlet-erase-"));
  const names = new Map<string, string>();
  const others: string[] = [];
  try {
    for await (const path of filesIn(folder, gone)) {
      if (!/\.(sqlite|db)$/.test(path)) {
        others.push(path);
        continue;
      }
      const copy = await unlessGone(path, gone, copied(path, scratch));
      if (copy === null) continue;
      for (const kept of rowsOf(copy)) {
        if (kept.store === "objects._mf_objects") nameBlob(names, kept.row ?? {});
        yield kept;
      }
    }
    for (const path of others) {
      const bytes = await unlessGone(path, gone, readFile(path));
      if (bytes !== null) yield await fileOf(folder, path, bytes, names);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A running system holds its databases: a copy with its log is read in their place. */
async function copied(path: string, scratch: string): Promise<string> {
  const to = join(scratch, basename(path));
  for (const part of ["", "-wal", "-shm"]) await rm(to + part, { force: true });
  await cp(path, to);
  await unlessGone(path, () => {}, cp(`${path}-wal`, `${to}-wal`));
  return to;
}

export function* rowsOf(path: string): Generator<Kept> {
  const db = new DatabaseSync(path);
  try {
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name));
    const found = kinds.find(([table]) => tables.includes(table))?.[1];
    const store = found ?? (tables.includes("d1_migrations") ? "database" : "platform");
    for (const table of tables) {
      const statement = db.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`);
      statement.setReadBigInts(true);
      for (const row of statement.iterate())
        yield { store: `${store}.${table}`, name: basename(path), text: textOfRow(row), row };
    }
  } finally {
    db.close();
  }
}

const textOfRow = (row: Row): string =>
  Object.entries(row)
    .map(([column, value]) => `${column}=${wordOf(value)}`)
    .join("\n");

const wordOf = (value: unknown): string =>
  value instanceof Uint8Array ? textOfBytes(Buffer.from(value)) : String(value ?? "");

function nameBlob(names: Map<string, string>, { key, blob_id: blob }: Row): void {
  if (typeof key === "string" && typeof blob === "string") names.set(blob, key);
}

async function fileOf(
  folder: string,
  path: string,
  bytes: Buffer,
  names: ReadonlyMap<string, string>,
): Promise<Kept> {
  const place = relative(folder, path);
  if (bytes.length > bytesMax) throw new Error(`${place} is larger than ${bytesMax} bytes`);
  const parts = place.split(sep);
  const bucket = parts.at(-2) === "blobs" ? parts.at(-3) : undefined;
  const name = names.get(basename(path)) ?? place;
  const text = `${name}\n${await textOfObject(bytes, name)}`;
  return { store: bucket === undefined ? "file" : `bucket ${bucket}`, name, text, row: null };
}

const isParquet = (bytes: Buffer): boolean =>
  bytes.subarray(0, 4).equals(Buffer.from("PAR1")) &&
  bytes.subarray(-4).equals(Buffer.from("PAR1"));

async function textOfObject(bytes: Buffer, name: string): Promise<string> {
  if (!isParquet(bytes)) return textOfBytes(bytes);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  try {
    const rows = await parquetReadObjects({
      file,
      compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
    });
    const plain = (_: string, value: unknown) =>
      typeof value === "bigint" ? Number(value) : value;
    return rows.map((row) => textOfRow(JSON.parse(JSON.stringify(row, plain)))).join("\n");
  } catch (error) {
    throw new Error(`${name} cannot be read as Parquet: ${(error as Error).message}`);
  }
}

/** Latin-1 keeps every byte, so that a needle of ASCII is found in whatever surrounds it. */
function textOfBytes(bytes: Buffer): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString("latin1");
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax }).toString("latin1");
  } catch {
    return bytes.toString("latin1");
  }
}
