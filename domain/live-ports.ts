/**
 * What is watched from minute to minute, as ledgers tell it: state, not deltas. A thing says what it
 * adds now, under a version that only grows; what it added before is replaced. Part of `ports.ts`.
 */
import type { Instant } from "./time.ts";

/** What one thing adds to what is watched; without entries: nothing any more. */
export interface LiveRow {
  readonly ledger: string;
  /** Of a resolved thing, or of a fact where nothing is resolved. */
  readonly id: string;
  /** Grows with every change of it, within its ledger. */
  readonly version: number;
  readonly at: Instant;
  readonly entries: readonly { readonly key: string; readonly n: readonly number[] }[];
}

/** Rows of one call at most. */
export const liveRowsMax = 500;

/** One thing that is watched. Rows may come again and in any order. */
export interface LivePort {
  put(stream: string, rows: readonly LiveRow[]): Promise<void>;
}

/** The name of the object that holds what is watched. */
export const liveName = (stream: string, watch: string): string => `${stream}/${watch}`;
