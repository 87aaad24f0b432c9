/**
 * A run over what waits, page by page; after each the line is looked at anew, so that a notice
 * comes before history even in the middle of a step. For each page: it is fetched, accepted whole,
 * and only then its cursor is kept. A crash after accepting repeats one page, which changes nothing.
 */
import type { ConnectionReason, ConnectPort } from "../domain/ports.ts";
import { backoffOf, reasonOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { Provider } from "../providers/provider.ts";
import { type Calls, isStop, type Stop } from "./connection-calls.ts";
import type { Habits } from "./connection-habit.ts";
import type { Pending } from "./connection-pending.ts";
import {
  absentOf,
  isOne,
  type Reading,
  readPending,
  type Tally,
  type Turned,
} from "./connection-pull.ts";
import type { ConnectionStore } from "./connection-store.ts";

export const pagesAWakeMax = 40;
/** Of one window, before the others in line have their turn. */
export const pagesATurnMax = 20;
/** A window that has not ended by then is led in a circle: it begins anew. */
export const pagesAWindowMax = 5_000;
/** A cursor that is refused so often is taken no more: the window begins anew. */
const cursorTriesMax = 2;
/** What the provider refuses is asked for again so often. */
export const refusedAgainMs = 6 * 3_600_000;
/** An address that is refused so often is let go of, and counted. */
export const keptRefusalsMax = 4;
/** No provider is believed to want more patience. */
const retryAfterMsMax = 86_400_000;

export interface Run {
  readonly store: ConnectionStore;
  readonly habits: Habits;
  readonly calls: Calls;
  readonly tally: Tally;
  readonly provider: Provider;
  readonly accept: AcceptPorts;
  readonly connect: Pick<ConnectPort, "drop">;
  readonly now: () => Instant;
  readonly chance: () => number;
  /** Grows when the connection is opened or emptied. */
  readonly times: () => number;
  readonly shown: () => Promise<void>;
}

/** How it ended, for the log. */
export async function readLine(run: Run): Promise<string> {
  const { store, habits, provider, calls, now } = run;
  const beganMs = now();
  let outcome = "ok";
  for (let pages = 0; ; pages++) {
    if (pages >= pagesAWakeMax || (pages > 0 && calls.isOver())) return "cap";
    const row = store.get("reconnect") === null ? store.line.next(now()) : null;
    if (row === null) {
      if (store.get("reconnect") === null && habits.planStep(provider, now())) continue;
      break;
    }
    const stopped = await readOne(run, row);
    if (stopped !== null) outcome = stopped.outcome;
    if (stopped?.isOver) return outcome;
    await run.shown();
  }
  caughtUp(run, beganMs);
  return outcome;
}

/** Nothing live is left: up to when this began, there is nothing newer. */
function caughtUp({ store }: Run, beganMs: Instant): void {
  if (store.get("link") === null || store.line.isBusy()) return;
  if ((store.get("checked") ?? -1) >= beganMs) store.set("caughtUp", beganMs);
}

interface Stopped {
  readonly outcome: string;
  /** The whole run, not this row alone. */
  readonly isOver: boolean;
}

async function readOne(run: Run, row: Pending): Promise<Stopped | null> {
  const { store, tally } = run;
  const link = store.get("link");
  if (link === null) return { outcome: "forgotten", isOver: true };
  const times = run.times();
  const { calls, accept, provider, now } = run;
  const it: Reading = { calls, line: store.line, accept, link, provider, now, tally };
  const items = tally.items;
  let turned: Turned | Stop | null;
  try {
    turned = await readPending(it, row);
  } catch (error) {
    // Of ours, and perhaps of this page: it keeps no other waiting.
    store.line.lastInLine(row.id);
    throw error;
  }
  const isSame = times === run.times();
  if (turned === null) {
    tally.dropped++;
    store.line.drop(row.id);
    return null;
  }
  if (isStop(turned)) return isSame ? halt(run, row, turned) : null;
  if (store.get("link") === null) return { outcome: "forgotten", isOver: true };
  return advance(run, it, row, turned, tally.items > items);
}

// -- forward --------------------------------------------------------------------------------

async function advance(
  run: Run,
  it: Reading,
  row: Pending,
  turned: Turned,
  brought: boolean,
): Promise<Stopped | null> {
  const { store, now } = run;
  const { line } = store;
  const { next } = turned;
  went(run, brought);
  if (next !== null && (line.hasPassed(row, next) || row.pages >= pagesAWindowMax)) {
    line.fault(row.id, "broken-answers", now() + faultWait(run, row));
    if (row.tries + 1 >= cursorTriesMax || row.pages >= pagesAWindowMax) line.startOver(row.id);
    return { outcome: "broken-answers", isOver: false };
  }
  if (next === null) await finish(run, it, row, turned);
  else
    store.atOnce(() => {
      const isTurned = line.turnPage(row, next);
      if (isTurned && turned.end !== undefined && row.kind === "backfill")
        run.habits.endPart(turned.end);
      if ((row.pages + 1) % pagesATurnMax === 0) line.lastInLine(row.id);
    });
  return null;
}

/** A page was had: whatever was wrong is over. */
function went({ store, now }: Run, brought: boolean): void {
  const nowMs = now();
  store.set("checked", nowMs);
  if (brought) store.set("received", nowMs);
  store.unset("attempts", "pause");
}

/**
 *   1. what the window did not bring is looked for  the window ends all the same; the next finds it
 *   2. an address is let go of by the vault        asked for again, it is gone, which ends it too
 *   3. the row goes, history moves, and what was   at once
 *      not brought waits to be asked about
 */
async function finish(run: Run, it: Reading, row: Pending, { end }: Turned): Promise<void> {
  const { store, calls, now, provider } = run;
  const isWindow = !isOne(row) && row.kept === null && row.ask === 0;
  const isSame = store.line.now(row.id)?.noted === row.noted;
  let absent: readonly string[] = [];
  if (isWindow && isSame && row.kind !== "backfill")
    absent = await absentOf(it, row).catch((error) => {
      logLine({ event: "absent", provider: provider.name, error: errorClass(error) });
      return [];
    });
  it.tally.absent += absent.length;
  if (row.kept !== null) await run.connect.drop(it.link.member, [row.kept]);
  store.atOnce(() => {
    const isThere = store.line.now(row.id) !== null;
    store.line.finish(row, now());
    store.line.noteAbsent(row.collection, absent, now());
    if (isThere && row.kind === "backfill") run.habits.endPart(end ?? "read");
  });
  if (row.kind === "live") calls.finished(Math.max(0, now() - row.since));
}

// -- faults ---------------------------------------------------------------------------------

const faultWait = ({ chance }: Run, row: Pending): number => backoffOf(row.faults + 1, chance());

function halt(run: Run, row: Pending, stop: Stop): Stopped {
  const { store, now } = run;
  switch (stop.stop) {
    case "cap":
      return { outcome: "cap", isOver: true };
    case "wait": {
      const untilMs = now() + stop.waitMs;
      if (row.kind !== "backfill") pauseUntil(run, untilMs, stop.why);
      else store.line.holdBackfill(untilMs);
      return { outcome: stop.why, isOver: row.kind !== "backfill" };
    }
    case "member":
      store.set("reconnect", stop.why);
      return { outcome: stop.why, isOver: true };
    case "fault":
      return fault(run, row, stop);
  }
}

function pauseUntil({ store }: Run, untilMs: Instant, why: ConnectionReason): void {
  store.set("pause", { untilMs, why });
}

/** One page that is no good holds up its own row; a provider that does not answer, all of them. */
function fault(run: Run, row: Pending, stop: Extract<Stop, { stop: "fault" }>): Stopped {
  const { store, now, chance } = run;
  const { line } = store;
  const why = reasonOf(stop.call.class, stop.fault);
  if (why === "grant-ended") {
    store.set("reconnect", why);
    return { outcome: why, isOver: true };
  }
  if (why === "broken-answers" || why === "refused") return spoilt(run, row, why);
  const asked = Math.min(retryAfterMsMax, stop.call.retryAfterMs ?? 0);
  const ofAll = why === "rate-limited" || asked > 0 || row.kind !== "backfill";
  const faults = ofAll ? store.attempt() : row.faults + 1;
  const untilMs = now() + Math.max(asked, backoffOf(faults, chance()));
  line.fault(row.id, why, ofAll ? 0 : untilMs);
  if (ofAll) pauseUntil(run, untilMs, why);
  return { outcome: why, isOver: ofAll };
}

function spoilt(run: Run, row: Pending, why: ConnectionReason): Stopped {
  const { store, now } = run;
  const { line } = store;
  const isCursor = row.cursor !== null && row.ask === 0;
  const isHopeless = row.kept === null ? row.kind !== "live" : row.faults + 1 >= keptRefusalsMax;
  if (why === "refused" && !isCursor && isHopeless) {
    run.tally.dropped++;
    store.atOnce(() => {
      line.drop(row.id);
      if (row.kind === "backfill") run.habits.endPart("refused");
    });
    return { outcome: why, isOver: false };
  }
  const waitMs = why === "refused" && !isCursor ? refusedAgainMs : faultWait(run, row);
  line.fault(row.id, why, now() + waitMs);
  if (isCursor && row.tries + 1 >= cursorTriesMax) line.startOver(row.id);
  return { outcome: why, isOver: false };
}
