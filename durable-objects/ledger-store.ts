/**
 * The ledger's tables, as the kernel's flows see them. Every method is synchronous and is called
 * inside the object's transaction; none decides anything.
 */
import { spread } from "../domain/identity.ts";
import type { Change, OpenFact, OpenStatement, ScoreRow } from "../domain/ports.ts";
import type { Retraction, Span } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { daysOfPeriod, type Instant, type LocalDate, type Period } from "../domain/time.ts";
import type { Consumer, Outbox } from "../kernel/publish.ts";
import { resendDelayMs } from "../kernel/publish.ts";
import type { LedgerStore, Tally } from "../kernel/record.ts";
import type { Held } from "../kernel/statement.ts";

/** A statement in the outbox waits for its confirmation at most this many at a time. */
const attemptsShown = 40;

export class LedgerTables implements LedgerStore, Outbox {
  readonly #sql: SqlStorage;
  readonly #name: string;
  readonly #stream: AnyStream;
  readonly #shard: string;

  constructor(sql: SqlStorage, stream: AnyStream, shard: string, name: string) {
    this.#sql = sql;
    this.#stream = stream;
    this.#shard = shard;
    this.#name = name;
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

  // -- sums ----------------------------------------------------------------------------------

  addToTotal(period: Period, tally: Tally, sign: 1 | -1): void {
    const [row] = this.#sql
      .exec<{ sums: string }>("SELECT sums FROM total WHERE period = ?", period)
      .toArray();
    const sums: Record<string, number[]> = row === undefined ? {} : JSON.parse(row.sums);
    for (const [key, numbers] of tally) {
      const held = sums[key] ?? numbers.map(() => 0);
      sums[key] = numbers.map((n, i) => (held[i] ?? 0) + sign * n);
      if (sums[key].every((n) => n === 0)) delete sums[key];
    }
    this.#sql.exec(
      `INSERT INTO total (period, sums, version, published) VALUES (?, ?, ?, 0)
       ON CONFLICT (period) DO UPDATE SET sums = excluded.sums, version = excluded.version`,
      period,
      JSON.stringify(sums),
      this.nextSeq(),
    );
  }

  /** Everything this subject has on boards goes out once more, under new versions. */
  republishAll(): void {
    const version = this.nextSeq();
    this.#sql.exec("UPDATE total SET version = ?", version);
  }

  unpublishedTotals(limit: number): { period: Period; row: ScoreRow }[] {
    const onBoards = this.meta("onBoards") === "true" && this.meta("forgotten") === null;
    return this.#sql
      .exec<{ period: string; sums: string; version: number }>(
        "SELECT period, sums, version FROM total WHERE version > published LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ period, sums, version }) => {
        const values = onBoards ? this.#scored(period, JSON.parse(sums)) : null;
        return { period, row: { member: this.#shard, version, values } };
      });
  }

  publishedTotal(period: Period, version: number): void {
    this.#sql.exec(
      "UPDATE total SET published = ? WHERE period = ? AND published < ?",
      version,
      period,
      version,
    );
  }

  #scored(period: Period, sums: Record<string, number[]>): Record<string, number[]> | null {
    const { from, to } = daysOfPeriod(period);
    const entries = Object.entries(sums).map(([key, numbers]): [string, number[]] => {
      const [last] = this.#sql
        .exec<{ at: number }>(
          `SELECT at FROM counted WHERE key = ? AND day BETWEEN ? AND ?
           ORDER BY day DESC, at DESC LIMIT 1`,
          key,
          from,
          to,
        )
        .toArray();
      return [key, [...numbers, last?.at ?? 0]];
    });
    return entries.length === 0 ? null : Object.fromEntries(entries);
  }

  // -- outbox --------------------------------------------------------------------------------

  enqueueChange(day: LocalDate, statement: OpenStatement): void {
    const bucket = spread(this.#shard) % this.#stream.buckets;
    const { name: stream } = this.#stream;
    this.#enqueue("archive", (seq) => {
      const change: Change = { ledger: this.#name, seq, stream, day, bucket, statement };
      return change;
    });
  }

  enqueueRetraction(retraction: Retraction): void {
    this.#enqueue("vault", () => retraction);
  }

  #enqueue(consumer: Consumer, body: (seq: number) => unknown): void {
    const seq = this.nextSeq();
    this.#sql.exec(
      "INSERT INTO outbox (seq, consumer, body) VALUES (?, ?, ?)",
      seq,
      consumer,
      JSON.stringify(body(seq)),
    );
  }

  retractions(limit: number): { seq: number; retraction: Retraction }[] {
    return this.#sql
      .exec<{ seq: number; body: string }>(
        "SELECT seq, body FROM outbox WHERE consumer = 'vault' AND confirmed = 0 ORDER BY seq LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ seq, body }) => ({ seq, retraction: JSON.parse(body) as Retraction }));
  }

  changesDue(nowMs: Instant, limit: number): Change[] {
    return this.#waiting()
      .filter(({ dueMs }) => dueMs <= nowMs)
      .slice(0, limit)
      .map(({ seq }) => {
        const { body } = this.#sql
          .exec<{ body: string }>("SELECT body FROM outbox WHERE seq = ?", seq)
          .one();
        return JSON.parse(body) as Change;
      });
  }

  sentChanges(seqs: readonly number[], nowMs: Instant): void {
    this.#sql.exec(
      `UPDATE outbox SET sent_at = ?, attempts = attempts + 1
       WHERE seq IN (SELECT value FROM json_each(?))`,
      nowMs,
      JSON.stringify(seqs),
    );
  }

  /** Confirms in any order; the mark moves only over a stretch without gaps. */
  confirm(consumer: Consumer, seqs: readonly number[]): void {
    this.#sql.exec(
      `UPDATE outbox SET confirmed = 1
       WHERE consumer = ? AND seq IN (SELECT value FROM json_each(?))`,
      consumer,
      JSON.stringify(seqs),
    );
    const [open] = this.#sql
      .exec<{ seq: number }>(
        "SELECT seq FROM outbox WHERE consumer = ? AND confirmed = 0 ORDER BY seq LIMIT 1",
        consumer,
      )
      .toArray();
    const mark = (open?.seq ?? this.#seq() + 1) - 1;
    this.#sql.exec(
      `INSERT INTO mark (consumer, seq) VALUES (?, ?)
       ON CONFLICT (consumer) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > mark.seq`,
      consumer,
      mark,
    );
    this.#sql.exec("DELETE FROM outbox WHERE consumer = ? AND seq <= ?", consumer, mark);
  }

  /** When the next thing has to be sent, or null when nothing is unconfirmed. */
  nextDueMs(nowMs: Instant): Instant | null {
    const { n } = this.#sql
      .exec<{ n: number }>(
        `SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE consumer = 'vault' LIMIT 1))
              + (SELECT count(*) FROM (SELECT 1 FROM total WHERE version > published LIMIT 1)) AS n`,
      )
      .one();
    const waiting = this.#waiting().map((w) => w.dueMs);
    if (n > 0) waiting.push(nowMs);
    return waiting.length === 0 ? null : Math.min(...waiting);
  }

  #waiting(): { seq: number; dueMs: Instant }[] {
    return this.#sql
      .exec<{ seq: number; sent_at: number | null; attempts: number }>(
        `SELECT seq, sent_at, attempts FROM outbox
         WHERE consumer = 'archive' AND confirmed = 0 ORDER BY sent_at, seq LIMIT ?`,
        attemptsShown * 10,
      )
      .toArray()
      .map(({ seq, sent_at, attempts }) => ({
        seq,
        dueMs: sent_at === null ? 0 : sent_at + resendDelayMs(attempts),
      }));
  }

  // -- the rest ------------------------------------------------------------------------------

  meta(key: string): string | null {
    const [row] = this.#sql
      .exec<{ value: string }>("SELECT value FROM meta WHERE key = ?", key)
      .toArray();
    return row?.value ?? null;
  }

  setMeta(key: string, value: string): void {
    this.#sql.exec(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key,
      value,
    );
  }

  #seq(): number {
    return Number(this.meta("seq") ?? 0);
  }

  nextSeq(): number {
    const seq = this.#seq() + 1;
    this.setMeta("seq", String(seq));
    return seq;
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
    this.republishAll();
    this.setMeta("forgotten", "true");
    return n;
  }
}
