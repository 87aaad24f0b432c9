/** What a provider allows: so many calls in any stretch of a length. */
import { settingOf } from "./by-provider.ts";
import type { CallClass } from "./connection-ports.ts";

export interface RateWindow {
  /** As shown to operators: "15 minutes". Names a window of this provider for good. */
  readonly name: string;
  readonly calls: number;
  readonly windowMs: number;
}

/** What an answer's headers say of a window; absent: they do not say. */
export interface LearnedWindow {
  readonly window: string;
  readonly limit?: number;
  readonly remaining?: number;
  /** From now until the provider counts anew. */
  readonly resetsInMs?: number;
}

export interface Budget {
  /** Shared by all members. */
  readonly app: readonly RateWindow[];
  /** Of one member. */
  readonly member: readonly RateWindow[];
  /** The part of each window that backfill leaves to live data, 0 to 1. */
  readonly reserve: number;
  /** Whose budget is spent when the provider answers 429. */
  readonly throttles: "app" | "member";
  /** Lower-case names of the headers that `learn` reads; no others are handed on. */
  readonly headers: readonly string[];
  learn?(
    headers: Readonly<Record<string, string>>,
    nowMs: number,
  ): { readonly app: readonly LearnedWindow[]; readonly member: readonly LearnedWindow[] };
}

/** What counts against the provider, and may open its breaker. */
export const failures: ReadonlySet<CallClass> = new Set(["failed", "timeout", "network"]);

/** For a provider that states no limits, or none that we know of. */
export const defaultBudget: Budget = {
  app: [{ name: "minute", calls: 60, windowMs: 60_000 }],
  member: [],
  reserve: 0.25,
  throttles: "app",
  headers: [],
};

/** What a deployment was granted: calls by the window's name. Whatever is no such limit is not heeded. */
export function withLimits(budget: Budget, limits: Readonly<Record<string, number>>): Budget {
  const granted = (window: RateWindow): RateWindow => {
    const calls = Object.hasOwn(limits, window.name) ? limits[window.name] : undefined;
    return Number.isSafeInteger(calls) && Number(calls) >= 1
      ? { ...window, calls: Number(calls) }
      : window;
  };
  return { ...budget, app: budget.app.map(granted), member: budget.member.map(granted) };
}

/** A provider's budget in a deployment; `limits` is JSON: provider → window by name → calls. */
export function budgetOf(provider: string, declared: Budget | undefined, limits: string): Budget {
  const own = settingOf<Readonly<Record<string, number>>>(limits, provider);
  return withLimits(declared ?? defaultBudget, own ?? {});
}
