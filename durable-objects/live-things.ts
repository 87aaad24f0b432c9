/**
 * What each thing adds to what is watched: of each the newest version, whatever comes again or late.
 * Things are forgotten a while after they happened; a thing that adds nothing any more is kept as
 * long, so that what was said of it before does not bring it back.
 */
import type { LiveRow } from "../domain/ports.ts";
import { type Instant, msPerDay } from "../domain/time.ts";

/** Of what is older nothing is shown, and nothing is kept but for stock. */
export const windowMs = 2 * msPerDay;
/** A ledger tells of sales for sixty days; by then a sold piece is sold for good. */
export const stockKeptMs = 61 * msPerDay;
/** By a clock that runs ahead further than this nothing is counted. */
export const aheadMsMax = msPerDay;

export type Entry = readonly [key: string, n: readonly number[]];

/** What one thing adds, and when it happened. */
export interface Adds {
  readonly at: Instant;
  readonly entries: readonly Entry[];
}
export interface Changed {
  /** Null: it was not known. */
  readonly before: Adds | null;
  readonly now: Adds;
}

/** Null: of nothing that is counted there. */
export type CountedAt = (sku: string) => Instant | null;

interface Row extends Record<string, SqlStorageValue> {
  readonly version: number;
  readonly at: number;
  readonly entries: string;
  readonly sku: string | null;
}

/** Of a thing of a store's that is gone, and was gone before it came: any article's. */
const anyArticle = "";

export class LiveThings {
  readonly #sql: SqlStorage;
  readonly #countedAt: CountedAt;

  constructor(sql: SqlStorage, countedAt: CountedAt) {
    this.#sql = sql;
    this.#countedAt = countedAt;
  }

  /** Those that were not known. `hasStock`: they are of a store's articles, each of one. */
  put(rows: readonly LiveRow[], hasStock: boolean, nowMs: Instant): Changed[] {
    return rows.flatMap((row) => this.#putOne(row, hasStock, nowMs) ?? []);
  }

  #putOne(row: LiveRow, hasStock: boolean, nowMs: Instant): Changed | null {
    const { ledger, id, version } = row;
    const [old] = this.#sql
      .exec<Row>(
        "SELECT version, at, entries, sku FROM thing WHERE ledger = ? AND id = ?",
        ...[ledger, id],
      )
      .toArray();
    if (old !== undefined && old.version >= version) return null;
    const said: Entry[] = row.entries.map(({ key, n }) => [key, n]);
    const sku = hasStock ? (said[0]?.[0] ?? old?.sku ?? anyArticle) : null;
    const isKept = this.#isKept(row.at, sku, nowMs);
    if (old === undefined && !isKept) return null;
    const now = isKept ? { at: row.at, entries: said } : { at: old?.at ?? row.at, entries: [] };
    this.#sql.exec(
      `INSERT INTO thing (ledger, id, version, at, entries, sku) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (ledger, id) DO UPDATE SET version = excluded.version, at = excluded.at,
         entries = excluded.entries, sku = excluded.sku`,
      ...[ledger, id, version, now.at, JSON.stringify(now.entries), sku],
    );
    const before = old === undefined ? null : { at: old.at, entries: JSON.parse(old.entries) };
    return { before, now };
  }

  /** What was dropped is never kept when it comes again: both go by the same marks. */
  #isKept(at: Instant, sku: string | null, nowMs: Instant): boolean {
    if (at > nowMs + aheadMsMax) return false;
    if (at >= nowMs - windowMs) return true;
    if (sku === null || at < nowMs - stockKeptMs) return false;
    const countedAt = this.#countedAt(sku);
    return sku === anyArticle || (countedAt !== null && at > countedAt);
  }

  /** How much of an article was sold after that. */
  soldSince(sku: string, afterMs: Instant): number {
    const query = "SELECT entries FROM thing WHERE sku = ? AND at > ?";
    let sold = 0;
    for (const [text] of this.#sql.exec(query, sku, afterMs).raw<[string]>())
      for (const [key, n] of JSON.parse(text) as Entry[]) if (key === sku) sold += n[0] ?? 0;
    return sold;
  }

  /** True: there is more to be dropped. What was sold stays in the count that it was taken from. */
  drop(nowMs: Instant, limit: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      `DELETE FROM thing WHERE (ledger, id) IN (
         SELECT ledger, id FROM thing
         WHERE at < ?1 AND (sku IS NULL OR at < ?2 OR (sku <> '' AND NOT EXISTS (
           SELECT 1 FROM stock WHERE stock.sku = thing.sku AND stock.counted_at < thing.at)))
         LIMIT ?3)`,
      ...[nowMs - windowMs, nowMs - stockKeptMs, limit],
    );
    return rowsWritten >= limit;
  }
}
