/**
 * What should count, by DuckDB over the plays as they were, and what the archive's own rows come to
 * by each measure's SQL: month by month, track by track, territory by territory.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyParts } from "../../domain/total-key.ts";
import type { Duck } from "./duck.ts";
import type { ListensWorld } from "./listens-world.ts";

/** "period artist|track|territory measure" → n. */
export type Totals = ReadonlyMap<string, number>;

export const nameOf = (period: string, parts: readonly string[], measure: string) =>
  `${period} ${parts.join("|")} ${measure}`;

/** As the archive's totals are named, with the parts of the key. */
export const named = (totals: ReadonlyMap<string, number>): Totals =>
  new Map(
    [...totals].map(([name, n]) => {
      const [from, to] = [name.indexOf(" "), name.lastIndexOf(" ")];
      const parts = keyParts(name.slice(from + 1, to));
      return [nameOf(name.slice(0, from), parts, name.slice(to + 1)), n];
    }),
  );

/** Thirty seconds count: those heard, or half of the track but four minutes, or else thirty. */
const truthSql = (file: string) => `
  WITH play AS (
    SELECT strftime(make_timestamp(atMs * 1000), '%Y-%m-%d') AS day,
      lower(nfc_normalize(artist)) AS artist, lower(nfc_normalize(track)) AS track, territory,
      coalesce(playedMs, least(lengthMs // 2, 240000), 30000) >= 30000 AS counts
    FROM read_json('${file}', format = 'newline_delimited', columns = {
      atMs: 'BIGINT', artist: 'VARCHAR', track: 'VARCHAR', territory: 'VARCHAR',
      playedMs: 'BIGINT', lengthMs: 'BIGINT'}))
  SELECT period, artist, track, territory, count(*)::INTEGER AS listens,
    count(*) FILTER (counts)::INTEGER AS qualified
  FROM play, LATERAL (VALUES (strftime(day::DATE, '%G-W%V')), (day[:7]), ('all')) p(period)
  GROUP BY ALL`;

export async function truthOf(duck: Duck, folder: string, world: ListensWorld): Promise<Totals> {
  const file = join(folder, "plays.ndjson");
  // Full-width letters are not DuckDB's to fold.
  const plain = (text: string) => text.normalize("NFKC");
  const lines = world.plays.map((play) =>
    JSON.stringify({ ...play, artist: plain(play.artist), track: plain(play.track) }),
  );
  writeFileSync(file, lines.join("\n"));
  const found = new Map<string, number>();
  for (const row of await duck.ask(truthSql(file)))
    for (const measure of ["listens", "qualified"]) {
      const parts = [row.artist, row.track, row.territory].map(String);
      const n = Number(row[measure]);
      if (n > 0) found.set(nameOf(String(row.period), parts, measure), n);
    }
  return found;
}
