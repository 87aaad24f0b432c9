/**
 * How far a connection follows hints: notices of a provider that proves nothing, so that anybody may
 * have sent them. Each is worth one reading. One that comes to nothing is vain; after a few of them
 * within an hour the hints wait, and what came lately is read by itself instead, once an hour, so that
 * what is real comes all the same. Pure and plain JSON.
 */
import type { Instant } from "./time.ts";

/** In any stretch of `vainMs` no more hints come to nothing. */
export const vainMax = 10;
export const vainMs = 3_600_000;
/** What was read in the place of hints is not read again sooner. */
export const owedSoonMs = 60_000;
/** From so many within that time on, they are asked for at history's pace. */
export const doubtedFrom = 3;

export interface Doubt {
  /** When the last few came to nothing, ascending; no more than `vainMax`. */
  readonly vain: readonly Instant[];
  /** Until then history's part of the budget, from which hints in doubt are paid, is spent. */
  readonly heldMs: Instant;
  /** When it was last read by itself on their account; null: never. */
  readonly readMs: Instant | null;
  /** What is to be read by itself. newest: the last day. lately: as far as a re-reading goes. */
  readonly owes: "newest" | "lately" | null;
}
export const noDoubt: Doubt = { vain: [], heldMs: 0, readMs: null, owes: null };

const newest = ({ vain }: Doubt): Instant => vain.at(-1) ?? Number.NEGATIVE_INFINITY;

/** One came to nothing. */
export function cameToNothing(doubt: Doubt, nowMs: Instant): Doubt {
  const vain = [...doubt.vain, Math.max(nowMs, newest(doubt))].slice(-vainMax);
  const isMuch = vain.length === vainMax && nowMs - (vain[0] ?? nowMs) < vainMs;
  return isMuch ? owing({ ...doubt, vain }, "newest") : { ...doubt, vain };
}

/** Whether any came to nothing within the hour. */
export const isVainOfLate = (doubt: Doubt, nowMs: Instant): boolean =>
  nowMs < newest(doubt) + vainMs;

/**
 * Whether so many came to nothing within the hour that the next are in no hurry. One or two do so of
 * themselves: a notice is repeated, or says what changed nothing here, or a call failed.
 */
export const isDoubted = (doubt: Doubt, nowMs: Instant): boolean => nowMs < doubtedToMs(doubt);

const doubtedToMs = ({ vain }: Doubt): Instant =>
  (vain.at(-doubtedFrom) ?? Number.NEGATIVE_INFINITY) + vainMs;

/** Before that no hint is read; what lies in the past holds up nothing. */
export function hintsDueMs(doubt: Doubt): Instant {
  const oldest = doubt.vain.length < vainMax ? undefined : doubt.vain[0];
  const heldMs = Math.min(doubt.heldMs, newest(doubt) + vainMs);
  return Math.max(0, heldMs, oldest === undefined ? 0 : oldest + vainMs);
}

/** There is no budget for them until then: what is real among them comes by what is owed. */
export const held = (doubt: Doubt, untilMs: Instant): Doubt =>
  owing({ ...doubt, heldMs: untilMs }, "newest");

export const owing = (doubt: Doubt, what: "newest" | "lately"): Doubt => ({
  ...doubt,
  owes: doubt.owes === "lately" ? "lately" : what,
});

/**
 * When what is owed is read; null: nothing is. While hints are in doubt once an hour, however much is
 * said; where one or two came to nothing, soon after: a call that failed is to cost nobody an hour.
 */
export function owedDueMs(doubt: Doubt): Instant | null {
  const { owes, readMs } = doubt;
  if (owes === null) return null;
  if (readMs === null) return 0;
  const soonMs = readMs + owedSoonMs;
  return soonMs >= doubtedToMs(doubt) ? soonMs : readMs + vainMs;
}

/** Of two connections to one account, where one takes the other's place; twice is as once. */
export function doubtTogether(one: Doubt, other: Doubt): Doubt {
  const more = other.vain.filter((ms) => !one.vain.includes(ms));
  const reads = [one.readMs, other.readMs].filter((ms) => ms !== null);
  const together: Doubt = {
    vain: [...one.vain, ...more].sort((a, b) => a - b).slice(-vainMax),
    heldMs: Math.max(one.heldMs, other.heldMs),
    readMs: reads.length === 0 ? null : Math.max(...reads),
    owes: one.owes,
  };
  return other.owes === null ? together : owing(together, other.owes);
}

export const paid = (doubt: Doubt, nowMs: Instant): Doubt => ({
  ...doubt,
  readMs: nowMs,
  owes: null,
});
