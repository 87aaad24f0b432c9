/**
 * What the flaky workers do wrong, told to each by `POST /__faults`; an empty object: nothing.
 * "before": the call fails and nothing was done. "after": it was done, and its caller never learns.
 */
export type When = "before" | "after";

export interface EdgeFaults {
  readonly board?: When;
  readonly ledger?: When;
}

export interface VaultFaults {
  readonly seal?: When;
  readonly retract?: When;
  readonly open?: When;
  readonly connect?: When;
}

export interface ArchiveFaults {
  /** Messages are acknowledged and nothing is done. */
  readonly lose?: boolean;
  /** Every message comes twice in its batch, and once more later on. */
  readonly repeat?: boolean;
  /** Every other message comes a second later; the rest back to front. */
  readonly reorder?: boolean;
  readonly fail?: When;
}

export interface FaultsOf {
  readonly edge: EdgeFaults;
  readonly vault: VaultFaults;
  readonly archive: ArchiveFaults;
}

/** What a ledger holds, for a drill to compare with what arrived elsewhere. */
export interface LedgerContents {
  /** Body is null while the fact is retracted. */
  readonly facts: readonly {
    readonly id: string;
    readonly revision: number;
    readonly body: string | null;
    readonly days: string;
  }[];
  /** Changes and retractions that nobody confirmed, and sums that no board has. */
  readonly unconfirmed: number;
  readonly unpublished: number;
  /** When its alarm is due; null when none is set. */
  readonly alarmMs: number | null;
}

/** A call of one of the vault's entrypoints over the edge's own binding. */
export interface BindingCall {
  readonly binding:
    | "VAULT_SEAL"
    | "VAULT_OPEN"
    | "VAULT_CONNECT"
    | "VAULT_WORK"
    | "VAULT_LOG"
    | "VAULT_CARDS"
    | "VAULT_REVEAL";
  readonly method: string;
  readonly args: readonly unknown[];
}
export type BindingAnswer = { readonly answer: unknown } | { readonly error: string };
