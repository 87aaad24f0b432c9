/**
 * What waits to be read, one row each: a window of a collection, a record said to be gone or that a
 * window did not bring, an address that the provider named, a stretch to be asked for. Live before history, then in turn.
 * Windows that overlap become one as long as nobody reads them; one that is noted again while it is
 * being read is read to its end and then anew, so that notices cannot keep it from ending.
 */
import type { ConnectionReason, Notice, Stretch } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
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
  readonly why: ConnectionReason | null;
}

export interface Seen {
  readonly fact: string;
  readonly revision: number;
}

/** Windows that wait; beyond them, those of one collection become one that covers them all. */
export const windowsMax = 200;
/** Rows of every kind; beyond them a notice that cannot be joined with others is refused. */
export const pendingMax = 1_000;
/** No wider by joining; a window that is announced wider stays as it is. */
const noticeSpanMsMax = 35 * 86_400_000;

/** No room for what would be lost if it were forgotten: the provider has to say it again. */
export class LineFull extends Error {
  constructor() {
    super("too much waits to be read");
    this.name = "LineFull";
  }
}

const isWindow =
  "gone IS NULL AND kept IS NULL AND fact IS NULL AND ask = 0 AND kind <> 'backfill'";
const nextTurn = "(SELECT coalesce(max(turn), 0) + 1 FROM pending)";

export class PendingLine {
  readonly #sql: SqlStorage;

  constructor(storage: ObjectStorage) {
    this.#sql = storage.sql;
  }

  /** Joins a window with a waiting one that it overlaps; the first to notice it says since when. */
  note(notice: Notice, kind: Kind, nowMs: Instant): void {
    const { collection, fromMs, toMs, gone } = notice;
    if (gone !== null) {
      this.#noteGone(notice, nowMs);
      return;
    }
    const same = this.#unread(collection, fromMs, toMs) ?? this.#around(collection, fromMs, toMs);
    const full = same === null && this.#count(isWindow) >= windowsMax;
    const joined = full ? this.#hull(collection) : same;
    if (joined !== null) this.#join(joined, fromMs, toMs, kind, nowMs);
    else this.#insert({ kind, collection, fromMs, toMs }, nowMs);
  }

  #noteGone({ collection, fromMs, toMs, gone }: Notice, nowMs: Instant): void {
    const [same] = this.#sql
      .exec<Pending>(
        "SELECT * FROM pending WHERE collection = ? AND gone = ? LIMIT 1",
        collection,
        gone,
      )
      .toArray();
    if (same !== undefined) this.#join(same, same.from_ms, same.to_ms, "live", nowMs);
    else {
      this.#expectRoom();
      this.#insert({ kind: "live", collection, fromMs, toMs, gone }, nowMs);
    }
  }

  /** A sealed address; the same one again is the same row. */
  noteKept(collection: string, { fromMs, toMs }: Stretch, kept: string, nowMs: Instant): void {
    if (this.isKept(kept)) return;
    this.#expectRoom();
    this.#insert({ kind: "live", collection, fromMs, toMs, kept }, nowMs);
  }

  /** Asked about one by one; those that there is no room for are missed by the next window again. */
  noteAbsent(collection: string, facts: readonly string[], nowMs: Instant): void {
    for (const fact of facts) {
      if (!this.hasRoom()) return;
      this.#sql.exec(
        `INSERT INTO pending (kind, collection, from_ms, to_ms, fact, noted, since, turn)
         VALUES ('reread', ?, 0, 0, ?, 1, ?, ${nextTurn}) ON CONFLICT DO NOTHING`,
        collection,
        fact,
        nowMs,
      );
    }
  }

  isKept(kept: string): boolean {
    return this.#sql.exec("SELECT 1 FROM pending WHERE kept = ?", kept).toArray().length > 0;
  }

  hasRoom(): boolean {
    return this.#count("1") < pendingMax;
  }

  #expectRoom(): void {
    if (!this.hasRoom()) throw new LineFull();
  }

  /** A part of history, or a stretch that the provider is asked to send. */
  add(kind: Kind, collection: string, stretch: Stretch, ask: boolean, nowMs: Instant): void {
    this.#insert({ kind, collection, ...stretch, ask }, nowMs);
  }

  #insert(
    row: Stretch & {
      readonly kind: Kind;
      readonly collection: string;
      readonly gone?: string | null;
      readonly kept?: string;
      readonly ask?: boolean;
    },
    nowMs: Instant,
  ): void {
    this.#sql.exec(
      `INSERT INTO pending (kind, collection, from_ms, to_ms, gone, kept, ask, noted, since, turn)
       VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ${nextTurn})`,
      row.kind,
      row.collection,
      row.fromMs,
      row.toMs,
      row.gone ?? null,
      row.kept ?? null,
      row.ask === true ? 1 : 0,
      nowMs,
    );
  }

  #join(row: Pending, fromMs: Instant, toMs: Instant, kind: Kind, nowMs: Instant): void {
    const isSooner = row.kind === "reread" && kind === "live";
    if (row.pages === 0) this.#clear(row.id);
    this.#sql.exec(
      `UPDATE pending SET from_ms = min(from_ms, ?), to_ms = max(to_ms, ?), noted = noted + 1,
         again = coalesce(again, ?), kind = ?, since = ? WHERE id = ?`,
      fromMs,
      toMs,
      nowMs,
      isSooner ? kind : row.kind,
      isSooner ? nowMs : row.since,
      row.id,
    );
  }

  #unread(collection: string, fromMs: Instant, toMs: Instant): Pending | null {
    return this.#first(
      `SELECT * FROM pending WHERE ${isWindow} AND collection = ? AND pages = 0
         AND from_ms <= ? AND to_ms >= ? AND max(to_ms, ?) - min(from_ms, ?) <= ?
       ORDER BY turn LIMIT 1`,
      collection,
      toMs,
      fromMs,
      toMs,
      fromMs,
      Math.max(noticeSpanMsMax, toMs - fromMs),
    );
  }

  #around(collection: string, fromMs: Instant, toMs: Instant): Pending | null {
    return this.#first(
      `SELECT * FROM pending WHERE ${isWindow} AND collection = ? AND from_ms <= ? AND to_ms >= ?
       ORDER BY turn LIMIT 1`,
      collection,
      fromMs,
      toMs,
    );
  }

  #hull(collection: string): Pending | null {
    return this.#first(
      `SELECT * FROM pending WHERE ${isWindow} AND collection = ? AND pages = 0
       ORDER BY to_ms - from_ms DESC, turn LIMIT 1`,
      collection,
    );
  }

  #first(query: string, ...values: SqlStorageValue[]): Pending | null {
    return this.#sql.exec<Pending>(query, ...values).toArray()[0] ?? null;
  }

  #count(where: string): number {
    return this.#sql.exec<{ n: number }>(`SELECT count(*) AS n FROM pending WHERE ${where}`).one()
      .n;
  }

  /** The one to be read now; null: none that is due. What was noted before it began counts as said. */
  next(nowMs: Instant): Pending | null {
    const row = this.#first(
      `SELECT * FROM pending WHERE due <= ? ORDER BY kind = 'backfill', turn, id LIMIT 1`,
      nowMs,
    );
    if (row === null || row.pages > 0 || row.again === null) return row;
    this.#sql.exec("UPDATE pending SET again = NULL WHERE id = ?", row.id);
    return { ...row, again: null };
  }

  /** As it is by now; null: it is not there any more. */
  now(id: number): Pending | null {
    return this.#first("SELECT * FROM pending WHERE id = ?", id);
  }

  /** A page was accepted. False: its window has grown meanwhile and begins anew. */
  turnPage(row: Pending, next: string): boolean {
    const { rowsWritten } = this.#sql.exec(
      `UPDATE pending SET cursor = ?, pages = pages + 1, tries = 0, why = NULL, due = 0
       WHERE id = ? AND (pages > 0 OR noted = ?)`,
      next,
      row.id,
      row.noted,
    );
    if (rowsWritten === 0) this.#clear(row.id);
    else
      this.#sql.exec(
        "INSERT INTO passed (pending, cursor) VALUES (?, ?) ON CONFLICT DO NOTHING",
        row.id,
        next,
      );
    return rowsWritten > 0;
  }

  hasPassed(row: Pending, cursor: string): boolean {
    return (
      this.#sql
        .exec("SELECT 1 FROM passed WHERE pending = ? AND cursor = ?", row.id, cursor)
        .toArray().length > 0
    );
  }

  /** From its first page; also what it has brought is brought again. */
  startOver(id: number): void {
    this.#clear(id);
    this.#sql.exec("UPDATE pending SET cursor = NULL, pages = 0, tries = 0 WHERE id = ?", id);
  }

  /** All of it was read: it goes, or begins anew where it was noted again meanwhile. */
  finish(row: Pending, nowMs: Instant): "gone" | "again" {
    this.#clear(row.id);
    const { rowsWritten } = this.#sql.exec(
      "DELETE FROM pending WHERE id = ? AND noted = ? AND again IS NULL",
      row.id,
      row.noted,
    );
    if (rowsWritten > 0 || this.now(row.id) === null) return "gone";
    this.#sql.exec(
      `UPDATE pending SET cursor = NULL, pages = 0, tries = 0, faults = 0, why = NULL, due = 0,
         since = coalesce(again, ?), again = NULL WHERE id = ?`,
      nowMs,
      row.id,
    );
    return "again";
  }

  drop(id: number): void {
    this.#clear(id);
    this.#sql.exec("DELETE FROM pending WHERE id = ?", id);
  }

  dropBackfill(): void {
    for (const { id } of this.#sql
      .exec<{ id: number }>("SELECT id FROM pending WHERE kind = 'backfill'")
      .toArray())
      this.drop(id);
  }

  #clear(id: number): void {
    this.#sql.exec("DELETE FROM seen WHERE pending = ?", id);
    this.#sql.exec("DELETE FROM passed WHERE pending = ?", id);
  }

  /** It could not be read: behind the others, and not before. */
  fault(id: number, why: ConnectionReason, dueMs: Instant): void {
    this.#sql.exec(
      `UPDATE pending SET tries = tries + 1, faults = faults + 1, why = ?, due = ?,
         turn = ${nextTurn} WHERE id = ?`,
      why,
      dueMs,
      id,
    );
  }

  lastInLine(id: number): void {
    this.#sql.exec(`UPDATE pending SET turn = ${nextTurn} WHERE id = ?`, id);
  }

  /** History waits; whatever is live does not. */
  holdBackfill(untilMs: Instant): void {
    this.#sql.exec("UPDATE pending SET due = max(due, ?) WHERE kind = 'backfill'", untilMs);
  }

  /** The member linked again: everything is tried at once. */
  release(): void {
    this.#sql.exec("UPDATE pending SET due = 0, tries = 0, faults = 0, why = NULL");
  }

  /** What a window brought, by digests; a part of a page is not fetched again. */
  see(row: Pending, records: readonly Seen[]): void {
    if (row.pages === 0 && this.now(row.id)?.noted !== row.noted) return;
    for (const { fact, revision } of records)
      this.#sql.exec(
        `INSERT INTO seen (pending, fact, revision) VALUES (?, ?, ?)
         ON CONFLICT (pending, fact) DO UPDATE SET revision = excluded.revision`,
        row.id,
        fact,
        revision,
      );
  }

  hasSeen(id: number, fact: string, revision?: number): boolean {
    const [row] = this.#sql
      .exec<{ revision: number }>(
        "SELECT revision FROM seen WHERE pending = ? AND fact = ?",
        id,
        fact,
      )
      .toArray();
    return row !== undefined && (revision === undefined || row.revision === revision);
  }

  counts(): { readonly live: number; readonly backfill: number } {
    const live = this.#count("kind <> 'backfill'");
    return { live, backfill: this.#count("kind = 'backfill'") };
  }

  /** Whether anything live is still to be read; what is refused may stay so for ever. */
  isBusy(): boolean {
    return this.#count("kind <> 'backfill' AND coalesce(why, '') <> 'refused'") > 0;
  }

  hasAsk(): boolean {
    return this.#count("ask = 1 AND kind = 'reread'") > 0;
  }

  /** When the first of them may be read. */
  dueMs(): Instant | null {
    return this.#sql.exec<{ due: number | null }>("SELECT min(due) AS due FROM pending").one().due;
  }

  /** Of what is live: since when the oldest waits, and what it met. */
  waiting(): { readonly sinceMs: Instant | null; readonly why: ConnectionReason | null } {
    const { sinceMs } = this.#sql
      .exec<{ sinceMs: number | null }>(
        "SELECT min(since) AS sinceMs FROM pending WHERE kind <> 'backfill'",
      )
      .one();
    const met = this.#first(
      "SELECT * FROM pending WHERE kind <> 'backfill' AND why IS NOT NULL ORDER BY turn LIMIT 1",
    );
    return { sinceMs, why: met?.why ?? null };
  }
}
