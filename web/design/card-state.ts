/**
 * What a card has to say about what it shows, before it shows it. Seven answers, told apart the same
 * way everywhere, so that nobody takes an old number for a new one or an outage for an empty day.
 *
 *   loading   nothing yet           offline   nothing, and nobody can be reached
 *   error     nothing, and why      empty     all of it came, and there is none
 *   stale     what was seen before, as of when; it could not be looked up again
 *   partial   some of it, and what is missing
 *   ready     all of it
 */
import { Unreachable } from "../api/problem.ts";

export type CardState = "loading" | "offline" | "error" | "empty" | "stale" | "partial" | "ready";

/** What of a query matters here; TanStack Query's results fit. */
export interface Looked<T = unknown> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
  /** It is on its way for the first time. */
  readonly isLoading?: boolean;
}

export interface Looking<T> {
  readonly main: Looked<T>;
  /**
   * What the card can do without, but is not whole without. Awaited until it has come or failed, so
   * that what is shown does not move when it does.
   */
  readonly others: readonly Looked[];
  /** It was shown before: nothing is awaited any more. */
  readonly wasShown: boolean;
  readonly isEmpty: (data: T) => boolean;
  /** What is missing of it, in words; null: nothing. */
  readonly missing: (data: T) => string | null;
}

export interface CardSaid {
  readonly state: CardState;
  /** partial: what is missing. */
  readonly missing: string | null;
}

const unloaded = "A part of this could not be loaded.";

export function cardState<T>({ main, others, isEmpty, missing, wasShown }: Looking<T>): CardSaid {
  const plain = (state: CardState): CardSaid => ({ state, missing: null });
  if (main.data === undefined) {
    if (main.error === null) return plain("loading");
    return plain(main.error instanceof Unreachable ? "offline" : "error");
  }
  if (main.error !== null) return plain("stale");
  if (!wasShown && others.some(({ isLoading }) => isLoading === true)) return plain("loading");
  const lacks =
    missing(main.data) ?? (others.some(({ error }) => error !== null) ? unloaded : null);
  if (lacks !== null) return { state: "partial", missing: lacks };
  return plain(isEmpty(main.data) ? "empty" : "ready");
}
