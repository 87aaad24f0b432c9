/**
 * One provider's gate as a pure state machine: who may call, how often, and who waits how long.
 * A lease is so many calls until a time. It occupies them in every window from its grant until the
 * window's length after its report, or, if it is never reported, after the last moment at which a
 * call of it can have been under way. Nothing is granted beyond a limit less what is occupied; so
 * any stretch of a window's length, wherever it begins, holds at most the window's calls, in
 * whatever order leases, reports and losses of either come.
 */
import {
  admits,
  type Breaker,
  breakerState,
  closedBreaker,
  gaveUp,
  lately,
  observed,
  probing,
} from "./breaker.ts";
import { type Budget, failures } from "./budget.ts";
import {
  type CallClass,
  type CallReport,
  callClasses,
  type DoorCounts,
  type GateStatus,
  type KeyUse,
  type LeaseAnswer,
  type LeaseAsk,
  type LeaseReport,
  type ObservedCounts,
  observedOutcomes,
  type RecordedCounts,
  type SubscriptionStatus,
} from "./connection-ports.ts";
import { emptyHistogram, type Histogram, observe, percentiles } from "./histogram.ts";
import { noneRecorded, recordedOf } from "./recorded.ts";
import {
  emptySpending,
  learn,
  limitOf,
  roomFor,
  type Spending,
  spend,
  usedOf,
} from "./spending.ts";
import type { Instant } from "./time.ts";
import { behind, noTurns, paced, paceRoom, queued, spentOn, type Turns } from "./turns.ts";

/** No call of a lease may begin later than that. */
export const leaseMs = 120_000;
/** And none is under way for longer, its tokens' renewal included. */
export const callMsMax = 120_000;
export const leaseCallsMax = { live: 10, backfill: 20 } as const;
/** Nobody is believed to need more at once, nor more than half of what any window gives. */
export const leaseLeastMax = 8;
/** Of the smallest window, so that a few leases do not hold all of it. */
export const leaseShareMax = 0.1;
/** What belongs together may need as many as that, however small the window. */
export const leaseCallsMin = 2;
export const leasesMax = 2_000;
/** Of the keys that proved deliveries, those that did so last are known. */
export const keysMax = 8;
/** However long the provider says. */
export const pauseMsMax = 6 * 3_600_000;
/** When it does not say: at first, and after a few times in a row. */
export const pauseMsFirst = 30_000;
export const pauseMsLast = 900_000;
/** About how long a probe takes. */
const probeMs = 30_000;
/** The longer an outage, the wider those who wait for its end are spread. */
const outageSpreadMs = [60_000, 900_000] as const;

interface Lease {
  readonly id: string;
  readonly kind: LeaseAsk["kind"];
  readonly calls: number;
  readonly untilMs: Instant;
}

/** Plain JSON, and bounded: by slices, leases, moments, keys and buckets. */
export interface GateState {
  readonly sinceMs: Instant;
  /** Leases granted so far; a part of their ids. */
  readonly granted: number;
  readonly spending: Spending;
  /** In the order they were granted. */
  readonly leases: readonly Lease[];
  readonly breaker: Breaker;
  readonly pause: { readonly untilMs: Instant; readonly inRow: number };
  readonly turns: Turns;
  readonly calls: Readonly<Record<CallClass, number>>;
  readonly door: Omit<DoorCounts, "recorded">;
  readonly recorded: RecordedCounts;
  /** The one that proved a delivery last comes first. */
  readonly keys: readonly KeyUse[];
  readonly latency: Histogram;
  readonly freshness: Histogram;
}

export const emptyGate = (nowMs: Instant): GateState => ({
  sinceMs: nowMs,
  granted: 0,
  spending: emptySpending,
  leases: [],
  breaker: closedBreaker,
  pause: { untilMs: 0, inRow: 0 },
  turns: noTurns,
  calls: Object.fromEntries(callClasses.map((name) => [name, 0])) as Record<CallClass, number>,
  door: { deliveries: 0, notices: 0, items: 0, refused: 0 },
  recorded: noneRecorded,
  keys: [],
  latency: emptyHistogram,
  freshness: emptyHistogram,
});

type Answered = readonly [GateState, LeaseAnswer];

/** `chance` is 0 to 1, 1 excluded, and another each time. */
export function lease(
  before: GateState,
  ask: LeaseAsk,
  budget: Budget,
  nowMs: Instant,
  chance: number,
): Answered {
  const state = settled(before, budget, nowMs);
  if (nowMs < state.pause.untilMs) return paused(state, ask, nowMs, chance);
  const admitted = admits(state.breaker, nowMs);
  if (admitted === "none") return broken(state, ask, nowMs, chance);
  const least = admitted === "probe" ? 1 : leastOf(state, ask, budget);
  const room = state.leases.length < leasesMax ? roomOf(state, ask.kind, least, budget, nowMs) : 0;
  const want = Math.max(least, Math.floor(ask.want) || 1);
  const most = admitted === "probe" ? 1 : Math.max(least, mostOf(ask.kind, budget));
  const granted = Math.min(want, most, room);
  if (granted >= least) return grant(state, ask, budget, granted, nowMs, chance);
  const outstanding = outstandingOf(state);
  const crowd = {
    windows: budget.app,
    reserve: budget.reserve,
    spending: spend(state.spending, budget.app, outstanding, nowMs, 0),
    outstanding,
  };
  const [turns, waitMs] = queued(state.turns, { ...ask, want, least }, crowd, nowMs, chance);
  return [
    { ...state, turns },
    { waitMs, why: "budget" },
  ];
}

function grant(
  state: GateState,
  { kind }: LeaseAsk,
  budget: Budget,
  calls: number,
  nowMs: Instant,
  chance: number,
): Answered {
  const granted = state.granted + 1;
  const id = `${granted.toString(36)}-${Math.floor(chance * 36 ** 6).toString(36)}`;
  const untilMs = nowMs + leaseMs;
  const isProbe = breakerState(state.breaker, nowMs) === "half-open";
  const { turns, spending } = state;
  return [
    {
      ...state,
      granted,
      leases: [...state.leases, { id, kind, calls, untilMs }],
      breaker: isProbe ? probing(state.breaker, id) : state.breaker,
      turns:
        kind === "live" ? turns : paced(turns, budget.app, budget.reserve, spending, calls, nowMs),
    },
    { lease: id, granted: calls, untilMs },
  ];
}

function paused(state: GateState, { kind }: LeaseAsk, nowMs: Instant, chance: number): Answered {
  const waitMs = behind(kind, state.pause.untilMs, outageSpreadMs[0], nowMs, chance);
  return [state, { waitMs, why: "paused" }];
}

function broken(state: GateState, { kind }: LeaseAsk, nowMs: Instant, chance: number): Answered {
  const { sinceMs, untilMs } = state.breaker.open ?? { sinceMs: nowMs, untilMs: nowMs };
  const [least, most] = outageSpreadMs;
  const spreadMs = Math.min(most, Math.max(least, (nowMs - sinceMs) / 4));
  const probedMs = Math.max(untilMs, nowMs + (untilMs <= nowMs ? probeMs : 0));
  return [state, { waitMs: behind(kind, probedMs, spreadMs, nowMs, chance), why: "breaker" }];
}

/** The same state where the lease is not known: it was reported already, or far too late. */
export function report(
  before: GateState,
  { lease: id, calls, freshnessMs, recorded }: LeaseReport,
  budget: Budget,
  nowMs: Instant,
): GateState {
  const state = settled(before, budget, nowMs);
  const reported = state.leases.find((lease) => lease.id === id);
  if (reported === undefined) return before;
  const { app, reserve } = budget;
  const { kind } = reported;
  const turns = spentOn(state.turns, kind, calls.length);
  const unspent = Math.max(0, reported.calls - calls.length);
  const byClass = { ...state.calls };
  for (const call of calls) byClass[call.class]++;
  return {
    ...state,
    spending: spentBy(state.spending, calls, budget, nowMs),
    leases: state.leases.filter((lease) => lease !== reported),
    breaker: observed(
      state.breaker,
      id,
      calls.filter(isTelling).map((call) => call.class),
      nowMs,
    ),
    pause: calls.reduce((pause, call) => pausedBy(pause, call, budget, nowMs), state.pause),
    turns: kind === "live" ? turns : paced(turns, app, reserve, state.spending, -unspent, nowMs),
    calls: byClass,
    recorded: recordedOf(state.recorded, recorded),
    latency: observe(
      state.latency,
      calls.map((call) => call.ms),
      nowMs,
    ),
    freshness: observe(state.freshness, freshnessMs, nowMs),
  };
}

/** Whoever can have us ask for what cannot be answered must not be able to open the breaker. */
const isTelling = ({ hint, class: came }: CallReport): boolean =>
  hint !== true || !failures.has(came);

/** Nothing, until something was observed. */
export function observedOf(
  before: ObservedCounts | undefined,
  more: ObservedCounts | undefined,
): Pick<DoorCounts, "observed"> {
  if (before === undefined || more === undefined) {
    const observed = before ?? more;
    return observed === undefined ? {} : { observed };
  }
  const sums = observedOutcomes.map((name) => [name, (before[name] ?? 0) + (more[name] ?? 0)]);
  return { observed: Object.fromEntries(sums.filter(([, n]) => n !== 0)) };
}

/** `by`: the key that proved what was delivered, and when. */
export const count = (
  state: GateState,
  counts: DoorCounts,
  by?: { readonly kid: string; readonly atMs: Instant },
): GateState => ({
  ...state,
  door: {
    deliveries: state.door.deliveries + counts.deliveries,
    notices: state.door.notices + counts.notices,
    items: state.door.items + counts.items,
    refused: state.door.refused + counts.refused,
    ...observedOf(state.door.observed, counts.observed),
  },
  recorded: recordedOf(state.recorded, counts.recorded),
  keys: by === undefined ? state.keys : used(state.keys, by.kid, counts.deliveries, by.atMs),
});

function used(
  keys: readonly KeyUse[],
  kid: string,
  deliveries: number,
  atMs: Instant,
): readonly KeyUse[] {
  const before = keys.find((key) => key.kid === kid);
  const now = {
    kid,
    deliveries: (before?.deliveries ?? 0) + deliveries,
    lastMs: Math.max(before?.lastMs ?? 0, atMs),
  };
  return [now, ...keys.filter((key) => key !== before)].slice(0, keysMax);
}

export function statusOf(
  before: GateState,
  provider: string,
  budget: Budget,
  subscription: SubscriptionStatus | null,
  nowMs: Instant,
): GateStatus {
  const state = settled(before, budget, nowMs);
  const outstanding = outstandingOf(state);
  return {
    provider,
    sinceMs: state.sinceMs,
    breaker: breakerState(state.breaker, nowMs),
    openSinceMs: state.breaker.open?.sinceMs ?? null,
    pausedUntilMs: state.pause.untilMs > nowMs ? state.pause.untilMs : null,
    budgets: budget.app.map((window) => ({
      window: window.name,
      windowMs: window.windowMs,
      limit: limitOf(state.spending, window),
      used: usedOf(state.spending, window, nowMs) + outstanding,
    })),
    calls: state.calls,
    lately: lately(state.breaker, nowMs),
    door: state.door,
    recorded: state.recorded,
    keys: state.keys,
    latencyMs: percentiles(state.latency, nowMs),
    freshnessMs: percentiles(state.freshness, nowMs),
    subscription,
  };
}

/** Leases that nobody reports any more: all of their calls count as spent. */
function settled(state: GateState, { app }: Budget, nowMs: Instant): GateState {
  const over = state.leases.filter((lease) => lease.untilMs + callMsMax <= nowMs);
  if (over.length === 0) return state;
  let { spending, breaker } = state;
  for (const { id, calls, untilMs } of over) {
    spending = spend(spending, app, calls, untilMs + callMsMax, 0);
    breaker = gaveUp(breaker, id);
  }
  return { ...state, spending, breaker, leases: state.leases.filter((l) => !over.includes(l)) };
}

const outstandingOf = (state: GateState): number =>
  state.leases.reduce((sum, { calls }) => sum + calls, 0);

function roomOf(
  state: GateState,
  kind: LeaseAsk["kind"],
  least: number,
  budget: Budget,
  nowMs: Instant,
): number {
  const { spending, turns } = state;
  const { app, reserve } = budget;
  const outstanding = outstandingOf(state);
  if (kind === "live") return roomFor(spending, app, nowMs) - outstanding;
  if (nowMs < turns.liveToMs) return 0;
  const left = roomFor(spending, app, nowMs, reserve) - outstanding;
  return Math.min(left, paceRoom(turns, app, reserve, spending, nowMs, least));
}

function leastOf({ spending }: GateState, { least = 1 }: LeaseAsk, budget: Budget): number {
  const { app, reserve } = budget;
  const halves = app.map((window) => (limitOf(spending, window) * (1 - reserve)) / 2);
  return Math.max(1, Math.floor(Math.min(least, leaseLeastMax, ...halves)) || 1);
}

function mostOf(kind: LeaseAsk["kind"], { app }: Budget): number {
  const smallest = Math.min(...app.map(({ calls }) => calls));
  return Math.max(
    leaseCallsMin,
    Math.min(leaseCallsMax[kind], Math.floor(smallest * leaseShareMax)),
  );
}

/** Call by call, because what an answer says is left counts its own call. */
function spentBy(
  before: Spending,
  calls: readonly CallReport[],
  { app, learn: said }: Budget,
  nowMs: Instant,
): Spending {
  let spending = before;
  for (const { headers } of calls) {
    spending = spend(spending, app, 1, nowMs, 0);
    if (said !== undefined) spending = learn(spending, app, said(headers, nowMs).app, nowMs);
  }
  return spending;
}

/** Calls that were under way when the pause began make it longer at most, not another one. */
function pausedBy(
  pause: GateState["pause"],
  call: CallReport,
  { throttles }: Budget,
  nowMs: Instant,
): GateState["pause"] {
  const isOver = nowMs >= pause.untilMs;
  if (call.class === "ok" && isOver) return { ...pause, inRow: 0 };
  if (call.class !== "throttled" || throttles !== "app") return pause;
  const inRow = isOver ? pause.inRow + 1 : pause.inRow;
  const ownMs = Math.min(pauseMsLast, pauseMsFirst * 2 ** (inRow - 1));
  const forMs = Math.min(pauseMsMax, Math.max(1_000, call.retryAfterMs ?? ownMs));
  return { untilMs: Math.max(pause.untilMs, nowMs + forMs), inRow };
}
