/**
 * What becomes of a row, and of the run, when an answer was none. One page that is no good holds up
 * its own row; a provider that does not answer, all of them; and what only the member can mend stops
 * the reading, once the provider has said it often enough.
 */
import type { PartEnd } from "../domain/backfill.ts";
import { held } from "../domain/doubt.ts";
import type { ConnectionReason, ConnectPort } from "../domain/ports.ts";
import { backoffOf, isEndedBy, reasonOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import type { Provider } from "../providers/provider.ts";
import { holdSamples, isOfSamples } from "./connection-apart.ts";
import { type Calls, leastMax } from "./connection-calls.ts";
import { doubtOf, isHint, owe } from "./connection-doubt.ts";
import type { Habits } from "./connection-habit.ts";
import type { Halt, Reading, Tally } from "./connection-items.ts";
import { isOne, type Pending } from "./connection-pending.ts";
import type { RunSamples } from "./connection-samples.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** A cursor that is refused so often is taken no more: the window begins anew. */
const cursorTriesMax = 2;
/** What the provider refuses is asked for again so often. */
export const refusedAgainMs = 6 * 3_600_000;
/** What lies at an address, or one record, that is refused so often is let go of, and counted. */
export const keptRefusalsMax = 4;
/** What was no good so often is asked for as seldom as what is refused; a part of history is left out. */
export const brokenMax = 12;
/** And a record's readings so long after they were no good twice. */
export const readingAgainMs = 600_000;
/** A hint whose answer was none is let go of after so many tries, so long after one another. */
export const hintTriesMax = 3;
export const hintAgainMs = [60_000, 600_000] as const;
/** A grant that was taken so lately is still good, whatever is said of something else. */
export const grantSureMs = 60_000;
/** No provider is believed to want more patience. */
export const retryAfterMsMax = 86_400_000;

export interface Run {
  readonly store: ConnectionStore;
  readonly habits: Habits;
  readonly calls: Calls;
  readonly tally: Tally;
  readonly provider: Provider;
  readonly accept: AcceptPorts;
  readonly samples: RunSamples;
  readonly connect: Pick<ConnectPort, "drop">;
  readonly now: () => Instant;
  readonly chance: () => number;
  /** Grows when the connection is opened or emptied. */
  readonly times: () => number;
  readonly shown: () => Promise<void>;
}

type Fault = Extract<Halt, { stop: "fault" }>;

export interface Stopped {
  readonly outcome: string;
  /** The whole run, not this row alone. */
  readonly isOver: boolean;
}

/** Once may be chance, and somebody waits for it. */
const readingWait = ({ chance }: Run, spoilt: number): number =>
  spoilt > 1 ? readingAgainMs : backoffOf(1, chance());

const faultWait = ({ chance }: Run, row: Pending): number => backoffOf(row.faults + 1, chance());

/** `lease`: what its calls were to be taken from; `made`: how many there were. */
export function halt(
  run: Run,
  row: Pending,
  stop: Halt,
  { lease, made }: Pick<Reading, "lease"> & { readonly made: number },
): Stopped {
  const { store, now } = run;
  switch (stop.stop) {
    case "cap":
      return { outcome: "cap", isOver: true };
    case "wait": {
      // Cut off in the middle: what it fetched up to there it will have to fetch again.
      if (made > 0) store.line.needs(row.id, Math.min(leastMax, 2 * Math.max(made, row.least)));
      const untilMs = now() + stop.waitMs;
      if (lease !== "backfill") pauseUntil(run, untilMs, stop.why);
      else if (row.kind === "backfill") store.line.holdBackfill(untilMs);
      else if (isSamples(run, row)) holdSamples(store, row, stop.why, untilMs);
      else store.set("doubt", held(doubtOf(store), untilMs));
      return { outcome: stop.why, isOver: lease !== "backfill" };
    }
    case "member":
      store.stop(stop.why, now());
      return { outcome: stop.why, isOver: true };
    case "fault":
      if (stop.spoilt === undefined)
        return isHint(run.provider, row) ? faultOfHint(run, row, stop) : fault(run, row, stop);
      store.line.wait(row.id, "broken-answers", now() + readingWait(run, stop.spoilt));
      return { outcome: "broken-answers", isOver: false };
  }
}

const isSamples = ({ provider }: Run, { collection }: Pending): boolean =>
  isOfSamples(provider, collection);

/** A part of history ended, if it was one. */
export function endPart({ habits, provider }: Run, row: Pending, how: PartEnd): void {
  if (row.kind === "backfill") habits.endPart(provider, row.collection, how);
}

function pauseUntil({ store }: Run, untilMs: Instant, why: ConnectionReason): void {
  store.set("pause", { untilMs, why });
}

/**
 * Anybody may have us ask for what cannot be answered. One that names a record is asked for once; a
 * window, a record that is there, or went, or is said to be gone, a few times, and by itself: nothing
 * else waits for it, and the provider's breaker hears nothing of it. What we read in its place finds
 * out how the provider is.
 */
function faultOfHint(run: Run, row: Pending, stop: Fault): Stopped {
  const { store, now } = run;
  const { line } = store;
  const why = reasonOf(stop.call.class, stop.fault);
  if (why === "grant-ended" && !isOne(row)) return denied(run, row);
  const isLast = row.faults + 1 >= hintTriesMax;
  const isThrottled = why === "rate-limited";
  // All wait for the budget, whatever was asked for.
  const stopped = isThrottled ? fault(run, row, stop) : { outcome: why, isOver: false };
  const isCursor = row.cursor !== null;
  const isRefused = why === "refused" || why === "grant-ended";
  // What is gone is found by no list of what came lately, so one that was only not answered is kept.
  const isLost = row.gone !== null && why === "provider-down";
  const isKnown = (!isOne(row) || stop.isThere === true || isLost) && (!isRefused || isCursor);
  if (isLast || !(isThrottled || isKnown)) giveUp(run, row, isOne(row) && isRefused);
  else if (!isThrottled) {
    line.fault(row.id, why, now() + (hintAgainMs[row.faults] ?? 0), true);
    if (isCursor && isRefused) line.startOver(row.id);
  }
  return stopped;
}

/** What we read in its place goes as far back as a re-reading does, unless there is nothing to be had. */
export function giveUp({ store, tally }: Run, row: Pending, isRefused = false): void {
  tally.dropped++;
  store.atOnce(() => {
    store.line.giveUp(row);
    owe(store, isRefused ? "newest" : "lately");
  });
}

function fault(run: Run, row: Pending, stop: Fault): Stopped {
  const { store, now, chance } = run;
  const { line } = store;
  const why = reasonOf(stop.call.class, stop.fault);
  if (why === "grant-ended") return denied(run, row);
  if (why === "broken-answers" || why === "refused")
    return spoilt(run, row, why, stop.call.class === "refused");
  const asked = Math.min(retryAfterMsMax, stop.call.retryAfterMs ?? 0);
  const isApart = row.kind === "backfill" || isSamples(run, row);
  const ofAll = why === "rate-limited" || asked > 0 || !isApart;
  const faults = ofAll ? store.attempt() : row.faults + 1;
  const untilMs = now() + Math.max(asked, backoffOf(faults, chance()));
  line.fault(row.id, why, ofAll ? 0 : untilMs, false);
  if (ofAll) pauseUntil(run, untilMs, why);
  return { outcome: why, isOver: ofAll };
}

/**
 * A provider may be wrong about that for a while, so only what it says again and again ends the
 * grant; of an address that anybody may have named it says nothing at all.
 */
function denied(run: Run, row: Pending): Stopped {
  if (row.kept !== null) return spoilt(run, row, "refused");
  if (isSamples(run, row)) return deniedSamples(run, row);
  const { store, now, chance } = run;
  const nowMs = now();
  const { times, sinceMs } = store.get("denied") ?? { times: 0, sinceMs: nowMs };
  store.set("denied", { times: times + 1, sinceMs });
  const why = "grant-ended";
  store.line.fault(row.id, why, 0, false);
  if (isEndedBy(times + 1, nowMs - sinceMs)) store.stop(why, nowMs);
  else pauseUntil(run, nowMs + backoffOf(store.attempt(), chance()), why);
  return { outcome: why, isOver: true };
}

/** They may not have been granted, which some say by a 401 too: what holds, the workouts tell. */
function deniedSamples(run: Run, row: Pending): Stopped {
  const { store, habits, provider, now } = run;
  const isSure = (store.get("checked") ?? -grantSureMs) > now() - grantSureMs;
  if (!isSure) habits.readNewestWorkouts(provider, now());
  return spoilt(run, row, "refused");
}

/** `isOurs`: the request is refused; one with a cursor, because that was kept too long. */
export function spoilt(
  run: Run,
  row: Pending,
  why: "broken-answers" | "refused",
  isOurs = false,
): Stopped {
  const { store, now } = run;
  const { line } = store;
  const isCursor = row.cursor !== null && row.ask === 0;
  const isRefused = why === "refused" && !isCursor;
  const isWorn = row.broken + 1 >= brokenMax;
  if (isHint(run.provider, row) && row.faults + 1 >= hintTriesMax) {
    giveUp(run, row);
    return { outcome: why, isOver: false };
  }
  if (isHopeless(run, row, isRefused, isWorn)) {
    run.tally.dropped++;
    store.atOnce(() => {
      line.drop(row.id);
      endPart(run, row, isRefused ? "refused" : "gap");
    });
    return { outcome: why, isOver: false };
  }
  const waitMs = isRefused || isWorn ? refusedAgainMs : faultWait(run, row);
  line.fault(row.id, why, now() + waitMs, true);
  if (isCursor && (isOurs || row.tries + 1 >= cursorTriesMax)) line.startOver(row.id);
  return { outcome: why, isOver: false };
}

/** Nothing is lost with it: another reading comes upon it again, or it is not to be had at all. */
function isHopeless(run: Run, row: Pending, isRefused: boolean, isWorn: boolean): boolean {
  const isRefusedForGood = isRefused && row.faults + 1 >= keptRefusalsMax;
  if (row.kept !== null) return isRefusedForGood;
  // An account need not give all that it measures, and is not behind for it.
  if (isRefused && isSamples(run, row)) return true;
  if (row.record !== null) return isRefusedForGood || isWorn;
  if (row.kind === "live") return false;
  const isWindow = !isOne(row) && row.ask === 0 && row.kind === "reread";
  // A collection that is refused stays in line, so that it is said, and is asked for again.
  return !isWindow && (isRefused || isWorn);
}
