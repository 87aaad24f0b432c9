/** Gates that say what a test puts into them; one that is taken away does not answer. */
import type { DoorCounts, GateStatus } from "../../domain/ports.ts";

const none = { count: 0, p50: 0, p90: 0, p99: 0 };

export const calmGate = (provider: string): GateStatus => ({
  provider,
  sinceMs: Date.UTC(2026, 10, 1),
  breaker: "closed",
  openSinceMs: null,
  pausedUntilMs: null,
  budgets: [{ window: "day", windowMs: 86_400_000, limit: 5_000, used: 40 }],
  calls: {
    ok: 39,
    throttled: 0,
    failed: 1,
    timeout: 0,
    network: 0,
    broken: 0,
    denied: 0,
    refused: 0,
  },
  lately: { calls: 0, failed: 0 },
  door: { deliveries: 3, notices: 2, items: 7, refused: 1 },
  recorded: { recorded: 5, duplicates: 2, parked: 0 },
  keys: [{ kid: "2026-11", deliveries: 3, lastMs: Date.UTC(2026, 10, 21) }],
  latencyMs: { count: 40, p50: 120, p90: 300, p99: 900 },
  freshnessMs: none,
  subscription: null,
});

export interface Gates {
  /** By provider; what is not here is calm, and null does not answer. */
  readonly said: Map<string, Partial<GateStatus> | null>;
  readonly counted: (readonly [provider: string, counts: DoorCounts, kid?: string])[];
  readonly tended: string[];
  readonly GATE: { getByName(provider: string): unknown };
}

export function gates(): Gates {
  const said: Gates["said"] = new Map();
  const counted: [string, DoorCounts, string?][] = [];
  const tended: string[] = [];
  const answer = (provider: string) => {
    const over = said.get(provider);
    if (over === null) throw new Error("the gate is gone");
    return { ...calmGate(provider), ...over };
  };
  const getByName = (provider: string) => ({
    status: async () => answer(provider),
    tend: async () => {
      tended.push(provider);
      answer(provider);
    },
    count: async (counts: DoorCounts, kid?: string) => {
      answer(provider);
      counted.push(kid === undefined ? [provider, counts] : [provider, counts, kid]);
    },
  });
  return { said, counted, tended, GATE: { getByName } };
}
