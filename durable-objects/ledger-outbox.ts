/**
 * What a ledger still has to tell others: sums that wait for their boards, and statements that lie
 * above a consumer's mark. Synchronous, called inside the object's transaction.
 */
import { isOpen } from "../domain/boards.ts";
import {
  bucketOf,
  type Change,
  type MemberSettings,
  type Numbers,
  type OpenStatement,
  type ScoreRow,
} from "../domain/ports.ts";
import type { Retraction } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { daysOfPeriod, type Instant, type LocalDate, type Period } from "../domain/time.ts";
import { type Consumer, type Outbox, resendDelayMs } from "../kernel/publish.ts";
import type { Tally } from "../kernel/refold.ts";
import type { LedgerCounts } from "./ledger-counts.ts";
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
  readonly #counts: LedgerCounts;
  /** While one statement is admitted: the first change that came of it. */
  #cause: { first: number | null } | null = null;

  constructor(
    sql: SqlStorage,
    meta: Meta,
    stream: AnyStream,
    shard: string,
    name: string,
    counts: LedgerCounts,
  ) {
    this.#sql = sql;
    this.#meta = meta;
    this.#stream = stream;
    this.#shard = shard;
    this.#name = name;
    this.#counts = counts;
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

  unpublishedRow(nowMs: Instant): ScoreRow | null {
    const { version } = this.#sql
      .exec<{ version: number | null }>(
        "SELECT max(version) AS version FROM total WHERE version > published",
      )
      .one();
    if (version === null) return null;
    const periods: Record<string, Numbers> = {};
    const unshown: Record<string, Numbers> = {};
    const settings = this.#settings();
    for (const { period, sums } of settings === null ? [] : this.#openTotals(nowMs)) {
      const numbers = this.#scored(period, sums);
      if (settings?.onBoards === true && Object.keys(numbers).length > 0) periods[period] = numbers;
      if (settings?.onBoards !== true && settings?.inTeams === true && numbers.all !== undefined)
        unshown[period] = { all: numbers.all };
    }
    return { member: this.#shard, version, periods, unshown };
  }

  publishedRow(version: number): void {
    this.#sql.exec(
      "UPDATE total SET published = version WHERE version <= ? AND version > published",
      version,
    );
  }

  #settings(): MemberSettings | null {
    if (this.#meta.get("forgotten") !== null) return null;
    return JSON.parse(this.#meta.get("settings") ?? "null");
  }

  #openTotals(nowMs: Instant): { period: Period; sums: Record<string, number[]> }[] {
    return this.#sql
      .exec<{ period: string; sums: string }>("SELECT period, sums FROM total")
      .toArray()
      .filter(({ period }) => isOpen(period, nowMs))
      .map(({ period, sums }) => ({ period, sums: JSON.parse(sums) }));
  }

  #scored(period: Period, sums: Record<string, number[]>): Numbers {
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
    return Object.fromEntries(entries);
  }

  // -- outbox --------------------------------------------------------------------------------

  /** Which bucket of the archive all of this goes to. */
  get bucket(): number {
    return bucketOf(this.#shard, this.#stream.buckets);
  }

  ofOneStatement(admit: () => void): boolean {
    const cause = { first: null as number | null };
    this.#cause = cause;
    try {
      admit();
    } finally {
      this.#cause = null;
    }
    return cause.first !== null;
  }

  enqueueChange(day: LocalDate, statement: OpenStatement): void {
    const seq = this.#meta.nextSeq();
    if (this.#cause !== null) this.#cause.first ??= seq;
    this.#put(seq, day, statement, this.#cause?.first ?? null);
  }

  #put(seq: number, day: LocalDate, statement: OpenStatement, cause: number | null): void {
    const [ledger, stream, bucket] = [this.#name, this.#stream.name, this.bucket];
    const change: Change = { ledger, seq, stream, day, bucket, statement };
    this.#sql.exec(
      "INSERT INTO outbox (seq, consumer, body, statement) VALUES (?, 'archive', ?, ?)",
      seq,
      JSON.stringify(change),
      cause,
    );
  }

  enqueueRetraction(retraction: Retraction): void {
    this.#sql.exec(
      "INSERT INTO outbox (seq, consumer, body) VALUES (?, 'vault', ?)",
      this.#meta.nextSeq(),
      JSON.stringify(retraction),
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

  /**
   * A first sending is one mark over all that it sent, for nearly all of it is confirmed before
   * anything else is sent. What still waits then, and what is sent again, says so itself.
   */
  sentChanges(seqs: readonly number[], nowMs: Instant): void {
    const mark = this.#sentMark;
    this.#sql.exec(
      `UPDATE outbox SET sent_at = ?1, attempts = attempts + iif(sent_at IS NULL, 2, 1)
       WHERE seq IN (SELECT value FROM json_each(?2)) AND (seq <= ?3 OR sent_at IS NOT NULL)`,
      nowMs,
      JSON.stringify(seqs),
      mark.seq,
    );
    const last = Math.max(...seqs);
    if (last <= mark.seq) return;
    this.#sql.exec(
      `UPDATE outbox SET sent_at = ?, attempts = 1
       WHERE consumer = 'archive' AND seq <= ? AND sent_at IS NULL`,
      mark.atMs,
      mark.seq,
    );
    this.#meta.set("sent", JSON.stringify({ seq: last, atMs: nowMs }));
  }

  /** Up to which number everything was sent once, and when the last of it was. */
  get #sentMark(): { readonly seq: number; readonly atMs: Instant } {
    return JSON.parse(this.#meta.get("sent") ?? '{ "seq": 0, "atMs": 0 }');
  }

  /** Confirms in any order; the mark moves only over a stretch without gaps. */
  confirm(consumer: Consumer, seqs: readonly number[], how: "landed" | "parked" = "landed"): void {
    const of = JSON.stringify(seqs);
    if (how === "parked") this.#countAgain(of);
    const statements = this.#statementsOf(consumer, of);
    if (how === "parked") this.#park(statements, of);
    else if (consumer === "archive") statements.push(...this.#landedLate(of, statements));
    this.#sql.exec(
      "DELETE FROM outbox WHERE consumer = ? AND seq IN (SELECT value FROM json_each(?))",
      consumer,
      of,
    );
    if (how === "landed" && statements.length > 0) this.#countLanded(statements);
    const [open] = this.#sql.exec<{ seq: number }>(firstOpen[consumer]).toArray();
    const mark = (open?.seq ?? this.#meta.seq + 1) - 1;
    this.#sql.exec(
      `INSERT INTO mark (consumer, seq) VALUES (?, ?)
       ON CONFLICT (consumer) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > mark.seq`,
      consumer,
      mark,
    );
  }

  #statementsOf(consumer: Consumer, seqs: string): number[] {
    if (consumer !== "archive") return [];
    return this.#sql
      .exec<{ statement: number }>(
        `SELECT DISTINCT statement FROM outbox
         WHERE seq IN (SELECT value FROM json_each(?)) AND statement IS NOT NULL`,
        seqs,
      )
      .toArray()
      .map((row) => row.statement);
  }

  /** A statement is applied once nothing that came of it waits or is parked. */
  #countLanded(statements: readonly number[]): void {
    const { n } = this.#sql
      .exec<{ n: number }>(
        `SELECT count(*) AS n FROM json_each(?) AS s
         WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE seq = s.value)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE statement = s.value AND statement < seq)
           AND NOT EXISTS (SELECT 1 FROM parked WHERE statement = s.value AND replayed = 0)`,
        JSON.stringify(statements),
      )
      .one();
    if (n > 0) this.#counts.add({ applied: n, pending: -n });
  }

  /** A change that came of no statement takes the place of one that was applied before. */
  #countAgain(seqs: string): void {
    const query = `UPDATE outbox SET statement = seq WHERE seq IN (
        SELECT seq FROM outbox WHERE seq IN (SELECT value FROM json_each(?))
          AND consumer = 'archive' AND statement IS NULL LIMIT ?)
      RETURNING seq`;
    const { length } = this.#sql.exec(query, seqs, this.#counts.read().applied).toArray();
    if (length > 0) this.#counts.add({ applied: -length, pending: length });
  }

  /** A statement is parked while anything that came of it is. */
  #park(statements: readonly number[], seqs: string): void {
    const parked = statements.filter((statement) => !this.#isParked(statement)).length;
    this.#counts.add({ parked, pending: -parked });
    this.#sql.exec(
      `INSERT INTO parked (seq, statement) SELECT seq, statement FROM outbox
       WHERE consumer = 'archive' AND seq IN (SELECT value FROM json_each(?))`,
      seqs,
    );
  }

  /**
   * Parked changes that landed after all, or that need not: their statements wait for nothing but
   * what else came of them. Returns those that are not among `known`.
   */
  #landedLate(seqs: string, known: readonly number[]): number[] {
    const waiting = "SELECT 1 FROM parked INDEXED BY parked_waiting WHERE replayed = 0 LIMIT 1";
    if (this.#sql.exec(waiting).toArray().length === 0) return [];
    const late = this.#sql
      .exec<{ statement: number | null }>(
        `UPDATE parked SET replayed = 1
         WHERE replayed = 0 AND seq IN (SELECT value FROM json_each(?)) RETURNING statement`,
        seqs,
      )
      .toArray()
      .flatMap(({ statement }) => statement ?? []);
    const back = [...new Set(late)].filter((statement) => !this.#isParked(statement));
    if (back.length > 0) this.#counts.add({ parked: -back.length, pending: back.length });
    return back.filter((statement) => !known.includes(statement));
  }

  #isParked(statement: number): boolean {
    const query = "SELECT 1 FROM parked WHERE statement = ? AND replayed = 0 LIMIT 1";
    return this.#sql.exec(query, statement).toArray().length > 0;
  }

  /** A parked change goes out as what is true today; asked for again, it does not go out twice. */
  replay(seq: number, day: LocalDate, statement: OpenStatement): void {
    this.confirm("archive", [seq], "parked");
    const [parked] = this.#sql
      .exec<{ statement: number | null; replayed: number }>(
        "SELECT statement, replayed FROM parked WHERE seq = ?",
        seq,
      )
      .toArray();
    if (parked?.replayed === 1) return;
    const cause = parked?.statement ?? null;
    this.#sql.exec(
      `INSERT INTO parked (seq, statement, replayed) VALUES (?, ?, 1)
       ON CONFLICT (seq) DO UPDATE SET replayed = 1`,
      seq,
      cause,
    );
    this.#put(this.#meta.nextSeq(), day, statement, cause);
    if (cause !== null && !this.#isParked(cause)) this.#counts.add({ parked: -1, pending: 1 });
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

  /** Whether anything that came of no statement is on its way to the archive. */
  get hasUncounted(): boolean {
    const query = `SELECT 1 FROM outbox INDEXED BY outbox_uncounted
      WHERE consumer = 'archive' AND statement IS NULL LIMIT 1`;
    return this.#sql.exec(query).toArray().length > 0;
  }

  #waiting(): { seq: number; dueMs: Instant }[] {
    const mark = this.#sentMark;
    const dueOf = (seq: number) => (seq > mark.seq ? 0 : mark.atMs + resendDelayMs(1));
    return this.#sql
      .exec<{ seq: number; sent_at: number | null; attempts: number }>(
        `SELECT seq, sent_at, attempts FROM outbox
         WHERE consumer = 'archive' ORDER BY seq LIMIT ?`,
        inFlightMax,
      )
      .toArray()
      .map(({ seq, sent_at, attempts }) => ({
        seq,
        dueMs: sent_at === null ? dueOf(seq) : sent_at + resendDelayMs(attempts),
      }));
  }
}
