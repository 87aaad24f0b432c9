/**
 * The number of a statement whose source orders nothing. Told by the source itself, a content keeps
 * the number that it got when it first came: the same bytes again are the same statement, however late
 * they come. Read at the source, what it shows now is its last word: content that is not the newest
 * one held gets a number above all that is held, also above a retraction, and keeps it until the
 * source shows something else. So neither order nor repetition makes a version of unchanged content.
 */
import { isFinal } from "../domain/stream.ts";
import type { Held } from "./statement.ts";

export type Told = "told" | "read";

/** What a ledger remembers of one identity's contents. */
export interface Receipts {
  /** Of this content; null: it never came. */
  readonly known: number | null;
  /** Of any content; 0: none came. */
  readonly greatest: number;
}

export function receiptOf({ known, greatest }: Receipts, held: Held | null, how: Told): number {
  const isLive = held !== null && held.fact !== null;
  const heldAt = held?.revision ?? 0;
  if (how === "told") return known ?? Math.max(greatest, isLive ? heldAt : 0) + 1;
  const isNewest = known !== null && known === greatest;
  if (isNewest && (isLive ? known >= heldAt : known > heldAt)) return known;
  // Nothing is newer than what is gone for good.
  if (isFinal(heldAt)) return known ?? greatest + 1;
  return Math.max(greatest, heldAt) + 1;
}
