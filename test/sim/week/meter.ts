/**
 * A provider's own count of the calls that reach it, exact to the call: in every stretch of a
 * window's length, wherever it begins, and in the aligned windows that some providers count by.
 */
import type { RateWindow } from "../../../domain/budget.ts";
import type { Instant } from "../../../domain/time.ts";

export class Meter {
  readonly window: RateWindow;
  /** Calls above the limit: in a stretch that ended with that call, and in an aligned window. */
  over = 0;
  overAligned = 0;
  /** The most that any stretch held. */
  peak = 0;
  readonly #within: Instant[] = [];
  #oldest = 0;
  #aligned = { index: -1, calls: 0 };

  constructor(window: RateWindow) {
    this.window = window;
  }

  /** In order of time. True when this call is one too many. */
  count(nowMs: Instant): boolean {
    const { calls, windowMs } = this.window;
    this.#forgetUntil(nowMs - windowMs);
    this.#within.push(nowMs);
    const held = this.#within.length - this.#oldest;
    this.peak = Math.max(this.peak, held);
    const index = Math.floor(nowMs / windowMs);
    this.#aligned = { index, calls: index === this.#aligned.index ? this.#aligned.calls + 1 : 1 };
    if (this.#aligned.calls > calls) this.overAligned++;
    if (held > calls) this.over++;
    return held > calls;
  }

  /** In the aligned window that holds this instant, as a provider's headers say it. */
  usedAligned(nowMs: Instant): number {
    const index = Math.floor(nowMs / this.window.windowMs);
    return index === this.#aligned.index ? this.#aligned.calls : 0;
  }

  /** A stretch holds its beginning and not its end. */
  #forgetUntil(ms: Instant): void {
    while (this.#oldest < this.#within.length && (this.#within[this.#oldest] as Instant) <= ms)
      this.#oldest++;
    if (this.#oldest < 4096 || this.#oldest * 2 < this.#within.length) return;
    this.#within.splice(0, this.#oldest);
    this.#oldest = 0;
  }
}
