/**
 * What a ledger still has to tell those who watch it happen. What is owed names a thing and who
 * watches it, or did; what it is now is read when it is told, so that of many changes one is told.
 * Synchronous, called inside the object's transaction.
 */
import type { LiveRow } from "../domain/ports.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import type { DueLive } from "../kernel/publish.ts";
import { endOf } from "./ledger-keys.ts";
import type { Origin } from "./ledger-outbox.ts";
import type { LedgerResolved } from "./ledger-resolved.ts";
import type { LedgerState } from "./ledger-state.ts";

interface Owed {
  readonly version: number;
  /** The version that was owed first; kept only where it is another one. */
  readonly since?: number;
  readonly at: Instant;
  readonly watches: readonly string[];
}

const keyOf = (id: string): string => `U${id}`;

export class LedgerLive {
  readonly #state: LedgerState;
  readonly #origin: Origin;
  readonly #resolved: LedgerResolved;

  constructor(state: LedgerState, origin: Origin, resolved: LedgerResolved) {
    this.#state = state;
    this.#origin = origin;
    this.#resolved = resolved;
  }

  get isOwed(): boolean {
    return this.#state.entries.from("U", endOf("U")).next().done !== true;
  }

  /** The least number of what is owed; null: nothing is. */
  get owedFrom(): number | null {
    let least: number | null = null;
    for (const [, text] of this.#state.entries.from("U", endOf("U"))) {
      const { version, since = version } = JSON.parse(text) as Owed;
      least = Math.min(since, least ?? since);
    }
    return least;
  }

  enqueue(id: string, at: Instant, watches: readonly string[]): void {
    const text = this.#state.entries.get(keyOf(id));
    const before = text === null ? null : (JSON.parse(text) as Owed);
    const all = [...new Set([...(before?.watches ?? []), ...watches])];
    const owed: Owed = {
      version: this.#state.nextSeq(),
      at: Math.max(at, before?.at ?? at),
      watches: all,
      ...(before === null ? {} : { since: before.since ?? before.version }),
    };
    this.#state.entries.put(keyOf(id), JSON.stringify(owed));
  }

  /** What happened too long ago to be watched is owed to nobody, and let go of. */
  due(nowMs: Instant, limit: number): DueLive[] {
    const sinceMs = this.sinceMs(nowMs);
    const found: DueLive[] = [];
    const old: string[] = [];
    for (const [key, text] of this.#state.entries.from("U", endOf("U"))) {
      const owed = JSON.parse(text) as Owed;
      if (owed.at < sinceMs) old.push(key);
      else if (found.push(this.#told(key.slice(1), owed)) >= limit) break;
    }
    for (const key of old) this.#state.entries.delete(key);
    return found;
  }

  #told(id: string, { version, at, watches }: Owed): DueLive {
    const { name: ledger, stream } = this.#origin;
    const body = this.#resolved.find(id);
    const entries = body == null ? [] : [...(stream.live?.of(body) ?? [])];
    const now = body == null ? at : (stream.resolve?.at(body) ?? at);
    const rows = watches.map((watch) => {
      const mine = entries.flatMap((e) => (e.watch === watch ? [{ key: e.key, n: e.n }] : []));
      const row: LiveRow = { ledger, id, version, at: now, entries: mine };
      return { watch, row };
    });
    return { id, version, rows };
  }

  told(due: readonly DueLive[]): void {
    for (const { id, version } of due) {
      const text = this.#state.entries.get(keyOf(id));
      if (text !== null && (JSON.parse(text) as Owed).version === version)
        this.#state.entries.delete(keyOf(id));
    }
  }

  /** Since when something is watched. */
  sinceMs(nowMs: Instant): Instant {
    return nowMs - (this.#origin.stream.live?.days ?? 0) * msPerDay;
  }

  /**
   * All that somebody may watch of it, each with who does: to be told that it is gone. Also what was
   * owed already, since that is all that is known of who watches what is no more, or is elsewhere.
   */
  watched(nowMs: Instant): { id: string; at: Instant; watches: readonly string[] }[] {
    const { live, resolve } = this.#origin.stream;
    if (live === undefined || resolve === undefined) return [];
    const owed = [...this.#state.entries.from("U", endOf("U"))].map(([key, text]) => {
      const { at, watches } = JSON.parse(text) as Owed;
      return { id: key.slice(1), at, watches };
    });
    const span = { fromMs: this.sinceMs(nowMs), toMs: Number.MAX_SAFE_INTEGER };
    const stands = this.#resolved.resolvedIn(span, 0).map((body) => ({
      id: resolve.id(body),
      at: resolve.at(body),
      watches: [...live.of(body)].map((e) => e.watch),
    }));
    return [...owed, ...stands];
  }
}
