/** Which closed boards are to be made, which version of each is current, and what may be deleted. */
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ClosedBody } from "../../kernel/boards/closed.ts";
import { repeatable } from "./warehouse.ts";

export interface BoardKey {
  readonly stream: string;
  readonly period: string;
}
export interface DueBoard extends BoardKey {
  readonly mark: number;
  /** Somebody who is in it was erased: it does not wait. */
  readonly isUrgent: boolean;
  /** What is current; null: none was made. */
  readonly former: { readonly version: number; readonly asOfMs: Instant } | null;
}
export interface Current {
  readonly version: number;
  readonly body: ClosedBody;
}
export interface NewVersion extends BoardKey {
  readonly mark: number;
  readonly version: number;
  readonly body: ClosedBody;
  readonly asOfMs: Instant;
}

const duePageMax = 100;
/** A version that was replaced is still read by whoever has just looked which one is current. */
export const graceMs = 6 * 3_600_000;

export class ClosedStore {
  readonly #warehouse: D1Database;

  constructor(warehouse: D1Database) {
    this.#warehouse = warehouse;
  }

  // -- what is due ---------------------------------------------------------------------------

  /** In the order of names, behind one. */
  async due(stream: string | null, after: BoardKey | null): Promise<readonly DueBoard[]> {
    const rows = await this.#ask<{
      stream: string;
      period: string;
      mark: number;
      erased: number;
      version: number | null;
      as_of: number | null;
    }>(
      `SELECT d.stream, d.period, d.mark, d.erased, c.version, c.as_of FROM closing_due AS d
       LEFT JOIN closed_board AS c ON c.stream = d.stream AND c.period = d.period
       WHERE (d.stream, d.period) > (?1, ?2) AND (?3 IS NULL OR d.stream = ?3)
       ORDER BY d.stream, d.period LIMIT ${duePageMax}`,
      ...[after?.stream ?? "", after?.period ?? "", stream],
    );
    return rows.map(({ version, as_of, erased, ...of }) => ({
      ...of,
      isUrgent: erased === 1,
      former: version === null ? null : { version, asOfMs: as_of ?? 0 },
    }));
  }

  async countDue(stream: string | null): Promise<number> {
    const [row] = await this.#ask<{ n: number }>(
      "SELECT count(*) AS n FROM closing_due WHERE (?1 IS NULL OR stream = ?1)",
      stream,
    );
    return row?.n ?? 0;
  }

  /** Of these periods, those of which no board was made are due. */
  async markNew(stream: string, periods: readonly string[], nowMs: Instant): Promise<void> {
    await this.#ask(
      `INSERT INTO closing_due (stream, period, since, mark)
       SELECT ?1, value, ?3, ?3 FROM json_each(?2) AS asked WHERE NOT EXISTS
         (SELECT 1 FROM closed_board AS c WHERE c.stream = ?1 AND c.period = asked.value)
       ON CONFLICT DO NOTHING`,
      ...[stream, JSON.stringify(periods), nowMs],
    );
  }

  /** Of these periods, those of which there is a board are to be made anew. */
  async markAnew(stream: string, periods: readonly string[], nowMs: Instant): Promise<void> {
    await repeatable(() => markClosed(this.#warehouse, stream, periods, nowMs).run());
  }

  async mark(stream: string, periods: readonly string[], nowMs: Instant): Promise<void> {
    await this.#ask(markSql, ...[stream, JSON.stringify(periods), nowMs]);
  }

  /** There is nothing of that name any more. */
  async drop({ stream, period, mark }: DueBoard): Promise<void> {
    await this.#ask(
      "DELETE FROM closing_due WHERE stream = ? AND period = ? AND mark = ?",
      ...[stream, period, mark],
    );
  }

  /** Nor is there an object of it left. */
  async dropVersions({ stream, period }: BoardKey): Promise<void> {
    await this.#ask(
      "DELETE FROM closed_board WHERE stream = ? AND period = ?",
      ...[stream, period],
    );
  }

  /** Days of a stream that the archive holds anything of. Reads a row for each of them. */
  async daysHeld(stream: string): Promise<readonly string[]> {
    const rows = await this.#ask<{ day: string }>(
      `WITH RECURSIVE held (day) AS (
         SELECT min(day) FROM partition WHERE stream = ?1
         UNION ALL SELECT (SELECT min(day) FROM partition WHERE stream = ?1 AND day > held.day)
         FROM held WHERE held.day IS NOT NULL)
       SELECT day FROM held WHERE day IS NOT NULL`,
      stream,
    );
    return rows.map(({ day }) => day);
  }

  /** Periods of a stream whose live boards are to be compared. */
  async compared(stream: string): Promise<readonly string[]> {
    const rows = await this.#ask<{ period: string }>(
      "SELECT DISTINCT period FROM drift_due WHERE stream = ?",
      stream,
    );
    return rows.map(({ period }) => period);
  }

  /** They closed: there is nothing live to compare any more, and their boards are due. */
  async moveDue(stream: string, periods: readonly string[], nowMs: Instant): Promise<void> {
    if (periods.length === 0) return;
    const asked = JSON.stringify(periods);
    const drop = (table: string) =>
      this.#warehouse
        .prepare(
          `DELETE FROM ${table} WHERE stream = ?1 AND period IN (SELECT value FROM json_each(?2))`,
        )
        .bind(stream, asked);
    const statements = [
      this.#warehouse.prepare(markSql).bind(stream, asked, nowMs),
      drop("drift_due"),
      drop("drift"),
    ];
    await repeatable(() => this.#warehouse.batch(statements));
  }

  // -- versions ------------------------------------------------------------------------------

  async current({ stream, period }: BoardKey): Promise<Current | null> {
    const [row] = await this.#ask<{ version: number; body: string }>(
      "SELECT version, body FROM closed_board WHERE stream = ? AND period = ?",
      ...[stream, period],
    );
    return row === undefined ? null : { version: row.version, body: JSON.parse(row.body) };
  }

  /**
   * Brings a version in over the one before it, and only over that; the mark goes if it is the one
   * that it was made under. Of two who made it one wins; the other's mark stays. Said again, nothing
   * changes.
   */
  async put(next: NewVersion, also: readonly D1PreparedStatement[], nowMs: Instant) {
    const { stream, period, mark, version, asOfMs } = next;
    const body = JSON.stringify(next.body);
    const statements = [
      this.#warehouse
        .prepare(
          `INSERT INTO closed_board (stream, period, version, body, made_at, as_of)
           SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?3 = 1 OR EXISTS
             (SELECT 1 FROM closed_board WHERE stream = ?1 AND period = ?2 AND version = ?3 - 1)
           ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body,
             made_at = excluded.made_at, as_of = excluded.as_of, swept = 0
           WHERE closed_board.version = excluded.version - 1`,
        )
        .bind(stream, period, version, body, nowMs, asOfMs),
      this.#warehouse
        .prepare(
          `DELETE FROM closing_due WHERE stream = ?1 AND period = ?2 AND mark = ?5 AND EXISTS
           (SELECT 1 FROM closed_board WHERE stream = ?1 AND period = ?2 AND version = ?3
              AND body = ?4)`,
        )
        .bind(stream, period, version, body, mark),
      ...also,
    ];
    await repeatable(() => this.#warehouse.batch(statements));
  }

  /** It came to the same. */
  async keep({ stream, period, mark }: DueBoard, version: number, asOfMs: Instant): Promise<void> {
    const statements = [
      this.#warehouse
        .prepare(
          `UPDATE closed_board SET as_of = max(as_of, ?4)
           WHERE stream = ?1 AND period = ?2 AND version = ?3`,
        )
        .bind(stream, period, version, asOfMs),
      this.#warehouse
        .prepare("DELETE FROM closing_due WHERE stream = ? AND period = ? AND mark = ?")
        .bind(stream, period, mark),
    ];
    await repeatable(() => this.#warehouse.batch(statements));
  }

  /** One whose former versions may still lie there, and are read by nobody any more. */
  async unswept(nowMs: Instant): Promise<BoardKey | null> {
    const rows = await this.#ask<BoardKey & Record<string, unknown>>(
      "SELECT stream, period FROM closed_board WHERE swept = 0 AND made_at <= ? LIMIT 1",
      nowMs - graceMs,
    );
    return rows[0] ?? null;
  }

  async swept({ stream, period }: BoardKey, version: number): Promise<void> {
    await this.#ask(
      "UPDATE closed_board SET swept = 1 WHERE stream = ? AND period = ? AND version = ?",
      ...[stream, period, version],
    );
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

const markSql = `INSERT INTO closing_due (stream, period, since, mark)
  SELECT ?1, value, ?3, ?3 FROM json_each(?2) WHERE true
  ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark)`;

/**
 * Of these periods, those of which there is a board, or one is being made, are to be made anew; where
 * somebody in them was erased, the next time that boards are made.
 */
export const markClosed = (
  warehouse: D1Database,
  stream: string,
  periods: readonly string[],
  nowMs: Instant,
  why: "changed" | "erased" = "changed",
): D1PreparedStatement =>
  warehouse
    .prepare(
      `INSERT INTO closing_due (stream, period, since, mark, erased)
       SELECT ?1, value, ?3, ?3, ?4 FROM json_each(?2)
       WHERE value IN (SELECT period FROM closed_board WHERE stream = ?1
         UNION SELECT period FROM closing_due WHERE stream = ?1)
       ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark),
         erased = max(erased, excluded.erased)`,
    )
    .bind(stream, JSON.stringify(periods), nowMs, why === "erased" ? 1 : 0);

/** What is no older than this is made anew whenever it is due. */
const freshDays = 14;
/** Of its age: so long a board waits after it was made, until it is made anew. */
const ageParts = 8;
const waitDaysMax = 28;

const daysBetween = (fromMs: Instant, toMs: Instant): number =>
  Math.floor(toMs / msPerDay) - Math.floor(fromMs / msPerDay);

/**
 * Making one reads all that its members did in the period, whatever it was that changed. So a board of
 * long ago is made anew ever more rarely: at least once in 28 nights while it is due. Whoever was
 * erased does not wait for that.
 */
export function isTurnOf({ former, isUrgent }: DueBoard, endMs: Instant, nowMs: Instant): boolean {
  if (former === null || isUrgent) return true;
  const old = Math.max(0, daysBetween(endMs, nowMs) - freshDays);
  return daysBetween(former.asOfMs, nowMs) >= Math.min(waitDaysMax, Math.floor(old / ageParts));
}
