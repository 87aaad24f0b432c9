/**
 * What has been spent of a budget's windows: calls by the slice of time they were made in, a few
 * dozen slices a window. A slice's end is later than every call in it, and a call is spent until
 * the window's length has passed since that end: so no stretch of that length, wherever it begins,
 * holds more calls than are allowed, and at worst a sixtieth of the time is given away.
 */
import type { LearnedWindow, RateWindow } from "./budget.ts";
import type { Instant } from "./time.ts";

export const slicesPerWindow = 60;
/** How long a call may be on its way to the provider, whose clock is the one that counts. */
export const arrivalMs = 2_000;
/** By how much two answers may differ about when one and the same window ends. */
const resetSlackMs = 5_000;

interface WindowSpending {
  /** By their ends, ascending. */
  readonly slices: readonly (readonly [endMs: Instant, calls: number])[];
  /** What the provider says is left until it counts anew; null: it said nothing that still holds. */
  readonly left: { readonly calls: number; readonly untilMs: Instant } | null;
  /** The limit that the provider last stated; heeded where it is lower than the one we know. */
  readonly limit: number | null;
}
/** By the windows' names; plain JSON. */
export type Spending = Readonly<Record<string, WindowSpending>>;

export const emptySpending: Spending = {};
const unspent: WindowSpending = { slices: [], left: null, limit: null };

const of = (spending: Spending, { name }: RateWindow): WindowSpending => spending[name] ?? unspent;

export const limitOf = (spending: Spending, window: RateWindow): number =>
  Math.min(window.calls, of(spending, window).limit ?? window.calls);

/** Calls within any stretch of the window's length that ends now. */
export function usedOf(spending: Spending, window: RateWindow, nowMs: Instant): number {
  let used = 0;
  for (const [endMs, calls] of of(spending, window).slices)
    if (endMs + window.windowMs > nowMs) used += calls;
  return used;
}

/**
 * How many calls may be made now; `keep` is the part of every window to be left over, 0 to 1.
 * Infinity where there are no windows.
 */
export function roomFor(
  spending: Spending,
  windows: readonly RateWindow[],
  nowMs: Instant,
  keep = 0,
): number {
  let room = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const limit = limitOf(spending, window);
    const left = leftOf(spending, window, nowMs);
    const here = Math.min(limit - usedOf(spending, window, nowMs), left) - keptOf(limit, keep);
    room = Math.min(room, here);
  }
  return Math.max(0, room);
}

/**
 * How long until `n` more calls fit, if nobody makes any before; 0: they fit now. More than a whole
 * window allows takes several windows.
 */
export function waitForRoom(
  spending: Spending,
  windows: readonly RateWindow[],
  n: number,
  nowMs: Instant,
  keep = 0,
): number {
  let waitMs = 0;
  for (const window of windows) waitMs = Math.max(waitMs, waitIn(spending, window, n, nowMs, keep));
  return waitMs;
}

/**
 * `n` calls that began by now and reach the provider at most `lateMs` later. Whether there is room
 * is the caller's to ask first: what has been spent is spent.
 */
export function spend(
  spending: Spending,
  windows: readonly RateWindow[],
  n: number,
  nowMs: Instant,
  lateMs = arrivalMs,
): Spending {
  const next: Record<string, WindowSpending> = { ...spending };
  for (const window of windows) {
    const { slices, left, limit } = of(spending, window);
    const kept = slices.filter(([endMs]) => endMs + window.windowMs > nowMs);
    next[window.name] = {
      slices: n > 0 ? added(kept, sliceEnd(window, nowMs + lateMs), n) : kept,
      left: left === null || left.untilMs <= nowMs ? null : { ...left, calls: left.calls - n },
      limit,
    };
  }
  return next;
}

/**
 * `n` calls that were spent at `spentMs`, of which it is known now that they reached the provider by
 * `nowMs` only: of a call that took longer than `arrivalMs`, nobody else knows when it arrived.
 */
export function arrived(
  spending: Spending,
  windows: readonly RateWindow[],
  n: number,
  spentMs: Instant,
  nowMs: Instant,
): Spending {
  const next: Record<string, WindowSpending> = { ...spending };
  for (const window of windows) {
    const before = of(spending, window);
    const fromMs = sliceEnd(window, spentMs + arrivalMs);
    const toMs = sliceEnd(window, nowMs);
    if (toMs <= fromMs) continue;
    const slices = before.slices
      .map(([endMs, calls]) => [endMs, endMs === fromMs ? calls - n : calls] as const)
      .filter(([, calls]) => calls > 0);
    next[window.name] = { ...before, slices: added(slices, toMs, n) };
  }
  return next;
}

/** What an answer's headers say; to be told after the call that they answer was spent. */
export function learn(
  spending: Spending,
  windows: readonly RateWindow[],
  learned: readonly LearnedWindow[],
  nowMs: Instant,
): Spending {
  const next: Record<string, WindowSpending> = { ...spending };
  for (const said of learned) {
    const window = windows.find(({ name }) => name === said.window);
    if (window === undefined) continue;
    const now = next[window.name] ?? unspent;
    const limit = said.limit !== undefined && said.limit >= 1 ? Math.floor(said.limit) : now.limit;
    next[window.name] = { ...now, limit, left: heeded(window, now.left, said, nowMs) };
  }
  return next;
}

/** Of one window that ends once, the least that was ever said holds: answers overtake each other. */
function heeded(
  { windowMs }: RateWindow,
  before: WindowSpending["left"],
  { remaining, resetsInMs }: LearnedWindow,
  nowMs: Instant,
): WindowSpending["left"] {
  if (remaining === undefined || !(remaining >= 0)) return before;
  const isStated = resetsInMs !== undefined && resetsInMs > 0;
  const untilMs = nowMs + (isStated ? Math.min(resetsInMs, windowMs) : windowMs);
  const calls = Math.floor(remaining);
  const isSame =
    isStated &&
    before !== null &&
    before.untilMs > nowMs &&
    untilMs <= before.untilMs + resetSlackMs;
  if (!isSame) return { calls, untilMs };
  return { calls: Math.min(calls, before.calls), untilMs: Math.max(untilMs, before.untilMs) };
}

/** What several have spent of the same budget, together. */
export function together(spendings: readonly Spending[]): Spending {
  const sum: Record<string, WindowSpending> = {};
  for (const spending of spendings)
    for (const [name, { slices, left, limit }] of Object.entries(spending)) {
      const before = sum[name] ?? unspent;
      sum[name] = {
        slices: slices.reduce((all, [endMs, n]) => added(all, endMs, n), before.slices),
        left: scarcer(before.left, left),
        limit: scarcer(before.limit, limit),
      };
    }
  return sum;
}

function scarcer<T extends WindowSpending["left"] | number>(a: T, b: T): T {
  if (a === null || b === null) return a ?? b;
  if (typeof a === "number" || typeof b === "number") return a < b ? a : b;
  const calls = Math.min(a.calls, b.calls);
  return { calls, untilMs: Math.max(a.untilMs, b.untilMs) } as T;
}

const sliceMsOf = ({ windowMs }: RateWindow): number => Math.ceil(windowMs / slicesPerWindow);

/** The first end that is later than the call. */
function sliceEnd(window: RateWindow, atMs: Instant): Instant {
  const sliceMs = sliceMsOf(window);
  return (Math.floor(atMs / sliceMs) + 1) * sliceMs;
}

function added(slices: WindowSpending["slices"], endMs: Instant, n: number) {
  const before = slices.filter(([end]) => end < endMs);
  const after = slices.filter(([end]) => end > endMs);
  const here = slices.find(([end]) => end === endMs)?.[1] ?? 0;
  return [...before, [endMs, here + n] as const, ...after];
}

function leftOf(spending: Spending, window: RateWindow, nowMs: Instant): number {
  const { left } = of(spending, window);
  return left === null || left.untilMs <= nowMs ? Number.POSITIVE_INFINITY : left.calls;
}

const keptOf = (limit: number, keep: number): number => Math.ceil(limit * keep);

function waitIn(
  spending: Spending,
  window: RateWindow,
  n: number,
  nowMs: Instant,
  keep: number,
): number {
  const limit = limitOf(spending, window);
  const may = Math.max(1, limit - keptOf(limit, keep));
  const rounds = Math.max(0, Math.ceil(n / may) - 1);
  let lacking = n - rounds * may + usedOf(spending, window, nowMs) - may;
  let freeMs = nowMs;
  for (const [endMs, calls] of of(spending, window).slices) {
    if (lacking <= 0) break;
    if (endMs + window.windowMs <= nowMs) continue;
    freeMs = endMs + window.windowMs;
    lacking -= calls;
  }
  const { left } = of(spending, window);
  if (left !== null && left.untilMs > nowMs && left.calls - keptOf(limit, keep) < n)
    freeMs = Math.max(freeMs, left.untilMs);
  return freeMs - nowMs + rounds * (window.windowMs + sliceMsOf(window));
}
