/** What the dying edge says that a ledger holds. */

/** One ledger's. */
export interface Held {
  readonly facts: readonly HeldFact[];
  /** Changes, retractions and sums that nobody confirmed. */
  readonly waiting: number;
}

export interface HeldFact {
  readonly id: string;
  readonly revision: number;
  /** Null while it is retracted. */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly days: readonly string[];
}
