/**
 * What waits to be read, one row each: a window of a collection, a record that is said to be there,
 * said to be gone, still being made, or that a window did not bring, an address that the provider
 * named, a stretch to be asked for. Here is how they come in. Windows that overlap become one as long as nobody reads them;
 * one that is noted again while it is being read is read to its end and then anew, so that notices
 * cannot keep it from ending. A line that is full refuses nothing: what has no row of its own is
 * covered by others.
 */
import type { ConnectionReason, Notice, Stretch, Waiting } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import { callbackKeptMs } from "../providers/callback-url.ts";
import type { ObjectStorage } from "./host.ts";

export type Kind = "live" | "reread" | "backfill";

export interface Pending {
  readonly [column: string]: SqlStorageValue;
  readonly id: number;
  readonly kind: Kind;
  readonly collection: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly gone: string | null;
  readonly record: string | null;
  readonly missed: number;
  readonly kept: string | null;
  readonly fact: string | null;
  readonly ask: number;
  readonly cursor: string | null;
  readonly pages: number;
  readonly noted: number;
  readonly since: number;
  readonly again: number | null;
  readonly due: number;
  readonly tries: number;
  readonly faults: number;
  readonly broken: number;
  readonly why: ConnectionReason | null;
  readonly least: number;
  readonly later: number;
  readonly later_ms: number | null;
}

/** Windows that wait; beyond them, those of one collection become one that covers them all. */
export const windowsMax = 200;
/** Rows of every kind but windows; beyond them no address and no record has one of its own. */
export const pendingMax = 1_000;
/** Records that a provider which proves nothing has named; beyond them it is read again. */
export const hintsMax = 200;
/** No wider by joining; a window that is announced wider stays as it is. */
const noticeSpanMsMax = 35 * 86_400_000;

const isWindow =
  "gone IS NULL AND record IS NULL AND kept IS NULL AND fact IS NULL AND ask = 0 AND kind <> 'backfill'";
/** Of a record that stands, and is only to be looked at once more. */
export const isPutOff = "kind = 'reread' AND later_ms IS NOT NULL";
export const nextTurn = "(SELECT coalesce(max(turn), 0) + 1 FROM pending)";

/** A window, and with which kind alone it may become one; null: with any. */
interface Joining extends Stretch {
  readonly collection: string;
  readonly apart: Kind | null;
}

/** One record, and no window. */
export const isOne = ({ gone, record, fact }: Pending): boolean =>
  gone !== null || record !== null || fact !== null;

export class PendingRows {
  protected readonly sql: SqlStorage;
  /** Under way now: what is noted meanwhile does not change what it is. */
  protected reading: number | null = null;

  constructor(storage: ObjectStorage) {
    this.sql = storage.sql;
  }

  /**
   * Joins a window with a waiting one that it overlaps; the first to notice it says since when.
   * `hearsay`: what anybody may have said stays apart from what is of our own making. False: a record
   * for which there is no room.
   */
  note(notice: Notice, kind: "live" | "reread", nowMs: Instant, hearsay = false): boolean {
    const { collection, fromMs, toMs, gone, record = null } = notice;
    if (gone !== null || record !== null) return this.#noteOne(notice, kind, nowMs, hearsay);
    const of = { collection, fromMs, toMs, apart: hearsay ? kind : null };
    const same = this.#unread(of) ?? this.#around(of);
    const full = same === null && this.count(isWindow) >= windowsMax;
    const joined = full ? this.#hull(of) : same;
    if (joined !== null) this.#join(joined, fromMs, toMs, kind, nowMs);
    else this.#insert({ kind, collection, fromMs, toMs }, nowMs);
    return true;
  }

  /**
   * One row a record, whatever is said of it and in whatever order: what the provider answers when it
   * is asked for it is what counts. A new word begins its patience anew.
   */
  #noteOne(notice: Notice, kind: "live" | "reread", nowMs: Instant, hearsay: boolean): boolean {
    const { collection, fromMs, toMs, gone, record = null } = notice;
    const id = record ?? gone;
    const same = this.first(
      "SELECT * FROM pending WHERE collection = ?1 AND (gone = ?2 OR record = ?2) LIMIT 1",
      collection,
      id,
    );
    const isFull = hearsay && kind === "live" && this.#hints() >= hintsMax;
    if (same === null && (this.room() < 1 || isFull)) return false;
    if (same === null) this.#insert({ kind, collection, fromMs, toMs, gone, record }, nowMs);
    else {
      // What we look for ourselves is no hint from then on, which would be let go of for nothing.
      const isOurs = hearsay && same.kind === "reread" && same.later_ms === null;
      this.#join(same, same.from_ms, same.to_ms, isOurs ? "reread" : kind, nowMs);
      this.sql.exec(
        `UPDATE pending SET gone = coalesce(gone, ?), record = coalesce(record, ?),
           due = iif(why IS NULL AND (missed > 0 OR later_ms IS NOT NULL), 0, due), missed = 0
         WHERE id = ?`,
        gone,
        record,
        same.id,
      );
    }
    return true;
  }

  /** Records that stand and are to be read once more; of one that waits already nothing changes. */
  noteUnfinished(collection: string, ids: readonly string[], dueMs: Instant, nowMs: Instant): void {
    for (const id of ids) {
      if (this.room() < 1) return;
      this.sql.exec(
        `INSERT INTO pending
           (kind, collection, from_ms, to_ms, record, noted, since, due, later, later_ms, turn)
         SELECT 'reread', ?1, 0, 0, ?2, 1, ?4, ?3, 1, ?3, ${nextTurn} WHERE NOT EXISTS
           (SELECT 1 FROM pending WHERE collection = ?1 AND (gone = ?2 OR record = ?2))`,
        collection,
        id,
        dueMs,
        nowMs,
      );
    }
  }

  #hints(): number {
    return this.count("kind = 'live' AND (gone IS NOT NULL OR record IS NOT NULL)");
  }

  /** A sealed address; the same one again is the same row. False: there is no room. */
  noteKept(collection: string, { fromMs, toMs }: Stretch, kept: string, nowMs: Instant): boolean {
    if (this.isKept(kept)) return true;
    if (this.room() < 1) return false;
    this.#insert({ kind: "live", collection, fromMs, toMs, kept }, nowMs);
    return true;
  }

  /** Asked about one by one; those that there is no room for are missed by the next window again. */
  noteAbsent(collection: string, facts: readonly string[], nowMs: Instant): void {
    for (const fact of facts) {
      if (this.room() < 1) return;
      this.sql.exec(
        `INSERT INTO pending (kind, collection, from_ms, to_ms, fact, noted, since, turn)
         VALUES ('reread', ?, 0, 0, ?, 1, ?, ${nextTurn}) ON CONFLICT DO NOTHING`,
        collection,
        fact,
        nowMs,
      );
    }
  }

  isKept(kept: string): boolean {
    return this.first("SELECT * FROM pending WHERE kept = ?", kept) !== null;
  }

  /** Rows that there is still room for. */
  room(): number {
    return Math.max(0, pendingMax - this.count(`NOT (${isWindow})`));
  }

  /** Addresses that the vault knows no longer go; how many. */
  expire(nowMs: Instant): number {
    return this.sql.exec(
      "DELETE FROM pending WHERE kept IS NOT NULL AND since < ?",
      nowMs - callbackKeptMs,
    ).rowsWritten;
  }

  /** A part of history, or a stretch that the provider is asked to send. */
  add(kind: Kind, collection: string, stretch: Stretch, ask: boolean, nowMs: Instant): void {
    this.#insert({ kind, collection, ...stretch, ask }, nowMs);
  }

  /** A stretch that the provider is asked to send again; one that begins alike waits once. */
  addAsk({ fromMs, toMs }: Stretch, nowMs: Instant): void {
    const { rowsWritten } = this.sql.exec(
      `UPDATE pending SET to_ms = max(to_ms, ?1) WHERE ask = 1 AND kind = 'reread' AND from_ms = ?2
         AND (to_ms >= ?1 OR (cursor IS NULL AND id <> ?3))`,
      toMs,
      fromMs,
      this.reading ?? 0,
    );
    if (rowsWritten === 0) this.add("reread", "", { fromMs, toMs }, true, nowMs);
  }

  // -- from one connection to the one that takes its place --------------------------------------

  /** All but history, which the other plans itself. */
  toHandOver(): readonly Waiting[] {
    return this.sql
      .exec<Pending>("SELECT * FROM pending WHERE kind <> 'backfill' ORDER BY turn, id")
      .toArray()
      .map(({ kind, collection, gone, record, kept, fact, ...row }) => ({
        kind: kind === "reread" ? "reread" : "live",
        ...{ collection, gone, record, kept, fact },
        fromMs: row.from_ms,
        toMs: row.to_ms,
        ask: row.ask === 1,
        sinceMs: row.since,
      }));
  }

  /** Taken over again, it changes nothing. */
  take(
    { kind, collection, kept, fact, ask, sinceMs, ...waiting }: Waiting,
    hearsay: boolean,
  ): void {
    const { fromMs, toMs, gone, record } = waiting;
    if (fact !== null) this.noteAbsent(collection, [fact], sinceMs);
    else if (kept !== null) this.noteKept(collection, { fromMs, toMs }, kept, sinceMs);
    else if (ask) this.addAsk({ fromMs, toMs }, sinceMs);
    else this.note({ collection, fromMs, toMs, gone, record }, kind, sinceMs, hearsay);
  }

  #insert(
    row: Stretch & {
      readonly kind: Kind;
      readonly collection: string;
      readonly gone?: string | null;
      readonly record?: string | null;
      readonly kept?: string;
      readonly ask?: boolean;
    },
    nowMs: Instant,
  ): void {
    this.sql.exec(
      `INSERT INTO pending
         (kind, collection, from_ms, to_ms, gone, record, kept, ask, noted, since, turn)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ${nextTurn})`,
      row.kind,
      row.collection,
      row.fromMs,
      row.toMs,
      row.gone ?? null,
      row.record ?? null,
      row.kept ?? null,
      row.ask === true ? 1 : 0,
      nowMs,
    );
  }

  #join(row: Pending, fromMs: Instant, toMs: Instant, kind: Kind, nowMs: Instant): void {
    const isSooner = row.kind === "reread" && kind === "live";
    this.sql.exec(
      `UPDATE pending SET from_ms = min(from_ms, ?), to_ms = max(to_ms, ?), noted = noted + 1,
         again = coalesce(again, ?), kind = ?, since = ?,
         due = iif(why = 'rate-limited', 0, due) WHERE id = ?`,
      fromMs,
      toMs,
      nowMs,
      isSooner ? kind : row.kind,
      isSooner ? nowMs : row.since,
      row.id,
    );
  }

  #unread({ collection, fromMs, toMs, apart }: Joining): Pending | null {
    return this.first(
      `SELECT * FROM pending WHERE ${isWindow} AND collection = ? AND kind = coalesce(?, kind)
         AND pages = 0 AND id <> ?
         AND from_ms <= ? AND to_ms >= ? AND max(to_ms, ?) - min(from_ms, ?) <= ?
       ORDER BY turn LIMIT 1`,
      collection,
      apart,
      this.reading ?? 0,
      toMs,
      fromMs,
      toMs,
      fromMs,
      Math.max(noticeSpanMsMax, toMs - fromMs),
    );
  }

  #around({ collection, fromMs, toMs, apart }: Joining): Pending | null {
    return this.first(
      `SELECT * FROM pending WHERE ${isWindow} AND collection = ? AND kind = coalesce(?, kind)
         AND from_ms <= ? AND to_ms >= ? ORDER BY turn LIMIT 1`,
      collection,
      apart,
      fromMs,
      toMs,
    );
  }

  #hull({ collection, apart }: Joining): Pending | null {
    return this.first(
      `SELECT * FROM pending WHERE ${isWindow} AND collection = ? AND kind = coalesce(?, kind)
         AND pages = 0 AND id <> ? ORDER BY to_ms - from_ms DESC, turn LIMIT 1`,
      collection,
      apart,
      this.reading ?? 0,
    );
  }

  protected first(query: string, ...values: SqlStorageValue[]): Pending | null {
    return this.sql.exec<Pending>(query, ...values).toArray()[0] ?? null;
  }

  protected count(where: string, ...values: SqlStorageValue[]): number {
    const query = `SELECT count(*) AS n FROM pending WHERE ${where}`;
    return this.sql.exec<{ n: number }>(query, ...values).one().n;
  }
}
