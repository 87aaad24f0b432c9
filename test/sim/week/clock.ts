/**
 * Time that passes only when nothing is left to do: a queue of events, and between two of them every
 * promise that can settle settles. Nothing here looks at the machine's clock, so a week takes as
 * long as its work, and the same seed gives the same week.
 */
import type { Instant } from "../../../domain/time.ts";

interface Event {
  readonly atMs: Instant;
  /** Of two at one instant the one made first comes first. */
  readonly seq: number;
  readonly act: () => void;
}

/** A macrotask: by then every microtask that was set off has run. */
const settled = () => new Promise(setImmediate);

/** What throws inside an event is the simulation's own bug, or the code's: it ends the run. */
export class VirtualClock {
  readonly #heap: Event[] = [];
  #nowMs: Instant;
  #seq = 0;
  readonly #settled: () => Promise<unknown>;
  events = 0;

  /** `rest`: returns once everything that can settle has. */
  constructor(startMs: Instant, rest: () => Promise<unknown> = settled) {
    this.#nowMs = startMs;
    this.#settled = rest;
  }

  readonly now = (): Instant => this.#nowMs;

  at(atMs: Instant, act: () => void): void {
    const event = { atMs: Math.max(atMs, this.#nowMs), seq: this.#seq++, act };
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1);
  }

  after(ms: number, act: () => void): void {
    this.at(this.#nowMs + ms, act);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  async runUntil(untilMs: Instant): Promise<void> {
    await this.#settled();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; ) {
      this.#pop();
      this.#nowMs = next.atMs;
      next.act();
      this.events++;
      await this.#settled();
      next = this.#heap[0];
    }
    this.#nowMs = untilMs;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(from: number): void {
    for (let i = from; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < this.#heap.length && this.#isBefore(child, first)) first = child;
      if (first === i) return;
      this.#swap(i, first);
      i = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a] as Event, this.#heap[b] as Event];
    return x.atMs < y.atMs || (x.atMs === y.atMs && x.seq < y.seq);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b] as Event, this.#heap[a] as Event];
  }
}
