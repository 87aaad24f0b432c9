/**
 * What listens are measured by: all of them, and those that qualify by the rules of their day. A
 * play that its source counts without saying how long it was is taken for half of its track, or the
 * four minutes from which scrobblers count; where the track's length is unknown too, for the thirty
 * seconds below which none of them reports.
 */
import type { Column, Measure, Rules } from "../stream.ts";
import { localDate } from "../time.ts";
import { totalKey } from "../total-key.ts";
import type { ResolvedListen } from "./resolved.ts";

export const listenRules: Rules = {
  version: 1,
  history: [
    {
      from: "0001-01-01",
      values: { least_ms: 30_000, half_at_most_ms: 240_000, unsaid_ms: 30_000 },
    },
  ],
};

/** U+001F stands in no name that `nameKey` leaves. */
const keyOf = ({ artistKey, trackKey, territory }: ResolvedListen): string =>
  totalKey([artistKey, trackKey, territory]);

type Values = Readonly<Record<string, number>>;
const heardMs = ({ playedMs, durationMs }: ResolvedListen, rules: Values): number => {
  if (playedMs !== null) return playedMs;
  if (durationMs === null) return rules.unsaid_ms ?? 0;
  return Math.min(Math.floor(durationMs / 2), rules.half_at_most_ms ?? 0);
};

const text = (name: string, of: (l: ResolvedListen) => string | null): Column<ResolvedListen> => ({
  ...{ name, type: "text", of },
});
const integer = (
  name: string,
  of: (l: ResolvedListen) => number | null,
): Column<ResolvedListen> => ({ name, type: "integer", of });

export const listenColumns: readonly Column<ResolvedListen>[] = [
  text("artist", (l) => l.artist),
  text("track", (l) => l.track),
  text("release", (l) => l.release),
  text("key", keyOf),
  text("recording", (l) => l.recording),
  integer("duration_ms", (l) => l.durationMs),
  integer("played_ms", (l) => l.playedMs),
  text("territory", (l) => l.territory),
  text("provider", (l) => l.provider),
  integer("sources", (l) => l.facts.length),
];

const sqlOf = (where: string): string => `
SELECT r.subject, r.id, r.day, r.at, r.key, 1 AS n
FROM resolved r JOIN rules u ON r.day >= u.from_day AND r.day < u.until_day
WHERE ${where}`;

/** Case by case: of a length that is unknown engines differ in what the least is. */
const heardSql = `CASE WHEN r.played_ms IS NOT NULL THEN r.played_ms
  WHEN r.duration_ms IS NOT NULL THEN LEAST(FLOOR(r.duration_ms / 2), u.half_at_most_ms)
  ELSE u.unsaid_ms END`;

export const listenMeasures: readonly Measure<ResolvedListen>[] = [
  {
    ...{ name: "listens", open: true, fold: "sum" },
    of: (listen) => [[keyOf(listen), 1]],
    sql: sqlOf("TRUE"),
  },
  {
    ...{ name: "qualified", open: true, fold: "sum" },
    of(listen, rules) {
      const values = rules(localDate(listen.at, 0));
      return heardMs(listen, values) >= (values.least_ms ?? 0) ? [[keyOf(listen), 1]] : [];
    },
    sql: sqlOf(`${heardSql} >= u.least_ms`),
  },
];
