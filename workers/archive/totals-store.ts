/**
 * What a partition came to, as one transaction. Totals are made anew from all that contributes to
 * them, never added to: a week and a month from the parts of their days, all time from the months.
 * So a repetition changes nothing, and the cost is a month's parts, whatever the archive holds.
 */
import { daysOfPeriod, monthOf, periodsOf, weekOf } from "../../domain/time.ts";
import type { Counted } from "../../kernel/settle/ports.ts";

/** Of a newer version was counted already: then nothing here does anything. */
const isNewest = `NOT EXISTS (SELECT 1 FROM partition
  WHERE stream = ?1 AND day = ?2 AND bucket = ?3 AND version > ?4)`;

const monthChars = "2026-11".length;
/** Event times as digits of one length, so that as text the greater is the later. */
const atDigits = `printf('%017d', at + 9000000000000000)`;
const folded = `CASE fold WHEN 'sum' THEN sum(n) WHEN 'min' THEN min(n) WHEN 'max' THEN max(n)
  ELSE CAST(substr(max(${atDigits} || n), 18) AS INTEGER) END`;

/** Touched: what the partition contributed to before, and what it contributes to now. */
const touched = `SELECT measure, key FROM part
  WHERE stream = ?1 AND day = ?2 AND bucket = ?3 AND rules = ?5`;
const parts = `SELECT value->>'measure' AS measure, value->>'key' AS key, value->>'fold' AS fold,
  value->>'n' AS n, value->>'atMs' AS at FROM json_each(?6)`;

/** Characters of one list of parts: D1 takes a text of so many bytes, each character at most three. */
const sliceCharsMax = 600_000;

/** What a partition contributes, in as many lists as it takes. */
function slicesOf(rows: Counted["parts"]): readonly string[] {
  const slices: string[] = [];
  let [held, chars] = [[] as string[], 0];
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (chars + text.length > sliceCharsMax) {
      slices.push(`[${held.join(",")}]`);
      [held, chars] = [[], 0];
    }
    held.push(text);
    chars += text.length + 1;
  }
  return [...slices, `[${held.join(",")}]`];
}

/**
 * A part of this partition that is contributed no more; it goes in the last statement. One value and
 * a list that hangs on nothing: SQLite looks each up in an index that it makes once. `lists`: the
 * parameters that hold what is contributed.
 */
const isStale = (p: string, lists: readonly number[]) => {
  const isKept = lists.map(
    (n) => `json_array(${p}.measure, ${p}.key) NOT IN
    (SELECT json_array(j.value->>'measure', j.value->>'key') FROM json_each(?${n}) AS j)`,
  );
  return `(${p}.day = ?2 AND ${p}.bucket = ?3 AND ${isKept.join(" AND ")})`;
};

/**
 *   1. the parts are put; those that are contributed no more stay until 4
 *   2. the touched totals of the week and the month go, and are made anew from all other parts
 *   3. those of all time likewise, from the months
 *      of a measure that is daily by now they go as well, and are not made anew
 *   4. what is contributed no more goes
 *   5. the mirror is written, boards there are are to be compared, the mark is cleared
 */
export function countedStatements(warehouse: D1Database, counted: Counted): D1PreparedStatement[] {
  const { manifest, rules, ranked, mark, nowMs } = counted;
  const daily = JSON.stringify(counted.daily);
  const { stream, day, bucket, version } = manifest;
  const key = [stream, day, bucket, version] as const;
  const lists = slicesOf(counted.parts);
  const from = (first: number) => lists.map((_, n) => first + n);
  const prepare = (sql: string, ...values: readonly unknown[]) =>
    warehouse.prepare(sql).bind(...key, ...values);
  const spans = [weekOf(day), monthOf(day)].flatMap((period) => {
    const days = daysOfPeriod(period);
    return [
      prepare(dropTotal, rules, period),
      prepare(totalOfDays(from(10)), rules, period, days.from, days.to, daily, ...lists),
    ];
  });
  return [
    ...lists.map((list) =>
      prepare(
        `INSERT INTO part (stream, day, bucket, rules, measure, key, fold, n, at)
         SELECT ?1, ?2, ?3, ?5, measure, key, fold, n, at FROM (${parts}) WHERE ${isNewest}
         ON CONFLICT DO UPDATE SET fold = excluded.fold, n = excluded.n, at = excluded.at`,
        rules,
        list,
      ),
    ),
    ...spans,
    prepare(dropTotal, rules, "all"),
    prepare(totalOfMonths, rules, daily),
    prepare(
      `DELETE FROM part WHERE stream = ?1 AND day = ?2 AND bucket = ?3 AND rules = ?5
       AND ${isStale("part", from(6))} AND ${isNewest}`,
      rules,
      ...lists,
    ),
    mirrorStatement(warehouse, counted),
    warehouse
      .prepare("DELETE FROM unresolved WHERE stream = ? AND day = ? AND bucket = ? AND mark = ?")
      .bind(stream, day, bucket, mark),
    ...(ranked ? [dueStatement(warehouse, manifest, nowMs)] : []),
  ];
}

const dueStatement = (
  warehouse: D1Database,
  { stream, day, bucket }: Counted["manifest"],
  nowMs: number,
): D1PreparedStatement =>
  warehouse
    .prepare(
      `INSERT INTO drift_due (stream, period, bucket, since, mark)
       SELECT ?1, value, ?2, ?4, ?4 FROM json_each(?3) WHERE true
       ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark)`,
    )
    .bind(stream, bucket, JSON.stringify(periodsOf(day)), nowMs);

const dropTotal = `DELETE FROM total WHERE stream = ?1 AND rules = ?5 AND period = ?6
  AND (measure, key) IN (${touched}) AND ${isNewest}`;

/** Of which more than days are counted. `daily`: the parameter that lists the others. */
const isWhole = (p: string, daily: number) =>
  `${p}.measure NOT IN (SELECT value FROM json_each(?${daily}))`;

const into = "INSERT INTO total (stream, rules, measure, key, period, n, at)";

const totalOfDays = (lists: readonly number[]) => `${into}
  SELECT ?1, ?5, measure, key, ?6, ${folded}, max(at) FROM (
    SELECT p.measure, p.key, p.fold, p.n, p.at FROM part AS p
    WHERE p.stream = ?1 AND p.day BETWEEN ?7 AND ?8 AND p.rules = ?5
      AND (p.measure, p.key) IN (${touched}) AND NOT ${isStale("p", lists)}
      AND ${isWhole("p", 9)})
  WHERE ${isNewest} GROUP BY measure, key`;

const totalOfMonths = `${into}
  SELECT ?1, ?5, measure, key, 'all', ${folded}, max(at) FROM (
    SELECT t.measure, t.key, p.fold, t.n, t.at FROM part AS p
    JOIN total AS t ON t.stream = p.stream AND t.rules = p.rules AND t.measure = p.measure
      AND t.key = p.key AND length(t.period) = ${monthChars}
    WHERE p.stream = ?1 AND p.day = ?2 AND p.bucket = ?3 AND p.rules = ?5 AND ${isWhole("p", 6)})
  WHERE ${isNewest} GROUP BY measure, key`;

/** What the manifest says, for whoever asks without reading the bucket. Written is checked. */
function mirrorStatement(
  warehouse: D1Database,
  { manifest, rules, nowMs }: Counted,
): D1PreparedStatement {
  const { stream, day, bucket, version, facts, resolved } = manifest;
  return warehouse
    .prepare(
      `INSERT INTO partition (stream, day, bucket, version, facts_rows, facts_bytes, resolved_rows,
         resolved_bytes, rule, rules, settled_at, checked_at, damaged)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, NULL)
       ON CONFLICT DO UPDATE SET version = excluded.version, facts_rows = excluded.facts_rows,
         facts_bytes = excluded.facts_bytes, resolved_rows = excluded.resolved_rows,
         resolved_bytes = excluded.resolved_bytes, rule = excluded.rule, rules = excluded.rules,
         settled_at = excluded.settled_at, checked_at = excluded.checked_at, damaged = NULL
       WHERE excluded.version >= partition.version`,
    )
    .bind(
      ...[stream, day, bucket, version, facts.rows, facts.bytes],
      ...[resolved?.rows ?? 0, resolved?.bytes ?? 0, resolved?.rule ?? 0, rules, nowMs],
    );
}
