/**
 * Settlement files in the warehouse, row by row, and what they come to beside the sales. The same
 * file put again is the same rows: what it held before goes in the same transaction.
 */
import {
  type Own,
  type ReconciledLine,
  reconcile,
  type Settled,
} from "../../domain/finance/reconcile.ts";
import type { SettledRow } from "../../domain/finance/settlement-file.ts";
import type { MemberId } from "../../domain/identity.ts";
import { addDays, type LocalDate } from "../../domain/time.ts";
import { keyParts, totalKey } from "../../domain/total-key.ts";
import { keysOf, partsSql } from "./book-days.ts";
import { isErased } from "./members.ts";
import type { Ports } from "./ports.ts";

const rowsPerStatementMax = 1_000;
/** A slice of days is read at once; so many sales, and so many rows, of one answer at most. */
const daysPerReadMax = 7;
const ownMax = 60_000;
const settledMax = 60_000;

export interface PutFile {
  readonly merchant: MemberId;
  readonly file: string;
  readonly rows: readonly SettledRow[];
}

export async function putFile(ports: Ports, { merchant, file, rows }: PutFile): Promise<void> {
  await ports.sql((db) => {
    const puts: D1PreparedStatement[] = [];
    for (let from = 0; from < rows.length; from += rowsPerStatementMax) {
      const slice = rows
        .slice(from, from + rowsPerStatementMax)
        .map((r) => [
          ...[r.line, totalKey(r.references), r.kind, r.currency],
          ...[r.amountMinor, r.feeMinor, r.day],
        ]);
      puts.push(
        db
          .prepare(
            `INSERT INTO settlement_row (merchant, file, line, reference, kind, currency,
               amount_minor, fee_minor, day)
             SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5,
               value->>6 FROM json_each(?3) WHERE NOT ${isErased("?1")}`,
          )
          .bind(merchant, file, JSON.stringify(slice)),
      );
    }
    const drop = db.prepare("DELETE FROM settlement_row WHERE merchant = ? AND file = ?");
    return db.batch([drop.bind(merchant, file), ...puts]);
  });
}

export interface HeldFile {
  readonly file: string;
  readonly rows: number;
  readonly from: LocalDate;
  readonly to: LocalDate;
}

export async function filesOf(
  ports: Ports,
  merchant: MemberId,
  after: string,
  limit: number,
): Promise<readonly HeldFile[]> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT file, count(*) AS rows, min(day) AS "from", max(day) AS "to" FROM settlement_row
         WHERE merchant = ? AND file > ? GROUP BY file ORDER BY file LIMIT ?`,
      )
      .bind(merchant, after, limit)
      .all<HeldFile & Record<string, unknown>>(),
  );
  return results;
}

export interface Asked {
  readonly merchant: MemberId;
  readonly from: LocalDate;
  readonly to: LocalDate;
  /** How many days before and after are looked at for what belongs together. */
  readonly reachDays: number;
}

/**
 * The lines whose earliest sale or row lies in these days: ranges beside each other share none and
 * leave none out. Null: there are more sales or rows than one answer may hold.
 */
export async function reconciled(
  ports: Ports,
  { merchant, from, to, reachDays }: Asked,
): Promise<readonly ReconciledLine[] | null> {
  const around = [addDays(from, -reachDays), addDays(to, reachDays)] as const;
  const ours = await ownOf(ports, merchant, ...around);
  const theirs = ours === null ? null : await settledOf(ports, merchant, ...around);
  if (ours === null || theirs === null) return null;
  return reconcile(ours, theirs).filter(({ day }) => day >= from && day <= to);
}

async function ownOf(
  ports: Ports,
  merchant: MemberId,
  from: LocalDate,
  to: LocalDate,
): Promise<readonly Own[] | null> {
  const ours: Own[] = [];
  const measure = JSON.stringify(["by_reference"]);
  for (let first = from; first <= to; first = addDays(first, daysPerReadMax)) {
    const days = Array.from({ length: daysPerReadMax }, (_, n) => addDays(first, n));
    const asked = JSON.stringify(days.filter((day) => day <= to));
    const { results } = await ports.sql((db) =>
      db
        .prepare(partsSql)
        .bind(asked, measure, ...keysOf(merchant), ownMax + 1 - ours.length)
        .all<{ day: LocalDate; key: string; n: number }>(),
    );
    for (const { day, key, n } of results) {
      const [, currency = "", kind, id = "", ...references] = keyParts(key);
      ours.push({
        ...{ id, currency, references, day, amountMinor: n },
        kind: kind === "payment" ? "payment" : "sale",
      });
    }
    if (ours.length > ownMax) return null;
  }
  return ours;
}

interface SettlementRow {
  readonly file: string;
  readonly line: number;
  readonly reference: string;
  readonly kind: Settled["kind"];
  readonly currency: string;
  readonly amountMinor: number;
  readonly feeMinor: number;
  readonly day: LocalDate;
}

async function settledOf(
  ports: Ports,
  merchant: MemberId,
  from: LocalDate,
  to: LocalDate,
): Promise<readonly Settled[] | null> {
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT file, line, reference, kind, currency, amount_minor AS amountMinor,
           fee_minor AS feeMinor, day FROM settlement_row
         WHERE merchant = ? AND day BETWEEN ? AND ? ORDER BY file, line LIMIT ?`,
      )
      .bind(merchant, from, to, settledMax + 1)
      .all<SettlementRow & Record<string, unknown>>(),
  );
  if (results.length > settledMax) return null;
  return results.map(({ reference, ...row }) => ({
    ...row,
    references: reference === "" ? [] : keyParts(reference),
  }));
}
