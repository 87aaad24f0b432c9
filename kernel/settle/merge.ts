/**
 * What a partition holds, and what landed since, as one: sorted rows meet sorted rows, so only the
 * landed ones are ever held together. Says of each identity that changed what it was and what it is.
 */
import { inOrder, standing } from "./lines.ts";
import type { FactRow } from "./parquet.ts";

export interface RowChange {
  readonly subject: string;
  readonly id: string;
  readonly before: FactRow | null;
  /** Null only for what is forgotten. */
  readonly after: FactRow | null;
}

/** `held` a sorted group at a time; `landed` sorted, each identity once. */
export class Merge {
  readonly #landed: readonly FactRow[];
  readonly #put: (row: FactRow) => void;
  #next = 0;
  readonly changes: RowChange[] = [];

  constructor(landed: readonly FactRow[], put: (row: FactRow) => void) {
    this.#landed = landed;
    this.#put = put;
  }

  group(held: readonly FactRow[], forgotten: ReadonlySet<string>): void {
    for (const row of held) {
      this.#putBefore(row);
      const landed = this.#landed[this.#next];
      const meets = landed !== undefined && inOrder(landed, row) === 0;
      if (meets) this.#next++;
      if (forgotten.has(row.subject)) this.#changed(row, null);
      else if (!meets || standing(row, landed) === row) this.#put(row);
      else this.#changed(row, landed);
    }
  }

  finish(): void {
    this.#putBefore(null);
  }

  /** What landed and was not there, up to a row; null: all the rest. */
  #putBefore(row: FactRow | null): void {
    for (;;) {
      const landed = this.#landed[this.#next];
      if (landed === undefined || (row !== null && inOrder(landed, row) >= 0)) return;
      this.#next++;
      this.#changed(null, landed);
    }
  }

  #changed(before: FactRow | null, after: FactRow | null): void {
    const { subject, id } = (after ?? before) as FactRow;
    if (after !== null) this.#put(after);
    if (!isSame(before, after)) this.changes.push({ subject, id, before, after });
  }
}

/** A statement that only came again, under a new number, changes no conclusion. */
const isSame = (a: FactRow | null, b: FactRow | null): boolean =>
  a !== null && b !== null && a.body === b.body && a.kind === b.kind && a.revision === b.revision;
