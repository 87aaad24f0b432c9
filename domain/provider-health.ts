/**
 * One colour for how a provider is doing, and the sentences that say why: red while something stands
 * still, yellow while something is late or near a bound, green otherwise. Of what lies behind us (calls
 * since ever) nothing follows. What only a member can mend is no matter of the provider's.
 */
import { thresholds } from "./alerts.ts";
import { judgedMs } from "./breaker.ts";
import type { BudgetStatus, GateStatus, SubscriptionStatus } from "./connection-ports.ts";
import { formatMoment, type Instant, msPerDay } from "./time.ts";

type Looked = "breaker" | "openSinceMs" | "pausedUntilMs" | "budgets" | "lately";
type Gate = Pick<GateStatus, Looked | "freshnessMs" | "subscription">;
export interface HealthFigures {
  /** Null: it did not answer. */
  readonly gate: Gate | null;
  readonly connections: {
    readonly behindOver2h: number;
    readonly oldestBehindMs: Instant | null;
  };
}

export const healthColours = ["green", "yellow", "red"] as const;
export type HealthColour = (typeof healthColours)[number];
export interface ProviderHealth {
  readonly colour: HealthColour;
  /** The gravest first; none is green. */
  readonly because: readonly string[];
}

export const healthThresholds = {
  /** A window of the budget: so much of it, or more. */
  quotaPercent: thresholds.quotaPercent,
  /** From a notice to its data, of nine in ten, in the last day: longer than that. */
  freshnessP90Ms: 15 * 60_000,
  /** Of the calls that the breaker judges by: so many of a hundred, or more, where there were `callsMin`. */
  failedPercent: 10,
  callsMin: 10,
} as const;

interface Matter {
  readonly colour: Exclude<HealthColour, "green">;
  readonly text: string;
}
const red = (text: string): Matter => ({ colour: "red", text });
const yellow = (text: string): Matter => ({ colour: "yellow", text });

export function providerHealth(status: HealthFigures, nowMs: Instant): ProviderHealth {
  const { gate, connections } = status;
  const matters = [
    ...(gate === null ? [red("Its gate did not answer: nothing is known.")] : ofGate(gate, nowMs)),
    ...ofConnections(connections, nowMs),
  ];
  const reds = matters.filter(({ colour }) => colour === "red");
  const yellows = matters.filter(({ colour }) => colour === "yellow");
  return {
    colour: reds.length > 0 ? "red" : yellows.length > 0 ? "yellow" : "green",
    because: [...reds, ...yellows].map(({ text }) => text),
  };
}

function ofGate(gate: Gate, nowMs: Instant): Matter[] {
  return [
    ...ofBreaker(gate, nowMs),
    ...ofCalls(gate),
    ...gate.budgets.flatMap(ofBudget),
    ...ofFreshness(gate),
    ...ofSubscription(gate.subscription),
  ];
}

function ofBreaker({ breaker, openSinceMs, pausedUntilMs }: Gate, nowMs: Instant): Matter[] {
  const since = openSinceMs === null ? "" : ` since ${clock(openSinceMs, nowMs)}`;
  const matters: Matter[] = [];
  if (breaker === "open") matters.push(red(`The breaker is open${since}: nothing is asked.`));
  if (breaker === "half-open")
    matters.push(yellow(`The breaker was open${since}: one call is let through, to try.`));
  if (pausedUntilMs !== null && pausedUntilMs > nowMs)
    matters.push(yellow(`The provider asks for a pause until ${clock(pausedUntilMs, nowMs)}.`));
  return matters;
}

function ofCalls({ lately: { calls, failed } }: Gate): Matter[] {
  const { failedPercent, callsMin } = healthThresholds;
  if (calls < callsMin || failed * 100 < calls * failedPercent) return [];
  const minutes = judgedMs / 60_000;
  return [yellow(`Of the last ${minutes} minutes' ${calls} calls ${failed} failed.`)];
}

function ofBudget({ window, limit, used }: BudgetStatus): Matter[] {
  const percent = limit > 0 ? Math.floor((100 * used) / limit) : 100;
  if (percent < healthThresholds.quotaPercent) return [];
  const spent = `${count(used)} of ${count(limit)} calls (window: ${window})`;
  return percent >= 100
    ? [yellow(`The quota is spent, ${spent}: who asks now has to wait.`)]
    : [yellow(`${percent} % of the quota is spent, ${spent}.`)];
}

function ofFreshness({ freshnessMs: { count: of, p90 } }: Gate): Matter[] {
  if (of === 0 || p90 <= healthThresholds.freshnessP90Ms) return [];
  return [yellow(`One in ten of the last day's notices waited ${lasting(p90)} or longer.`)];
}

/** Not looked at yet is not missing; and what nobody set up is nobody's fault. */
function ofSubscription(found: SubscriptionStatus | null): Matter[] {
  if (found?.state === "failing")
    return [yellow("Its subscription could not be looked at, or not be mended.")];
  if (found?.state === "missing" && found.checkedMs !== null)
    return [red("It has no working subscription: it sends no notices.")];
  return [];
}

function ofConnections(
  { behindOver2h, oldestBehindMs }: HealthFigures["connections"],
  nowMs: Instant,
): Matter[] {
  if (behindOver2h === 0) return [];
  const since = oldestBehindMs === null ? "" : `, the oldest since ${clock(oldestBehindMs, nowMs)}`;
  const are = behindOver2h === 1 ? "connection is" : "connections are";
  return [yellow(`${count(behindOver2h)} ${are} behind for more than 2 hours${since}.`)];
}

const count = (n: number): string => n.toLocaleString("en");

const timeAt = "YYYY-MM-DDT".length;
const timeChars = "HH:MM".length;

/** Of today the time alone; UTC. */
function clock(atMs: Instant, nowMs: Instant): string {
  const [now, text] = [formatMoment(nowMs), formatMoment(atMs)];
  const time = `${text.slice(timeAt, timeAt + timeChars)} UTC`;
  const day = text.slice(0, timeAt - 1);
  return now.startsWith(day) ? time : `${day}, ${time}`;
}

function lasting(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return ms < 2 * msPerDay ? `${hours} hours` : `${Math.floor(ms / msPerDay)} days`;
}
