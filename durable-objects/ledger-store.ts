/**
 * The ledger's tables, as the kernel's flows see them. Every method is synchronous and is called
 * inside the object's transaction; none decides anything.
 */
import type { FactId } from "../domain/identity.ts";
import type { OpenFact, OpenStatement, SeenBy } from "../domain/ports.ts";
import type { Decision, Place, Retraction, Span } from "../domain/stream.ts";
import type { Instant, LocalDate, Period } from "../domain/time.ts";
import { receiptOf, type Told } from "../kernel/receipt.ts";
import type { Counts, LedgerStore } from "../kernel/record.ts";
import type { Places, Tally } from "../kernel/refold.ts";
import type { Held } from "../kernel/statement.ts";
import type { LedgerCounts } from "./ledger-counts.ts";
import type { LedgerOutbox } from "./ledger-outbox.ts";

/** Longer than this is rare; must be the number in migrations/ledger/0002_decisions.sql. */
const longMs = 86_400_000;

export class LedgerTables implements LedgerStore {
  readonly #sql: SqlStorage;
  readonly #outbox: LedgerOutbox;
  readonly #counts: LedgerCounts;

  constructor(sql: SqlStorage, outbox: LedgerOutbox, counts: LedgerCounts) {
    this.#sql = sql;
    this.#outbox = outbox;
    this.#counts = counts;
  }

  ofOneStatement(admit: () => void): boolean {
    return this.#outbox.ofOneStatement(admit);
  }

  count(more: Partial<Counts>): void {
    this.#counts.add(more);
  }

  addToTotal(period: Period, tally: Tally): void {
    this.#outbox.addToTotal(period, tally);
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
    const [at, until] = [span?.fromMs ?? null, span?.toMs ?? null];
    const [before] = this.#sql
      .exec<{ days: number; isThere: number }>(
        `SELECT json_array_length(days) AS days,
           at IS ?2 AND until IS ?3 AND erased_by IS NULL AS isThere FROM fact WHERE id = ?1`,
        id,
        at,
        until,
      )
      .toArray();
    const more = held.days.length - (before?.days ?? 0);
    if (more !== 0) this.#counts.add({ held: more });
    const body = held.fact === null ? null : JSON.stringify(held.fact);
    const days = JSON.stringify(held.days);
    // What no index speaks of is one row written; all of them would be.
    if (before?.isThere === 1)
      this.#sql.exec(
        "UPDATE fact SET revision = ?2, body = ?3, days = ?4 WHERE id = ?1",
        ...[id, held.revision, body, days],
      );
    else this.#put(id, held.revision, at, until, body, days);
  }

  #put(...row: readonly (string | number | null)[]): void {
    this.#sql.exec(
      `INSERT INTO fact (id, revision, at, until, body, days) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, at = excluded.at,
         until = excluded.until, body = excluded.body, days = excluded.days, erased_by = NULL`,
      ...row,
    );
  }

  /** Nearly everything is shorter than a day; the few long ones have an index of their own. */
  factsIn(span: Span, reachMs: number): OpenFact[] {
    return this.#sql
      .exec<{ body: string }>(
        `SELECT body, at, id FROM fact WHERE at BETWEEN ?1 AND ?2 AND until >= ?3
         UNION ALL
         SELECT body, at, id FROM fact INDEXED BY fact_long
         WHERE until - at > ${longMs} AND at >= ?4 AND at < ?1 AND until >= ?3
         ORDER BY at, id`,
        span.fromMs - longMs,
        span.toMs,
        span.fromMs,
        span.fromMs - reachMs,
      )
      .toArray()
      .map((row) => JSON.parse(row.body) as OpenFact);
  }

  factsOfConnections(connections: readonly string[], limit: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        `SELECT id FROM fact WHERE body ->> 'connection' IN (SELECT value FROM json_each(?))
         ORDER BY id LIMIT ?`,
        JSON.stringify(connections),
        limit,
      )
      .toArray()
      .map((row) => row.id);
  }

  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    return this.#sql
      .exec<{ body: string }>(
        `SELECT DISTINCT f.body FROM named n JOIN fact f ON f.id = n.decision
         WHERE n.fact IN (SELECT value FROM json_each(?)) AND f.body IS NOT NULL`,
        JSON.stringify(ids),
      )
      .toArray()
      .map((row) => JSON.parse(row.body) as Decision & OpenFact);
  }

  /** Standing decisions, the newest first. */
  decisions(limit: number): (Decision & OpenFact)[] {
    return this.#sql
      .exec<{ body: string }>(
        `SELECT body FROM fact WHERE id IN (SELECT DISTINCT decision FROM named)
         AND body IS NOT NULL ORDER BY revision DESC, id LIMIT ?`,
        limit,
      )
      .toArray()
      .map((row) => JSON.parse(row.body) as Decision & OpenFact);
  }

  nameFacts(decision: FactId, facts: readonly FactId[]): void {
    for (const fact of facts)
      this.#sql.exec("INSERT OR IGNORE INTO named (fact, decision) VALUES (?, ?)", fact, decision);
  }

  leaveTo(gone: FactId, heir: FactId): void {
    this.#sql.exec(
      "INSERT INTO heir (fact, heir) VALUES (?, ?) ON CONFLICT (fact) DO UPDATE SET heir = excluded.heir",
      gone,
      heir,
    );
  }

  /** The fact whose id begins so, live or retracted. */
  factBeginning(prefix: string): FactId | null {
    const [row] = this.#sql
      .exec<{ id: string }>(
        "SELECT id FROM fact WHERE id >= ? AND id < ? LIMIT 1",
        prefix,
        `${prefix}~`,
      )
      .toArray();
    return (row?.id as FactId | undefined) ?? null;
  }

  heirOf(gone: FactId): FactId | null {
    const [row] = this.#sql
      .exec<{ heir: string }>("SELECT heir FROM heir WHERE fact = ?", gone)
      .toArray();
    return (row?.heir as FactId | undefined) ?? null;
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

  // -- days ----------------------------------------------------------------------------------

  /** Identities, live and retracted, that were published under one of these days; null: any. */
  publishedUnder(days: readonly LocalDate[] | null): FactId[] {
    const among =
      "EXISTS (SELECT 1 FROM json_each(fact.days) AS d WHERE d.value IN (SELECT value FROM json_each(?)))";
    return this.#sql
      .exec<{ id: string }>(
        `SELECT id FROM fact WHERE days <> '[]' ${days === null ? "" : `AND ${among}`} ORDER BY id`,
        ...(days === null ? [] : [JSON.stringify(days)]),
      )
      .toArray()
      .map((row) => row.id as FactId);
  }

  /** Every day that these identities were published under; null: that any was. */
  daysOf(ids: readonly FactId[] | null): LocalDate[] {
    const named = "WHERE fact.id IN (SELECT value FROM json_each(?))";
    return this.#sql
      .exec<{ day: string }>(
        `SELECT DISTINCT d.value AS day FROM fact, json_each(fact.days) AS d
         ${ids === null ? "" : named} ORDER BY day`,
        ...(ids === null ? [] : [JSON.stringify(ids)]),
      )
      .toArray()
      .map((row) => row.day);
  }

  // -- erased for good -----------------------------------------------------------------------

  erasedBy(by: string): FactId[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM fact WHERE erased_by = ?", by)
      .toArray()
      .map((row) => row.id as FactId);
  }

  markErased(ids: readonly FactId[], by: string): void {
    this.#sql.exec(
      "UPDATE fact SET erased_by = ? WHERE id IN (SELECT value FROM json_each(?))",
      by,
      JSON.stringify(ids),
    );
  }

  /**
   * Whatever is said of them next wins; until then they stay retracted, and are named again to
   * whoever asks again.
   */
  lift(by: string): FactId[] {
    return this.#sql
      .exec<{ id: string }>(
        "UPDATE fact SET revision = ? WHERE erased_by = ? RETURNING id",
        Number.MIN_SAFE_INTEGER,
        by,
      )
      .toArray()
      .map((row) => row.id as FactId);
  }

  // -- receipts ------------------------------------------------------------------------------

  receipt(id: string, content: string, how: Told): number {
    const receipts = this.#sql
      .exec<{ known: number | null; greatest: number }>(
        `SELECT max(iif(content = ?, number, NULL)) AS known, coalesce(max(number), 0) AS greatest
         FROM receipt WHERE fact = ?`,
        content,
        id,
      )
      .one();
    const number = receiptOf(receipts, this.held(id), how);
    if (number !== receipts.known)
      this.#sql.exec(
        `INSERT INTO receipt (fact, content, number) VALUES (?, ?, ?)
         ON CONFLICT (fact, content) DO UPDATE SET number = excluded.number`,
        id,
        content,
        number,
      );
    return number;
  }

  // -- what they resolve to ------------------------------------------------------------------

  resolvedIn(span: Span, reachMs: number): unknown[] {
    return this.#sql
      .exec<{ body: string }>(
        `SELECT body, from_ms, id FROM resolved WHERE from_ms BETWEEN ?1 AND ?2 AND to_ms >= ?3
         UNION ALL
         SELECT body, from_ms, id FROM resolved INDEXED BY resolved_long
         WHERE to_ms - from_ms > ${longMs} AND from_ms >= ?4 AND from_ms < ?1 AND to_ms >= ?3
         ORDER BY from_ms, id`,
        span.fromMs - longMs,
        span.toMs,
        span.fromMs,
        span.fromMs - 2 * reachMs,
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
    { day, at, own, others }: Places,
    keys: readonly string[],
    body: unknown,
  ): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO resolved (id, at, from_ms, to_ms, day, body, others_at, others_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      own.at,
      span.fromMs,
      span.toMs,
      day,
      JSON.stringify(body),
      others?.at ?? null,
      others?.id ?? null,
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

  /** Forgets all conclusions; the facts stay. */
  unresolve(): void {
    this.#sql.exec("DELETE FROM resolved");
    this.#sql.exec("DELETE FROM counted");
    this.#outbox.emptyTotals();
  }

  find(id: string): unknown {
    const [row] = this.#sql
      .exec<{ body: string }>("SELECT body FROM resolved WHERE id = ?", id)
      .toArray();
    return row === undefined ? null : JSON.parse(row.body);
  }

  /** Newest first, below a place; for others only what they may see, where they see it. */
  resolvedBefore({ at, id }: Place, limit: number, seenBy: SeenBy): unknown[] {
    return this.#sql
      .exec<{ body: string }>(
        seenBy === "owner"
          ? `SELECT body FROM resolved WHERE at <= ? AND (at < ? OR id < ?)
             ORDER BY at DESC, id DESC LIMIT ?`
          : `SELECT body FROM resolved INDEXED BY resolved_others
             WHERE others_at <= ? AND (others_at < ? OR others_id < ?)
             ORDER BY others_at DESC, others_id DESC LIMIT ?`,
        at,
        at,
        id,
        limit,
      )
      .toArray()
      .map((row) => JSON.parse(row.body));
  }

  /** Empties everything but the marks, the sums (as zeros, to be published) and the fact of it. */
  forget(): number {
    const { n } = this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM fact WHERE at IS NOT NULL")
      .one();
    for (const table of [
      "fact",
      "named",
      "heir",
      "receipt",
      "resolved",
      "counted",
      "reply",
      "outbox",
      "parked",
    ])
      this.#sql.exec(`DELETE FROM ${table}`);
    this.#outbox.emptyTotals();
    this.#counts.forget();
    return n;
  }
}
