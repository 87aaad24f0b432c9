/**
 * What the steps of a rotation that share one invocation know from each other, and how often they
 * have asked a database: an invocation may do so a thousand times. Nothing here outlives it, and
 * nothing depends on it but the number of calls: a step that knows nothing asks anew.
 */
import type { Vault } from "./env.ts";

/** Of the thousand; the rest is for whoever asked, the log and what a step may run over. */
export const databaseCallsMax = 900;

export class RotationRun {
  /** That were looked at and take part. */
  vaults: readonly Vault[] | null = null;
  /** Rows under older epochs, of shards set to the epoch: never too few, none comes after that. */
  readonly left = new Map<Vault, number>();
  readonly copied = new Set<Vault>();
  /** Statements, those of a batch one by one. */
  calls = 0;
  readonly #callsMax: number;
  #epoch = 0;

  constructor(callsMax: number = databaseCallsMax) {
    this.#callsMax = callsMax;
  }

  /** Whether there is room for a piece of work besides calls that come in any case. */
  hasRoomBeside(calls: number): boolean {
    return this.calls + calls < this.#callsMax;
  }

  /** What is known is known of one epoch. */
  isAnother(epoch: number): boolean {
    if (epoch === this.#epoch) return false;
    this.#epoch = epoch;
    this.left.clear();
    this.copied.clear();
    return true;
  }
}
