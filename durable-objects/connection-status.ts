/** What a connection shows of itself, and when that is another thing than what it showed last. */
import { backfillStatus } from "../domain/backfill.ts";
import type { ConnectionStatus } from "../domain/ports.ts";
import { stateOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import type { Habits } from "./connection-habit.ts";
import type { ConnectionStore } from "./connection-store.ts";

export function statusOf(
  store: ConnectionStore,
  habits: Habits,
  providerNamed: (name: string) => Provider | undefined,
  nextMs: Instant | null,
  nowMs: Instant,
): ConnectionStatus {
  const link = store.get("link");
  const provider = link === null ? undefined : providerNamed(link.provider);
  const { live: pending } = store.line.counts();
  const { sinceMs: behindSinceMs, why } = store.line.waiting();
  const history = store.get("backfill");
  const backfill = history === null ? null : backfillStatus(history);
  const held = store.get("pause")?.why ?? why;
  const reconnect = store.get("reconnect");
  return {
    ...stateOf({ reconnect, held, pending, behindSinceMs, backfill, nowMs }),
    pending,
    behindSinceMs,
    backfill,
    lastReceivedMs: store.get("received"),
    lastCheckedMs: store.get("checked"),
    nextMs,
    unconfirmed: store.claims(),
    scopes: store.get("granted") ?? link?.scopes ?? null,
    have: link === null ? null : habits.have(link, provider),
  };
}

/** While it runs, its state and how far history has come are news; at the end everything is. */
export const showing = (status: ConnectionStatus, isEnd: boolean): string =>
  JSON.stringify(
    isEnd ? status : [status.state, status.why, status.backfill?.state, status.backfill?.percent],
  );
