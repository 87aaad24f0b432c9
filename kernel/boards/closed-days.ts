/**
 * What members come to, day by day, out of the facts: each day by itself, as rows in order of the
 * members, then the days of a period together. Numbers are those of a live row: a measure each, then
 * the event time of the last thing counted.
 */
import type { Numbers } from "../../domain/board-ports.ts";
import { type ChallengeRules, scoreChallenge } from "../../domain/challenges.ts";
import { rulesAt } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { Instant, LocalDate } from "../../domain/time.ts";
import type { Ground } from "../settle/each-subject.ts";
import { resolveDay } from "../settle/resolve-day.ts";

export interface MemberNumbers {
  readonly member: string;
  readonly numbers: Numbers;
}

/** How things that count become numbers. */
export interface Counting {
  /** Of one member's on one day. */
  of(bodies: readonly Timed[]): Numbers;
  /** Which of the numbers there are rankings by. */
  readonly measures: readonly number[];
  /** The event time that two days come to, of which the second is the later. */
  lastOf(before: Instant, after: Instant): Instant;
}
export interface Timed {
  readonly at: Instant;
  readonly body: unknown;
}

/** As the live boards count: every open measure, and of the last day that has anything the time. */
export function countingOf({ measures, rules }: AnyStream): Counting {
  const at = rulesAt(rules);
  return {
    of(bodies) {
      const sums: Record<string, number[]> = {};
      for (const { at: atMs, body } of bodies)
        measures.forEach(({ open, of }, nth) => {
          for (const [key, n] of open ? of(body, at) : []) {
            sums[key] ??= [...measures.map(() => 0), Number.MIN_SAFE_INTEGER];
            const row = sums[key];
            row[nth] = (row[nth] ?? 0) + n;
            row[measures.length] = Math.max(row[measures.length] ?? 0, atMs);
          }
        });
      return sums;
    },
    measures: measures.flatMap(({ open }, nth) => (open ? [nth] : [])),
    lastOf: (_, after) => after,
  };
}

/** A challenge's days count each by itself, and add up. */
export const countingFor = (stream: AnyStream, rules: ChallengeRules): Counting => ({
  of: (bodies) =>
    scoreChallenge(
      stream,
      rules,
      bodies.map(({ body }) => body),
    ),
  measures: [0],
  lastOf: Math.max,
});

/** All that count on a day, in order of the members. */
export async function* membersOfDay(
  ground: Ground,
  day: LocalDate,
  counting: Counting,
): AsyncGenerator<MemberNumbers> {
  let member: string | null = null;
  let bodies: Timed[] = [];
  const taken = (): MemberNumbers[] => {
    const numbers = bodies.length === 0 ? {} : counting.of(bodies);
    bodies = [];
    return member === null || Object.keys(numbers).length === 0 ? [] : [{ member, numbers }];
  };
  for await (const slice of resolveDay(ground, day))
    for (const { subject, at, body } of slice) {
      if (subject !== member) yield* taken();
      member = subject;
      bodies.push({ at, body });
    }
  yield* taken();
}

/** Rows of some days, in order of the members and for each of the days, become a row a member. */
export async function* together(
  batches: AsyncIterable<readonly MemberNumbers[]>,
  { lastOf }: Counting,
): AsyncGenerator<MemberNumbers> {
  let held: MemberNumbers | null = null;
  for await (const batch of batches)
    for (const row of batch) {
      if (held === null || held.member !== row.member) {
        if (held !== null) yield held;
        held = row;
      } else held = { member: row.member, numbers: sumOf(held.numbers, row.numbers, lastOf) };
    }
  if (held !== null) yield held;
}

function sumOf(a: Numbers, b: Numbers, lastOf: Counting["lastOf"]): Numbers {
  const sums: Record<string, readonly number[]> = { ...a };
  for (const [key, more] of Object.entries(b)) {
    const held = sums[key];
    const last = more.length - 1;
    sums[key] =
      held === undefined
        ? more
        : more.map((n, i) => (i === last ? lastOf(held[i] ?? n, n) : (held[i] ?? 0) + n));
  }
  return sums;
}
