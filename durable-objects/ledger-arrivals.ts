/**
 * What a ledger knows of connections: when something new last came by each, and which had their data
 * erased, so that what still comes by them is too late.
 */
import type { ConnectionId } from "../domain/identity.ts";
import type { OpenStatement } from "../domain/ports.ts";
import { isRetraction } from "../domain/stream.ts";
import type { Instant } from "../domain/time.ts";
import type { LedgerState } from "./ledger-state.ts";

/** Of a ledger that many share, those by which something came of late. */
const connectionsMax = 200;

function latest(arrivals: Readonly<Record<string, Instant>>): Readonly<Record<string, Instant>> {
  const entries = Object.entries(arrivals);
  if (entries.length <= connectionsMax) return arrivals;
  return Object.fromEntries(entries.sort(([, a], [, b]) => b - a).slice(0, connectionsMax));
}

export class LedgerArrivals {
  readonly #state: LedgerState;

  constructor(state: LedgerState) {
    this.#state = state;
  }

  /** Connections are not told of what comes past them: whoever wants to know asks here. */
  note(statements: readonly OpenStatement[], nowMs: Instant): void {
    const by = statements.flatMap((s) => (isRetraction(s) ? [] : [String(s.connection)]));
    if (by.length === 0) return;
    const now = Object.fromEntries(by.map((connection) => [connection, nowMs]));
    this.#state.keep({ arrivals: latest({ ...this.#state.head.arrivals, ...now }) });
  }

  end(ended: readonly ConnectionId[]): void {
    if (ended.length === 0) return;
    const { head } = this.#state;
    const left = Object.entries(head.arrivals).filter(
      ([by]) => !ended.includes(by as ConnectionId),
    );
    const all = [...new Set([...head.ended, ...ended])];
    this.#state.keep({ ended: all, arrivals: Object.fromEntries(left) });
  }

  /** Whether it comes by one that has ended. */
  isLate(s: OpenStatement): boolean {
    return !isRetraction(s) && this.#state.head.ended.includes(String(s.connection));
  }
}
