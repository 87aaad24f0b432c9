/**
 * When one shard is too much for one object: too many members for its memory and for how soon it is
 * to wake, or more changes than one object should write, and that not for a moment only. What was
 * counted is forgotten with the object: a shard that was put out of memory was not busy.
 */
import type { Instant } from "../../domain/time.ts";

export interface ShardBounds {
  readonly membersMax: number;
  /** Changes in each second of `busySeconds` on end. */
  readonly putsASecondMax: number;
}
export const shardBounds: ShardBounds = { membersMax: 65_536, putsASecondMax: 300 };

const busySeconds = 10;
/** Who is full says so again after this long; the root may have been busy or away. */
const sayAgainMs = 5_000;

export class ShardLoad {
  readonly #bounds: ShardBounds;
  #second = 0;
  #puts = 0;
  #busySeconds = 0;
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(bounds: ShardBounds) {
    this.#bounds = bounds;
  }

  /**
   * Counts one put; true when the root is to be told that this shard is full. `members`: how many
   * it holds; null: nobody has asked it anything yet, so it need not be quick either.
   */
  put(nowMs: Instant, members: number | null): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      const wasBusy = second === this.#second + 1 && this.#puts > this.#bounds.putsASecondMax;
      this.#busySeconds = wasBusy ? this.#busySeconds + 1 : 0;
      this.#second = second;
      this.#puts = 0;
    }
    this.#puts++;
    const isFull = (members ?? 0) > this.#bounds.membersMax || this.#busySeconds >= busySeconds;
    if (!isFull || nowMs - this.#saidMs < sayAgainMs) return false;
    this.#saidMs = nowMs;
    return true;
  }
}
