/**
 * What a closed board is of: a period of a stream, and of those who are on boards; or a challenge,
 * and those who joined it. Its days, how they count, and who is in it.
 */
import { type AnyStream, streamNamed } from "../../domain/streams.ts";
import {
  addDays,
  daysOfPeriod,
  type Instant,
  type LocalDate,
  parseMoment,
} from "../../domain/time.ts";
import { type Counting, countingFor, countingOf } from "../../kernel/boards/closed-days.ts";
import { challengeOf, challengeRules, joined } from "./closed-challenges.ts";
import type { BoardKey } from "./closed-store.ts";
import { DriftStore } from "./drift-store.ts";

export interface Target {
  readonly stream: AnyStream;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly counting: Counting;
  /** Null: it is a period's. */
  readonly challenge: string | null;
  /** Of these members, those who are shown on it. */
  shown(members: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Null: there is nothing of that name that could have a board. */
export async function targetOf(
  warehouse: D1Database,
  { stream: name, period }: BoardKey,
): Promise<Target | null> {
  const stream = streamNamed(name);
  if (stream === undefined || !stream.ranked) return null;
  const challenge = challengeOf(period);
  if (challenge === null) {
    const shown = (members: readonly string[]) => new DriftStore(warehouse).onBoards(members);
    const counting = countingOf(stream);
    return { stream, ...daysOfPeriod(period), counting, challenge, shown };
  }
  const rules = await challengeRules(warehouse, challenge);
  if (rules === null) return null;
  const { from, to } = rules;
  const shown = (members: readonly string[]) => joined(warehouse, challenge, members);
  return { stream, from, to, counting: countingFor(stream, rules), challenge, shown };
}

/** When its last day is over in UTC. */
export function endOf({ to }: Pick<Target, "to">): Instant {
  const end = parseMoment(`${addDays(to, 1)}T00:00:00Z`);
  if (!end.ok) throw new Error("the day after a period exists");
  return end.value.atMs;
}
