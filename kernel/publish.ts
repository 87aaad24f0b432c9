/**
 * Publishing what a ledger changed. The outbox is what lies above each consumer's mark: boards and
 * the vault confirm by returning, the archive by a list of sequence numbers later on. What stays
 * unconfirmed is sent again, so every consumer must take a repetition as nothing new.
 *
 * A crash before a confirmation is kept costs a repetition; a crash before sending costs nothing,
 * because the object's alarm sends again.
 */
import type { MemberId } from "../domain/identity.ts";
import { type Change, type LiveRow, liveRowsMax, type ScoreRow } from "../domain/ports.ts";
import type { Retraction } from "../domain/stream.ts";
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "./wide-event.ts";

/** The first wait for the archive's confirmation; it doubles with each attempt. */
export const resendAfterMs = 15_000;
export const resendAfterMsMax = 600_000;
/**
 * Cloudflare Queues: a message of 128 KB at most, billed by every 64 KB begun. One message takes as
 * many changes as fit into the first of them, with room for metadata.
 */
const messageChangesMax = 250;
const messageBytesMax = 60_000;
/** Of one statement, which goes alone where it is longer than that: the rest is for what goes with it. */
export const statementBytesMax = 127_000;
const encoder = new TextEncoder();

export interface Outbox {
  /** All that the subject has on open boards, when any of it changed since it was last published. */
  unpublishedRow(nowMs: Instant): ScoreRow | null;
  publishedRow(version: number): void;
  retractions(limit: number): DueRetraction[];
  /** What is owed to what is watched, the oldest first; what is too old for it is dropped. */
  liveDue(nowMs: Instant, limit: number): DueLive[];
  toldLive(due: readonly DueLive[]): void;
  /** Changes never sent, or sent so long ago that they count as lost. */
  changesDue(nowMs: Instant, limit: number): Change[];
  sentChanges(seqs: readonly number[], nowMs: Instant): void;
  confirm(consumer: Consumer, seqs: readonly number[]): void;
}
export type Consumer = "vault" | "archive";

export interface DueRetraction {
  readonly seq: number;
  /** Under whose key it is sealed. */
  readonly member: MemberId;
  readonly retraction: Retraction;
}
/** What one thing is now, to each that watches it, or did. */
export interface DueLive {
  readonly id: string;
  readonly version: number;
  readonly rows: readonly { readonly watch: string; readonly row: LiveRow }[];
}

export interface Consumers {
  board(row: ScoreRow): Promise<void>;
  retract(member: MemberId, retractions: readonly Retraction[]): Promise<void>;
  live(watch: string, rows: readonly LiveRow[]): Promise<void>;
  /** In one message. */
  archive(changes: readonly Change[]): Promise<void>;
}

const pageMax = 200;

/** What each consumer is owed, as work of its own: a slow or failing one keeps no other waiting. */
export function publishers(
  outbox: Outbox,
  consumers: Consumers,
  now: () => Instant,
): readonly Publisher[] {
  return [
    new Publisher("boards", () => publishScores(outbox, consumers, now)),
    new Publisher("vault", () => publishRetractions(outbox, consumers)),
    new Publisher("live", () => publishLive(outbox, consumers, now)),
    new Publisher("archive", () => publishChanges(outbox, consumers, now)),
  ];
}

/** One round at a time; what is asked for meanwhile gets one more round. */
export class Publisher {
  readonly #consumer: string;
  readonly #work: () => Promise<void>;
  #running: Promise<boolean> | null = null;
  #again = false;

  constructor(consumer: string, work: () => Promise<void>) {
    this.#consumer = consumer;
    this.#work = work;
  }

  /** True when everything that was due is sent. */
  publish(): Promise<boolean> {
    this.#again = this.#running !== null;
    this.#running ??= this.#rounds();
    return this.#running;
  }

  async #rounds(): Promise<boolean> {
    try {
      do {
        this.#again = false;
        await this.#work();
      } while (this.#again);
      return true;
    } catch (error) {
      const consumer = this.#consumer;
      logLine({ event: "publish", consumer, outcome: "failed", error: errorClass(error) });
      return false;
    } finally {
      this.#running = null;
    }
  }
}

async function publishScores(
  outbox: Outbox,
  consumers: Consumers,
  now: () => Instant,
): Promise<void> {
  for (let row = outbox.unpublishedRow(now()); row !== null; row = outbox.unpublishedRow(now())) {
    await consumers.board(row);
    outbox.publishedRow(row.version);
  }
}

async function publishRetractions(outbox: Outbox, consumers: Consumers): Promise<void> {
  for (let due = outbox.retractions(pageMax); due.length > 0; due = outbox.retractions(pageMax))
    for (const [member, mine] of groupedBy(due, (d) => d.member)) {
      await consumers.retract(
        member,
        mine.map((d) => d.retraction),
      );
      outbox.confirm(
        "vault",
        mine.map((d) => d.seq),
      );
    }
}

async function publishLive(
  outbox: Outbox,
  consumers: Consumers,
  now: () => Instant,
): Promise<void> {
  for (;;) {
    const due = outbox.liveDue(now(), pageMax);
    if (due.length === 0) return;
    const rows = due.flatMap((d) => d.rows);
    for (const [watch, mine] of groupedBy(rows, (r) => r.watch))
      for (let i = 0; i < mine.length; i += liveRowsMax)
        await consumers.live(
          watch,
          mine.slice(i, i + liveRowsMax).map((r) => r.row),
        );
    outbox.toldLive(due);
  }
}

function groupedBy<T, K>(all: readonly T[], by: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = by(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

async function publishChanges(
  outbox: Outbox,
  consumers: Consumers,
  now: () => Instant,
): Promise<void> {
  for (;;) {
    const message = firstBytes(outbox.changesDue(now(), messageChangesMax));
    if (message.length === 0) return;
    await consumers.archive(message);
    outbox.sentChanges(
      message.map((c) => c.seq),
      now(),
    );
  }
}

/** The longest prefix that fits into one message; always at least one. */
function firstBytes(changes: readonly Change[]): Change[] {
  const message: Change[] = [];
  let bytes = 1;
  for (const change of changes) {
    bytes += encoder.encode(JSON.stringify(change)).length + 1;
    if (message.length > 0 && bytes > messageBytesMax) break;
    message.push(change);
  }
  return message;
}

/** When a change that was sent `attempts` times counts as lost. */
export const resendDelayMs = (attempts: number): number =>
  Math.min(resendAfterMsMax, resendAfterMs * 2 ** Math.max(0, attempts - 1));
