import type { Change } from "../../domain/ports.ts";

/** What a test and the worker around a lone ledger say to each other. */
export interface LedgerCall {
  readonly ledger: string;
  readonly calls: readonly (readonly [method: string, ...args: unknown[]])[];
  /** After every call all that it changed is published and confirmed, and counted with it. */
  readonly settle: boolean;
}

export interface LedgerCost {
  readonly read: number;
  readonly written: number;
  /** Each one set is a row, too, and one that goes off a request. */
  readonly alarms: number;
  /** Requests to a board's shard, and to the vault. */
  readonly boards: number;
  /** Calls of what is watched. */
  readonly live: number;
  readonly retractions: number;
  /** Of the queue. */
  readonly messages: number;
  /** Per statement of SQL. */
  readonly queries: Readonly<
    Record<string, readonly [times: number, read: number, written: number]>
  >;
}

export interface LedgerAnswer {
  readonly answers: readonly unknown[];
  readonly cost: LedgerCost;
}

/** All that a ledger holds, as far as it can be seen, in order. */
export interface LedgerShown {
  /** Body is null while the fact is retracted. */
  readonly facts: readonly {
    readonly id: string;
    readonly revision: number;
    readonly body: object | null;
    readonly days: readonly string[];
  }[];
  readonly receipts: readonly number[];
  /** Bodies as text, in the order of that. */
  readonly resolved: readonly string[];
  /** "period key" → sums. */
  readonly totals: Readonly<Record<string, readonly number[]>>;
  readonly counted: readonly { readonly key: string; readonly day: string; readonly at: number }[];
  /** What waits for the archive, as it would be sent. */
  readonly changes: readonly Change[];
  readonly retractions: readonly number[];
  /** Whether boards are to be told something. */
  readonly isDue: boolean;
  readonly head: Readonly<Record<string, unknown>>;
  /** How many entries of any kind. */
  readonly entries: number;
}
