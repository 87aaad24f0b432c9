/** What the week keeps of each account, of each gate, and of each statement that was recorded. */
import type { ConnectionStatus } from "../../../domain/ports.ts";
import type { Instant } from "../../../domain/time.ts";
import type { ConnectionCore } from "../../../durable-objects/connection-core.ts";
import type { SimObject } from "./object.ts";
import { Recorded } from "./recorded.ts";
import type { Account } from "./world.ts";

/** An account with all that is ours of it. */
export class Connected {
  readonly account: Account;
  readonly recorded: Recorded;
  object: SimObject<ConnectionCore> | null = null;
  status: ConnectionStatus | null = null;
  shown = 0;
  /** How often a part of ours failed it. */
  failures = 0;
  /** When its history was all read; null: not yet. */
  backfilledMs: Instant | null = null;
  /** When its member links it again. */
  relinkMs: Instant = 0;
  /** When its member had to link it again, and did. */
  readonly unlinked: { fromMs: Instant; toMs: Instant }[] = [];
  constructor(account: Account, onRecorded: ConstructorParameters<typeof Recorded>[1]) {
    this.account = account;
    this.recorded = new Recorded(account, onRecorded);
  }
}

export interface GateFigures {
  asks: number;
  leases: number;
  granted: number;
  /** Asks that were told to come back for lack of budget. */
  sentAway: { live: number; backfill: number };
  /** How often its breaker was seen to open. */
  openings: number;
}

export interface Freshness {
  readonly account: Account;
  /** It was said of a workout that was new. */
  readonly isNew: boolean;
  readonly sentMs: Instant;
  readonly ms: number;
}
