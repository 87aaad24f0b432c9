/**
 * How many hands an isolate has for one kind of work: fewer as soon as it takes long, more while all
 * are in use and it does not. An isolate cannot see how busy its machine is, nor what it asks: how
 * long its work takes is all that it knows. (Additive increase and multiplicative decrease, as TCP
 * keeps its window: RFC 5681.)
 */
import type { Instant } from "../../domain/time.ts";

/** How much one piece of work moves what is usual, and how much of it counts at most, in `slowMs`. */
const usualShare = 0.1;
const countsAtMost = 2;
/** Where work usually takes less than this share of `slowMs`, all is calm. */
const calmShare = 0.5;
/** From this share of them in use on, more are added (as RFC 7661 has it of TCP's window). */
const inUseShare = 0.5;
/** So much is kept of what was in hand when it took long, at most once in as long as it took. */
const narrowedTo = 0.7;

export interface HandsOf {
  /** The fewest. */
  readonly least: number;
  /** To begin with, and where all is calm. */
  readonly first: number;
  /** Where work usually takes this long, there is too much of it. */
  readonly slowMs: number;
}

export class Hands {
  readonly #of: HandsOf;
  #open: number;
  #usualMs = 0;
  #narrowedMs = Number.NEGATIVE_INFINITY;

  constructor(of: HandsOf) {
    this.#of = of;
    this.#open = of.first;
  }

  /** Of no more than `most`. */
  open(most: number): number {
    if (this.#isCalm()) this.#open = Math.max(this.#open, this.#of.first);
    this.#open = Math.min(this.#open, most);
    return Math.floor(this.#open);
  }

  /** One piece is done, of so many in hand: true when such work usually takes long by now. */
  done(inHand: number, tookMs: number): boolean {
    const { slowMs } = this.#of;
    this.#usualMs += (Math.min(tookMs, countsAtMost * slowMs) - this.#usualMs) * usualShare;
    if (this.#usualMs >= slowMs) return true;
    // Hands that were idle have shown nothing. While all is calm one for each, so that they double;
    // then one for each round of them.
    if (inHand >= this.#open * inUseShare) this.#open += this.#isCalm() ? 1 : 1 / this.#open;
    return false;
  }

  narrow(inHand: number, tookMs: number, nowMs: Instant): void {
    this.#usualMs = Math.max(this.#usualMs, this.#of.slowMs);
    if (nowMs - this.#narrowedMs < tookMs) return;
    this.#narrowedMs = nowMs;
    this.#open = Math.max(this.#of.least, Math.min(this.#open, inHand) * narrowedTo);
  }

  /** What it takes usually, and not how long ago it was slow: whoever stands still does nothing quickly. */
  #isCalm(): boolean {
    return this.#usualMs < this.#of.slowMs * calmShare;
  }
}
