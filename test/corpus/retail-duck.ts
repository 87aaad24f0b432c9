/**
 * What the source comes to by DuckDB alone: its own reading of the CSV files, its own decimals. Per
 * day, ISO week, month and altogether, each measure under the key that it has in the totals.
 */
import { join } from "node:path";
import { keyParts, totalKey } from "../../domain/total-key.ts";
import type { Duck } from "../oracle/duck.ts";
import { columns, type DayFile } from "./retail-csv.ts";
import { currency } from "./retail-sales.ts";

/** "period measure key" → n; a period is a day, a week, a month or "all". What is zero is not there. */
export type Numbers = ReadonlyMap<string, number>;

export function plus(to: Map<string, number>, name: string, n: number): void {
  const sum = (to.get(name) ?? 0) + n;
  if (sum === 0) to.delete(name);
  else to.set(name, sum);
}

export const nameOf = (period: string, measure: string, key: string) =>
  `${period} ${measure} ${keyParts(key).slice(1).join(" | ")}`;

export const periodOf = (name: string): string => name.slice(0, name.indexOf(" "));
export const measureOf = (name: string): string => name.split(" ")[1] ?? "";

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Wide enough that no sum of any shop is cut, and exact: never a float. */
const decimal = "DECIMAL(18, 6)";

/** As a name is kept: without what does not show, nor blanks at its ends or several in a row. */
const nameSql = (column: string) => `trim(regexp_replace(${column}, '[\\p{C}\\s]+', ' ', 'g'))`;

function lineView(dir: string, files: ReadonlyMap<string, DayFile>): string {
  const reads = [...files].map(([name, { header, encoding }]) => {
    const types = header.map((column) => `${quoted(column)}: 'VARCHAR'`).join(", ");
    return `SELECT ${columns.join(", ")}, ${quoted(name)} AS file,
      row_number() OVER () AS nth
    FROM read_csv(${quoted(join(dir, name))}, header = true, auto_detect = false, delim = ',',
      quote = '"', escape = '"', columns = {${types}}, encoding = ${quoted(encoding)},
      parallel = false, max_line_size = 1000000)`;
  });
  return `CREATE TABLE line AS
    SELECT InvoiceNo AS invoice, ${nameSql("StockCode")} AS article, ${nameSql("Country")} AS country,
      trim(Quantity)::${decimal}::BIGINT AS quantity,
      round(trim(Quantity)::${decimal}::BIGINT * trim(UnitPrice)::${decimal} * 100)::BIGINT AS minor,
      replace(InvoiceDate, 'T', ' ') AS clock, file, nth
    FROM (${reads.join(" UNION ALL ")})
    WHERE coalesce(InvoiceNo, '') <> '' AND TRY_CAST(trim(Quantity) AS ${decimal}) IS NOT NULL
      AND TRY_CAST(trim(UnitPrice) AS ${decimal}) IS NOT NULL
      AND TRY_CAST(InvoiceDate AS TIMESTAMP) IS NOT NULL`;
}

const saleView = `CREATE TABLE sale AS
  SELECT invoice, min(clock)[:10] AS day, arg_min(country, (file, nth)) AS store
  FROM line GROUP BY invoice`;

const sold = `SELECT s.day, s.store, l.article, l.quantity, l.minor
  FROM line l JOIN sale s USING (invoice)`;

const measuresSql: Readonly<Record<string, string>> = {
  revenue: `SELECT day, store, NULL AS article, minor AS n FROM (${sold})`,
  // What an invoice takes back itself leaves nothing: it counts if any of its articles is left.
  sales: `SELECT day, store, NULL AS article, 1 AS n FROM sale WHERE invoice IN (
    SELECT invoice FROM line GROUP BY invoice, article HAVING sum(quantity) <> 0 OR sum(minor) <> 0)`,
  article_units: `SELECT day, store, article, quantity AS n FROM (${sold}) WHERE article <> ''`,
  article_revenue: `SELECT day, store, article, minor AS n FROM (${sold}) WHERE article <> ''`,
};

const periodsSql = (sql: string) => `
  SELECT p.period, store, article, sum(n)::BIGINT AS n
  FROM (${sql}), LATERAL (VALUES (day), (strftime(day::DATE, '%G-W%V')), (day[:7]), ('all')) p(period)
  GROUP BY ALL`;

export async function sourceNumbers(
  duck: Duck,
  dir: string,
  files: ReadonlyMap<string, DayFile>,
): Promise<{ readonly numbers: Numbers; readonly lines: number; readonly sales: number }> {
  await duck.ask(lineView(dir, files));
  await duck.ask(saleView);
  const numbers = new Map<string, number>();
  for (const [measure, sql] of Object.entries(measuresSql))
    for (const { period, store, article, n } of await duck.ask(periodsSql(sql))) {
      const parts = ["", String(store), currency, ...(article === null ? [] : [String(article)])];
      plus(numbers, nameOf(String(period), measure, totalKey(parts)), Number(n));
    }
  const [count] = await duck.ask(
    "SELECT (SELECT count(*) FROM line)::INTEGER AS lines, (SELECT count(*) FROM sale)::INTEGER AS sales",
  );
  return { numbers, lines: Number(count?.lines), sales: Number(count?.sales) };
}

/** The archive's own rows, by each measure's SQL. */
export async function archiveNumbers(duck: Duck, measures: readonly Named[]): Promise<Numbers> {
  const numbers = new Map<string, number>();
  for (const { name, sql, isDaily = false } of measures)
    for (const { period, key, n } of await duck.ask(`
      SELECT p.period, m.key, sum(m.n)::BIGINT AS n FROM (${sql}) m,
        LATERAL (VALUES (m.day), (strftime(m.day::DATE, '%G-W%V')), (m.day[:7]), ('all')) p(period)
      WHERE p.period = m.day OR NOT ${isDaily} GROUP BY ALL`))
      plus(numbers, nameOf(String(period), name, String(key)), Number(n));
  return numbers;
}

interface Named {
  readonly name: string;
  readonly sql: string;
  /** Then only its days are numbers. */
  readonly isDaily?: boolean;
}
