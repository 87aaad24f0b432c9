/**
 * Counts what comes in by each provider's door. Every count goes to Analytics Engine at once where
 * there is one, and to the provider's gate a moment later, together with what else came by then:
 * one call a provider, a key that proved it and a moment, however many deliveries. Counters, and no
 * proof of anything: what an isolate had not sent on when it ended is lost.
 */
import { observedOf } from "../../domain/gate.ts";
import type { DoorCounts, GatePort } from "../../domain/ports.ts";
import { callClasses } from "../../domain/ports.ts";
import { recordedOf } from "../../domain/recorded.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { EdgeEnv } from "./env.ts";
import { gateOf, type ProviderFigures } from "./provider-figures.ts";

const gatherMs = 15_000;
/** One that has not ended by then ended with the request that it belonged to. */
const sendingMsMax = 40_000;

type Later = (work: Promise<unknown>) => void;
const none: DoorCounts = { deliveries: 0, notices: 0, items: 0, refused: 0 };

export interface Meter {
  /** `kid`: the key that proved what is counted; absent: nothing did. */
  count(door: MeteredDoor, counts: Partial<DoorCounts>, kid?: string): void;
}
/** Of the request that counts: only with it may anything outlive the answer. */
export interface MeteredDoor {
  readonly env: Pick<EdgeEnv, "GATE" | "METER">;
  readonly provider: string;
  readonly nowMs: Instant;
  readonly later: Later;
}

export function makeMeter(waitMs = gatherMs): Meter {
  const gathered = new Map<string, Map<string | undefined, DoorCounts>>();
  const sendingSince = new Map<string, Instant>();

  async function send(gate: GatePort, provider: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const byKey = gathered.get(provider) ?? new Map<string | undefined, DoorCounts>();
    gathered.delete(provider);
    sendingSince.delete(provider);
    try {
      for (const [kid, counts] of byKey) await gate.count(counts, kid);
    } catch (error) {
      // Not put back: the gate may have counted them, and a gate that is down is not to be asked more.
      const outcome = "uncounted";
      logLine({ worker: "edge", event: "meter", provider, outcome, error: errorClass(error) });
    }
  }

  return {
    count({ env, provider, nowMs, later }, counts, kid) {
      const all = { ...none, ...counts };
      const byKey = gathered.get(provider) ?? new Map<string | undefined, DoorCounts>();
      gathered.set(provider, byKey.set(kid, sumOf(byKey.get(kid) ?? none, all)));
      env.METER?.writeDataPoint(doorPoint(provider, all));
      const since = sendingSince.get(provider);
      if (since !== undefined && nowMs < since + sendingMsMax) return;
      later(send(gateOf(env, provider), provider));
      sendingSince.set(provider, nowMs);
    },
  };
}

/** This isolate's. */
export const meter = makeMeter();

const sumOf = (a: DoorCounts, b: DoorCounts): DoorCounts => ({
  deliveries: a.deliveries + b.deliveries,
  notices: a.notices + b.notices,
  items: a.items + b.items,
  refused: a.refused + b.refused,
  ...observedOf(a.observed, b.observed),
  ...(a.recorded || b.recorded ? { recorded: recordedOf(a.recorded, b.recorded) } : {}),
});

// -- points of Analytics Engine: what stands in which column, docs/connections.md says too -----

const doorPoint = (provider: string, { deliveries, notices, items, refused }: DoorCounts) => ({
  indexes: [provider],
  blobs: ["door"],
  doubles: [deliveries, notices, items, refused],
});

/** How each gate stands, every five minutes. Calls are counted since the gate's beginning. */
export function meterGates(
  env: Pick<EdgeEnv, "METER">,
  figures: readonly ProviderFigures[],
  nowMs: Instant,
): void {
  for (const { provider, gate, connections } of figures) {
    if (gate === null) continue;
    const { latencyMs, freshnessMs, calls } = gate;
    const { byState, behindOver2h, oldestBehindMs } = connections;
    env.METER?.writeDataPoint({
      indexes: [provider.name],
      blobs: ["gate", gate.breaker, gate.subscription?.state ?? ""],
      doubles: [
        Object.values(byState).reduce((sum, n) => sum + n, 0),
        behindOver2h,
        oldestBehindMs === null ? 0 : nowMs - oldestBehindMs,
        ...[latencyMs, freshnessMs].flatMap(({ p50, p90, p99 }) => [p50, p90, p99]),
        ...callClasses.map((name) => calls[name]),
      ],
    });
    for (const { window, used, limit } of gate.budgets)
      env.METER?.writeDataPoint({
        indexes: [provider.name],
        blobs: ["budget", window],
        doubles: [used, limit],
      });
  }
}
