/**
 * A run over what waits, page by page; after each the line is looked at anew, so that a notice
 * comes before history even in the middle of a step. For each page: it is fetched, accepted whole,
 * and only then its cursor is kept. A crash after accepting repeats one page, which changes nothing.
 */
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import { apartIn, apartOf, isOfSamples } from "./connection-apart.ts";
import { isStop } from "./connection-calls.ts";
import {
  hintsFromMs,
  isHearsay,
  isHint,
  isVain,
  leaseOf,
  noteVain,
  payOwed,
} from "./connection-doubt.ts";
import { endPart, giveUp, halt, type Run, type Stopped, spoilt } from "./connection-fault.ts";
import { type Halt, type Reading, type Turned, unfinishedAfterMs } from "./connection-items.ts";
import { isOne, type Pending } from "./connection-pending.ts";
import { absentOf, missingAfterMs, readPending } from "./connection-pull.ts";

export const pagesAWakeMax = 40;
/** Of one window, before the others in line have their turn. */
export const pagesATurnMax = 20;
/** A window that has not ended by then is led in a circle: it begins anew. */
export const pagesAWindowMax = 5_000;
/** How it ended, for the log. */
export async function readLine(run: Run): Promise<string> {
  const { store, habits, provider, calls, now } = run;
  const beganMs = now();
  let outcome = "ok";
  for (let pages = 0; ; pages++) {
    if (pages >= pagesAWakeMax || (pages > 0 && calls.isOver())) return "cap";
    if (!store.isOpen()) return "left";
    const isStopped = store.get("reconnect") !== null;
    if (!isStopped) payOwed(store, habits, provider, now());
    const apart = apartOf(store, provider);
    const row = isStopped ? null : store.line.next(now(), hintsFromMs(store, provider), apart);
    if (row === null) {
      if (store.get("reconnect") === null && habits.planStep(provider, now())) continue;
      break;
    }
    const stopped = await readOne(run, row).finally(() => store.line.rest());
    if (stopped !== null) outcome = stopped.outcome;
    if (stopped?.isOver) return outcome;
    await run.shown();
  }
  caughtUp(run, beganMs);
  return outcome;
}

/** Nothing live is left but samples, which stay in line: up to when this began, nothing is newer. */
function caughtUp({ store, provider }: Run, beganMs: Instant): void {
  const isBusy = store.line.isBusy(false, apartIn(provider));
  if (store.get("link") === null || isBusy) return;
  if ((store.get("checked") ?? -1) >= beganMs) store.set("caughtUp", beganMs);
}

async function readOne(run: Run, row: Pending): Promise<Stopped | null> {
  const { store, tally } = run;
  const link = store.get("link");
  if (link === null) return { outcome: "forgotten", isOver: true };
  const times = run.times();
  const { calls } = run;
  const it = readingOf(run, link, leaseOf(store, run.provider, row, run.now()));
  const { items, recorded } = tally;
  const made = calls.made;
  const seen = store.line.seenBy(row.id);
  calls.begin(row.least, isHint(run.provider, row));
  let turned: Turned | Halt | null;
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
  const vain = isSame && isVain(run.provider, row, turned, tally.recorded > recorded);
  if (vain) noteVain(store, run.now());
  const isFurther = isOfSamples(run.provider, row.collection) && tally.recorded > recorded;
  const known = isFurther || store.line.seenBy(row.id) > seen ? gotOn(run, row) : row;
  if (isStop(turned))
    return isSame ? halt(run, known, turned, { lease: it.lease, made: calls.made - made }) : null;
  if (store.get("link") === null) return { outcome: "forgotten", isOver: true };
  return advance(run, it, known, turned, {
    brought: tally.items > items,
    vain,
    isFirst: seen === 0,
  });
}

/** It is further on than before: what stops it now is the first in a row. */
function gotOn({ store }: Run, row: Pending): Pending {
  store.unset("attempts");
  store.line.gotOn(row.id);
  return { ...row, faults: 0, broken: 0 };
}

function readingOf(run: Run, link: Reading["link"], lease: Reading["lease"]): Reading {
  const { store, tally, calls, accept, samples, provider, now } = run;
  const { line, had } = store;
  const atOnce = (work: () => void) => store.atOnce(work);
  const times = run.times();
  const isLeft = () => times !== run.times();
  const ports = { accept, samples, now };
  return { calls, line, had, ...ports, link, provider, lease, atOnce, tally, isLeft };
}

/**
 * One call, to learn whether the grant is still no good: a page of what waits, or of what is newest,
 * or else whose account it is. True: it is good after all.
 */
export async function probe(run: Run): Promise<boolean> {
  const { store, habits, provider, calls, tally, now } = run;
  const link = store.get("link");
  if (link === null) return false;
  const hearsay = isHearsay(provider);
  const apart = apartIn(provider);
  if (store.line.probe(hearsay, apart) === null && provider.pull !== undefined)
    habits.readNewestWorkouts(provider, now());
  const row = store.line.probe(hearsay, apart);
  const times = run.times();
  try {
    if (row === null) {
      const request = provider.link?.permissions?.request ?? provider.link?.identity;
      if (request === undefined) return false;
      const answer = await calls.ask("live", request);
      if (isStop(answer) || answer.call.class !== "ok" || times !== run.times()) return false;
      went(run, false);
      return true;
    }
    const it = readingOf(run, link, row.kind === "backfill" ? "backfill" : "live");
    const items = tally.items;
    const turned = await readPending(it, row);
    if (turned === null) store.line.drop(row.id);
    if (turned === null || isStop(turned) || it.isLeft()) return false;
    await advance(run, it, row, turned, {
      brought: tally.items > items,
      vain: false,
      isFirst: false,
    });
    return true;
  } finally {
    store.line.rest();
  }
}

// -- forward --------------------------------------------------------------------------------

interface Came {
  readonly brought: boolean;
  /** A hint that came to nothing. */
  readonly vain: boolean;
  /** Nothing was brought by this window before. */
  readonly isFirst: boolean;
}

async function advance(
  run: Run,
  it: Reading,
  row: Pending,
  turned: Turned,
  { brought, vain, isFirst }: Came,
): Promise<Stopped | null> {
  const { store, now } = run;
  const { line } = store;
  const { next } = turned;
  went(run, brought);
  if (turned.missing === "yet") {
    line.missed(row, now() + (missingAfterMs[row.missed] ?? 0));
    return null;
  }
  const isFresh = row.kind === "live" && !vain && turned.missing === undefined;
  if (turned.isUnfinished === true) {
    line.putOff(row, now() + (unfinishedAfterMs[row.later] ?? unfinishedAfterMs[0]));
    if (isFresh) run.calls.finished(Math.max(0, now() - row.since));
    return null;
  }
  if (vain && next !== null && (isFirst || row.pages > 0)) {
    // It had all of a page to show for itself: the rest is read as our own, as far back as that goes.
    giveUp(run, row);
    return null;
  }
  if (next !== null && (line.hasPassed(row, next) || row.pages >= pagesAWindowMax)) {
    const stopped = spoilt(run, row, "broken-answers");
    if (row.pages >= pagesAWindowMax) line.startOver(row.id);
    return stopped;
  }
  if (next === null) {
    await finish(run, it, row, turned);
    if (isFresh) run.calls.finished(Math.max(0, now() - row.since));
  } else
    store.atOnce(() => {
      line.turnPage(row, next);
      if (turned.end !== undefined) endPart(run, row, turned.end);
      if ((row.pages + 1) % pagesATurnMax === 0) line.lastInLine(row.id);
    });
  return null;
}

/** A page was had: whatever was wrong is over. */
function went({ store, habits, provider, now }: Run, brought: boolean): void {
  const nowMs = now();
  const { isProbed } = store;
  store.set("checked", nowMs);
  if (brought) store.set("received", nowMs);
  store.unset("attempts", "pause", "denied");
  if (!isProbed) return;
  store.unset("reconnect", "probed");
  habits.resume(provider, true, nowMs);
}

/**
 *   1. what the window did not bring is looked for  the window ends all the same; the next finds it
 *   2. an address is let go of by the vault        asked for again, it is gone, which ends it too
 *   3. the row goes, history moves, and what was   at once
 *      not brought waits to be asked about
 */
async function finish(run: Run, it: Reading, row: Pending, turned: Turned): Promise<void> {
  const { end } = turned;
  const { store, now, provider } = run;
  const isSamples = isOfSamples(provider, row.collection);
  const isWindow = !isOne(row) && row.kept === null && row.ask === 0 && !isSamples;
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
    if (isThere) endPart(run, row, end ?? "read");
  });
}
