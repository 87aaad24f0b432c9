/**
 * What is paid for listens, by the month from which it holds. A rule set is a fact like the rules of
 * counting: with a greater version every month that is stated again is stated under that number, and
 * what was stated before stays beside it.
 */
import type { Period } from "../time.ts";

export interface RoyaltyRule {
  /** The first month that it holds for, "2024-04". */
  readonly from: Period;
  /**
   * A track is paid in a month in which it has at least so many qualified listens within the twelve
   * months that end with it, in all territories together.
   */
  readonly minimum: number;
  /** What a listen in a territory counts, in hundredths of one; where nothing is said, `weightOne`. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface RoyaltyRules {
  /** Of the whole history. */
  readonly version: number;
  /** Oldest first; the first one holds since ever. */
  readonly history: readonly [RoyaltyRule, ...RoyaltyRule[]];
}

export const weightOne = 100;
/** The month itself and those before it. */
export const monthsLooked = 12;

/**
 * Since April 2024 Spotify pays for tracks that had 1,000 streams in the previous twelve months, the
 * month in which they come to it included (support.spotify.com/artists, "Track monetization
 * eligibility", read 2026-11-22). That it asks for a number of listeners too, which it does not
 * tell, is not in here: totals know none.
 */
export const royaltyRules: RoyaltyRules = {
  version: 1,
  history: [
    { from: "0001-01", minimum: 0, weights: {} },
    { from: "2024-04", minimum: 1_000, weights: {} },
  ],
};

export const royaltyRuleOf = ({ history }: RoyaltyRules, period: Period): RoyaltyRule =>
  history.findLast(({ from }) => from <= period) ?? history[0];

const royaltyVersionsMax = 1_000;

/** A statement rests on two rule sets: that by which listens were counted, and the one of paying. */
export const statementVersion = (counting: number, paying: number): number =>
  counting * royaltyVersionsMax + paying;
