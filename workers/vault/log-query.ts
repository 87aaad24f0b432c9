/**
 * One query over several logs and over both halves of each: what is recent in its object, and days
 * that are over in the archive. Newest first, in one order for all of them: time, then log, then
 * index. A page reads a bounded number of files; it may be short, or empty, and still lead on.
 */
import { deeds, intended, isClosing, parseEntry, unclosedAfterMs } from "../../domain/audit.ts";
import type {
  ArchivedDay,
  EntryQuery,
  EntryRow,
  OrRefusal,
  Page,
  ShownEntry,
} from "../../domain/ports.ts";
import { archivedRows, buckets, bucketsOf } from "./log-archive.ts";
import type { Logs } from "./logs.ts";

const entriesPerPageMax = 200;
/** More only where one day of every log takes more: each page has to come further than the last. */
const filesPerPageMax = 40;
const cursorCharsMax = 120;

/** Of an entry, or of a place between two: everything from here upwards has been shown. */
interface Position {
  readonly atMs: number;
  readonly log: number;
  readonly index: number;
}
const end = Number.MAX_SAFE_INTEGER;
const top: Position = { atMs: end, log: end, index: end };

const compare = (a: Position, b: Position): number =>
  a.atMs - b.atMs || a.log - b.log || a.index - b.index;

const cursorText = ({ atMs, log, index }: Position): string =>
  btoa(JSON.stringify([atMs, log, index]));

/** "invalid": no cursor of ours. */
function parseCursor(text: string): Position | "invalid" {
  if (text.length > cursorCharsMax) return "invalid";
  try {
    const [atMs, log, index, ...more] = JSON.parse(atob(text)) as number[];
    const isOne = [atMs, log, index].every(
      (part) => Number.isSafeInteger(part) && Number(part) >= 0,
    );
    if (!isOne || more.length > 0) return "invalid";
    return { atMs: Number(atMs), log: Number(log), index: Number(index) };
  } catch {
    return "invalid";
  }
}

interface FoundRow {
  readonly log: number;
  readonly row: EntryRow;
}
interface Found {
  readonly rows: readonly FoundRow[];
  readonly next: Position | null;
}

/** One log's part of a page, as far as it has been read. */
interface Stream {
  readonly log: number;
  readonly query: EntryQuery;
  readonly before: number | null;
  readonly rows: readonly EntryRow[];
  /** Not read yet, newest first. */
  readonly days: readonly ArchivedDay[];
  /** Everything of this log from here upwards is in `rows`; null: everything there is. */
  readonly bound: Position | null;
}

const positionOf = (log: number, { atMs, index }: EntryRow): Position => ({ atMs, log, index });

/** Once there are more rows than a page shows, no more are read. */
function boundOf(
  log: number,
  rows: readonly EntryRow[],
  days: readonly ArchivedDay[],
  wanted: number,
): Position | null {
  const lowest = rows.at(-1);
  if (lowest !== undefined && rows.length >= wanted) return positionOf(log, lowest);
  const [day] = days;
  return day === undefined ? null : { atMs: day.toMs, log, index: day.last + 1 };
}

/** What of one log comes after `from` in the order of all of them. */
function narrowed(query: EntryQuery, log: number, from: Position) {
  if (from === top) return { query, before: null };
  const latest = log <= from.log ? from.atMs : from.atMs - 1;
  const toMs = Math.min(query.toMs ?? latest, latest);
  return { query: { ...query, toMs }, before: log === from.log ? from.index : null };
}

/** The recent half first: a day that goes to the archive meanwhile is seen twice, never missed. */
async function begin(
  logs: Logs,
  log: number,
  asked: EntryQuery,
  from: Position,
  wanted: number,
): Promise<Stream> {
  const { query, before } = narrowed(asked, log, from);
  const port = logs.port(log);
  const rows = await port.recent(query, before, wanted);
  const { fromMs, toMs } = query;
  const touched = rows.length >= wanted ? [] : await port.archived(fromMs, toMs);
  const days = touched.filter(
    (day) =>
      (before === null || day.first < before) &&
      (toMs === null || day.fromMs <= toMs) &&
      (fromMs === null || fromMs <= day.toMs),
  );
  return { log, query, before, rows, days, bound: boundOf(log, rows, days, wanted) };
}

async function readDay(logs: Logs, stream: Stream, wanted: number): Promise<Stream> {
  const { log, query, before } = stream;
  const [day, ...days] = stream.days;
  if (day === undefined) return stream;
  const archive = { bucket: logs.archive, log };
  const seen = new Set(stream.rows.map(({ index }) => index));
  const more = await archivedRows(archive, day, query, before, wanted);
  const rows = [...stream.rows, ...more.filter(({ index }) => !seen.has(index))].slice(0, wanted);
  return { ...stream, rows, days, bound: boundOf(log, rows, days, wanted) };
}

/** The stream that keeps the others' rows from being shown. */
const highest = (streams: readonly Stream[]): { stream: Stream; bound: Position } | null =>
  streams.reduce<{ stream: Stream; bound: Position } | null>((best, stream) => {
    const { bound } = stream;
    if (bound === null || (best !== null && compare(bound, best.bound) <= 0)) return best;
    return { stream, bound };
  }, null);

/** In order; what may be shown already, since nothing that is unread comes before it. */
function ready(streams: readonly Stream[], bound: Position | null): FoundRow[] {
  const rows = streams.flatMap(({ log, rows }) => rows.map((row) => ({ log, row })));
  return rows
    .filter(({ log, row }) => bound === null || compare(positionOf(log, row), bound) >= 0)
    .sort((a, b) => compare(positionOf(b.log, b.row), positionOf(a.log, a.row)));
}

/**
 * The next `limit` entries below `from`. The day that is read next is always one of the log that is
 * behind, so that each page of files brings every log further.
 */
async function search(
  logs: Logs,
  numbers: readonly number[],
  query: EntryQuery,
  from: Position | null,
  limit: number,
): Promise<Found> {
  const wanted = limit + 1;
  const start = from ?? top;
  let streams = await Promise.all(numbers.map((log) => begin(logs, log, query, start, wanted)));
  const perDay = bucketsOf(query.member).length;
  let files = Math.max(filesPerPageMax, numbers.length * buckets.length);
  let behind = highest(streams);
  while (behind !== null && behind.stream.rows.length < wanted && files >= perDay) {
    const { stream, bound } = behind;
    if (ready(streams, bound).length >= wanted) break;
    const further = await readDay(logs, stream, wanted);
    files -= perDay;
    streams = streams.map((one) => (one === stream ? further : one));
    behind = highest(streams);
  }
  const bound = behind?.bound ?? null;
  const found = ready(streams, bound);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  if (found.length > limit && last !== undefined)
    return { rows, next: positionOf(last.log, last.row) };
  return { rows, next: bound };
}

/** As those see it who may. Nobody has a name here yet. */
function shownOf({ log, row }: FoundRow, nowMs: number): ShownEntry {
  const draft = parseEntry(row.text);
  if (draft === null || isClosing(draft)) throw new Error("an entry that is no deed");
  const closing = row.closedBy === null ? null : parseEntry(row.closedBy.text);
  const open = row.atMs + unclosedAfterMs < nowMs ? "unknown" : "pending";
  const said = closing ?? (draft.outcome === intended ? { ...draft, outcome: open } : draft);
  return {
    place: { log, index: row.index },
    closedBy: row.closedBy?.index ?? null,
    atMs: row.atMs,
    deed: draft.deed,
    action: deeds[draft.deed],
    actor: draft.actor,
    actorName: null,
    actorRole: draft.role,
    member: draft.member,
    columns: draft.columns,
    purpose: draft.purpose,
    outcome: said.outcome,
    ground: said.ground,
    rows: said.rows,
  };
}

/** A page for those who may see it: of the member's logs, or of all. */
export async function pageOf(
  logs: Logs,
  query: EntryQuery,
  { cursor, limit }: { readonly cursor: string | null; readonly limit: number },
  nowMs: number,
): Promise<OrRefusal<Page<ShownEntry>>> {
  const from = cursor === null ? null : parseCursor(cursor);
  if (from === "invalid") return { refused: "invalid" };
  const numbers = query.member === null ? logs.numbers : logs.logsWith(query.member);
  const asked = Math.min(Math.max(1, Math.trunc(limit) || 1), entriesPerPageMax);
  const { rows, next } = await search(logs, numbers, query, from, asked);
  const items = rows.map((found) => shownOf(found, nowMs));
  return { items, next: next === null ? null : cursorText(next) };
}
