/**
 * Sums by key and minute of what is watched, moved by what each thing added before and adds now. What
 * is read of them is bounded, and says when something was left out.
 */
import { type Instant, msPerDay } from "../domain/time.ts";
import { type Adds, type Changed, windowMs } from "./live-things.ts";

/** Sums that an entry has, at most. */
export const sumsMax = 3;
/** Of one look: the greatest of so many keys, and so many of the newest minutes (or minutes and keys). */
export const keysMax = 5_000;
export const minutesMax = 4_000;
const msPerMinute = 60_000;
const minutesADay = msPerDay / msPerMinute;

export const minuteOf = (at: Instant): number => Math.floor(at / msPerMinute);

type Sums = readonly number[];

export interface LookedFor {
  /** Both included; what lies before the window is empty. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Minutes are told apart by key too. */
  readonly byKey: boolean;
}

export interface Counts {
  readonly total: Sums;
  /** Of the day up to `toMinute`. */
  readonly day: Sums;
  /** The greatest first. */
  readonly keys: readonly { readonly key: string; readonly n: Sums }[];
  /** The newest first; `key` is empty where they are not told apart. Minutes without any are left out. */
  readonly minutes: readonly {
    readonly minute: number;
    readonly key: string;
    readonly n: Sums;
  }[];
  /** False: of keys or minutes there are more. */
  readonly isWhole: boolean;
}

type SumRow = [n0: number, n1: number, n2: number];
const sums = "sum(n0) AS s0, sum(n1) AS s1, sum(n2) AS s2";
const nonZero = "HAVING s0 <> 0 OR s1 <> 0 OR s2 <> 0";

export class LiveCounts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  move(changes: readonly Changed[]): void {
    const moved = new Map<string, { minute: number; key: string; n: number[] }>();
    const add = ({ at, entries }: Adds, sign: 1 | -1) => {
      const minute = minuteOf(at);
      for (const [key, said] of entries) {
        const name = `${minute} ${key}`;
        const to = moved.get(name) ?? { minute, key, n: Array<number>(sumsMax).fill(0) };
        to.n = to.n.map((sum, i) => sum + sign * (said[i] ?? 0));
        moved.set(name, to);
      }
    };
    for (const { before, now } of changes) {
      if (before !== null) add(before, -1);
      add(now, 1);
    }
    for (const { minute, key, n } of moved.values())
      if (n.some((sum) => sum !== 0))
        this.#sql.exec(
          `INSERT INTO cell (minute, key, n0, n1, n2) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (minute, key) DO UPDATE SET
             n0 = n0 + excluded.n0, n1 = n1 + excluded.n1, n2 = n2 + excluded.n2`,
          ...[minute, key, ...n],
        );
  }

  read({ fromMinute, toMinute, byKey }: LookedFor, nowMs: Instant): Counts {
    const least = minuteOf(nowMs - windowMs);
    const from = Math.max(fromMinute, least);
    const dayFrom = Math.max(toMinute - minutesADay + 1, least);
    const keys = [
      ...this.#sql
        .exec(
          `SELECT key, ${sums} FROM cell WHERE minute BETWEEN ? AND ?
           GROUP BY key ${nonZero} ORDER BY s0 DESC, key LIMIT ?`,
          ...[from, toMinute, keysMax + 1],
        )
        .raw<[string, ...SumRow]>(),
    ].map(([key, ...n]) => ({ key, n }));
    const minutes = [
      ...this.#sql
        .exec(
          `SELECT minute, ${byKey ? "key" : "''"} AS k, ${sums} FROM cell
           WHERE minute BETWEEN ? AND ?
           GROUP BY minute, k ${nonZero} ORDER BY minute DESC, k LIMIT ?`,
          ...[from, toMinute, minutesMax + 1],
        )
        .raw<[number, string, ...SumRow]>(),
    ].map(([minute, key, ...n]) => ({ minute, key, n }));
    return {
      total: this.#total(from, toMinute),
      day: this.#total(dayFrom, toMinute),
      keys: keys.slice(0, keysMax),
      minutes: minutes.slice(0, minutesMax),
      isWhole: keys.length <= keysMax && minutes.length <= minutesMax,
    };
  }

  #total(from: number, to: number): Sums {
    const query = `SELECT ${sums} FROM cell WHERE minute BETWEEN ? AND ?`;
    const [row] = [...this.#sql.exec(query, from, to).raw<(number | null)[]>()];
    return (row ?? []).map((sum) => sum ?? 0);
  }

  /** True: there is more to be dropped. */
  drop(nowMs: Instant, limit: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      `DELETE FROM cell WHERE (minute, key) IN (
         SELECT minute, key FROM cell WHERE minute < ? LIMIT ?)`,
      ...[minuteOf(nowMs - windowMs), limit],
    );
    return rowsWritten >= limit;
  }
}
