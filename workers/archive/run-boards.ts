/**
 * Closed boards are made of the settled facts, as versions: who is on them is settled when they are
 * made, and what comes later makes another one. A board is many units of work, so that any of them
 * may be done again; nobody sees anything of it until its row names it.
 */

import type { ClosedBody } from "../../kernel/boards/closed.ts";
import { ArchiveFault } from "../../kernel/settle/manifest.ts";
import { AsideLost, dropAside } from "./closed-aside.ts";
import { challengeClosed, challengeOf } from "./closed-challenges.ts";
import { differenceOf, keptDifference } from "./closed-final.ts";
import { gather } from "./closed-gather.ts";
import { beginning, type Making, past, rankingsOf } from "./closed-making.ts";
import { dropObjects, rank, sweepFormer } from "./closed-rank.ts";
import { type BoardKey, ClosedStore, type DueBoard, isTurnOf } from "./closed-store.ts";
import { endOf, type Target, targetOf } from "./closed-target.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { mayBeReplaced, noteFault } from "./run-fault.ts";
import { nightOf, reachOf } from "./settle-args.ts";

/**
 * Of one step. A unit asks D1 for each of seven days some ten times, and once more for each slice of
 * the rows around it.
 */
const unitsPerStepMax = 4;

export const boardsStage: Stage = {
  name: "boards",
  unitsPerStepMax,
  size: (step) => new ClosedStore(step.env.WAREHOUSE).countDue(reachOf(step).stream),
  unit: boardUnit,
};

/** What no row names any more. */
export const formerStage: Stage = {
  name: "former",
  async unit({ env, now }) {
    const key = await new ClosedStore(env.WAREHOUSE).unswept(now());
    if (key === null) return { go: "next" };
    return { go: "more", counts: { formerDeleted: await sweepFormer(env, key) } };
  },
};

/**
 *   1. what members come to is gathered from the facts and sorted, a bucket after the other
 *   2. each ranking becomes an object, of a name that no version had
 *   3. the row names them, over the version that was read; the mark goes, unless it was marked again
 * What was put aside in 1 goes then. A crash anywhere: the unit is done again, and comes to the same.
 */
async function boardUnit(step: Step): Promise<Progress> {
  const { env, run } = step;
  const at: Making | null = run.state.cursor === null ? null : JSON.parse(run.state.cursor);
  if (at === null || at.isPast) return nextBoard(step, at);
  const target = await targetOf(env.WAREHOUSE, at);
  if (target === null) return { go: "more", done: 1, cursor: past(at) };
  try {
    if (at.bucket < target.stream.buckets) {
      const next = await gather(step, target, at);
      return next === null ? { go: "wait" } : { go: "more", cursor: JSON.stringify(next) };
    }
    if (at.made.length < rankingsOf(at).length)
      return { go: "more", cursor: JSON.stringify(await rank(step, at)) };
    const counts = await finish(step, target, at);
    await dropAside(env, run.id);
    return { go: "more", done: 1, cursor: past(at), counts };
  } catch (error) {
    if (error instanceof AsideLost) return { go: "more", cursor: JSON.stringify(anew(at)) };
    if (!(error instanceof ArchiveFault)) throw error;
    if (mayBeReplaced(step, error)) return { go: "wait" };
    await noteFault(step, error);
    await dropAside(env, run.id);
    return { go: "more", done: 1, cursor: past(at), counts: { faults: 1 } };
  }
}

const anew = ({ live, ...at }: Making): Making => ({
  ...at,
  ...{ bucket: 0, day: null, days: [], runs: [], members: 0, made: [] },
  live: live && { live: 0, final: 0, differing: 0, members: [] },
});

/** The next one whose turn it is; who asks for a run has the turn of all of them. */
async function nextBoard(step: Step, after: BoardKey | null): Promise<Progress> {
  const { env, now } = step;
  const store = new ClosedStore(env.WAREHOUSE);
  const nowMs = now();
  const asked = nightOf(step) === null;
  const due = await store.due(reachOf(step).stream, after);
  for (const board of due) {
    const target = await targetOf(env.WAREHOUSE, board);
    if (target === null) await leaveOff(env, board);
    else if (asked || isTurnOf(board, endOf(target), nowMs)) {
      const making = beginning(board, target.challenge !== null, nowMs);
      return { go: "more", cursor: JSON.stringify(making) };
    }
  }
  const last = due.at(-1);
  if (last !== undefined) return { go: "more", cursor: past(last) };
  return { go: "next" };
}

/**
 * Of a challenge that was ended nothing is kept: its objects go, then its row, then the mark. A crash
 * between them: it is due still, or found so by the next run.
 */
async function leaveOff(env: Step["env"], board: DueBoard): Promise<void> {
  const store = new ClosedStore(env.WAREHOUSE);
  if (challengeOf(board.period) !== null) {
    await dropObjects(env, board);
    await store.dropVersions(board);
  }
  await store.drop(board);
}

async function finish(
  { env, now }: Step,
  target: Target,
  making: Making,
): Promise<Readonly<Record<string, number>>> {
  const store = new ClosedStore(env.WAREHOUSE);
  const current = await store.current(making);
  const { stream, period, mark, former, asOfMs } = making;
  const due = { stream, period, mark, isUrgent: false, former: { version: former, asOfMs } };
  const made: ClosedBody = { members: making.members, rankings: making.made };
  const body = await withFinal(env, target, making, made, current?.body ?? null);
  if (current !== null && JSON.stringify(current.body) === JSON.stringify(body)) {
    await store.keep(due, current.version, asOfMs);
    return { boardsKept: 1 };
  }
  const { challenge } = target;
  const also = challenge === null ? [] : [challengeClosed(env.WAREHOUSE, challenge, now())];
  const next = { stream, period, mark, version: former + 1, body, asOfMs };
  await store.put(next, also, now());
  return { boardsMade: 1 };
}

async function withFinal(
  env: Step["env"],
  target: Target,
  { live, asOfMs }: Making,
  body: ClosedBody,
  former: ClosedBody | null,
): Promise<ClosedBody> {
  if (live !== null) return { ...body, final: await differenceOf(env, target, live, body, asOfMs) };
  if (former?.final === undefined) return body;
  return { ...body, final: await keptDifference(target, former.final) };
}
