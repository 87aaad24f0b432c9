/** What came of a week: figures a provider, and what is wrong with it. Pure: reads, and runs nothing. */

import type { Connected } from "./connected.ts";
import { type FloodFigures, floodedOf, isThroughFlood } from "./flooded.ts";
import { judge, noVerdict, type Verdict } from "./oracle.ts";
import { type Kind, kinds } from "./providers.ts";
import type { Week } from "./week.ts";
import type { Account } from "./world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Live data of a provider that sends notices is there by then, in 99 of 100 cases. */
export const freshP99MsMax = 5 * minuteMs;
/** Of fewer, one in a hundred is one. */
export const judgedMin = 200;
/** One that sends none is read every half hour at the latest; then its turn has to come. */
const polledP99MsMax = 40 * minuteMs;
/** What is left when a provider is back is read within that. */
export const catchUpMsMax = 2 * hourMs;

export interface Figures {
  readonly kind: Kind;
  readonly connections: number;
  readonly records: number;
  readonly recorded: number;
  readonly calls: number;
  /** The most of its limit that any stretch held, of any of its windows, in percent. */
  readonly peakPercent: number;
  /** The most that history took of any of its windows, of the whole of it. */
  readonly historyPercent: number;
  /** History's calls beyond what it leaves to live data. */
  readonly overReserve: number;
  readonly over: number;
  readonly overAligned: number;
  readonly throttled: number;
  readonly freshP50Ms: number;
  readonly freshP99Ms: number;
  readonly freshCount: number;
  readonly openings: number;
  /** When the last connection had its history, since it connected; null: one has not. */
  readonly backfillP50Ms: number | null;
  readonly backfillMaxMs: number | null;
  /** Asks of the gate to a hundred calls. */
  readonly asksIn100: number;
  /** Live asks that there was no budget for yet. */
  readonly liveSentAway: number;
}

export interface Outcome {
  readonly down: Kind;
  readonly figures: readonly Figures[];
  /** Said of the provider that was down, and recorded after it was back: how long that took. */
  readonly catchUpMaxMs: number;
  readonly refreshes: number;
  readonly answersLost: number;
  readonly relinked: number;
  readonly crashes: number;
  readonly events: number;
  /** Null: nobody forged anything. */
  readonly flood: FloodFigures | null;
  /** What is wrong: a sentence and how often. Empty: nothing. */
  readonly wrong: ReadonlyMap<string, number>;
  readonly named: readonly string[];
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export function outcomeOf(week: Week): Outcome {
  const wrong = new Map(week.violations);
  const named: string[] = [];
  const say = (what: string, times = 1) => {
    if (times > 0) wrong.set(what, (wrong.get(what) ?? 0) + times);
  };
  const figures = kinds.map((kind) => {
    const verdict = verdictOf(week, kind);
    for (const [what, times] of verdict.wrong) say(`${kind}: ${what}`, times);
    named.push(...verdict.named);
    return figuresOf(week, kind, verdict);
  });
  const isHarsh = week.options.harsh === true;
  for (const f of figures) {
    say(`${f.kind}: calls above the budget in some stretch`, f.over);
    say(`${f.kind}: history took of what is kept for live data`, f.overReserve);
    say(`${f.kind}: calls above the budget in an aligned window`, f.overAligned);
    const bound = f.kind === "like-fitbit" ? polledP99MsMax : freshP99MsMax;
    if (!isHarsh && f.freshCount >= judgedMin && f.freshP99Ms > bound)
      say(`${f.kind}: live data is not fresh`);
    if (f.backfillMaxMs === null) say(`${f.kind}: a history was not read to its end`);
  }
  const catchUpMaxMs = catchUpOf(week);
  if (!isHarsh && catchUpMaxMs > catchUpMsMax) say("what waited for the outage's end came late");
  for (const connected of week.connected.values())
    for (const [what, isWrong] of stateOf(connected)) if (isWrong) say(what);
  const flood = floodedOf(week);
  for (const what of flood?.wrong ?? []) say(what);
  const all = [...week.connected.values()];
  const crashes = [...all.map(({ object }) => object), ...week.gates.values()];
  return {
    down: week.outage.kind,
    figures,
    catchUpMaxMs,
    refreshes: week.wire.grants().reduce((n, grant) => n + grant.refreshes, 0),
    answersLost: week.wire.grants().reduce((n, grant) => n + grant.answersLost, 0),
    relinked: all.reduce((n, { unlinked }) => n + unlinked.length, 0),
    crashes: crashes.reduce((n, object) => n + (object?.crashes ?? 0), 0),
    events: week.clock.events,
    flood,
    wrong,
    named,
  };
}

const ofKind = (week: Week, kind: Kind): Connected[] =>
  [...week.connected.values()].filter(({ account }) => account.kind === kind);

function verdictOf(week: Week, kind: Kind): Verdict {
  const verdict = noVerdict();
  for (const { account, recorded } of ofKind(week, kind)) judge(verdict, account, recorded);
  return verdict;
}

/** How a connection stands at the end: nothing waits, and nothing is the matter. */
function stateOf({ account, status }: Connected): [string, boolean][] {
  if (status === null) return [[`${account.kind}: a connection never showed its status`, true]];
  return [
    [`${account.kind}: a connection ends as ${status.state}`, status.state !== "connected"],
    [`${account.kind}: something still waits to be read`, status.pending > 0],
  ];
}

function figuresOf(week: Week, kind: Kind, verdict: Verdict): Figures {
  const connections = ofKind(week, kind);
  const service = week.services.get(kind);
  const meters = service?.meters() ?? [];
  const history = service?.history ?? [];
  const app = service?.app ?? [];
  const gate = week.gateFigures.get(kind);
  const calls = service?.calls ?? 0;
  const fresh = week.freshness
    .filter((f) => f.account.kind === kind && isFair(week, f))
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const backfills = connections
    .map(({ account, backfilledMs }) =>
      backfilledMs === null ? null : backfilledMs - account.connectMs,
    )
    .sort((a, b) => (a ?? 0) - (b ?? 0));
  const isAll = backfills.every((ms) => ms !== null);
  return {
    kind,
    connections: connections.length,
    records: verdict.records,
    recorded: verdict.recorded,
    calls,
    peakPercent: Math.max(0, ...meters.map(({ peak, window }) => (100 * peak) / window.calls)),
    historyPercent: Math.max(
      0,
      ...history.map(({ peak }, i) => (100 * peak) / (app[i]?.window.calls ?? 1)),
    ),
    overReserve: history.reduce((n, { over }) => n + over, 0),
    over: meters.reduce((n, meter) => n + meter.over, 0),
    overAligned: meters.reduce((n, meter) => n + meter.overAligned, 0),
    throttled: week.wire.throttled.get(kind) ?? 0,
    freshP50Ms: percentile(fresh, 0.5),
    freshP99Ms: percentile(fresh, 0.99),
    freshCount: fresh.length,
    openings: gate?.openings ?? 0,
    backfillP50Ms: isAll ? percentile(backfills as number[], 0.5) : null,
    backfillMaxMs: isAll ? ((backfills.at(-1) as number | null | undefined) ?? 0) : null,
    liveSentAway: gate?.sentAway.live ?? 0,
    asksIn100: calls === 0 ? 0 : (100 * (gate?.asks ?? 0)) / calls,
  };
}

type Told = Week["freshness"][number];

/** Left out: what waited for a provider that was down, for a member to link it again, or in a flood. */
function isFair(week: Week, { account, sentMs, ms }: Told): boolean {
  if (isThroughFlood(week, account, sentMs)) return false;
  return !waitedForOutage(week, account, sentMs, ms) && !waitedForMember(week, account, sentMs, ms);
}

function waitedForOutage({ outage }: Week, { kind }: Account, sentMs: number, ms: number): boolean {
  if (kind !== outage.kind) return false;
  return sentMs < outage.toMs + catchUpMsMax && sentMs + ms >= outage.fromMs;
}

export function waitedForMember(week: Week, account: Account, sentMs: number, ms: number): boolean {
  const unlinked = week.connected.get(account)?.unlinked ?? [];
  return unlinked.some(({ fromMs, toMs }) => sentMs < toMs && sentMs + ms >= fromMs);
}

/** The longest that anything took after the outage was over. */
const catchUpOf = (week: Week): number =>
  week.freshness.reduce((most, { account, sentMs, ms }) => {
    if (!waitedForOutage(week, account, sentMs, ms)) return most;
    if (waitedForMember(week, account, sentMs, ms)) return most;
    return Math.max(most, sentMs + ms - Math.max(sentMs, week.outage.toMs));
  }, 0);
