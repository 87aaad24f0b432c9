/** What a connection shows of itself, and when that is another thing than what it showed last. */
import { backfillStatus } from "../domain/backfill.ts";
import { isVainOfLate } from "../domain/doubt.ts";
import type { ConnectionLink, ConnectionStatus } from "../domain/ports.ts";
import { stateOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { Provider } from "../providers/provider.ts";
import { doubtOf, isHearsay } from "./connection-doubt.ts";
import type { Habits } from "./connection-habit.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** While it runs, its status is shown no more often. */
export const showEveryMs = 5_000;
/** What could not be shown is shown so long after. */
export const showAgainMs = 300_000;

export function statusOf(
  store: ConnectionStore,
  habits: Habits,
  providerNamed: (name: string) => Provider | undefined,
  nextMs: Instant | null,
  nowMs: Instant,
): ConnectionStatus {
  const link = store.get("link");
  const provider = link === null ? undefined : providerNamed(link.provider);
  // Where some came to nothing, hints wait because anybody may have sent them: a flood must not make
  // its member, or all of them, look behind. What is real among them is what is owed, which counts
  // once it is in line.
  const ours = isHearsay(provider) && isVainOfLate(doubtOf(store), nowMs);
  const { live: pending } = store.line.counts(ours);
  const { sinceMs: behindSinceMs, why } = store.line.waiting(ours);
  const history = store.get("backfill");
  const backfill = history === null ? null : backfillStatus(history);
  const samples = store.get("samplesHistory");
  const underWay = samples?.over === null ? backfillStatus(samples) : backfill;
  const held = store.get("pause")?.why ?? why;
  const historyHeld = store.get("pause")?.why ?? store.line.historyWhy();
  const reconnect = store.get("reconnect");
  return {
    ...stateOf({
      ...{ reconnect, held, historyHeld, pending, behindSinceMs, nowMs },
      backfill: underWay,
    }),
    pending,
    behindSinceMs,
    backfill,
    lastReceivedMs: store.get("received"),
    lastCheckedMs: store.get("checked"),
    nextMs: nextMs === null ? null : Math.max(nowMs, nextMs),
    unconfirmed: store.claims(),
    scopes: store.get("granted") ?? link?.scopes ?? null,
    have: link === null ? null : habits.have(link, provider),
    ending: store.get("ending") !== null,
  };
}

/** While it runs, its state and how far history has come are news; at the end everything is. */
const showing = (status: ConnectionStatus, isEnd: boolean): string =>
  JSON.stringify(
    isEnd ? status : [status.state, status.why, status.backfill?.state, status.backfill?.percent],
  );

export interface ShownHost {
  readonly now: () => Instant;
  readonly show: (link: ConnectionLink, status: ConnectionStatus) => Promise<void>;
}

export class Shown {
  readonly #store: ConnectionStore;
  readonly #host: ShownHost;
  readonly #status: () => ConnectionStatus;
  #last: { readonly key: string; readonly atMs: Instant } | null = null;

  constructor(store: ConnectionStore, host: ShownHost, status: () => ConnectionStatus) {
    this.#store = store;
    this.#host = host;
    this.#status = status;
  }

  /** In the middle of a run that began then: only when it changed, and not too often. */
  async during(beganMs: Instant): Promise<void> {
    const sinceMs = Math.max(this.#last?.atMs ?? 0, beganMs);
    if (this.#host.now() - sinceMs >= showEveryMs) await this.#show(false);
  }

  /** What fails is tried again, whether or not anything happens until then. */
  atEnd(): Promise<void> {
    return this.#show(true);
  }

  async #show(isEnd: boolean): Promise<void> {
    const store = this.#store;
    const link = store.get("link");
    if (link === null || !store.isOpen()) return;
    const status = this.#status();
    const key = showing(status, isEnd);
    const nowMs = this.#host.now();
    try {
      if (key !== this.#last?.key) await this.#host.show(link, status);
      this.#last = { key, atMs: nowMs };
      if (isEnd) store.unset("showAt");
    } catch (error) {
      logLine({ event: "status", error: errorClass(error) });
      if (store.get("link") !== null) store.set("showAt", this.#host.now() + showAgainMs);
    }
  }
}
