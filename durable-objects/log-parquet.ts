/**
 * Days that are over, as Parquet: a file for each bucket of a day. The same rows are the same bytes, so a day that is
 * archived again after a crash finds its own files. Rows lie by member, then index, so that a
 * reader of one member's entries skips the other groups by their statistics.
 */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { ArchivedDay } from "../domain/log-ports.ts";
import { addDays, type Instant, localDate, msPerDay } from "../domain/time.ts";
import type { ArchiveRow, LogStore } from "./log-store.ts";

/** Whole UTC days before today that stay in the object. */
export const recentDays = 7;

export const rowsPerGroup = 1_000;

const nobody = "none";

/** The first digit of the pseudonym; what is nobody's lies apart. */
export const bucketOf = (member: string): string => /^[0-9a-f]/.exec(member)?.[0] ?? nobody;

export const archivePath = (log: string, day: string, bucket: string): string =>
  `entries/${log}/${day}/${bucket}.parquet`;

export function bucketFile(rows: readonly ArchiveRow[]): Uint8Array<ArrayBuffer> {
  const whole = (n: number | null) => (n === null ? null : BigInt(n));
  const text = (name: "member" | "actor" | "action" | "text") => ({
    name,
    data: rows.map((row) => row[name]),
    type: "STRING" as const,
    nullable: false,
    statistics: name !== "text",
  });
  const number = (name: "idx" | "at" | "closes" | "closed_idx", nullable: boolean) => ({
    name,
    data: rows.map((row) => whole(row[name])),
    type: "INT64" as const,
    nullable,
  });
  const closedText = {
    name: "closed_text",
    data: rows.map((row) => row.closed_text),
    type: "STRING" as const,
    nullable: true,
    statistics: false,
  };
  const buffer = parquetWriteBuffer({
    columnData: [
      number("idx", false),
      number("at", false),
      text("member"),
      text("actor"),
      text("action"),
      text("text"),
      number("closes", true),
      number("closed_idx", true),
      closedText,
    ],
    codec: "SNAPPY",
    rowGroupSize: rowsPerGroup,
    statisticsTruncateLength: Number.POSITIVE_INFINITY,
  });
  return new Uint8Array(buffer);
}

const endOfDay = (atMs: Instant): Instant => (Math.floor(atMs / msPerDay) + 1) * msPerDay;

/** The oldest day, when it is no longer recent and all of it is published. */
export function dayDue(store: LogStore, published: number, nowMs: Instant): ArchivedDay | null {
  const oldest = store.oldestDay(endOfDay);
  if (oldest === null || oldest.last >= published) return null;
  const day = localDate(oldest.fromMs, 0);
  return day < addDays(localDate(nowMs, 0), -recentDays) ? { day, ...oldest } : null;
}

/**
 * Every bucket's file is written, one at a time and only where none is. A crash after some of them:
 * the next try makes the same bytes and passes over them; only then may the entries go.
 *
 * A closing that comes once its deed's day is here cannot be joined to it: its own row says what it
 * closes, and the deed's shows no outcome. So is one that comes more than `recentDays - 1` days
 * after its deed's day, lest one that comes between two tries makes other bytes.
 */
export async function keepDay(
  archive: R2Bucket,
  log: string,
  store: LogStore,
  { day, first, last, fromMs }: ArchivedDay,
): Promise<void> {
  const closedBeforeMs = endOfDay(fromMs) + (recentDays - 1) * msPerDay;
  for (const bucket of store.buckets(first, last)) {
    const rows = store.bucketRows(bucket, first, last, closedBeforeMs);
    await keepFile(archive, archivePath(log, day, bucket), bucketFile(rows));
  }
}

/** Throws when other bytes are there; nothing of what is there is ever written over. */
async function keepFile(archive: R2Bucket, key: string, bytes: Uint8Array): Promise<void> {
  const put = await archive.put(key, bytes, { onlyIf: { etagDoesNotMatch: "*" } });
  if (put !== null) return;
  const held = new Uint8Array((await (await archive.get(key))?.arrayBuffer()) ?? []);
  if (held.length !== bytes.length || held.some((byte, i) => byte !== bytes[i]))
    throw new Error(`${key} is there with other entries`);
}
