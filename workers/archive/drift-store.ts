/** Which boards are to be compared, who counts on them, and what the last comparison found. */
import { daysOfPeriod, type Instant, msPerDay, type Period } from "../../domain/time.ts";
import type { DriftRow } from "./drift.ts";
import { repeatable } from "./warehouse.ts";

export interface Due {
  readonly stream: string;
  readonly period: Period;
  readonly bucket: number;
  readonly mark: number;
}
export type DueKey = Pick<Due, "stream" | "period" | "bucket">;

/** Of which stream, null for all; on which night, null if somebody asked for it. */
export interface Asked {
  readonly stream: string | null;
  readonly night: number | null;
}

/**
 * What is counted for ever takes all the archive to compare, so a night takes some buckets of it,
 * and each bucket has its night once in so many. Who asks for a run gets them all.
 */
const nightsForEver = 28;
const isTurn = (night: string): string =>
  `(${night} IS NULL OR period <> 'all' OR bucket % ${nightsForEver} = ${night} % ${nightsForEver})`;

/**
 * A ledger that published again is asked once more 2, 4, 8 … days later, for what publishing does
 * not mend costs as much each time. After a while without any asking it begins anew.
 */
const repairDoublingsMax = 4;
const repairsKeptDays = 28;

export class DriftStore {
  readonly #warehouse: D1Database;

  constructor(warehouse: D1Database) {
    this.#warehouse = warehouse;
  }

  /** In the order of names, from one on or behind it. */
  async next({ stream, night }: Asked, at: DueKey | null, isPast: boolean): Promise<Due | null> {
    const beyond = isPast ? ">" : ">=";
    const rows = await this.#ask<Due>(
      `SELECT stream, period, bucket, mark FROM drift_due
       WHERE (stream, period, bucket) ${beyond} (?1, ?2, ?3) AND (?4 IS NULL OR stream = ?4)
         AND ${isTurn("?5")}
       ORDER BY stream, period, bucket LIMIT 1`,
      ...[at?.stream ?? "", at?.period ?? "", at?.bucket ?? -1, stream, night],
    );
    return rows[0] ?? null;
  }

  async count({ stream, night }: Asked): Promise<number> {
    const [row] = await this.#ask<{ n: number }>(
      `SELECT count(*) AS n FROM drift_due WHERE (?1 IS NULL OR stream = ?1) AND ${isTurn("?2")}`,
      ...[stream, night],
    );
    return row?.n ?? 0;
  }

  async membersIn({ stream, bucket }: DueKey): Promise<number> {
    const [row] = await this.#ask<{ n: number }>(
      "SELECT count(*) AS n FROM ledger WHERE bucket = ?1 AND substr(name, 1, length(?2)) = ?2",
      ...[bucket, `${stream}/`],
    );
    return row?.n ?? 0;
  }

  /** Of these members, those that are on boards. */
  async onBoards(members: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#ask<{ id: string }>(
      `SELECT id FROM member WHERE on_boards = 1 AND erased_at IS NULL
       AND id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(members),
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether something of the period has landed and not been settled. */
  async isMoving({ stream, period, bucket }: DueKey): Promise<boolean> {
    const { from, to } = daysOfPeriod(period);
    const [row] = await this.#ask<{ n: number }>(
      `SELECT EXISTS (SELECT 1 FROM dirty WHERE stream = ?1 AND bucket = ?2 AND day BETWEEN ?3 AND ?4)
         OR EXISTS (SELECT 1 FROM unresolved
           WHERE stream = ?1 AND bucket = ?2 AND day BETWEEN ?3 AND ?4) AS n`,
      ...[stream, bucket, from, to],
    );
    return row?.n === 1;
  }

  /** Of these ledgers, in their order, those that may be asked to publish again. By whole days. */
  async mayRepair(ledgers: readonly string[], nowMs: Instant): Promise<readonly string[]> {
    const rows = await this.#ask<{ name: string }>(
      `SELECT name FROM ledger WHERE name IN (SELECT value FROM json_each(?1))
         AND ?2 - repaired_at / ${msPerDay} < 1 << min(repairs, ${repairDoublingsMax})`,
      ...[JSON.stringify(ledgers), Math.floor(nowMs / msPerDay)],
    );
    const rest = new Set(rows.map(({ name }) => name));
    return ledgers.filter((name) => !rest.has(name));
  }

  async repaired(ledgers: readonly string[], nowMs: Instant): Promise<void> {
    if (ledgers.length === 0) return;
    await this.#ask(
      `UPDATE ledger SET repaired_at = ?2,
         repairs = 1 + iif(repaired_at >= ?2 - ${repairsKeptDays * msPerDay}, repairs, 0)
       WHERE name IN (SELECT value FROM json_each(?1))`,
      ...[JSON.stringify(ledgers), nowMs],
    );
  }

  /** Overwrites what was found before; clears the mark if that is asked and it is still that one. */
  async put(
    due: Due,
    rows: readonly DriftRow[],
    isSettled: boolean,
    nowMs: Instant,
  ): Promise<void> {
    const { stream, period, bucket, mark } = due;
    const statements = [
      this.#warehouse
        .prepare("DELETE FROM drift WHERE stream = ? AND period = ? AND bucket = ?")
        .bind(stream, period, bucket),
      this.#warehouse
        .prepare(
          `INSERT INTO drift (stream, period, measure, key, bucket, live, exact, differing, at)
           SELECT ?1, ?2, value->>'measure', value->>'key', ?3, value->>'live', value->>'exact',
             value->>'differing', ?5 FROM json_each(?4)`,
        )
        .bind(stream, period, bucket, JSON.stringify(rows), nowMs),
      this.#warehouse
        .prepare(
          `DELETE FROM drift_due WHERE ?5 AND stream = ?1 AND period = ?2 AND bucket = ?3
           AND mark = ?4`,
        )
        .bind(stream, period, bucket, mark, isSettled ? 1 : 0),
    ];
    await repeatable(() => this.#warehouse.batch(statements));
  }

  async #ask<T extends object>(sql: string, ...values: readonly unknown[]): Promise<T[]> {
    const ask = () =>
      this.#warehouse
        .prepare(sql)
        .bind(...values)
        .all<T>();
    return (await repeatable(ask)).results;
  }
}
