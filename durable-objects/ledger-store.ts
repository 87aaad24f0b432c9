/**
 * The ledger's tables, as the kernel's flows see them. Every method is synchronous and is called
 * inside the object's transaction; none decides anything.
 */
import type { OpenFact, OpenStatement } from "../domain/ports.ts";
import type { Retraction, Span } from "../domain/stream.ts";
import type { Instant, LocalDate, Period } from "../domain/time.ts";
import type { LedgerStore, Tally } from "../kernel/record.ts";
import type { Held } from "../kernel/statement.ts";
import type { LedgerOutbox } from "./ledger-outbox.ts";

export class LedgerTables implements LedgerStore {
  readonly #sql: SqlStorage;
  readonly #outbox: LedgerOutbox;

  constructor(sql: SqlStorage, outbox: LedgerOutbox) {
    this.#sql = sql;
    this.#outbox = outbox;
  }

  addToTotal(period: Period, tally: Tally, sign: 1 | -1): void {
    this.#outbox.addToTotal(period, tally, sign);
  }

  enqueueChange(day: LocalDate, statement: OpenStatement): void {
    this.#outbox.enqueueChange(day, statement);
  }

  enqueueRetraction(retraction: Retraction): void {
    this.#outbox.enqueueRetraction(retraction);
  }

  // -- facts ---------------------------------------------------------------------------------

  held(id: string): Held | null {
    const [row] = this.#sql
      .exec<{ revision: number; body: string | null; days: string }>(
        "SELECT revision, body, days FROM fact WHERE id = ?",
        id,
      )
      .toArray();
    if (row === undefined) return null;
    return {
      revision: row.revision,
      fact: row.body === null ? null : (JSON.parse(row.body) as OpenFact),
      days: JSON.parse(row.days) as LocalDate[],
    };
  }

  hold(id: string, held: Held, span: Span | null): void {
    this.#sql.exec(
      `INSERT INTO fact (id, revision, at, until, body, days) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, at = excluded.at,
         until = excluded.until, body = excluded.body, days = excluded.days`,
      id,
      held.revision,
      span?.fromMs ?? null,
      span?.toMs ?? null,
      held.fact === null ? null : JSON.stringify(held.fact),
      JSON.stringify(held.days),
    );
  }

  factsIn(span: Span, reachMs: number): OpenFact[] {
    return this.#sql
      .exec<{ body: string }>(
        "SELECT body FROM fact WHERE at BETWEEN ? AND ? AND until >= ? ORDER BY at, id",
        span.fromMs - reachMs,
        span.toMs,
        span.fromMs,
      )
      .toArray()
      .map((row) => JSON.parse(row.body) as OpenFact);
  }

  /** Live facts after (at, id), for walking through all of them. */
  factsAfter(at: Instant, id: string, limit: number): OpenFact[] {
    return this.#sql
      .exec<{ body: string }>(
        `SELECT body FROM fact WHERE at >= ? AND (at > ? OR id > ?) ORDER BY at, id LIMIT ?`,
        at,
        at,
        id,
        limit,
      )
      .toArray()
      .map((row) => JSON.parse(row.body) as OpenFact);
  }

  receipt(id: string, content: string): number {
    const [known] = this.#sql
      .exec<{ number: number }>(
        "SELECT number FROM receipt WHERE fact = ? AND content = ?",
        id,
        content,
      )
      .toArray();
    if (known !== undefined) return known.number;
    const { next } = this.#sql
      .exec<{ next: number }>(
        "SELECT coalesce(max(number), 0) + 1 AS next FROM receipt WHERE fact = ?",
        id,
      )
      .one();
    this.#sql.exec(
      "INSERT INTO receipt (fact, content, number) VALUES (?, ?, ?)",
      id,
      content,
      next,
    );
    return next;
  }

  // -- what they resolve to ------------------------------------------------------------------

  resolvedIn(span: Span, reachMs: number): unknown[] {
    return this.#sql
      .exec<{ body: string }>(
        "SELECT body FROM resolved WHERE from_ms BETWEEN ? AND ? AND to_ms >= ? ORDER BY from_ms, id",
        span.fromMs - reachMs,
        span.toMs,
        span.fromMs,
      )
      .toArray()
      .map((row) => JSON.parse(row.body));
  }

  dropResolved(id: string): void {
    this.#sql.exec("DELETE FROM resolved WHERE id = ?", id);
    this.#sql.exec("DELETE FROM counted WHERE id = ?", id);
  }

  putResolved(
    id: string,
    span: Span,
    day: LocalDate,
    at: Instant,
    keys: readonly string[],
    body: unknown,
  ): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO resolved (id, at, from_ms, to_ms, day, body) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      at,
      span.fromMs,
      span.toMs,
      day,
      JSON.stringify(body),
    );
    for (const key of keys) {
      this.#sql.exec(
        "INSERT OR IGNORE INTO counted (key, day, at, id) VALUES (?, ?, ?, ?)",
        key,
        day,
        at,
        id,
      );
    }
  }

  find(id: string): unknown {
    const [row] = this.#sql
      .exec<{ body: string }>("SELECT body FROM resolved WHERE id = ?", id)
      .toArray();
    return row === undefined ? null : JSON.parse(row.body);
  }

  /** Newest first, below (at, id). */
  resolvedBefore(at: Instant, id: string, limit: number): unknown[] {
    return this.#sql
      .exec<{ body: string }>(
        `SELECT body FROM resolved WHERE at <= ? AND (at < ? OR id < ?)
         ORDER BY at DESC, id DESC LIMIT ?`,
        at,
        at,
        id,
        limit,
      )
      .toArray()
      .map((row) => JSON.parse(row.body));
  }

  reply(key: string): { body: string; reply: string } | null {
    const [row] = this.#sql
      .exec<{ body: string; reply: string }>("SELECT body, reply FROM reply WHERE key = ?", key)
      .toArray();
    return row ?? null;
  }

  keepReply(key: string, body: string, reply: string, nowMs: Instant, keepMs: number): void {
    this.#sql.exec("DELETE FROM reply WHERE at < ?", nowMs - keepMs);
    this.#sql.exec(
      "INSERT OR IGNORE INTO reply (key, body, reply, at) VALUES (?, ?, ?, ?)",
      key,
      body,
      reply,
      nowMs,
    );
  }

  /** Empties everything but the marks, the sums (as zeros, to be published) and the fact of it. */
  forget(): number {
    const { n } = this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM fact WHERE at IS NOT NULL")
      .one();
    for (const table of ["fact", "receipt", "resolved", "counted", "reply", "outbox"])
      this.#sql.exec(`DELETE FROM ${table}`);
    this.#sql.exec("UPDATE total SET sums = '{}'");
    this.#outbox.republishAll();
    return n;
  }
}
