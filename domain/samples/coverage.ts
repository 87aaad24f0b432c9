/**
 * Time that can be counted once. It is cut beforehand wherever anything begins or ends; whoever is
 * asked first takes what it wants of the pieces, who comes later gets what is left. Every piece is
 * taken once and what is taken is skipped, so n stretches cost n log n however they lie.
 */

import type { Span } from "../stream.ts";
import type { Instant } from "../time.ts";

export class Coverage {
  /** Ascending; piece i lasts from cut i to cut i + 1. */
  readonly #cuts: Float64Array;
  /** The piece itself while it is free, else a later one from which to look on. */
  readonly #onwards: Int32Array;

  /** Only what begins and ends where one of these does can be taken. */
  constructor(spans: readonly Span[]) {
    const all = new Float64Array(spans.length * 2);
    spans.forEach(({ fromMs, toMs }, i) => {
      all[2 * i] = fromMs;
      all[2 * i + 1] = toMs;
    });
    this.#cuts = all.sort().filter((cut, i) => i === 0 || cut !== all[i - 1]);
    this.#onwards = Int32Array.from(this.#cuts, (_, i) => i);
  }

  /** Takes what is free of a span, and says each piece of it, in order of time. */
  take(span: Span, each: (fromMs: Instant, toMs: Instant) => void): void {
    const end = this.#pieceAt(span.toMs);
    let piece = this.#freeFrom(this.#pieceAt(span.fromMs));
    while (piece < end) {
      each(this.#cuts[piece] ?? 0, this.#cuts[piece + 1] ?? 0);
      this.#onwards[piece] = piece + 1;
      piece = this.#freeFrom(piece + 1);
    }
  }

  isTaken(atMs: Instant): boolean {
    const piece = this.#pieceAt(atMs);
    return this.#freeFrom(piece) !== piece;
  }

  /** The piece in which an instant lies: the one that begins there, if one does. */
  #pieceAt(atMs: Instant): number {
    let [low, high] = [-1, this.#cuts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#cuts[middle] ?? 0) <= atMs) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The last cut begins no piece and stays free: every search ends there. */
  #freeFrom(piece: number): number {
    let at = piece;
    for (;;) {
      const next = this.#onwards[at] ?? at;
      if (next === at) return at;
      // Shortens the way for whoever passes here again.
      this.#onwards[at] = this.#onwards[next] ?? next;
      at = next;
    }
  }
}
