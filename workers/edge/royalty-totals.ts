/**
 * What the warehouse knows of a month's listens, read in one transaction, so that a settlement that
 * is under way is in all of it or in none.
 */
import { listens } from "../../domain/listens/stream.ts";
import { monthsLooked } from "../../domain/royalties/rules.ts";
import type { MonthTotal, RoyaltyTotals } from "../../domain/royalties/statement.ts";
import { addDays, daysOfPeriod, monthOf, type Period } from "../../domain/time.ts";

/** Of one month: artists, tracks and territories that were heard together; more are not stated. */
export const linesMax = 50_000;

/** The months looked at, the latest first. */
export function monthsTo(period: Period, count = monthsLooked): Period[] {
  const months = [period];
  while (months.length < count)
    months.push(monthOf(addDays(daysOfPeriod(months.at(-1) ?? period).from, -1)));
  return months;
}

export interface MonthRead {
  readonly totals: RoyaltyTotals;
  /** Partitions of these months that wait to be settled or counted by these rules. */
  readonly waiting: number;
}

interface Row {
  key: string;
  listens: number;
  qualified: number;
}

/** A total's key without its territory (`trackOf`). */
const track = "substr(key, 1, length(key) - 3)";

/** Null: there are too many lines. Only a track that was heard in the month is looked back at. */
export async function readMonth(db: D1Database, period: Period): Promise<MonthRead | null> {
  const rules = listens.rules.version;
  const months = monthsTo(period);
  const { to } = daysOfPeriod(period);
  const { from } = daysOfPeriod(months.at(-1) ?? period);
  const [month, looked, waiting] = await db.batch<Row & { n: number }>([
    db
      .prepare(
        `SELECT key, sum(iif(measure = 'listens', n, 0)) AS listens,
           sum(iif(measure = 'qualified', n, 0)) AS qualified
         FROM total WHERE stream = ? AND rules = ? AND measure IN ('listens', 'qualified')
           AND period = ? GROUP BY key LIMIT ?`,
      )
      .bind(listens.name, rules, period, linesMax + 1),
    db
      .prepare(
        `SELECT ${track} AS key, sum(n) AS qualified
         FROM total WHERE stream = ?1 AND rules = ?2 AND measure = 'qualified'
           AND period IN (SELECT value FROM json_each(?3))
           AND ${track} IN (SELECT ${track} FROM total WHERE stream = ?1 AND rules = ?2
             AND measure = 'qualified' AND period = ?4)
         GROUP BY 1 LIMIT ?5`,
      )
      .bind(listens.name, rules, JSON.stringify(months), period, linesMax + 1),
    db
      .prepare(
        `SELECT (SELECT count(*) FROM dirty WHERE stream = ?1 AND day BETWEEN ?2 AND ?3)
           + (SELECT count(*) FROM unresolved WHERE stream = ?1 AND day BETWEEN ?2 AND ?3)
           + (SELECT count(*) FROM partition WHERE stream = ?1 AND day BETWEEN ?2 AND ?3
               AND rules <> ?4) AS n`,
      )
      .bind(listens.name, from, to, rules),
  ]);
  const heard: readonly MonthTotal[] = month?.results ?? [];
  if (heard.length > linesMax) return null;
  const back = new Map(looked?.results.map(({ key, qualified }) => [key, qualified]));
  return {
    totals: { period, rules, month: heard, looked: back },
    waiting: waiting?.results[0]?.n ?? 0,
  };
}
