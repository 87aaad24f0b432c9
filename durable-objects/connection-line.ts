/**
 * What waits to be read, in line: live before history, then in turn. How its rows come in is in
 * connection-pending.ts; here is how they are read, page by page, and how they go: to their end, or
 * behind the others when something is wrong with them.
 */
import type { ConnectionReason } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import { isPutOff, nextTurn, type Pending, PendingRows } from "./connection-pending.ts";

export interface Seen {
  readonly fact: string;
  readonly revision: number;
}

/** What is still to be read, history apart; `ours`: and what we are told. */
const liveOf = (ours: boolean): string =>
  `kind <> 'backfill' AND NOT (${isPutOff})${ours ? " AND kind <> 'live'" : ""}`;
/** What is read after all else, and before `fromMs` not at all. */
export interface Apart {
  readonly collections: readonly string[];
  readonly fromMs: Instant;
}
const nothingApart: Apart = { collections: [], fromMs: 0 };
const isApart = (collections: string) =>
  `collection IN (SELECT value FROM json_each(${collections}))`;
/** When it may be read, where what is live, and what is apart, waits until then. */
const dueFrom = (live: string, apart: string, collections: string) =>
  `max(iif(kind = 'live', max(due, ${live}), due), iif(${isApart(collections)}, ${apart}, 0))`;

export class PendingLine extends PendingRows {
  /**
   * The one to be read now, until `rest`; null: none that is due. What was noted before any of it was
   * read counts as said. `liveMs`: nothing live before that.
   */
  next(nowMs: Instant, liveMs: Instant = 0, apart: Apart = nothingApart): Pending | null {
    this.#lookAgain(nowMs);
    const row = this.first(
      `SELECT * FROM pending WHERE ${dueFrom("?1", "?2", "?3")} <= ?4
       ORDER BY kind = 'backfill', ${isApart("?3")}, turn, id LIMIT 1`,
      liveMs,
      apart.fromMs,
      JSON.stringify(apart.collections),
      nowMs,
    );
    if (row === null) return null;
    this.reading = row.id;
    if (row.pages > 0 || row.again === null || this.#hasBrought(row.id)) return row;
    this.sql.exec("UPDATE pending SET again = NULL WHERE id = ?", row.id);
    return { ...row, again: null };
  }

  /** What was put off is of our own making from then on, whoever spoke of it. */
  #lookAgain(nowMs: Instant): void {
    this.sql.exec(
      "UPDATE pending SET kind = 'reread', due = 0, later_ms = NULL WHERE later_ms <= ?",
      nowMs,
    );
  }

  /**
   * It stands, and is read once more then. Noted anew meanwhile it is read at once; and where it was
   * read before its time, that stays as it was.
   */
  putOff(row: Pending, dueMs: Instant): void {
    const isEarly = row.later_ms !== null;
    this.sql.exec(
      `UPDATE pending SET kind = 'reread', later = ?, later_ms = ?, due = ?, tries = 0, faults = 0,
         broken = 0, missed = 0, why = NULL, again = NULL, turn = ${nextTurn}
       WHERE id = ? AND noted = ?`,
      row.later + (isEarly ? 0 : 1),
      row.later_ms ?? dueMs,
      row.later_ms ?? dueMs,
      row.id,
      row.noted,
    );
  }

  /**
   * What a provider that takes the grant no more is asked now and then: no address, and nothing that
   * anybody may have named, which prove nothing; nor what is apart, which an account need not give.
   */
  probe(hearsay = false, apart: readonly string[] = []): Pending | null {
    const row = this.first(
      `SELECT * FROM pending WHERE kept IS NULL AND (kind <> 'live' OR ? = 0) AND NOT ${isApart("?")}
       ORDER BY kind = 'backfill', since, id LIMIT 1`,
      hearsay ? 1 : 0,
      JSON.stringify(apart),
    );
    this.reading = row?.id ?? null;
    return row;
  }

  /** Nothing is under way. */
  rest(): void {
    this.reading = null;
  }

  /** As it is by now; null: it is not there any more. */
  now(id: number): Pending | null {
    return this.first("SELECT * FROM pending WHERE id = ?", id);
  }

  /** A page was accepted. */
  turnPage(row: Pending, next: string): void {
    const { rowsWritten } = this.sql.exec(
      `UPDATE pending SET cursor = ?, pages = pages + 1, tries = 0, why = NULL, due = 0
       WHERE id = ?`,
      next,
      row.id,
    );
    if (rowsWritten > 0)
      this.sql.exec(
        "INSERT INTO passed (pending, cursor) VALUES (?, ?) ON CONFLICT DO NOTHING",
        row.id,
        next,
      );
  }

  hasPassed(row: Pending, cursor: string): boolean {
    return (
      this.sql
        .exec("SELECT 1 FROM passed WHERE pending = ? AND cursor = ?", row.id, cursor)
        .toArray().length > 0
    );
  }

  /** From its first page; what it has brought is known by its digest and not fetched again. */
  startOver(id: number): void {
    this.sql.exec("DELETE FROM passed WHERE pending = ?", id);
    this.sql.exec("UPDATE pending SET cursor = NULL, pages = 0, tries = 0 WHERE id = ?", id);
  }

  /** All of it was read: it goes, or begins anew where it was noted again meanwhile. */
  finish(row: Pending, nowMs: Instant): "gone" | "again" {
    this.#clear(row.id);
    this.sql.exec("DELETE FROM spoilt WHERE pending = ?", row.id);
    const { rowsWritten } = this.sql.exec(
      "DELETE FROM pending WHERE id = ? AND noted = ? AND again IS NULL",
      row.id,
      row.noted,
    );
    if (rowsWritten > 0 || this.now(row.id) === null) return "gone";
    this.sql.exec(
      `UPDATE pending SET cursor = NULL, pages = 0, tries = 0, faults = 0, broken = 0, missed = 0,
         why = NULL, due = 0, later = 0, later_ms = NULL, since = coalesce(again, ?), again = NULL
       WHERE id = ?`,
      nowMs,
      row.id,
    );
    return "again";
  }

  dropBackfill(): void {
    const rows = this.sql.exec<{ id: number }>("SELECT id FROM pending WHERE kind = 'backfill'");
    for (const { id } of rows.toArray()) this.drop(id);
  }

  drop(id: number): void {
    this.#clear(id);
    this.sql.exec("DELETE FROM spoilt WHERE pending = ?", id);
    this.sql.exec("DELETE FROM pending WHERE id = ?", id);
  }

  /** Nothing more is asked on this word alone; what we were to look at ourselves is, when it was to be. */
  giveUp({ id, later_ms }: Pending): void {
    if (later_ms === null) this.drop(id);
    else
      this.sql.exec(
        `UPDATE pending SET kind = 'reread', due = later_ms, tries = 0, faults = 0, broken = 0,
           why = NULL, again = NULL WHERE id = ?`,
        id,
      );
  }

  #clear(id: number): void {
    this.sql.exec("DELETE FROM seen WHERE pending = ?", id);
    this.sql.exec("DELETE FROM passed WHERE pending = ?", id);
  }

  #hasBrought(id: number): boolean {
    return this.sql.exec("SELECT 1 FROM seen WHERE pending = ? LIMIT 1", id).toArray().length > 0;
  }

  /** It could not be read: behind the others, and not before. Whether it was for what it is itself. */
  fault(id: number, why: ConnectionReason, dueMs: Instant, isBroken: boolean): void {
    this.sql.exec(
      `UPDATE pending SET tries = tries + 1, faults = faults + 1, broken = broken + ?, why = ?,
         due = ?, turn = ${nextTurn} WHERE id = ?`,
      isBroken ? 1 : 0,
      why,
      dueMs,
      id,
    );
  }

  /** It brought something that it had not brought before: its patience begins anew. */
  gotOn(id: number): void {
    this.sql.exec("UPDATE pending SET faults = 0, broken = 0 WHERE id = ?", id);
  }

  /** It is not there yet: asked for again then, unless it was noted anew meanwhile. */
  missed(row: Pending, dueMs: Instant): void {
    this.sql.exec(
      `UPDATE pending SET missed = missed + 1, tries = 0, faults = 0, broken = 0, why = NULL, due = ?,
         turn = ${nextTurn} WHERE id = ? AND noted = ?`,
      dueMs,
      row.id,
      row.noted,
    );
  }

  /** What belongs to one of its records is no good: not before, though it is not the row's fault. */
  wait(id: number, why: ConnectionReason, dueMs: Instant): void {
    this.sql.exec(
      `UPDATE pending SET why = ?, due = ?, turn = ${nextTurn} WHERE id = ?`,
      why,
      dueMs,
      id,
    );
  }

  /** What belongs to this record was no good once more; how often by now. */
  spoil(id: number, fact: string): number {
    this.sql.exec(
      `INSERT INTO spoilt (pending, fact, times) VALUES (?, ?, 1)
       ON CONFLICT (pending, fact) DO UPDATE SET times = times + 1`,
      id,
      fact,
    );
    return this.spoilt(id, fact);
  }

  spoilt(id: number, fact: string): number {
    const [row] = this.sql
      .exec<{ times: number }>("SELECT times FROM spoilt WHERE pending = ? AND fact = ?", id, fact)
      .toArray();
    return row?.times ?? 0;
  }

  /** A try that is let make fewer calls gets nowhere. */
  needs(id: number, least: number): void {
    this.sql.exec("UPDATE pending SET least = ? WHERE id = ?", least, id);
  }

  lastInLine(id: number): void {
    this.sql.exec(`UPDATE pending SET turn = ${nextTurn} WHERE id = ?`, id);
  }

  /** History waits; whatever is live does not. */
  holdBackfill(untilMs: Instant): void {
    this.sql.exec("UPDATE pending SET due = max(due, ?) WHERE kind = 'backfill'", untilMs);
  }

  /** The member linked again: everything is tried at once. */
  release(): void {
    this.sql.exec(
      "UPDATE pending SET due = 0, tries = 0, faults = 0, broken = 0, missed = 0, why = NULL",
    );
  }

  /** What a window brought, by digests; a part of a page is not fetched again. */
  see(row: Pending, records: readonly Seen[]): void {
    if (this.now(row.id) === null) return;
    for (const { fact, revision } of records)
      this.sql.exec(
        `INSERT INTO seen (pending, fact, revision) VALUES (?, ?, ?)
         ON CONFLICT (pending, fact) DO UPDATE SET revision = excluded.revision`,
        row.id,
        fact,
        revision,
      );
  }

  seenBy(id: number): number {
    return this.sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM seen WHERE pending = ?", id)
      .one().n;
  }

  hasSeen(id: number, fact: string, revision?: number): boolean {
    const [row] = this.sql
      .exec<{ revision: number }>(
        "SELECT revision FROM seen WHERE pending = ? AND fact = ?",
        id,
        fact,
      )
      .toArray();
    return row !== undefined && (revision === undefined || row.revision === revision);
  }

  /** `ours`: what we are told alone does not count. */
  counts(ours = false): { readonly live: number; readonly backfill: number } {
    return { live: this.count(liveOf(ours)), backfill: this.count("kind = 'backfill'") };
  }

  /**
   * Whether anything live is still to be read, `apart` apart; what is refused may stay so for ever.
   * `ours`: as above.
   */
  isBusy(ours = false, apart: readonly string[] = []): boolean {
    const where = `${liveOf(ours)} AND coalesce(why, '') <> 'refused' AND NOT ${isApart("?")}`;
    return this.count(where, JSON.stringify(apart)) > 0;
  }

  hasAsk(): boolean {
    return this.count("ask = 1 AND kind = 'reread'") > 0;
  }

  /** When the first of them may be read. `liveMs`: nothing live before that. */
  dueMs(liveMs: Instant = 0, apart: Apart = nothingApart): Instant | null {
    const dueMs = dueFrom("?1", "?2", "?3");
    return this.sql
      .exec<{ due: number | null }>(
        `SELECT min(min(${dueMs}, coalesce(later_ms, ${dueMs}))) AS due FROM pending`,
        liveMs,
        apart.fromMs,
        JSON.stringify(apart.collections),
      )
      .one().due;
  }

  /** Of what is live: since when the oldest waits, and what it met. `ours`: as above. */
  waiting(ours = false): {
    readonly sinceMs: Instant | null;
    readonly why: ConnectionReason | null;
  } {
    const { sinceMs } = this.sql
      .exec<{ sinceMs: number | null }>(
        `SELECT min(since) AS sinceMs FROM pending WHERE ${liveOf(ours)}`,
      )
      .one();
    const told = ours ? " AND kind <> 'live'" : "";
    const met = this.first(
      `SELECT * FROM pending WHERE kind <> 'backfill'${told} AND why IS NOT NULL
       ORDER BY turn LIMIT 1`,
    );
    return { sinceMs, why: met?.why ?? null };
  }

  /** What was met last while reading history; null: nothing, or none is being read. */
  historyWhy(): ConnectionReason | null {
    const met = this.first(
      "SELECT * FROM pending WHERE kind = 'backfill' AND why IS NOT NULL ORDER BY turn LIMIT 1",
    );
    return met?.why ?? null;
  }
}
