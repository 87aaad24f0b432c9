/**
 * What became of every statement that a ledger was ever handed. Called inside the object's
 * transaction by whatever changes it, so that the sums always add up. Repetitions and what came too
 * late change nothing else, and cost no row: they are written down with the next thing that does.
 * An eviction before that loses them, received and duplicate alike.
 */
import type { Head, LedgerState } from "./ledger-state.ts";

type Row = Head["counts"];

export class LedgerCounts {
  readonly #state: LedgerState;

  constructor(state: LedgerState) {
    this.#state = state;
  }

  add(more: Partial<Row>): void {
    const counts = { ...this.read() };
    for (const [name, n] of Object.entries(more)) counts[name as keyof Row] += n;
    const { applied = 0, parked = 0, pending = 0, held = 0 } = more;
    if ([applied, parked, pending, held].some((n) => n !== 0)) this.#state.keep({ counts });
    else this.#state.note({ counts });
  }

  read(): Row {
    return this.#state.head.counts;
  }

  /** All is emptied: nothing waits any more, and nothing is left to be replayed. */
  forget(): void {
    const { applied, pending, parked, ...others } = this.read();
    const counts = {
      ...others,
      applied: applied + pending + parked,
      pending: 0,
      parked: 0,
      held: 0,
    };
    this.#state.keep({ counts, parked: 0 });
  }
}
