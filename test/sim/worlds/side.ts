/**
 * What the two halves of a simulated world promise each other. The runner owns time, chance, faults
 * and the data side; the vault side brings its stores, its acts and its own oracle.
 */
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import type { ErasureScope, SealPort } from "../../../domain/ports.ts";
import type { Chance } from "../../oracle/chance.ts";

/** The process died between two steps: memory is gone, what was stored stays. */
export class Crash extends Error {
  constructor(port: string) {
    super(`crashed at ${port}`);
  }
}

export interface WorldFaults {
  /**
   * Every call of a port goes through it: it may fail before its effect or after (then only its
   * answer is lost), or crash the process (throws `Crash`).
   */
  call<T>(port: string, effect: () => T | Promise<T>): Promise<T>;
}

export interface WorldMember {
  readonly id: MemberId;
  readonly connections: readonly ConnectionId[];
}

export interface WorldContext {
  readonly seed: number;
  readonly chance: Chance;
  /** Injected; only the runner moves it. */
  readonly clock: { nowMs(): number };
  readonly faults: WorldFaults;
  /** Everybody there is. */
  readonly members: readonly WorldMember[];
  /** Those of them that only the vault's acts are about: parts of theirs it may erase by itself. */
  readonly own: readonly WorldMember[];
  /** A planted bug by its name; null: the code as it is. */
  readonly plant: string | null;
  /** One line of the script, for the shrunk report. */
  told(line: string): void;
}

export interface VaultAct {
  readonly name: string;
  run(chance: Chance): Promise<void>;
}

export interface VaultSide {
  /** What accept and a ledger's outbox call. */
  readonly seal: SealPort;
  /** Consent, revoke, read…: the runner picks. Erasing a whole member is the runner's alone. */
  readonly acts: readonly VaultAct[];
  /**
   * The vault's part of an erasure of a member or of one connection, tombstone first, then keys; the
   * runner goes on with ledgers, boards and archive once it returns. May throw, and is said again.
   */
  erase(member: MemberId, scope: ErasureScope): Promise<void>;
  /** The isolate's memory is gone, the stores stay. */
  crash(): void;
  /** Faults are off: drain what must drain. */
  settle(): Promise<void>;
  violations(): Promise<readonly string[]>;
}
