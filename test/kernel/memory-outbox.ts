/** An outbox in memory: what is owed to each consumer, until that consumer confirms it. */
import type { MemberId } from "../../domain/identity.ts";
import type { Change, ScoreRow } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { Instant } from "../../domain/time.ts";
import {
  type Consumer,
  type DueLive,
  type DueRetraction,
  type Outbox,
  resendDelayMs,
} from "../../kernel/publish.ts";

interface Waiting {
  readonly change: Change;
  attempts: number;
  sentMs: Instant | null;
}

export class MemoryOutbox implements Outbox {
  /** What is on boards; `published`: the version that was told last. */
  row: ScoreRow | null = null;
  published = 0;
  readonly owedToVault = new Map<number, Omit<DueRetraction, "seq">>();
  readonly owedLive = new Map<string, DueLive>();
  readonly owedToArchive = new Map<number, Waiting>();

  scores(version: number): void {
    const periods = { all: { all: [version, 0] } };
    this.row = { member: "mem_1", version, periods, unshown: {} };
  }

  retraction(seq: number, retraction: Retraction, member = "mem_1" as MemberId): void {
    this.owedToVault.set(seq, { retraction, member });
  }

  live(due: DueLive): void {
    this.owedLive.set(due.id, due);
  }

  change(change: Change): void {
    this.owedToArchive.set(change.seq, { change, attempts: 0, sentMs: null });
  }

  unpublishedRow(): ScoreRow | null {
    return this.row !== null && this.row.version > this.published ? this.row : null;
  }

  publishedRow(version: number): void {
    this.published = Math.max(this.published, version);
  }

  retractions(limit: number): DueRetraction[] {
    return [...this.owedToVault].slice(0, limit).map(([seq, owed]) => ({ seq, ...owed }));
  }

  liveDue(_nowMs: Instant, limit: number): DueLive[] {
    return [...this.owedLive.values()].slice(0, limit);
  }

  toldLive(due: readonly DueLive[]): void {
    for (const { id, version } of due)
      if (this.owedLive.get(id)?.version === version) this.owedLive.delete(id);
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
