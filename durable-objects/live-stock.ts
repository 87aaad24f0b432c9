/**
 * What a store has of its articles, moved by what is sold. That one runs short is written down in the
 * transaction in which it fell, and handed to the warehouse afterwards, as often as it takes: the row
 * there is the same one.
 */
import { fallOf, levelOf, type StoreName } from "../domain/stock.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import type { Adds, Changed } from "./live-things.ts";

/** Articles that are counted in one store. */
export const articlesMax = 200_000;
/** Handed over at once. */
const handedMax = 100;
/** The warehouse lists what fell for so long. */
export const listedMs = 90 * msPerDay;

export interface Count {
  readonly counted: number;
  readonly threshold: number;
  readonly countedAtMs: Instant;
}
export interface Stock extends Count {
  readonly sold: number;
  readonly level: number;
  readonly isLow: boolean;
}

interface Row extends Record<string, SqlStorageValue> {
  readonly counted: number;
  readonly threshold: number;
  readonly counted_at: number;
  readonly sold: number;
  readonly is_low: number;
}
interface Fallen extends Record<string, SqlStorageValue> {
  readonly merchant: string;
  readonly store: string;
  readonly sku: string;
  readonly at: number;
  readonly level: number;
  readonly threshold: number;
}

export class LiveStock {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  #row(sku: string): Row | undefined {
    const query = "SELECT counted, threshold, counted_at, sold, is_low FROM stock WHERE sku = ?";
    return this.#sql.exec<Row>(query, sku).toArray()[0];
  }

  countedAt(sku: string): Instant | null {
    return this.#row(sku)?.counted_at ?? null;
  }

  get(sku: string): Stock | null {
    const row = this.#row(sku);
    if (row === undefined) return null;
    const { counted, threshold, counted_at: countedAtMs, sold, is_low } = row;
    const level = levelOf(counted, sold);
    return { counted, threshold, countedAtMs, sold, level, isLow: is_low === 1 };
  }

  /** False: there are as many articles as there may be. */
  count(of: StoreName, sku: string, count: Count, sold: number, nowMs: Instant): boolean {
    const before = this.#row(sku);
    if (before === undefined && this.#articles() >= articlesMax) return false;
    const { counted, threshold, countedAtMs } = count;
    this.#sql.exec(
      `INSERT INTO stock (sku, counted, threshold, counted_at, sold, is_low)
       VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (sku) DO UPDATE SET counted = excluded.counted,
         threshold = excluded.threshold, counted_at = excluded.counted_at, sold = excluded.sold`,
      ...[sku, counted, threshold, countedAtMs, sold],
    );
    this.#judge(of, sku, nowMs);
    return true;
  }

  #articles(): number {
    return Number(this.#sql.exec("SELECT count(*) AS n FROM stock").one().n);
  }

  /** Judged once for all of them: what goes down and up within them is not said. */
  move(of: StoreName, changes: readonly Changed[], nowMs: Instant): void {
    const sold = new Map<string, number>();
    const add = ({ at, entries }: Adds, sign: 1 | -1) => {
      for (const [sku, n] of entries) {
        const countedAt = this.countedAt(sku);
        if (countedAt !== null && at > countedAt)
          sold.set(sku, (sold.get(sku) ?? 0) + sign * (n[0] ?? 0));
      }
    };
    for (const { before, now } of changes) {
      if (before !== null) add(before, -1);
      add(now, 1);
    }
    for (const [sku, more] of sold)
      if (more !== 0) {
        this.#sql.exec("UPDATE stock SET sold = sold + ? WHERE sku = ?", more, sku);
        this.#judge(of, sku, nowMs);
      }
  }

  #judge({ merchant, store }: StoreName, sku: string, nowMs: Instant): void {
    const stock = this.get(sku);
    if (stock === null) return;
    const { level, threshold } = stock;
    const { isLow, fires } = fallOf(stock.isLow, level, threshold);
    if (isLow !== stock.isLow)
      this.#sql.exec("UPDATE stock SET is_low = ? WHERE sku = ?", isLow ? 1 : 0, sku);
    // Twice within a millisecond is once.
    if (fires)
      this.#sql.exec(
        `INSERT OR IGNORE INTO fallen (sku, at, merchant, store, level, threshold)
         VALUES (?, ?, ?, ?, ?, ?)`,
        ...[sku, nowMs, merchant, store, level, threshold],
      );
  }

  get isOwed(): boolean {
    return this.#sql.exec("SELECT 1 FROM fallen LIMIT 1").toArray().length > 0;
  }

  /**
   *   1. what fell is in the warehouse     a crash: it is put there again, as the same row
   *   2. it is forgotten here              done
   */
  async handOver(warehouse: D1Database): Promise<number> {
    const all = this.#sql.exec<Fallen>("SELECT * FROM fallen LIMIT ?", handedMax).toArray();
    const [first] = all;
    if (first === undefined) return 0;
    const { merchant, store, at } = first;
    const old = "DELETE FROM low_stock WHERE merchant = ? AND store = ? AND at < ?";
    await warehouse.batch([
      ...all.map((each) =>
        warehouse
          .prepare(
            // Of a merchant who is erased, taking their sales back may make something fall.
            `INSERT OR IGNORE INTO low_stock (merchant, store, sku, at, level, threshold)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6
             WHERE NOT EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NOT NULL)`,
          )
          .bind(each.merchant, each.store, each.sku, each.at, each.level, each.threshold),
      ),
      warehouse.prepare(old).bind(merchant, store, at - listedMs),
    ]);
    for (const each of all)
      this.#sql.exec("DELETE FROM fallen WHERE sku = ? AND at = ?", each.sku, each.at);
    return all.length;
  }
}
