/**
 * Which closed boards are due: of periods that closed and had anything, of those that settled again,
 * of challenges that are over, and of members who left boards or joined them. The live boards of what
 * closed are compared no more.
 */

import { isOpen } from "../../domain/boards.ts";
import type { MemberId } from "../../domain/identity.ts";
import { ledgerName } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { addDays, type Instant, msPerDay, type Period, periodsOf } from "../../domain/time.ts";
import { challengesDue } from "./closed-challenges.ts";
import { ClosedStore } from "./closed-store.ts";
import { ledgerOf } from "./env.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { reachOf } from "./settle-args.ts";
import { repeatable } from "./warehouse.ts";

/** A board is made the night before its period closes, so that it is there when it does. */
const aheadMs = msPerDay;
const isClosing = (period: Period, nowMs: Instant): boolean => !isOpen(period, nowMs + aheadMs);

const factsPerPage = 1000;
/** Of one member; more than anybody has. */
const factPagesMax = 200;

export const closingStage: Stage = { name: "closing", unit: closingUnit };

async function closingUnit(step: Step): Promise<Progress> {
  const { env, run, now } = step;
  const only = reachOf(step).stream;
  const ranked = Object.values<AnyStream>(streams).filter(
    ({ name, ranked }) => ranked && (only === null || name === only),
  );
  if (run.state.cursor !== null) return leftUnit(step, ranked);
  const store = new ClosedStore(env.WAREHOUSE);
  for (const { name } of ranked) {
    const held = new Set((await store.daysHeld(name)).flatMap(periodsOf));
    const closing = [...held].filter((period) => isClosing(period, now()));
    await store.markNew(name, closing, now());
    const compared = await store.compared(name);
    await store.moveDue(
      name,
      compared.filter((period) => !isOpen(period, now())),
      now(),
    );
  }
  for (const { stream, period } of await challengesDue(env.WAREHOUSE, only, now()))
    await store.mark(stream, [period], now());
  return { go: "more", cursor: "members" };
}

interface Left {
  readonly member: string;
  readonly mark: number;
}

/**
 * A member who left boards or joined them since the last time; their ledger knows what they did when.
 * The mark goes if it is still that one.
 */
async function leftUnit({ env, now }: Step, ranked: readonly AnyStream[]): Promise<Progress> {
  const left = await repeatable(() =>
    env.WAREHOUSE.prepare("SELECT member, mark FROM closing_member LIMIT 1").first<
      Left & Record<string, unknown>
    >(),
  );
  if (left === null) return { go: "next" };
  for (const stream of ranked) {
    const periods = await periodsWith(env, stream, left.member);
    await new ClosedStore(env.WAREHOUSE).markAnew(stream.name, [...periods], now());
  }
  await repeatable(() =>
    env.WAREHOUSE.prepare("DELETE FROM closing_member WHERE member = ? AND mark = ?")
      .bind(left.member, left.mark)
      .run(),
  );
  return { go: "more", counts: { membersMarked: 1 } };
}

/** Every period that one of their facts may count for: a day is told by the clock of one of them. */
async function periodsWith(
  env: Step["env"],
  stream: AnyStream,
  member: string,
): Promise<ReadonlySet<Period>> {
  const ledger = ledgerOf(env, ledgerName(stream.name, member as MemberId));
  const periods = new Set<Period>();
  let after: string | null = null;
  for (let page = 0; page < factPagesMax; page++) {
    const { items, next } = await ledger.facts(
      Number.MIN_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER,
      after,
      factsPerPage,
    );
    for (const fact of items) {
      const day = stream.day(fact, noSettings);
      for (const near of [-1, 0, 1])
        for (const period of periodsOf(addDays(day, near))) periods.add(period);
    }
    if (next === null) break;
    after = next;
  }
  periods.delete("all");
  return periods;
}
