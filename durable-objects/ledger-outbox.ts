/**
 * What a ledger still has to tell others: sums that wait for their boards, and statements that lie
 * above a consumer's mark. Synchronous, called inside the object's transaction.
 */
import { spread } from "../domain/identity.ts";
import type { Change, OpenStatement, ScoreRow } from "../domain/ports.ts";
import type { Retraction } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { daysOfPeriod, type Instant, type LocalDate, type Period } from "../domain/time.ts";
import { type Consumer, type Outbox, resendDelayMs } from "../kernel/publish.ts";
import type { Tally } from "../kernel/refold.ts";
import type { Meta } from "./meta.ts";

/** Changes on their way to the archive at once; what comes after waits until these are confirmed. */
const inFlightMax = 400;

/** Few wait for the vault, and many may for the archive: neither is searched for the other. */
const firstOpen: Readonly<Record<Consumer, string>> = {
  vault:
    "SELECT seq FROM outbox INDEXED BY outbox_vault WHERE consumer = 'vault' ORDER BY seq LIMIT 1",
  archive: "SELECT seq FROM outbox WHERE consumer = 'archive' ORDER BY seq LIMIT 1",
};

export class LedgerOutbox implements Outbox {
  readonly #sql: SqlStorage;
  readonly #meta: Meta;
  readonly #stream: AnyStream;
  readonly #shard: string;
  readonly #name: string;

  constructor(sql: SqlStorage, meta: Meta, stream: AnyStream, shard: string, name: string) {
    this.#sql = sql;
    this.#meta = meta;
    this.#stream = stream;
    this.#shard = shard;
    this.#name = name;
  }

  // -- sums ----------------------------------------------------------------------------------

  addToTotal(period: Period, tally: Tally): void {
    const [row] = this.#sql
      .exec<{ sums: string }>("SELECT sums FROM total WHERE period = ?", period)
      .toArray();
    const sums: Record<string, number[]> = row === undefined ? {} : JSON.parse(row.sums);
    for (const [key, numbers] of tally) {
      const held = sums[key] ?? numbers.map(() => 0);
      sums[key] = numbers.map((n, i) => (held[i] ?? 0) + n);
      if (sums[key].every((n) => n === 0)) delete sums[key];
    }
    this.#sql.exec(
      `INSERT INTO total (period, sums, version, published) VALUES (?, ?, ?, 0)
       ON CONFLICT (period) DO UPDATE SET sums = excluded.sums, version = excluded.version`,
      period,
      JSON.stringify(sums),
      this.#meta.nextSeq(),
    );
  }

  /** Everything this subject has on boards goes out once more, under new versions. */
  republishAll(): void {
    const version = this.#meta.nextSeq();
    this.#sql.exec("UPDATE total SET version = ?", version);
  }

  /** Every period's sums start from nothing, and go out so. */
  emptyTotals(): void {
    this.#sql.exec("UPDATE total SET sums = '{}'");
    this.republishAll();
  }

  unpublishedTotals(limit: number): { period: Period; row: ScoreRow }[] {
    const onBoards = this.#meta.get("onBoards") === "true" && this.#meta.get("forgotten") === null;
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
    const seq = this.#meta.nextSeq();
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
        "SELECT seq, body FROM outbox INDEXED BY outbox_vault WHERE consumer = 'vault' ORDER BY seq LIMIT ?",
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
      "DELETE FROM outbox WHERE consumer = ? AND seq IN (SELECT value FROM json_each(?))",
      consumer,
      JSON.stringify(seqs),
    );
    const [open] = this.#sql.exec<{ seq: number }>(firstOpen[consumer]).toArray();
    const mark = (open?.seq ?? this.#meta.seq + 1) - 1;
    this.#sql.exec(
      `INSERT INTO mark (consumer, seq) VALUES (?, ?)
       ON CONFLICT (consumer) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > mark.seq`,
      consumer,
      mark,
    );
  }

  /** When the next thing has to be sent, or null when nothing is unconfirmed. */
  nextDueMs(nowMs: Instant): Instant | null {
    const { n } = this.#sql
      .exec<{ n: number }>(
        `SELECT (SELECT count(*) FROM (${firstOpen.vault}))
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
         WHERE consumer = 'archive' ORDER BY seq LIMIT ?`,
        inFlightMax,
      )
      .toArray()
      .map(({ seq, sent_at, attempts }) => ({
        seq,
        dueMs: sent_at === null ? 0 : sent_at + resendDelayMs(attempts),
      }));
  }
}
