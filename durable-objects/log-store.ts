/**
 * The log's tables. Every method is synchronous; those that write are called inside a transaction
 * and none decides anything. What is here is recent: entries without a gap from `firstRecent` to
 * before `size`; what is older went to the archive, and only its days are known here.
 */
import type { Action } from "../domain/audit.ts";
import type { ArchivedDay, EntryQuery, EntryRow } from "../domain/log-ports.ts";
import type { Instant, LocalDate } from "../domain/time.ts";
import { Meta } from "./meta.ts";

export interface WrittenEntry {
  readonly index: number;
  readonly atMs: Instant;
  readonly text: string;
  readonly bucket: string;
  readonly member: string | null;
  /** Null: the member. */
  readonly actor: string | null;
  readonly action: Action | null;
  readonly closes: number | null;
}

/** As it lies in the archive. */
export interface ArchiveRow {
  readonly [column: string]: SqlStorageValue;
  readonly idx: number;
  readonly at: number;
  readonly member: string;
  readonly actor: string;
  readonly action: string;
  readonly text: string;
  readonly closes: number | null;
  readonly closed_idx: number | null;
  readonly closed_text: string | null;
}

/** Where the log ends: in its entries, or in the last archived day when none are left. */
export interface LogEnd {
  readonly size: number;
  readonly lastMs: Instant;
}

type EntrySql = Readonly<{
  idx: number;
  at: number;
  text: string;
  closed_idx: number | null;
  closed_text: string | null;
}>;

const shown = "e.idx, e.at, e.text, c.idx AS closed_idx, c.text AS closed_text";
const withClosing = "LEFT JOIN entry c ON c.closes = e.idx";

export class LogStore {
  readonly meta: Meta;
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.meta = new Meta(sql);
  }

  // -- entries -------------------------------------------------------------------------------

  end(): LogEnd {
    const [last] = this.#sql
      .exec<{ idx: number; at: number }>("SELECT idx, at FROM entry ORDER BY idx DESC LIMIT 1")
      .toArray();
    if (last !== undefined) return { size: last.idx + 1, lastMs: last.at };
    const [day] = this.#sql
      .exec<{ last: number; to_ms: number }>(
        "SELECT last, to_ms FROM archived ORDER BY day DESC LIMIT 1",
      )
      .toArray();
    return day === undefined ? { size: 0, lastMs: 0 } : { size: day.last + 1, lastMs: day.to_ms };
  }

  firstRecent(): number {
    const [first] = this.#sql
      .exec<{ idx: number }>("SELECT idx FROM entry ORDER BY idx LIMIT 1")
      .toArray();
    return first?.idx ?? this.end().size;
  }

  write(entry: WrittenEntry): void {
    this.#sql.exec(
      `INSERT INTO entry (idx, at, text, bucket, member, actor, action, closes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      entry.index,
      entry.atMs,
      entry.text,
      entry.bucket,
      entry.member,
      entry.actor,
      entry.action,
      entry.closes,
    );
  }

  /** What a closing has to know of the entry that it closes; null: it is in the archive. */
  deedAt(index: number): { bucket: string; actor: string; closing: boolean } | null {
    const [row] = this.#sql
      .exec<{ bucket: string; actor: string; closing: number }>(
        `SELECT bucket, coalesce(actor, member, '') AS actor, closes IS NOT NULL AS closing
         FROM entry WHERE idx = ?`,
        index,
      )
      .toArray();
    return row === undefined ? null : { ...row, closing: row.closing !== 0 };
  }

  closingOf(index: number): { index: number; atMs: Instant } | null {
    const [row] = this.#sql
      .exec<{ idx: number; at: number }>("SELECT idx, at FROM entry WHERE closes = ?", index)
      .toArray();
    return row === undefined ? null : { index: row.idx, atMs: row.at };
  }

  texts(from: number, to: number, limit: number): string[] {
    return this.#sql
      .exec<{ text: string }>(
        "SELECT text FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
        from,
        to,
        limit,
      )
      .toArray()
      .map(({ text }) => text);
  }

  // -- queries -------------------------------------------------------------------------------

  /** Deeds with what came of them, newest first; times are found by halving, as they never fall. */
  recent(query: EntryQuery, below: number, limit: number): EntryRow[] {
    const from = query.fromMs === null ? 0 : this.#firstSince(query.fromMs);
    const to = query.toMs === null ? below : Math.min(below, this.#firstSince(query.toMs + 1));
    const { member, actor, action } = query;
    const bounds =
      "e.idx >= ?1 AND e.idx < ?2 AND e.closes IS NULL AND (?3 IS NULL OR e.action = ?3)";
    const newest = "ORDER BY e.idx DESC LIMIT ?4";
    const select = `SELECT ${shown} FROM entry e`;
    if (member !== null)
      return this.#rows(
        `${select} INDEXED BY entry_member ${withClosing} WHERE e.member = ?5 AND ${bounds}
         AND (?6 IS NULL OR coalesce(e.actor, e.member) = ?6) ${newest}`,
        [from, to, action, limit, member, actor],
      );
    if (actor === null)
      return this.#rows(`${select} ${withClosing} WHERE ${bounds} ${newest}`, [
        from,
        to,
        action,
        limit,
      ]);
    const places = `SELECT idx FROM (SELECT e.idx FROM entry e INDEXED BY entry_actor
        WHERE e.actor = ?5 AND ${bounds} ${newest})
      UNION ALL SELECT idx FROM (SELECT e.idx FROM entry e INDEXED BY entry_member
        WHERE e.member = ?5 AND e.actor IS NULL AND ${bounds} ${newest})`;
    return this.#rows(`${select} ${withClosing} WHERE e.idx IN (${places}) ${newest}`, [
      from,
      to,
      action,
      limit,
      actor,
    ]);
  }

  #rows(query: string, values: readonly (string | number | null)[]): EntryRow[] {
    return this.#sql
      .exec<EntrySql>(query, ...values)
      .toArray()
      .map((row) => ({
        index: row.idx,
        atMs: row.at,
        text: row.text,
        closedBy:
          row.closed_idx === null
            ? null
            : { index: row.closed_idx, text: row.closed_text as string },
      }));
  }

  /** The first recent entry of that time or later; where the log ends, if there is none. */
  #firstSince(atMs: Instant): number {
    let low = this.firstRecent();
    let high = this.end().size;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { at } = this.#sql
        .exec<{ at: number }>("SELECT at FROM entry WHERE idx = ?", middle)
        .one();
      if (at < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // -- archive -------------------------------------------------------------------------------

  /** The entries of the oldest recent day, of which these are the bounds; null: none is recent. */
  oldestDay(endOf: (atMs: Instant) => Instant): Omit<ArchivedDay, "day"> | null {
    const first = this.firstRecent();
    const [row] = this.#sql
      .exec<{ at: number }>("SELECT at FROM entry WHERE idx = ?", first)
      .toArray();
    if (row === undefined) return null;
    const last = this.#firstSince(endOf(row.at)) - 1;
    const { at } = this.#sql.exec<{ at: number }>("SELECT at FROM entry WHERE idx = ?", last).one();
    return { first, last, fromMs: row.at, toMs: at };
  }

  buckets(first: number, last: number): string[] {
    return this.#sql
      .exec<{ bucket: string }>(
        "SELECT DISTINCT bucket FROM entry WHERE idx BETWEEN ? AND ? ORDER BY bucket",
        first,
        last,
      )
      .toArray()
      .map(({ bucket }) => bucket);
  }

  /** Closings count until a fixed time, so that the same day is the same bytes at every try. */
  bucketRows(bucket: string, first: number, last: number, closedBeforeMs: Instant): ArchiveRow[] {
    return this.#sql
      .exec<ArchiveRow>(
        `SELECT e.idx, e.at, coalesce(e.member, '') AS member,
           coalesce(e.actor, e.member, '') AS actor, coalesce(e.action, '') AS action, e.text,
           e.closes, c.idx AS closed_idx, c.text AS closed_text
         FROM entry e LEFT JOIN entry c ON c.closes = e.idx AND c.at < ?4
         WHERE e.idx BETWEEN ?2 AND ?3 AND e.bucket = ?1 ORDER BY coalesce(e.member, ''), e.idx`,
        bucket,
        first,
        last,
        closedBeforeMs,
      )
      .toArray();
  }

  /** In a transaction: they are in the archive from here on. */
  moved({ day, first, last, fromMs, toMs }: ArchivedDay): void {
    this.#sql.exec("DELETE FROM entry WHERE idx BETWEEN ? AND ?", first, last);
    this.#sql.exec(
      "INSERT INTO archived (day, first, last, from_ms, to_ms) VALUES (?, ?, ?, ?, ?)",
      day,
      first,
      last,
      fromMs,
      toMs,
    );
  }

  archived(fromMs: Instant | null, toMs: Instant | null): ArchivedDay[] {
    return this.#sql
      .exec<{ day: LocalDate; first: number; last: number; from_ms: number; to_ms: number }>(
        `SELECT * FROM archived WHERE (?1 IS NULL OR to_ms >= ?1) AND (?2 IS NULL OR from_ms <= ?2)
         ORDER BY day DESC`,
        fromMs,
        toMs,
      )
      .toArray()
      .map(({ day, first, last, from_ms, to_ms }) => ({
        day,
        first,
        last,
        fromMs: from_ms,
        toMs: to_ms,
      }));
  }
}
