/**
 * Who was refused too often of late: whoever tries doors would fill the log with their refusals.
 * Counted in memory, a minute at a time; an object that starts anew counts from nothing. Callers
 * whom nobody knows (no actor) are the edge's to hold off.
 */
import { type EntryDraft, isClosing } from "../domain/audit.ts";
import type { Instant } from "../domain/time.ts";

export const refusalsPerMinuteMax = 120;
const actorsCountedMax = 10_000;
const minuteMs = 60_000;

export class Refusals {
  #minute = 0;
  readonly #counts = new Map<string, number>();

  add(actor: string, nowMs: Instant): void {
    this.#turn(nowMs);
    const count = this.#counts.get(actor) ?? 0;
    if (actor === "" || (count === 0 && this.#counts.size >= actorsCountedMax)) return;
    this.#counts.set(actor, count + 1);
  }

  /** Closings always pass: what was begun is said to its end. */
  stops(draft: EntryDraft, nowMs: Instant): boolean {
    if (isClosing(draft) || draft.member === "") return false;
    this.#turn(nowMs);
    return (this.#counts.get(draft.actor) ?? 0) > refusalsPerMinuteMax;
  }

  #turn(nowMs: Instant): void {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#counts.clear();
  }
}
