/**
 * How a connection is doing, derived: its state and why from what waits and what went wrong, why
 * from what a call came to, and when it acts next by its provider's habit. Pure.
 */
import type {
  BackfillStatus,
  CallClass,
  ConnectionReason,
  ConnectionState,
} from "./connection-ports.ts";
import type { Instant } from "./time.ts";

/** A wait for a budget shorter than that is the ordinary course of things. */
export const behindAfterMs = 60_000;
const backoffMs = 5_000;
export const backoffMsMax = 900_000;

export interface Doing {
  /** Only the member can mend it. */
  readonly reconnect: ConnectionReason | null;
  /** What holds up the reading; null: nothing does. */
  readonly held: ConnectionReason | null;
  /** What holds up history; that it waits for its turn is the ordinary course of things. */
  readonly historyHeld?: ConnectionReason | null;
  readonly pending: number;
  readonly behindSinceMs: Instant | null;
  readonly backfill: BackfillStatus | null;
  readonly nowMs: Instant;
}

export function stateOf(doing: Doing): {
  readonly state: ConnectionState;
  readonly why: ConnectionReason | null;
} {
  const { reconnect, held, historyHeld = null, pending, behindSinceMs, backfill, nowMs } = doing;
  if (reconnect !== null) return { state: "needs-reconnecting", why: reconnect };
  if (pending > 0) {
    const isShort = held === "rate-limited" && nowMs - (behindSinceMs ?? nowMs) < behindAfterMs;
    if (held !== null && !isShort) return { state: "behind", why: held };
    return { state: "syncing", why: null };
  }
  const isUnderWay = backfill?.state === "waiting" || backfill?.state === "running";
  if (!isUnderWay) return { state: "connected", why: null };
  return { state: "backfilling", why: historyHeld === "rate-limited" ? null : historyHeld };
}

/** Why a call that its provider judged to be no answer holds things up. */
export function reasonOf(call: CallClass, fault: string): ConnectionReason {
  if (fault === "reconnect") return "grant-ended";
  if (call === "throttled") return "rate-limited";
  if (call === "failed" || call === "timeout" || call === "network") return "provider-down";
  if (fault === "refused") return "refused";
  return fault === "again" ? "provider-down" : "broken-answers";
}

/** So many answers that the grant is no good, over so long, and none that it is, end it. */
export const deniedTimesMin = 4;
export const deniedForMs = 3_600_000;
export const isEndedBy = (times: number, forMs: number): boolean =>
  times >= deniedTimesMin && forMs >= deniedForMs;

/** Whether time may mend it: what the member did not grant, or took back, only the member can. */
export const mayMend = (why: ConnectionReason): boolean =>
  why === "grant-ended" || why === "refresh-lost";
/** How often a grant that is no good is tried again, lest a mistake stays for ever. */
export const probeEveryMs = 86_400_000;

/** The pause after the nth fault in a row: doubling, up to a quarter of an hour, spread by chance. */
export function backoffOf(faults: number, chance: number): number {
  const fullMs = Math.min(backoffMsMax, backoffMs * 2 ** Math.max(0, faults - 1));
  return Math.ceil(fullMs * (1 - chance / 2));
}

/** When a connection that stays silent is read again; null: never. */
export const silentAt = (silentMs: number | null, wordsMs: readonly (Instant | null)[]) => {
  const words = wordsMs.filter((ms) => ms !== null);
  return silentMs === null || words.length === 0 ? null : Math.max(...words) + silentMs;
};

/** The next reading of a provider that says nothing by itself: any time between the two alike. */
export const pollAfter = ([min, max]: readonly [number, number], chance: number): number =>
  min + Math.floor(chance * (max - min));

/**
 * From where a re-reading begins so that nothing is missed, however long the silence was. `mostMs`:
 * further back nothing is to be had, and to ask for it may be refused.
 */
export function rereadFrom(
  caughtUpMs: Instant | null,
  rereadMs: number,
  nowMs: Instant,
  mostMs = Number.POSITIVE_INFINITY,
): Instant {
  const fromMs = Math.min(caughtUpMs ?? nowMs, nowMs) - rereadMs;
  return Math.max(0, fromMs, nowMs - Math.max(rereadMs, mostMs));
}
