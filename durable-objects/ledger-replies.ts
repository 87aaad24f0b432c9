/** Answers to requests that carried an idempotency key, kept so that they are given again. */
import type { Instant } from "../domain/time.ts";
import { afterOrdered, endOf, timed } from "./ledger-keys.ts";
import type { LedgerState } from "./ledger-state.ts";

interface Reply {
  readonly body: string;
  readonly reply: string;
}

/** Each answer that is kept lets go of no more than so many old ones. */
const droppedAtOnce = 20;

export class LedgerReplies {
  readonly #state: LedgerState;

  constructor(state: LedgerState) {
    this.#state = state;
  }

  find(key: string): Reply | null {
    const text = this.#state.entries.get(`Y${encodeURIComponent(key)}`);
    return text === null ? null : (JSON.parse(text) as Reply);
  }

  /** A request that was answered before an erasure is looked at again after it. */
  forget(): void {
    this.#drop(endOf("Z"), Number.MAX_SAFE_INTEGER);
  }

  /** Not of a member who was forgotten while the request was under way. */
  keep(key: string, { body, reply }: Reply, nowMs: Instant, keepMs: number): void {
    const { entries, head } = this.#state;
    if (head.isForgotten) return;
    this.#drop(timed("Z", nowMs - keepMs, ""), droppedAtOnce);
    const named = encodeURIComponent(key);
    if (entries.get(`Y${named}`) !== null) return;
    entries.put(`Y${named}`, JSON.stringify({ body, reply }));
    entries.put(timed("Z", nowMs, named), "");
  }

  #drop(below: string, max: number): void {
    const { entries } = this.#state;
    const old: string[] = [];
    for (const [key] of entries.from("Z", below)) {
      if (old.length >= max) break;
      old.push(key);
    }
    for (const key of old) {
      entries.delete(key);
      entries.delete(`Y${afterOrdered(key, "Z")}`);
    }
  }
}
