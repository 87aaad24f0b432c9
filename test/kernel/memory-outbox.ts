/** An outbox in memory: what is owed to each consumer, until that consumer confirms it. */
import type { Change, ScoreRow } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { Instant, Period } from "../../domain/time.ts";
import { type Consumer, type Outbox, resendDelayMs } from "../../kernel/publish.ts";

interface Waiting {
  readonly change: Change;
  attempts: number;
  sentMs: Instant | null;
}

export class MemoryOutbox implements Outbox {
  readonly totals = new Map<Period, { row: ScoreRow; published: number }>();
  readonly owedToVault = new Map<number, Retraction>();
  readonly owedToArchive = new Map<number, Waiting>();

  total(period: Period, version: number): void {
    const row: ScoreRow = { member: "mem_1", version, values: { all: [version, 0] } };
    this.totals.set(period, { row, published: this.totals.get(period)?.published ?? 0 });
  }

  retraction(seq: number, retraction: Retraction): void {
    this.owedToVault.set(seq, retraction);
  }

  change(change: Change): void {
    this.owedToArchive.set(change.seq, { change, attempts: 0, sentMs: null });
  }

  unpublishedTotals(limit: number): { period: Period; row: ScoreRow }[] {
    return [...this.totals]
      .filter(([, { row, published }]) => row.version > published)
      .slice(0, limit)
      .map(([period, { row }]) => ({ period, row }));
  }

  publishedTotal(period: Period, version: number): void {
    const held = this.totals.get(period);
    if (held) held.published = Math.max(held.published, version);
  }

  retractions(limit: number): { seq: number; retraction: Retraction }[] {
    return [...this.owedToVault].slice(0, limit).map(([seq, retraction]) => ({ seq, retraction }));
  }

  changesDue(nowMs: Instant, limit: number): Change[] {
    return [...this.owedToArchive.values()]
      .filter((w) => w.sentMs === null || w.sentMs + resendDelayMs(w.attempts) <= nowMs)
      .slice(0, limit)
      .map((w) => w.change);
  }

  sentChanges(seqs: readonly number[], nowMs: Instant): void {
    for (const seq of seqs) {
      const waiting = this.owedToArchive.get(seq);
      if (waiting) Object.assign(waiting, { sentMs: nowMs, attempts: waiting.attempts + 1 });
    }
  }

  confirm(consumer: Consumer, seqs: readonly number[]): void {
    const owed = consumer === "vault" ? this.owedToVault : this.owedToArchive;
    for (const seq of seqs) owed.delete(seq);
  }
}
