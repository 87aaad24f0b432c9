/**
 * History, planned: from now back to what a provider gives, in steps, the newest first, and around
 * what an earlier connection to the same account has read. Pure and plain JSON; what is asked for
 * after a restart is where this stands. A step counts once all of its parts have ended.
 */
import type { BackfillStatus, Stretch } from "./connection-ports.ts";
import { type Instant, msPerDay } from "./time.ts";

export interface BackfillStep extends Stretch {
  /** Collections to be read or requests to be made, and what came of those that ended. */
  readonly parts: number;
  readonly ended: number;
  readonly none: number;
  readonly refused: number;
  readonly gaps?: number;
}
export interface BackfillState {
  /** All of it, `toMs` is when it began. */
  readonly fromMs: Instant;
  readonly toMs: Instant;
  /** From `toMs` down to here it is done. */
  readonly doneToMs: Instant;
  /** Known already: not asked for. */
  readonly skip: Stretch | null;
  readonly step: BackfillStep | null;
  /** The newest stretch that was left out ends here; absent: none was. */
  readonly gapToMs?: Instant;
  readonly over: "done" | "refused" | null;
}
/**
 * What became of a part. none: the provider keeps nothing so old. refused: it does not give it. gap:
 * it could not be read however often it was tried, and is left out.
 */
export type PartEnd = "read" | "none" | "refused" | "gap";

export interface BackfillAim {
  readonly nowMs: Instant;
  readonly days: number;
  readonly have: Stretch | null;
  /** The end of what is had is read again so far back: data comes late. */
  readonly rereadMs: number;
  /** What happened up to then is not taken, so it is not asked for. */
  readonly forgottenToMs: Instant | null;
}

export function beginBackfill(aim: BackfillAim): BackfillState {
  const { nowMs, days, have, rereadMs, forgottenToMs } = aim;
  const fromMs = Math.min(nowMs, Math.max(nowMs - days * msPerDay, forgottenToMs ?? 0));
  const skip = have && { fromMs: have.fromMs, toMs: Math.min(nowMs, have.toMs) - rereadMs };
  const state: BackfillState = {
    fromMs,
    toMs: nowMs,
    doneToMs: nowMs,
    skip: skip !== null && skip.fromMs < skip.toMs ? skip : null,
    step: null,
    over: null,
  };
  return movedTo(state, nowMs);
}

/** The stretch to be had next; null: there is none. */
export function nextStep(state: BackfillState, stepDays: number): Stretch | null {
  const { fromMs, doneToMs: toMs, skip, over } = state;
  if (over !== null || toMs <= fromMs) return null;
  const floorMs = skip !== null && skip.toMs < toMs ? Math.max(fromMs, skip.toMs) : fromMs;
  return { fromMs: Math.max(floorMs, toMs - stepDays * msPerDay), toMs };
}

export const withStep = (state: BackfillState, { fromMs, toMs }: Stretch, parts: number) =>
  ({
    ...state,
    step: { fromMs, toMs, parts, ended: 0, none: 0, refused: 0 },
  }) satisfies BackfillState;

/** A part ended; with the last of them, its step does. */
export function partEnded(state: BackfillState, how: PartEnd): BackfillState {
  if (state.step === null) return state;
  const { step } = state;
  const after: BackfillStep = {
    ...step,
    ended: step.ended + 1,
    none: step.none + (how === "none" ? 1 : 0),
    refused: step.refused + (how === "refused" ? 1 : 0),
    gaps: (step.gaps ?? 0) + (how === "gap" ? 1 : 0),
  };
  if (after.ended < after.parts) return { ...state, step: after };
  const isOlder = after.none > 0 && after.none + after.refused === after.parts;
  if (after.refused === after.parts) return { ...state, step: null, over: "refused" };
  if (isOlder) return { ...state, step: null, over: "done" };
  const gap = after.gaps === 0 ? {} : { gapToMs: state.gapToMs ?? after.toMs };
  return movedTo({ ...state, ...gap, step: null }, after.fromMs);
}

/** Down to there it is done, and past what is known already. */
function movedTo(state: BackfillState, atMs: Instant): BackfillState {
  const { fromMs, skip } = state;
  const isIn = skip !== null && skip.fromMs < atMs && atMs <= skip.toMs;
  const doneToMs = Math.max(fromMs, isIn ? skip.fromMs : atMs);
  return { ...state, doneToMs, over: doneToMs <= fromMs ? "done" : null };
}

export function backfillStatus(state: BackfillState): BackfillStatus {
  const { fromMs, toMs, doneToMs, step, gapToMs, over } = state;
  const hasBegun = step !== null || doneToMs < toMs;
  const part = toMs > fromMs ? (toMs - doneToMs) / (toMs - fromMs) : 1;
  const percent = over === "done" ? 100 : Math.floor(100 * part);
  const said = over ?? (hasBegun ? "running" : "waiting");
  return { state: said, percent, fromMs, doneToMs, hasGaps: gapToMs !== undefined };
}

/**
 * What has been read without a gap up to `caughtUpMs`; below one it is asked for by the next link.
 * While new and old do not meet yet, what was had before is the longer of the two and stays what is
 * said.
 */
export function haveOf(
  state: BackfillState,
  before: Stretch | null,
  caughtUpMs: Instant,
): Stretch | null {
  const { over, gapToMs } = state;
  const doneToMs = Math.max(state.doneToMs, gapToMs ?? 0);
  const meets = before !== null && doneToMs <= before.toMs;
  if (before !== null && !meets && over === null) return before;
  const fromMs = meets ? Math.min(doneToMs, before.fromMs) : doneToMs;
  return fromMs < caughtUpMs ? { fromMs, toMs: caughtUpMs } : null;
}
