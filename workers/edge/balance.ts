/**
 * Does everything add up? Every ledger's last report, what the vault keeps because it could not be
 * read, and what the archive holds. True of a moment only as far as the oldest report reaches.
 */
import type { LedgerReport } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";

export interface BalanceRows extends Omit<LedgerReport, "atMs"> {
  readonly ledgers: number;
  readonly reported: number;
  /** The oldest and the newest report; null while there is none. */
  readonly fromMs: Instant | null;
  readonly toMs: Instant | null;
  readonly rows: number;
  readonly settledMs: Instant | null;
  readonly landed: number;
  readonly dirty: number;
  readonly neverSettled: number;
  readonly unresolved: number;
  readonly damaged: number;
}

/** Of the erased nothing is asked any more, and nothing of theirs is in the archive. */
export const living = `(SELECT * FROM ledger WHERE NOT EXISTS
  (SELECT 1 FROM forgotten_ledger WHERE forgotten_ledger.ledger = ledger.name))`;
const sum = (name: keyof LedgerReport) =>
  `coalesce((SELECT sum(report ->> '${name}') FROM ${living}), 0) AS ${name}`;
const count = (table: string, where = "1 = 1") => `(SELECT count(*) FROM ${table} WHERE ${where})`;

const query = `SELECT ${count(living)} AS ledgers,
  ${count(living, "report IS NOT NULL")} AS reported,
  (SELECT min(report ->> 'atMs') FROM ${living}) AS fromMs,
  (SELECT max(report ->> 'atMs') FROM ${living}) AS toMs,
  ${(["received", "applied", "duplicate", "rejected", "parked", "pending", "held"] as const)
    .map(sum)
    .join(",\n  ")},
  coalesce((SELECT sum(facts_rows) FROM partition), 0) AS rows,
  (SELECT max(settled_at) FROM partition) AS settledMs,
  coalesce((SELECT sum(facts) FROM landed), 0) AS landed,
  ${count("dirty")} AS dirty,
  ${count(
    "dirty",
    `NOT EXISTS (SELECT 1 FROM partition AS p WHERE p.stream = dirty.stream
       AND p.day = dirty.day AND p.bucket = dirty.bucket)`,
  )} AS neverSettled,
  ${count("unresolved")} AS unresolved,
  ${count("partition", "damaged IS NOT NULL")} AS damaged`;

export async function readBalance(db: D1Database): Promise<BalanceRows> {
  const row = await db.prepare(query).first<BalanceRows>();
  if (row === null) throw new Error("a query without a table answers one row");
  return row;
}

export const holds = (b: LedgerReport | BalanceRows): boolean =>
  b.received === b.applied + b.duplicate + b.rejected + b.parked + b.pending;

/**
 * Is every published (identity, day) one row of the archive? Null while that cannot be said: some
 * of it is on its way, or a ledger has not spoken since the archive last changed.
 */
export function archiveHolds(b: BalanceRows): boolean | null {
  const isMoving = b.pending > 0 || b.parked > 0 || b.dirty > 0 || b.landed > 0 || b.damaged > 0;
  if (isMoving || b.reported < b.ledgers) return null;
  if (b.held === b.rows) return true;
  return b.fromMs !== null && b.settledMs !== null && b.fromMs >= b.settledMs ? false : null;
}
