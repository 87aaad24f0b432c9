/**
 * How a ledger's entries are named, so that those that are read together lie together. An entry that
 * only finds another one is an index, and costs no row of its own. Capitals are of what there is
 * little of: they come first, so that one page tells that there is none of any of it.
 *
 *   i fact                     its revision, days, time; its body where it covers no time
 *   t time fact                a live fact's body        L: the same, of those longer than a day
 *   N fact decision            decisions that name it    D: all decisions      H fact: its heir
 *   E account fact             what was erased           r fact content: the number of a receipt
 *   b id                       where a resolved thing is, and its places
 *   c time id                  its body                  G: the same, of those longer than a day
 *   o time id, p time id       where its owner finds it, and others do
 *   k key day time id          when it was counted       S period: sums
 *   X number                   a change for the archive  F statement number: a further one of it
 *   V number                   a retraction for the vault
 *   U thing                    what those who watch it are owed
 *   Q number                   a parked change           W statement number: one that waits
 *   Y key                      an answer                 Z time key: when it was given
 */
import type { Instant } from "../domain/time.ts";

/** The kinds that hold what a fact or a resolved thing says. */
export const bodies = "tc";

const digits = Number.MAX_SAFE_INTEGER.toString(36).length;

/** Whole numbers as text of one length, in their order. */
export function ordered(n: number): string {
  const max = Number.MAX_SAFE_INTEGER;
  const whole = Math.max(-max, Math.min(max, Math.floor(Number.isNaN(n) ? 0 : n)));
  const [sign, size] = whole < 0 ? ["-", whole + max] : ["0", whole];
  return sign + size.toString(36).padStart(digits, "0");
}

const orderedLength = ordered(0).length;

/** What follows a number in a key. */
export const afterOrdered = (key: string, prefix: string): string =>
  key.slice(prefix.length + orderedLength);
/** The number that follows a prefix in a key. */
export function orderedIn(key: string, prefix: string): number {
  const text = key.slice(prefix.length, prefix.length + orderedLength);
  const size = Number.parseInt(text.slice(1), 36);
  return text.startsWith("-") ? size - Number.MAX_SAFE_INTEGER : size;
}

export const timed = (prefix: string, at: Instant, id: string): string => prefix + ordered(at) + id;
/** Two names in one key; ids hold no blank. */
export const paired = (prefix: string, a: string, b: string): string => `${prefix}${a} ${b}`;

/** Above everything that begins so. */
export const endOf = (prefix: string): string => `${prefix}~`;
/** The least above a key. */
export const after = (key: string): string => `${key} `;
