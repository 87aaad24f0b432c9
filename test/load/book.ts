/** What was offered and what was said to it, second by second. */
import { table } from "../../local/table.ts";
import type { Said } from "./sender.ts";

/** Answers to a write, and to a read, that was taken in. */
const isTaken = (status: number | null): boolean => status !== null && status < 300;
const isRefusal = (status: number | null): boolean => status === 429 || status === 503;

export interface Second {
  phase: string;
  offered: number;
  /** No connection was free to offer it by. */
  unsent: number;
  accepted: number;
  tooMany: number;
  unavailable: number;
  /** Another status, or none. */
  other: number;
  withoutRetryAfter: number;
  reads: number;
  readsAnswered: number;
  /** Of those that were taken in or answered. */
  readonly writeMs: number[];
  readonly readMs: number[];
  memoryMb: number;
}

const second = (phase: string): Second => ({
  phase,
  ...{ offered: 0, unsent: 0, accepted: 0, tooMany: 0, unavailable: 0, other: 0 },
  ...{ withoutRetryAfter: 0, reads: 0, readsAnswered: 0, writeMs: [], readMs: [], memoryMb: 0 },
});

/** Of nothing: zero. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A book that is closed. */
export interface Booked {
  readonly seconds: readonly Second[];
  readonly acknowledged: ReadonlySet<string>;
  readonly sent: ReadonlySet<string>;
  readonly odd: ReadonlyMap<string, number>;
}

export class Book implements Booked {
  readonly seconds: Second[] = [];
  /** Of facts that were acknowledged, and of all that were ever sent. */
  readonly acknowledged = new Set<string>();
  readonly sent = new Set<string>();
  /** Statuses that nobody expects, and how often. */
  readonly odd = new Map<string, number>();

  begin(phase: string): Second {
    const row = second(phase);
    this.seconds.push(row);
    return row;
  }

  wrote(row: Second, fact: string, said: Said): void {
    this.#said(row, said);
    if (!isTaken(said.status)) return;
    row.accepted++;
    row.writeMs.push(said.ms);
    this.acknowledged.add(fact);
  }

  read(row: Second, said: Said): void {
    this.#said(row, said);
    if (!isTaken(said.status)) return;
    row.readsAnswered++;
    row.readMs.push(said.ms);
  }

  #said(row: Second, { status, retryAfter }: Said): void {
    if (isTaken(status)) return;
    if (status === 429) row.tooMany++;
    else if (status === 503) row.unavailable++;
    else {
      row.other++;
      const name = status === null ? "no answer" : String(status);
      this.odd.set(name, (this.odd.get(name) ?? 0) + 1);
    }
    if (isRefusal(status) && !(Number(retryAfter) > 0)) row.withoutRetryAfter++;
  }
}

export const ofPhase = ({ seconds }: Pick<Booked, "seconds">, phase: string): Second[] =>
  seconds.filter((row) => row.phase === phase);

export const sumOf = (rows: readonly Second[], of: (row: Second) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0);

const p95 = (values: readonly number[]) => Math.round(percentile(values, 0.95));

export const bySecond = (rows: readonly Second[]): string =>
  table(
    ["s", "phase", "offered", "unsent", "accepted", "429", "503", "other", "p95 ms"].concat(
      ...[["reads", "answered", "p95 ms", "MB"]],
    ),
    rows.map((row, s) => [
      ...[String(s), row.phase],
      ...[row.offered, row.unsent, row.accepted, row.tooMany, row.unavailable, row.other].map(
        String,
      ),
      ...[p95(row.writeMs), row.reads, row.readsAnswered, p95(row.readMs), row.memoryMb].map(
        String,
      ),
    ]),
  );
