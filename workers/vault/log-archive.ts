/**
 * Entries of days that are over, out of the Parquet that durable-objects/log-parquet.ts writes: a
 * bucket is a file, sorted by member and index. Only what a query may touch is read: row groups are skipped by what the footer says of member and index, and texts are read
 * only of rows that will be shown. A file that is not there holds nothing.
 */
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import type { ArchivedDay, EntryQuery, EntryRow } from "../../domain/ports.ts";
import { archivePath, bucketOf } from "../../durable-objects/log-parquet.ts";

/** What a day may have: one for each digit, and one for nobody's. */
export const buckets: readonly string[] = ["", ..."0123456789abcdef"].map(bucketOf);
export const bucketsOf = (pseudonym: string | null): readonly string[] =>
  pseudonym === null ? buckets : [bucketOf(pseudonym)];

export interface Archive {
  readonly bucket: R2Bucket;
  readonly log: number;
}

type Metadata = Awaited<ReturnType<typeof parquetMetadataAsync>>;
type Group = Metadata["row_groups"][number];
interface File {
  readonly buffer: AsyncBuffer;
  readonly metadata: Metadata;
}
interface Span {
  readonly start: number;
  readonly end: number;
  readonly group: Group;
}

/** The footer of a file of some hundred thousand rows fits; so does the whole of a small file. */
const tailBytes = 256 * 1024;
/** Of one member's rows little more is read than they take; of everybody's, long runs. */
const aheadBytes = { one: 64 * 1024, all: 4 * 1024 * 1024 } as const;

const fileKey = ({ log }: Archive, { day }: ArchivedDay, bucket: string): string =>
  archivePath(String(log), day, bucket);

/** Remembers the last run it read: groups are read one after another. */
function bufferOver(
  bucket: R2Bucket,
  key: string,
  size: number,
  tail: ArrayBuffer,
  ahead: number,
): AsyncBuffer {
  let held = { at: size - tail.byteLength, bytes: tail };
  const last = held;
  const within = ({ at, bytes }: typeof held, start: number, end: number) =>
    at <= start && end <= at + bytes.byteLength ? bytes.slice(start - at, end - at) : null;
  return {
    byteLength: size,
    async slice(start, end = size) {
      const known = within(last, start, end) ?? within(held, start, end);
      if (known !== null) return known;
      const length = Math.min(size - start, Math.max(end - start, ahead));
      const object = await bucket.get(key, { range: { offset: start, length } });
      if (object === null) throw new Error("an archived file went away");
      const run = { at: start, bytes: await object.arrayBuffer() };
      held = run;
      return run.bytes.slice(0, end - start);
    },
  };
}

async function openFile(
  { bucket }: Archive,
  key: string,
  ahead: keyof typeof aheadBytes,
): Promise<File | null> {
  const object = await bucket.get(key, { range: { suffix: tailBytes } });
  if (object === null) return null;
  const tail = await object.arrayBuffer();
  const buffer = bufferOver(bucket, key, object.size, tail, aheadBytes[ahead]);
  const metadata = await parquetMetadataAsync(buffer, {
    initialFetchSize: Math.min(object.size, tailBytes),
  });
  return { buffer, metadata };
}

function spansOf({ metadata }: File): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    spans.push({ start, end, group });
    start = end;
  }
  return spans;
}

/** Whether the footer leaves it open that a value from `low` to `high` is in the group. */
function mayHold<T extends string | bigint>(group: Group, column: string, low: T, high: T) {
  const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column);
  const { min_value: min, max_value: max } = chunk?.meta_data?.statistics ?? {};
  if (typeof min !== typeof low || typeof max !== typeof low) return true;
  return (min as T) <= high && low <= (max as T);
}

const rowsOf = <R>({ buffer, metadata }: File, { start, end }: Span, columns: readonly string[]) =>
  parquetReadObjects({
    file: buffer,
    metadata,
    columns: [...columns],
    rowStart: start,
    rowEnd: end,
  }) as Promise<R[]>;

const narrow = ["idx", "at", "member", "actor", "action"] as const;
interface NarrowRow {
  readonly idx: bigint;
  readonly at: bigint;
  readonly member: string;
  readonly actor: string;
  readonly action: string;
}
const wide = ["text", "closed_idx", "closed_text"] as const;
interface WideRow {
  readonly text: string;
  readonly closed_idx: bigint | null;
  readonly closed_text: string | null;
}
/** A row that is asked for, and where its texts are. */
interface Hit {
  readonly index: number;
  readonly atMs: number;
  readonly file: File;
  readonly span: Span;
  readonly row: number;
}

/** A closing has no action of its own: it is shown with its deed. */
const isAsked = (row: NarrowRow, query: EntryQuery, before: number | null): boolean =>
  row.action !== "" &&
  (query.member === null || row.member === query.member) &&
  (query.actor === null || row.actor === query.actor) &&
  (query.action === null || row.action === query.action) &&
  (query.fromMs === null || query.fromMs <= Number(row.at)) &&
  (query.toMs === null || Number(row.at) <= query.toMs) &&
  (before === null || Number(row.idx) < before);

async function hitsIn(file: File, query: EntryQuery, before: number | null): Promise<Hit[]> {
  const { member } = query;
  const hits: Hit[] = [];
  for (const span of spansOf(file)) {
    if (member !== null && !mayHold(span.group, "member", member, member)) continue;
    if (before !== null && !mayHold(span.group, "idx", 0n, BigInt(before) - 1n)) continue;
    const rows = await rowsOf<NarrowRow>(file, span, narrow);
    for (const [row, held] of rows.entries())
      if (isAsked(held, query, before))
        hits.push({ index: Number(held.idx), atMs: Number(held.at), file, span, row });
  }
  return hits;
}

const newestFirst = (a: { readonly index: number }, b: { readonly index: number }): number =>
  b.index - a.index;

/** Of one day: the newest below `before` that the query asks for, newest first. */
export async function archivedRows(
  archive: Archive,
  day: ArchivedDay,
  query: EntryQuery,
  before: number | null,
  limit: number,
): Promise<EntryRow[]> {
  let hits: Hit[] = [];
  for (const name of bucketsOf(query.member)) {
    const ahead = query.member === null ? "all" : "one";
    const file = await openFile(archive, fileKey(archive, day, name), ahead);
    if (file === null) continue;
    hits = [...hits, ...(await hitsIn(file, query, before))].sort(newestFirst).slice(0, limit);
  }
  const texts = await textsOf(hits);
  return hits.map((hit) => rowOf(hit, texts));
}

/** Each group's texts once, however many rows of it are shown. */
async function textsOf(hits: readonly Hit[]): Promise<Map<Span, WideRow[]>> {
  const texts = new Map<Span, WideRow[]>();
  for (const { file, span } of hits)
    if (!texts.has(span)) texts.set(span, await rowsOf<WideRow>(file, span, wide));
  return texts;
}

function rowOf({ index, atMs, span, row }: Hit, texts: ReadonlyMap<Span, WideRow[]>): EntryRow {
  const held = texts.get(span)?.[row];
  if (held === undefined) throw new Error("an archived row has no text");
  const { text, closed_idx, closed_text } = held;
  const closedBy =
    closed_idx === null || closed_text === null
      ? null
      : { index: Number(closed_idx), text: closed_text };
  return { index, atMs, text, closedBy };
}

/** Texts by index, of deeds and closings alike, from one index to before another, of one day. */
export async function archivedTexts(
  archive: Archive,
  day: ArchivedDay,
  from: number,
  to: number,
): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  const wanted = Math.min(to, day.last + 1) - Math.max(from, day.first);
  for (const name of buckets) {
    if (texts.size >= wanted) break;
    const file = await openFile(archive, fileKey(archive, day, name), "all");
    for (const span of file === null ? [] : spansOf(file))
      if (file !== null && mayHold(span.group, "idx", BigInt(from), BigInt(to) - 1n))
        await addTexts(texts, file, span, from, to);
  }
  return texts;
}

async function addTexts(
  texts: Map<number, string>,
  file: File,
  span: Span,
  from: number,
  to: number,
): Promise<void> {
  const places = await rowsOf<{ idx: bigint }>(file, span, ["idx"]);
  const hits = [...places.entries()].filter(([, { idx }]) => from <= idx && idx < to);
  if (hits.length === 0) return;
  const rows = await rowsOf<{ text: string }>(file, span, ["text"]);
  for (const [row, { idx }] of hits) texts.set(Number(idx), rows[row]?.text ?? "");
}
