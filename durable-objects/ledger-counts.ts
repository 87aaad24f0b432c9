/**
 * What became of every statement that a ledger was ever handed, in one row. Called inside the
 * object's transaction by whatever changes it, so that the sums always add up.
 */
import type { Counts } from "../kernel/record.ts";

type Row = Counts & { readonly held: number };

export class LedgerCounts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(more: Partial<Row>): void {
    this.#sql.exec(
      `UPDATE counts SET received = received + ?, applied = applied + ?, duplicate = duplicate + ?,
         rejected = rejected + ?, parked = parked + ?, pending = pending + ?, held = held + ?`,
      more.received ?? 0,
      more.applied ?? 0,
      more.duplicate ?? 0,
      more.rejected ?? 0,
      more.parked ?? 0,
      more.pending ?? 0,
      more.held ?? 0,
    );
  }

  read(): Row {
    return this.#sql
      .exec<{ [K in keyof Row]: number }>(
        "SELECT received, applied, duplicate, rejected, parked, pending, held FROM counts",
      )
      .one();
  }

  /** All is emptied: nothing waits any more, and nothing is left to be replayed. */
  forget(): void {
    this.#sql.exec(
      "UPDATE counts SET applied = applied + pending + parked, pending = 0, parked = 0, held = 0",
    );
  }
}
