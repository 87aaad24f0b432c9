/**
 * What a flood of forged notices came to: what it cost, how late it made the news of those whom it
 * met, and how late everybody else's. Pure.
 */
import { vainMax } from "../../../domain/doubt.ts";
import { percentile, waitedForMember } from "./figures.ts";
import type { Week } from "./week.ts";
import type { Account } from "./world.ts";

const hourMs = 3_600_000;
/** What came lately is read once an hour; then its turn has to come. */
export const floodedP99MsMax = 1.5 * hourMs;

export interface FloodFigures {
  readonly accounts: number;
  readonly aMinute: number;
  readonly hours: number;
  readonly sent: number;
  /** Of one account in one hour, at most: readings that came to nothing, and all calls. */
  readonly vainMax: number;
  readonly callsMax: number;
  /** Calls for a flooded account an hour, while it lasted. */
  readonly callsAnHour: number;
  /** Of their new workouts. */
  readonly flooded: Fresh;
  readonly others: Fresh;
  readonly openings: number;
  readonly wrong: readonly string[];
}
interface Fresh {
  readonly n: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const isThroughFlood = ({ flood }: Week, account: Account, sentMs: number): boolean =>
  flood?.isThrough(account, sentMs) === true;

export function floodedOf(week: Week): FloodFigures | null {
  const { flood, options } = week;
  if (flood === null || options.flood === undefined) return null;
  const costs = [...flood.costs.values()];
  const told = week.freshness.filter(
    ({ account, sentMs, ms }) =>
      account.kind === "strava" && !waitedForMember(week, account, sentMs, ms),
  );
  // A change of what is older, or its deletion, waits for its own hint.
  const flooded = told.filter(
    ({ account, sentMs, isNew }) => isNew && flood.isThrough(account, sentMs),
  );
  const { fromMs, toMs } = flood.span;
  const others = told.filter(
    ({ account, sentMs }) => !flood.costs.has(account) && sentMs >= fromMs && sentMs < toMs,
  );
  const during = costs.reduce((n, cost) => n + cost.during, 0);
  const figures = {
    ...options.flood,
    sent: flood.sent,
    vainMax: Math.max(0, ...costs.map(({ vain }) => vain.peak)),
    callsMax: Math.max(0, ...costs.map(({ all }) => all.peak)),
    callsAnHour: during / Math.max(1, costs.length) / options.flood.hours,
    flooded: freshOf(flooded.map(({ ms }) => ms)),
    others: freshOf(others.map(({ ms }) => ms)),
    openings: week.gateFigures.get("strava")?.openings ?? 0,
  };
  return { ...figures, wrong: wrongOf(week, figures) };
}

function freshOf(ms: readonly number[]): Fresh {
  const sorted = [...ms].sort((a, b) => a - b);
  return { n: sorted.length, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

function wrongOf(week: Week, figures: Omit<FloodFigures, "wrong">): string[] {
  const { harsh = false } = week.options;
  const wrong: string[] = [];
  for (const [account, { vain }] of week.flood?.costs ?? []) {
    const { object, failures = 0 } = week.connected.get(account) ?? {};
    // What was cut off before it was noted is read once more.
    const again = (object?.crashes ?? 0) + failures;
    if (vain.peak > vainMax + again) wrong.push("more forged notices were followed");
  }
  if (!harsh && week.outage.kind !== "strava" && figures.openings > 0)
    wrong.push("the breaker opened in a flood");
  if (!harsh && figures.flooded.p99Ms > floodedP99MsMax) wrong.push("news in a flood came late");
  return wrong;
}
