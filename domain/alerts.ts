/**
 * When an operator is told that something is the matter: the rules and their thresholds, over one
 * look at everything. What could not be looked at is neither raised nor ended: `isKnown` says so.
 */
import type { GateStatus } from "./connection-ports.ts";

/** A gate, so far as alerts are made from it. */
export type GateFigures = Pick<GateStatus, "breaker" | "budgets" | "subscription">;
export interface AlertSnapshot {
  /** By provider; null: its gate did not answer. */
  readonly gates: Readonly<Record<string, GateFigures | null>>;
  /** Members with a connection that is behind for longer than `thresholds.behindMs`. */
  readonly membersBehind: number | null;
  /** Changes that wait for the archive; null: nobody knows. */
  readonly queueDepth: number | null;
}

/** `name`: the same for the same matter, whenever it comes up: `breaker-open:garmin`. */
export interface Alert {
  readonly name: string;
  /** Whole; a state is 1. */
  readonly value: number;
}

export const thresholds = {
  /** A connection is behind when what it was told waits for longer than that. */
  behindMs: 2 * 60 * 60_000,
  /** More members than that. */
  membersBehind: 100,
  /** More messages than that. */
  queueDepth: 10_000,
  /** That much of a window's calls, or more. */
  quotaPercent: 80,
} as const;

export function alertsOf(snapshot: AlertSnapshot): Alert[] {
  const { membersBehind, queueDepth } = snapshot;
  const alerts = Object.entries(snapshot.gates).flatMap(([provider, gate]) =>
    gate === null ? [] : gateAlerts(provider, gate),
  );
  if (membersBehind !== null && membersBehind > thresholds.membersBehind)
    alerts.push({ name: "members-behind", value: membersBehind });
  if (queueDepth !== null && queueDepth > thresholds.queueDepth)
    alerts.push({ name: "queue-depth", value: queueDepth });
  return alerts;
}

function gateAlerts(provider: string, gate: GateFigures): Alert[] {
  const alerts: Alert[] = [];
  // Half open is not closed: the probe's answer is not there yet.
  if (gate.breaker !== "closed") alerts.push({ name: `breaker-open:${provider}`, value: 1 });
  for (const { window, limit, used } of gate.budgets) {
    const value = limit > 0 ? Math.floor((100 * used) / limit) : 100;
    if (value >= thresholds.quotaPercent)
      alerts.push({ name: `quota:${provider}:${slugOf(window)}`, value });
  }
  const found = gate.subscription;
  // Not looked at yet is not missing.
  if (found?.state === "failing" || (found?.state === "missing" && found.checkedMs !== null))
    alerts.push({ name: `subscription-${found.state}:${provider}`, value: 1 });
  return alerts;
}

/** Whether the snapshot says anything of that alert; if not, whatever stood still stands. */
export function isKnown(name: string, snapshot: AlertSnapshot): boolean {
  if (name === "members-behind") return snapshot.membersBehind !== null;
  if (name === "queue-depth") return snapshot.queueDepth !== null;
  const provider = name.split(":")[1] ?? "";
  return !Object.hasOwn(snapshot.gates, provider) || snapshot.gates[provider] !== null;
}

/** What an operator reads; of a name that no rule here gives any more, only that. */
export function explain({ name, value }: Alert): { threshold: number; text: string } {
  const [rule, provider = "", window = ""] = name.split(":");
  switch (rule) {
    case "members-behind":
      return {
        threshold: thresholds.membersBehind,
        text: `${value} members have a connection that has been behind for more than 2 hours.`,
      };
    case "queue-depth":
      return {
        threshold: thresholds.queueDepth,
        text: `${value} changes wait for the archive.`,
      };
    case "breaker-open":
      return {
        threshold: 1,
        text: `Too many calls to ${provider} failed: it is only probed until one succeeds.`,
      };
    case "quota":
      return {
        threshold: thresholds.quotaPercent,
        text: `${value} % of the calls that ${provider} allows are spent (${window}).`,
      };
    case "subscription-missing":
      return {
        threshold: 1,
        text: `${provider} has no working subscription, or one that has to be mended by hand.`,
      };
    case "subscription-failing":
      return {
        threshold: 1,
        text: `Whether ${provider} still sends its notices could not be looked at or not be mended.`,
      };
    default:
      return { threshold: 0, text: "A rule of another version raised it." };
  }
}

const slugOf = (words: string): string => words.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
