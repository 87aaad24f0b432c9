/**
 * When whoever was refused by a gate comes back. Each is told the moment at which its calls fit if
 * everybody before it comes too, and a little chance on top, so that a thousand who were refused at
 * once come back spread over the time their turn takes. What is remembered of them is a hint: it
 * never decides what is granted to live asks, and may be lost.
 */
import type { RateWindow } from "./budget.ts";
import type { LeaseAsk } from "./connection-ports.ts";
import { limitOf, type Spending, waitForRoom } from "./spending.ts";
import type { Instant } from "./time.ts";

/** Nobody is sent away for longer: what was foretold so far ahead may have changed by then. */
export const waitMsMax = { live: 4 * 3_600_000, backfill: 12 * 3_600_000 } as const;
export const spreadMsMin = 1_000;
export const spreadMsMax = 60_000;
/** History is in no hurry: it comes back that much later, and spread that much wider. */
export const backfillLaterMs = 60_000;
/** About when a lease that is out now will have been reported, and what it did not spend be back. */
export const leaseReturnsMs = 20_000;
/** Moments that are remembered apart; those beyond are counted to the last. */
export const momentsMax = 240;
/** Of a window's length: how much of its history may be read in one go. */
const burstShare = 0.1;

export interface Turns {
  /** Calls that live asks were sent away with, by when they come back. */
  readonly live: readonly (readonly [turnMs: Instant, calls: number])[];
  /** Until then a live ask that was refused may not have come back yet. */
  readonly liveToMs: Instant;
  /** The turn after that of the backfill ask that was refused last. */
  readonly backfillMs: Instant;
  /** By window: up to when the calls granted to backfill last at an even pace. */
  readonly pace: Readonly<Record<string, Instant>>;
  /** Calls that a lease really makes, on average. */
  readonly meanCalls: { readonly live: number; readonly backfill: number };
}

export const noTurns: Turns = {
  live: [],
  liveToMs: 0,
  backfillMs: 0,
  pace: {},
  meanCalls: { live: 1, backfill: 1 },
};

/** What the gate looks like to somebody who is refused. */
export interface Crowd {
  readonly windows: readonly RateWindow[];
  readonly reserve: number;
  /** With what is out on leases counted as spent now. */
  readonly spending: Spending;
  readonly outstanding: number;
}

/** The wait of an ask for which there was no room. */
export function queued(
  turns: Turns,
  { kind, want, least = 1 }: LeaseAsk,
  crowd: Crowd,
  nowMs: Instant,
  chance: number,
): readonly [Turns, waitMs: number] {
  const live = turns.live.filter(([turnMs]) => turnMs > nowMs);
  const ahead = live.reduce((sum, [, calls]) => sum + calls, 0);
  const n = Math.max(least, Math.min(want, Math.ceil(turns.meanCalls[kind])));
  const kept = { ...turns, live };
  return kind === "live"
    ? queuedLive(kept, ahead, n, crowd, nowMs, chance)
    : queuedBackfill(kept, ahead, n, least, crowd, nowMs, chance);
}

function queuedLive(
  turns: Turns,
  ahead: number,
  n: number,
  { windows, spending, outstanding }: Crowd,
  nowMs: Instant,
  chance: number,
): readonly [Turns, number] {
  const spreadMs = spreadOf(windows);
  const freeMs = waitForRoom(spending, windows, ahead + n, nowMs);
  const isSoon = ahead + n <= outstanding;
  const turnMs = isSoon ? Math.min(freeMs, leaseReturnsMs) : freeMs;
  const waitMs = Math.round(turnMs + spreadMsMin + chance * spreadMs);
  if (waitMs > waitMsMax.live) return [turns, Math.round(capped("live", chance))];
  const backMs = Math.ceil((nowMs + turnMs) / spreadMsMin) * spreadMsMin;
  return [
    {
      ...turns,
      live: promised(turns.live, backMs, n),
      liveToMs: Math.max(turns.liveToMs, nowMs + turnMs + 2 * spreadMsMin + spreadMs),
    },
    waitMs,
  ];
}

function queuedBackfill(
  turns: Turns,
  ahead: number,
  n: number,
  least: number,
  { windows, reserve, spending }: Crowd,
  nowMs: Instant,
  chance: number,
): readonly [Turns, number] {
  const roomMs = nowMs + waitForRoom(spending, windows, ahead + n, nowMs, reserve);
  const evenMs = nowMs + paceWait(turns, windows, reserve, spending, nowMs, least);
  const turnMs = Math.max(roomMs, evenMs, turns.liveToMs, turns.backfillMs);
  const nextMs = turnMs + n * Math.max(0, ...windows.map((w) => stepMs(w, reserve, spending)));
  const waitMs = turnMs - nowMs + backfillLaterMs + chance * (backfillLaterMs + spreadOf(windows));
  return [
    { ...turns, backfillMs: Math.min(nextMs, nowMs + waitMsMax.backfill) },
    Math.round(Math.min(waitMs, capped("backfill", chance))),
  ];
}

/** Behind a time that everybody waits for: a pause, or a breaker that is open. */
export function behind(
  kind: LeaseAsk["kind"],
  untilMs: Instant,
  spreadMs: number,
  nowMs: Instant,
  chance: number,
): number {
  const later = kind === "live" ? chance * spreadMs : (1 + 3 * chance) * spreadMs;
  return Math.round(Math.max(0, untilMs - nowMs) + spreadMsMin + later);
}

/**
 * How many calls of history may be granted now so that it goes on at an even pace. Once all that was
 * granted before is paid for, `least` are, however long it takes to pay for them.
 */
export function paceRoom(
  { pace }: Turns,
  windows: readonly RateWindow[],
  reserve: number,
  spending: Spending,
  nowMs: Instant,
  least = 1,
): number {
  let room = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const paidMs = Math.max(pace[window.name] ?? 0, nowMs);
    const burstMs = window.windowMs * burstShare;
    const calls = Math.floor((nowMs + burstMs - paidMs) / stepMs(window, reserve, spending));
    room = Math.min(room, paidMs === nowMs ? Math.max(least, calls) : calls);
  }
  return Math.max(0, room);
}

/** `n` calls of history more, or, below 0, fewer than were granted. */
export function paced(
  turns: Turns,
  windows: readonly RateWindow[],
  reserve: number,
  spending: Spending,
  n: number,
  nowMs: Instant,
): Turns {
  const pace: Record<string, Instant> = {};
  for (const window of windows) {
    const fromMs = n > 0 ? Math.max(turns.pace[window.name] ?? 0, nowMs) : turns.pace[window.name];
    pace[window.name] = (fromMs ?? nowMs) + n * stepMs(window, reserve, spending);
  }
  return { ...turns, pace };
}

/** What a lease came to; the last few dozen of them make the average. */
export function spentOn(turns: Turns, kind: LeaseAsk["kind"], calls: number): Turns {
  const mean = turns.meanCalls[kind];
  return { ...turns, meanCalls: { ...turns.meanCalls, [kind]: mean + (calls - mean) / 16 } };
}

/** From one call to the next, if history takes all that live data leaves it. */
function stepMs(window: RateWindow, reserve: number, spending: Spending): number {
  return window.windowMs / Math.max(1, (1 - reserve) * limitOf(spending, window));
}

function paceWait(
  { pace }: Turns,
  windows: readonly RateWindow[],
  reserve: number,
  spending: Spending,
  nowMs: Instant,
  least: number,
): number {
  let waitMs = 0;
  for (const window of windows) {
    const aheadMs = (pace[window.name] ?? 0) - nowMs;
    const burstMs = window.windowMs * burstShare - least * stepMs(window, reserve, spending);
    waitMs = Math.max(waitMs, aheadMs - Math.max(0, burstMs));
  }
  return waitMs;
}

const spreadOf = (windows: readonly RateWindow[]): number =>
  Math.max(spreadMsMin, Math.min(spreadMsMax, ...windows.map((w) => w.windowMs / 10)));

const capped = (kind: LeaseAsk["kind"], chance: number): number =>
  (waitMsMax[kind] * (1 + chance)) / 2;

function promised(live: Turns["live"], turnMs: Instant, calls: number): Turns["live"] {
  const last = live.at(-1);
  const isFull = live.length >= momentsMax && !live.some(([at]) => at === turnMs);
  const at = isFull && last !== undefined ? last[0] : turnMs;
  const here = live.find(([moment]) => moment === at)?.[1] ?? 0;
  const others = live.filter(([moment]) => moment !== at);
  return [...others, [at, here + calls] as const].sort(([a], [b]) => a - b);
}
