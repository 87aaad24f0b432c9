/**
 * What gathers in the hours of a day while its samples are counted. A sample that counts in several
 * hours is among the least and greatest of each, and is one reading of the first: so the counts of
 * hours add up to their day's. The day is what its hours come to, and nothing else.
 */

import type { Span } from "../stream.ts";
import type { Instant } from "../time.ts";
import type { Aggregate, HourAggregate, MetricDay } from "./aggregate.ts";
import type { Hours } from "./days.ts";
import { foldAggregates, sharesOf } from "./fold.ts";
import type { Measured } from "./measured.ts";
import type { Fold, SleepStage } from "./metrics.ts";
import { quotient } from "./ratio.ts";
import type { DeviceId } from "./sample.ts";

export class Tally {
  #value = 0;
  /** Below 2^53: an hour of the greatest value there is (a test holds the table of metrics to it). */
  #weighed = 0;
  #ms = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #count = 0;
  #atMs: Instant | null = null;
  readonly #stages: Partial<Record<SleepStage, number>> = {};
  readonly #sources = new Map<DeviceId, number>();

  /** So much of a sum; `isFirst`: it counted nowhere before. */
  add(sample: Measured, amount: number, isFirst: boolean): void {
    this.#see(sample, isFirst);
    this.#value += amount;
    this.#credit(sample.device, amount);
  }

  /** So much time of sleep; awake is time in bed that counts as none. */
  addSleep(sample: Measured, ms: number, isFirst: boolean): void {
    const stage = sample.stage ?? "asleep";
    this.#stages[stage] = (this.#stages[stage] ?? 0) + ms;
    this.add(sample, stage === "awake" ? 0 : ms, isFirst);
  }

  /** A reading that held for so long. */
  weigh(sample: Measured, ms: number, isFirst: boolean): void {
    this.#see(sample, isFirst);
    this.#weighed += sample.value * ms;
    this.#ms += ms;
    this.#credit(sample.device, ms);
  }

  /** A reading later than all that were noted. */
  note(sample: Measured): void {
    this.#see(sample, true);
    this.#value = sample.value;
    this.#atMs = sample.fromMs;
    this.#sources.clear();
    this.#sources.set(sample.device, 1);
  }

  /** Null: nothing counted. */
  aggregate(fold: Fold): Aggregate | null {
    if (this.#min > this.#max) return null;
    const weighed = fold === "average" ? { sum: String(this.#weighed), ms: this.#ms } : null;
    const average = () => Number(quotient(BigInt(this.#weighed), BigInt(this.#ms)));
    return {
      value: weighed === null ? this.#value : average(),
      min: this.#min,
      max: this.#max,
      count: this.#count,
      weighed,
      atMs: this.#atMs,
      stages: Object.keys(this.#stages).length === 0 ? null : this.#stages,
      sources: sharesOf(this.#sources),
    };
  }

  #see(sample: Measured, isFirst: boolean): void {
    this.#min = Math.min(this.#min, sample.value);
    this.#max = Math.max(this.#max, sample.value);
    if (isFirst) this.#count++;
  }

  #credit(device: DeviceId, amount: number): void {
    this.#sources.set(device, (this.#sources.get(device) ?? 0) + amount);
  }
}

export class Tallies {
  readonly hours: Hours;
  readonly #tallies: readonly Tally[];

  constructor(hours: Hours) {
    this.hours = hours;
    this.#tallies = hours.map(() => new Tally());
  }

  /** Null: that instant is of another day. */
  at(atMs: Instant): Tally | null {
    const i = this.indexAt(atMs);
    return atMs < (this.hours[i]?.toMs ?? atMs) ? (this.#tallies[i] ?? null) : null;
  }

  /** The last hour that begins no later; -1: none. */
  indexAt(atMs: Instant): number {
    let [low, high] = [-1, this.hours.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.hours[middle]?.fromMs ?? 0) <= atMs) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Is any of it in the day? A moment is where it is, a stretch without its end. */
  touch({ fromMs, toMs }: Span): boolean {
    if (this.at(fromMs) !== null) return true;
    return (this.hours[this.indexAt(fromMs) + 1]?.fromMs ?? toMs) < toMs;
  }

  /** How far the day goes on from an instant in it, at most until another; it may come in two stretches. */
  unbroken(fromMs: Instant, untilMs: Instant): Instant {
    let endMs = fromMs;
    for (let i = this.indexAt(fromMs); endMs < untilMs; i++) {
      const hour = this.hours[i];
      if (hour === undefined || hour.fromMs > endMs) break;
      endMs = Math.min(hour.toMs, untilMs);
    }
    return endMs;
  }

  day(fold: Fold): MetricDay | null {
    const hours = this.#tallies.flatMap((tally, i): HourAggregate[] => {
      const aggregate = tally.aggregate(fold);
      return aggregate === null ? [] : [{ fromMs: this.hours[i]?.fromMs ?? 0, ...aggregate }];
    });
    return hours.length === 0 ? null : { day: foldAggregates(fold, hours), hours };
  }
}
