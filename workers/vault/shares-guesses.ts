/**
 * Wrong codes of this isolate, counted by the minute: of one address, so that nobody goes on
 * guessing, and of all together, so that many addresses are no way around it. A code counts as wrong
 * until it turns out to be right, or many at once would all come before the first is counted. What is
 * remembered is bounded: there are no more addresses in a minute than guesses.
 */
import { BoundedCache } from "./bounded-cache.ts";

const minuteMs = 60_000;
const guessesMax = 10;
const guessesOfAllMax = 1_000;
/** Digests are shorter; whatever is longer counts as one. */
const fromCharsMax = 64;
const all = "";

interface Counted {
  readonly count: number;
  /** When the minute that it is counted in is over. */
  readonly untilMs: number;
}

export class Guesses {
  readonly #counted = new BoundedCache<Counted>(guessesOfAllMax + 1, minuteMs);

  /** False: too many were wrong, and this one is not heard. */
  guess(from: string, nowMs: number): boolean {
    const name = named(from);
    const { count } = this.#of(name, nowMs);
    if (count >= guessesMax || this.#of(all, nowMs).count >= guessesOfAllMax) return false;
    this.#add(all, 1, nowMs);
    this.#add(name, 1, nowMs);
    return true;
  }

  /** It was none: the code is a share's. */
  takeBack(from: string, nowMs: number): void {
    this.#add(all, -1, nowMs);
    this.#add(named(from), -1, nowMs);
  }

  #of(name: string, nowMs: number): Counted {
    const known = this.#counted.get(name, nowMs);
    const isOver = known === undefined || known.untilMs <= nowMs;
    return isOver ? { count: 0, untilMs: nowMs + minuteMs } : known;
  }

  #add(name: string, more: number, nowMs: number): void {
    const { count, untilMs } = this.#of(name, nowMs);
    if (count + more > 0) this.#counted.set(name, { count: count + more, untilMs }, nowMs);
    else this.#counted.delete(name);
  }
}

/** As long as the isolate lives. */
export const guesses = new Guesses();

const named = (from: string): string => `from ${from.slice(0, fromCharsMax)}`;
