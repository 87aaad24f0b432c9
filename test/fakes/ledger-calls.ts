/** What a test and the worker around a lone ledger say to each other. */
export interface LedgerCall {
  readonly ledger: string;
  readonly calls: readonly (readonly [method: string, ...args: unknown[]])[];
  /** After every call all that it changed is published and confirmed, and counted with it. */
  readonly settle: boolean;
}

export interface LedgerCost {
  readonly read: number;
  readonly written: number;
  /** Per statement of SQL. */
  readonly queries: Readonly<
    Record<string, readonly [times: number, read: number, written: number]>
  >;
}

export interface LedgerAnswer {
  readonly answers: readonly unknown[];
  readonly cost: LedgerCost;
}
