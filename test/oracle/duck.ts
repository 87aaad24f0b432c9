/**
 * The archive read by an engine that shares nothing with Singlet: DuckDB over the Parquet files that
 * the manifests name, with the SQL that stands beside each measure.
 */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { AnyStream } from "../../domain/streams.ts";
import { Counts } from "./counts.ts";

export type Row = Readonly<Record<string, string | number | bigint | boolean | null>>;

export interface Duck {
  ask(sql: string): Promise<readonly Row[]>;
  end(): void;
}

/** With the views `facts`, `resolved`, `manifests` and `rules` over an archive's folder, if any. */
export async function duckOver(
  folder: string | null,
  stream: AnyStream,
  threads = 2,
): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
  const connection = await instance.connect();
  for (const sql of folder === null ? [] : viewsOver(folder, stream)) await connection.run(sql);
  return {
    ask: (sql) => rowsOf(connection, sql),
    end() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJS() as unknown as readonly Row[];
}

/** Only what a manifest names is the archive; a killed settler may have left more files. */
export const viewsOver = (folder: string, stream: AnyStream): readonly string[] => [
  `CREATE VIEW manifests AS
   SELECT * FROM read_json('${folder}/manifest/${stream.name}/*/*.json', columns = {
     stream: 'VARCHAR', day: 'VARCHAR', bucket: 'INTEGER', version: 'INTEGER',
     facts: 'STRUCT(object VARCHAR, rows BIGINT, bytes BIGINT, sha256 VARCHAR)',
     resolved: 'STRUCT(object VARCHAR, rows BIGINT, bytes BIGINT, sha256 VARCHAR, rule INTEGER)'})`,
  `SET VARIABLE facts_files = (SELECT list('${folder}/' || facts.object) FROM manifests)`,
  `SET VARIABLE resolved_files =
     (SELECT list('${folder}/' || resolved.object) FROM manifests WHERE resolved IS NOT NULL)`,
  "CREATE VIEW facts AS SELECT * FROM read_parquet(getvariable('facts_files'), filename = true)",
  "CREATE VIEW resolved AS SELECT * FROM read_parquet(getvariable('resolved_files'))",
  `CREATE VIEW rules AS SELECT * FROM (${rulesSql(stream)})`,
];

/** The rules as rows: from_day, until_day and a column a value. */
function rulesSql({ rules: { history } }: AnyStream): string {
  return history
    .map(({ from, values }, i) => {
      const named = Object.entries(values).map(([name, n]) => `${n} AS ${name}`);
      const until = history[i + 1]?.from ?? "9999-12-31";
      return `SELECT ${[`'${from}' AS from_day`, `'${until}' AS until_day`, ...named].join(", ")}`;
    })
    .join(" UNION ALL ");
}

/** Every member's score and every total: the measure's own rows, folded by period; none of a day's. */
export async function duckCounts(duck: Duck, stream: AnyStream): Promise<Counts> {
  const counts = new Counts();
  for (const measure of stream.measures.filter(({ isDaily }) => !isDaily)) {
    const rows = await duck.ask(scoresSql(measure.sql));
    for (const { subject, period, key, n } of rows)
      counts.score(String(subject), String(period), String(key), measure.name, Number(n));
  }
  return counts;
}

/** A day counts for its ISO week, its month and all time. */
export const scoresSql = (measureSql: string): string => `
SELECT m.subject, p.period, m.key, sum(m.n)::BIGINT AS n
FROM (${measureSql}) m,
  LATERAL (VALUES (strftime(m.day::DATE, '%G-W%V')), (substr(m.day, 1, 7)), ('all')) p(period)
GROUP BY ALL`;
