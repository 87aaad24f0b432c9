/**
 * One identity's history in one cell: which statement wins. The winner is the one with the greatest
 * revision, and at the same revision a retraction wins over a create; so the result is the same in
 * any order and any number of repetitions.
 */
import type { OpenFact, OpenStatement, RecordOutcome } from "../domain/ports.ts";
import { isRetraction, type Revision } from "../domain/stream.ts";
import type { LocalDate } from "../domain/time.ts";

/** What a ledger holds of one identity. `fact` is null while it is retracted. */
export interface Held {
  readonly revision: Revision;
  readonly fact: OpenFact | null;
  /** Every day under which it was ever published, the latest last. */
  readonly days: readonly LocalDate[];
}

/** Does `statement` win over `held`, and what is it then? */
export function weigh(
  held: Held | null,
  statement: OpenStatement,
): { readonly wins: boolean; readonly outcome: RecordOutcome } {
  const retracts = isRetraction(statement);
  if (held === null) return { wins: true, outcome: retracts ? "retracted" : "new" };
  if (statement.revision < held.revision) return { wins: false, outcome: "older" };
  if (statement.revision === held.revision) {
    if (retracts && held.fact !== null) return { wins: true, outcome: "retracted" };
    if (!retracts && held.fact === null) return { wins: false, outcome: "older" };
    return { wins: false, outcome: "duplicate" };
  }
  if (retracts) return { wins: true, outcome: "retracted" };
  return { wins: true, outcome: held.fact === null ? "new" : "corrected" };
}
