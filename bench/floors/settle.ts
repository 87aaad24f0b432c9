/**
 * The least that settling is, by an engine that shares nothing with Singlet: DuckDB on one thread over
 * the same files. It picks of each identity on each day the statement that its ledger published last
 * and writes these as Parquet; and it adds up every measure over what settling resolved. It does not
 * fold records into workouts, and two of it could overwrite each other: what settling takes above
 * this is the price of both.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** What it is asked about: files in a folder, and what counts, as SQL and as the rules' own values. */
export interface Archive {
  readonly folder: string;
  readonly stream: string;
  readonly rules: readonly {
    readonly from: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

export interface Measured {
  readonly ms: number;
  readonly rows: number;
  /** Of each measure everything that counts. */
  readonly totals: Readonly<Record<string, number>>;
}

const threads = "1";

async function overDuck<T>(work: (duck: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const rowsOf = async (duck: DuckDBConnection, sql: string) =>
  (await duck.runAndReadAll(sql)).getRowObjectsJS();

const viewsOver = ({ folder, stream, rules }: Archive): readonly string[] => [
  `CREATE VIEW manifests AS
   SELECT * FROM read_json('${folder}/manifest/${stream}/*/*.json', columns = {
     facts: 'STRUCT(object VARCHAR)', resolved: 'STRUCT(object VARCHAR)'})`,
  `SET VARIABLE facts_files = (SELECT list('${folder}/' || facts.object) FROM manifests)`,
  `SET VARIABLE resolved_files =
     (SELECT list('${folder}/' || resolved.object) FROM manifests WHERE resolved IS NOT NULL)`,
  "CREATE VIEW facts AS SELECT * FROM read_parquet(getvariable('facts_files'), filename = true)",
  "CREATE VIEW resolved AS SELECT * FROM read_parquet(getvariable('resolved_files'))",
  `CREATE VIEW rules AS ${rules
    .map(({ from, values }, i) => {
      const named = Object.entries(values).map(([name, n]) => `, ${n} AS ${name}`);
      const until = rules[i + 1]?.from ?? "9999-12-31";
      return `SELECT '${from}' AS from_day, '${until}' AS until_day${named.join("")}`;
    })
    .join(" UNION ALL ")}`,
];

const winnersSql = (folder: string, stream: string, has: boolean): string => `
SELECT subject, id, day, bucket, max(seq) AS seq, arg_max(revision, seq) AS revision,
  arg_max(kind, seq) AS kind, arg_max(body, seq) AS body
FROM (
  SELECT split_part(ledger, '/', 2) AS subject, statement->>'id' AS id, day, bucket, seq,
    (statement->>'revision')::BIGINT AS revision,
    CASE WHEN statement->>'retracted' IS NULL THEN 'fact' ELSE 'retraction' END AS kind,
    CASE WHEN statement->>'retracted' IS NULL THEN statement::VARCHAR END AS body
  FROM read_json('${folder}/land/${stream}/*/*/*.ndjson', format = 'newline_delimited',
    columns = {ledger: 'VARCHAR', seq: 'BIGINT', day: 'VARCHAR', bucket: 'INTEGER',
      statement: 'JSON'})
  ${has ? heldSql : ""}
) GROUP BY subject, id, day, bucket`;
const heldSql = `UNION ALL
  SELECT subject, id, split_part(filename, '/', -3) AS day,
    split_part(filename, '/', -2)::INTEGER AS bucket, seq, revision, kind, body FROM facts`;

/** Of each identity on each day what was published last, as Parquet in `out`. */
export const winners = (archive: Archive, out: string): Promise<Measured> =>
  overDuck(async (duck) => {
    const { folder, stream } = archive;
    const has = existsSync(join(folder, "manifest"));
    for (const sql of has ? viewsOver(archive) : []) await duck.run(sql);
    const startedMs = performance.now();
    await duck.run(
      `COPY (${winnersSql(folder, stream, has)} ORDER BY day, bucket, subject, id)
       TO '${out}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day, bucket))`,
    );
    const ms = performance.now() - startedMs;
    const counted = `SELECT count(*)::BIGINT AS n FROM read_parquet('${out}/*/*/*.parquet')`;
    const [count] = await rowsOf(duck, counted);
    return { ms, rows: Number(count?.n ?? 0), totals: {} };
  });

/** A day counts for its ISO week, its month and all time. */
const totalsSql = (measureSql: string): string => `
SELECT period, key, sum(n)::BIGINT AS n FROM (
  SELECT m.subject, p.period, m.key, sum(m.n)::BIGINT AS n
  FROM (${measureSql}) m,
    LATERAL (VALUES (strftime(m.day::DATE, '%G-W%V')), (substr(m.day, 1, 7)), ('all')) p(period)
  GROUP BY ALL)
GROUP BY period, key`;

/** Every total of every measure. */
export const totals = (
  archive: Archive,
  measures: readonly { readonly name: string; readonly sql: string }[],
): Promise<Measured> =>
  overDuck(async (duck) => {
    for (const sql of viewsOver(archive)) await duck.run(sql);
    const found: Record<string, number> = {};
    const startedMs = performance.now();
    for (const { name, sql } of measures) {
      const rows = await rowsOf(duck, totalsSql(sql));
      found[name] = Number(rows.find((r) => r.period === "all" && r.key === "all")?.n ?? 0);
    }
    return { ms: performance.now() - startedMs, rows: 0, totals: found };
  });
