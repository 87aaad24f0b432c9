/**
 * What workouts are measured by, each twice: as a function for the live boards and the settled
 * totals, and as SQL over the archive's columns. Both count on the board of all activities and on
 * the family's: what countable sources say, on the day that they say (which is `day` of every row
 * that scores), unless it is held or shorter than the rules let count.
 */
import type { Measure, Rules } from "../stream.ts";
import { familyOf } from "./activity.ts";
import type { ResolvedWorkout, Scored } from "./resolved.ts";

export const workoutRules: Rules = {
  version: 1,
  /** `least_elapsed_ms`: what is shorter than this counts for nothing. */
  history: [{ from: "0001-01-01", values: { least_elapsed_ms: 0 } }],
};

/** One column's worth of the archive, once for each of the two keys. */
const sqlOf = (value: string): string => `
WITH counting AS (
  SELECT r.subject, r.id, r.day, r.at, r.scored_family, ${value} AS n
  FROM resolved r
  JOIN rules u ON r.day >= u.from_day AND r.day < u.until_day
  WHERE r.scored_family IS NOT NULL AND NOT r.held AND r.scored_elapsed_ms >= u.least_elapsed_ms
)
SELECT c.subject, c.id, c.day, c.at, 'all' AS key, c.n FROM counting c
UNION ALL
SELECT c.subject, c.id, c.day, c.at, c.scored_family AS key, c.n FROM counting c`;

const measure = (
  name: string,
  value: (scored: Scored) => number,
  column: string,
): Measure<ResolvedWorkout> => ({
  name,
  open: true,
  fold: "sum",
  of: ({ scored, held }, rules) =>
    scored === null ||
    held.length > 0 ||
    scored.elapsedMs < (rules(scored.day).least_elapsed_ms ?? 0)
      ? []
      : ["all", familyOf(scored.type)].map((key): [string, number] => [key, value(scored)]),
  sql: sqlOf(column),
});

export const workoutMeasures: readonly Measure<ResolvedWorkout>[] = [
  measure("distance", ({ distanceMm }) => distanceMm ?? 0, "COALESCE(r.scored_distance_mm, 0)"),
  measure("moving_time", ({ movingMs }) => movingMs, "r.scored_moving_ms"),
  measure("count", () => 1, "1"),
];
