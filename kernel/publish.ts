/**
 * Publishing what a ledger changed. The outbox is what lies above each consumer's mark: boards and
 * the vault confirm by returning, the archive by a list of sequence numbers later on. What stays
 * unconfirmed is sent again, so every consumer must take a repetition as nothing new.
 *
 * A crash before a confirmation is kept costs a repetition; a crash before sending costs nothing,
 * because the object's alarm sends again.
 */
import type { MemberId } from "../domain/identity.ts";
import type { Change, ScoreRow } from "../domain/ports.ts";
import type { Retraction } from "../domain/stream.ts";
import type { Instant, Period } from "../domain/time.ts";
import { errorClass, logLine } from "./wide-event.ts";

/** The first wait for the archive's confirmation; it doubles with each attempt. */
export const resendAfterMs = 15_000;
const resendAfterMsMax = 600_000;
/** Cloudflare Queues: 100 messages and 256 KB a batch, with room for metadata. */
const batchMessagesMax = 100;
const batchBytesMax = 200_000;

export interface Outbox {
  /** Periods whose sums changed since they were last published. */
  unpublishedTotals(limit: number): { readonly period: Period; readonly row: ScoreRow }[];
  publishedTotal(period: Period, version: number): void;
  retractions(limit: number): { readonly seq: number; readonly retraction: Retraction }[];
  /** Changes never sent, or sent so long ago that they count as lost. */
  changesDue(nowMs: Instant, limit: number): Change[];
  sentChanges(seqs: readonly number[], nowMs: Instant): void;
  confirm(consumer: Consumer, seqs: readonly number[]): void;
}
export type Consumer = "vault" | "archive";

export interface Consumers {
  board(period: Period, row: ScoreRow): Promise<void>;
  retract(member: MemberId, retractions: readonly Retraction[]): Promise<void>;
  archive(changes: readonly Change[]): Promise<void>;
}

const pageMax = 200;

/** Sends everything that is due to each consumer on its own; true when nothing failed. */
export async function publish(
  outbox: Outbox,
  consumers: Consumers,
  member: MemberId,
  now: () => Instant,
): Promise<boolean> {
  const outcomes = await Promise.all([
    attempt("boards", () => publishTotals(outbox, consumers)),
    attempt("vault", () => publishRetractions(outbox, consumers, member)),
    attempt("archive", () => publishChanges(outbox, consumers, now)),
  ]);
  return outcomes.every(Boolean);
}

async function attempt(consumer: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    logLine({ event: "publish", consumer, outcome: "failed", error: errorClass(error) });
    return false;
  }
}

async function publishTotals(outbox: Outbox, consumers: Consumers): Promise<void> {
  for (let due = outbox.unpublishedTotals(pageMax); due.length > 0; ) {
    const settled = await Promise.allSettled(
      due.map(async ({ period, row }) => {
        await consumers.board(period, row);
        outbox.publishedTotal(period, row.version);
      }),
    );
    const failed = settled.find((s) => s.status === "rejected");
    if (failed) throw failed.reason;
    due = outbox.unpublishedTotals(pageMax);
  }
}

async function publishRetractions(
  outbox: Outbox,
  consumers: Consumers,
  member: MemberId,
): Promise<void> {
  for (let due = outbox.retractions(pageMax); due.length > 0; due = outbox.retractions(pageMax)) {
    await consumers.retract(
      member,
      due.map((d) => d.retraction),
    );
    outbox.confirm(
      "vault",
      due.map((d) => d.seq),
    );
  }
}

async function publishChanges(
  outbox: Outbox,
  consumers: Consumers,
  now: () => Instant,
): Promise<void> {
  for (;;) {
    const due = outbox.changesDue(now(), batchMessagesMax);
    const batch = firstBytes(due);
    if (batch.length === 0) return;
    await consumers.archive(batch);
    outbox.sentChanges(
      batch.map((c) => c.seq),
      now(),
    );
  }
}

/** The longest prefix that fits into one queue batch; always at least one. */
function firstBytes(changes: readonly Change[]): Change[] {
  const batch: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    bytes += JSON.stringify(change).length;
    if (batch.length > 0 && bytes > batchBytesMax) break;
    batch.push(change);
  }
  return batch;
}

/** When a change that was sent `attempts` times counts as lost. */
export const resendDelayMs = (attempts: number): number =>
  Math.min(resendAfterMsMax, resendAfterMs * 2 ** Math.max(0, attempts - 1));
