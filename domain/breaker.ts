/**
 * A provider's circuit breaker. Ten failures in a row, or failures in half of the calls of five
 * minutes, open it: nobody calls for five minutes, then one probe does. Any answer that is no
 * failure closes it again; what calls that began before it opened come to changes nothing. A call
 * that was denied says nothing either way: where a grant has ended, none may have been made.
 */
import { failures } from "./budget.ts";
import type { CallClass, CallsLately } from "./connection-ports.ts";
import type { Instant } from "./time.ts";

export const failuresInRowMax = 10;
/** Half of the calls, where there were as many as this. */
export const callsToJudgeMin = 20;
export const failureShareMax = 0.5;
export const judgedMs = 300_000;
export const openMs = 300_000;
const sliceMs = 10_000;

export interface Breaker {
  readonly inRow: number;
  /** The calls of the last five minutes, by the slice of time they ended in. */
  readonly recent: readonly (readonly [sliceEndMs: Instant, calls: number, failed: number])[];
  /** Null: it is closed. `sinceMs` stays through probes that fail. */
  readonly open: { readonly sinceMs: Instant; readonly untilMs: Instant } | null;
  /** The lease that probes. */
  readonly probe: string | null;
}

export const closedBreaker: Breaker = { inRow: 0, recent: [], open: null, probe: null };

export function breakerState({ open }: Breaker, nowMs: Instant): "closed" | "open" | "half-open" {
  if (open === null) return "closed";
  return nowMs < open.untilMs ? "open" : "half-open";
}

/** Whether a lease may be had now: any, one of a single call, or none. */
export function admits(breaker: Breaker, nowMs: Instant): "all" | "probe" | "none" {
  const state = breakerState(breaker, nowMs);
  if (state === "closed") return "all";
  return state === "half-open" && breaker.probe === null ? "probe" : "none";
}

export const probing = (breaker: Breaker, lease: string): Breaker => ({ ...breaker, probe: lease });

/** The calls of one lease, in their order. A probe that made none leaves the probing to another. */
export function observed(
  breaker: Breaker,
  lease: string,
  calls: readonly CallClass[],
  nowMs: Instant,
): Breaker {
  const told = calls.filter((call) => call !== "denied");
  if (breaker.open !== null) return probed(breaker, breaker.open.sinceMs, lease, told, nowMs);
  let next = breaker;
  for (const call of told) {
    next = counted(next, failures.has(call), nowMs);
    if (trips(next)) return opened(nowMs, nowMs);
  }
  return next;
}

/** The calls that it judges by, of now: none while it is open. */
export function lately({ recent }: Breaker, nowMs: Instant): CallsLately {
  let [calls, failed] = [0, 0];
  for (const [endMs, n, bad] of recent) {
    if (endMs <= nowMs - judgedMs) continue;
    calls += n;
    failed += bad;
  }
  return { calls, failed };
}

/** A lease that was never reported: if it was the probe, another may probe. */
export const gaveUp = (breaker: Breaker, lease: string): Breaker =>
  breaker.probe === lease ? { ...breaker, probe: null } : breaker;

function probed(
  breaker: Breaker,
  sinceMs: Instant,
  lease: string,
  calls: readonly CallClass[],
  nowMs: Instant,
): Breaker {
  const last = calls.at(-1);
  if (breaker.probe !== lease) return breaker;
  if (last === undefined) return gaveUp(breaker, lease);
  return failures.has(last) ? opened(sinceMs, nowMs) : closedBreaker;
}

const opened = (sinceMs: Instant, nowMs: Instant): Breaker => ({
  ...closedBreaker,
  open: { sinceMs, untilMs: nowMs + openMs },
});

function counted(breaker: Breaker, isFailure: boolean, nowMs: Instant): Breaker {
  const endMs = (Math.floor(nowMs / sliceMs) + 1) * sliceMs;
  const earlier = breaker.recent.filter(([end]) => end > nowMs - judgedMs && end < endMs);
  const [, calls, failed] = breaker.recent.find(([end]) => end === endMs) ?? [endMs, 0, 0];
  return {
    ...breaker,
    inRow: isFailure ? breaker.inRow + 1 : 0,
    recent: [...earlier, [endMs, calls + 1, failed + (isFailure ? 1 : 0)]],
  };
}

function trips({ inRow, recent }: Breaker): boolean {
  let calls = 0;
  let failed = 0;
  for (const [, n, bad] of recent) {
    calls += n;
    failed += bad;
  }
  if (inRow >= failuresInRowMax) return true;
  return calls >= callsToJudgeMin && failed / calls >= failureShareMax;
}
