/** Challenges as the archive needs them: which are to be settled for good, their rules, who is in them. */
import type { ChallengeRules } from "../../domain/challenges.ts";
import { challengePeriod } from "../../domain/ports.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { addDays, type Instant, type LocalDate, localDate } from "../../domain/time.ts";
import { repeatable } from "./warehouse.ts";

/** After its last day: then that day is over everywhere, and what was done then has come, mostly. */
const finalDays = 3;
const prefix = challengePeriod("");

/** Null: a period is meant. */
export const challengeOf = (period: string): string | null =>
  period.startsWith(prefix) ? period.slice(prefix.length) : null;

const ranked = Object.values<AnyStream>(streams).filter((stream) => stream.ranked);
/** Whose boards it is one of. */
const streamOf = (measure: string): AnyStream | null =>
  ranked.find(({ measures }) => measures.some(({ name, open }) => open && name === measure)) ??
  null;

interface ChallengeRow {
  id: string;
  measure: string;
  families: string;
  from_day: string;
  to_day: string;
  day_max: number | null;
  least: number | null;
  verified_only: number;
}

/** Null: there is no such challenge, or it was ended before its time, and has no final standings. */
export async function challengeRules(
  warehouse: D1Database,
  id: string,
): Promise<ChallengeRules | null> {
  const row = await repeatable(() =>
    warehouse
      .prepare(
        `SELECT id, measure, families, from_day, to_day, day_max, least, verified_only
         FROM challenge WHERE id = ? AND ended_at IS NULL`,
      )
      .bind(id)
      .first<ChallengeRow & Record<string, unknown>>(),
  );
  if (row === null) return null;
  return {
    ...{ id, measure: row.measure, families: JSON.parse(row.families) },
    ...{ from: row.from_day, to: row.to_day, dayMax: row.day_max, least: row.least },
    verifiedOnly: row.verified_only === 1,
  };
}

/** Of these members, those who are in it. */
export async function joined(
  warehouse: D1Database,
  id: string,
  members: readonly string[],
): Promise<ReadonlySet<string>> {
  const { results } = await repeatable(() =>
    warehouse
      .prepare(
        `SELECT j.member FROM challenge_member AS j JOIN member AS m ON m.id = j.member
         WHERE j.challenge = ?1 AND m.erased_at IS NULL
           AND j.member IN (SELECT value FROM json_each(?2))`,
      )
      .bind(id, JSON.stringify(members))
      .all<{ member: string }>(),
  );
  return new Set(results.map(({ member }) => member));
}

const inDays = `WHERE day BETWEEN ch.from_day AND ch.to_day
  AND stream IN (SELECT value FROM json_each(?2))`;

/**
 * Those that are over, with nothing of their days left to settle, and have no final standings yet;
 * those with some, of whose days anything was settled again since; and those with some that were ended
 * then, of which nothing is to be kept.
 */
export async function challengesDue(
  warehouse: D1Database,
  stream: string | null,
  nowMs: Instant,
): Promise<readonly { readonly stream: string; readonly period: string }[]> {
  const { results } = await repeatable(() =>
    warehouse
      .prepare(
        `SELECT ch.id, ch.measure FROM challenge AS ch
         LEFT JOIN closed_board AS c ON c.period = '${prefix}' || ch.id
           AND c.stream IN (SELECT value FROM json_each(?2))
         WHERE CASE WHEN ch.ended_at IS NOT NULL THEN c.version IS NOT NULL
           WHEN ch.to_day >= ?1 THEN 0
           WHEN c.version IS NULL THEN NOT EXISTS (SELECT 1 FROM dirty ${inDays})
             AND NOT EXISTS (SELECT 1 FROM unresolved ${inDays})
           ELSE EXISTS (SELECT 1 FROM partition AS p WHERE p.stream = c.stream
             AND p.day BETWEEN ch.from_day AND ch.to_day AND p.settled_at > c.as_of) END`,
      )
      .bind(
        addDays(localDate(nowMs, 0), -finalDays),
        JSON.stringify(ranked.map(({ name }) => name)),
      )
      .all<{ id: string; measure: string }>(),
  );
  return results.flatMap(({ id, measure }) => {
    const of = streamOf(measure);
    if (of === null || (stream !== null && stream !== of.name)) return [];
    return [{ stream: of.name, period: challengePeriod(id) }];
  });
}

/**
 * Final standings of this stream, made or being made, that count any of these days are to be made anew
 * by the next run: somebody who may be in them was erased, or what they did.
 */
export const markStandings = (
  warehouse: D1Database,
  stream: string,
  days: readonly LocalDate[],
  nowMs: Instant,
): D1PreparedStatement =>
  warehouse
    .prepare(
      `INSERT INTO closing_due (stream, period, since, mark, erased)
       SELECT ?1, '${prefix}' || ch.id, ?3, ?3, 1 FROM challenge AS ch
       WHERE '${prefix}' || ch.id IN (SELECT period FROM closed_board WHERE stream = ?1
           UNION SELECT period FROM closing_due WHERE stream = ?1)
         AND EXISTS (SELECT 1 FROM json_each(?2) WHERE value BETWEEN ch.from_day AND ch.to_day)
       ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark), erased = 1`,
    )
    .bind(stream, JSON.stringify(days), nowMs);

/** Nothing of it is counted live any more; the ledgers of those in it are told so. */
export const challengeClosed = (
  warehouse: D1Database,
  id: string,
  nowMs: Instant,
): D1PreparedStatement =>
  warehouse
    .prepare(
      `UPDATE challenge SET closed_at = ?2, telling = '', version = version + 1
       WHERE id = ?1 AND closed_at IS NULL`,
    )
    .bind(id, nowMs);
