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
    const text = this.#state.entries.get(`y${encodeURIComponent(key)}`);
    return text === null ? null : (JSON.parse(text) as Reply);
  }

  /** A request that was answered before an erasure is looked at again after it. */
  forget(): void {
    this.#drop(endOf("z"), Number.MAX_SAFE_INTEGER);
  }

  keep(key: string, { body, reply }: Reply, nowMs: Instant, keepMs: number): void {
    const { entries } = this.#state;
    this.#drop(timed("z", nowMs - keepMs, ""), droppedAtOnce);
    const named = encodeURIComponent(key);
    if (entries.get(`y${named}`) !== null) return;
    entries.put(`y${named}`, JSON.stringify({ body, reply }));
    entries.put(timed("z", nowMs, named), "");
  }

  #drop(below: string, max: number): void {
    const { entries } = this.#state;
    const old: string[] = [];
    for (const [key] of entries.from("z", below)) {
      if (old.length >= max) break;
      old.push(key);
    }
    for (const key of old) {
      entries.delete(key);
      entries.delete(`y${afterOrdered(key, "z")}`);
    }
  }
}
