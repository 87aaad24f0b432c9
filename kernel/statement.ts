/**
 * One identity's history in one cell: which statement wins. The winner is the one with the greatest
 * revision; at the same revision a retraction wins over every reading, and of two readings the one
 * of the later edition. So the result is the same in any order and any number of repetitions.
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
  const below = held.fact === null && !retracts ? "gone" : "older";
  if (statement.revision < held.revision) return { wins: false, outcome: below };
  if (statement.revision === held.revision) {
    if (retracts && held.fact !== null) return { wins: true, outcome: "retracted" };
    if (retracts) return { wins: false, outcome: "duplicate" };
    if (held.fact === null) return { wins: false, outcome: below };
    const newer = editionOf(statement) - editionOf(held.fact);
    if (newer > 0) return { wins: true, outcome: "corrected" };
    return { wins: false, outcome: newer < 0 ? "older" : "duplicate" };
  }
  if (retracts) return { wins: true, outcome: "retracted" };
  return { wins: true, outcome: held.fact === null ? "new" : "corrected" };
}

/** A fact says its edition only from the second one on. */
const editionOf = (fact: OpenFact): number => fact.edition ?? 1;
