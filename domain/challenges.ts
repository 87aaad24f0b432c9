/**
 * Challenges: boards that an operator makes, for a stretch of days and by rules of their own. What
 * somebody's resolved things score in one is a function of them and the rules alone, so the live
 * standings and the final ones, from the archive, are reckoned by the same.
 */
import type { Numbers } from "./board-ports.ts";
import type { AnyStream } from "./streams.ts";
import type { LocalDate } from "./time.ts";

export interface ChallengeRules {
  readonly id: string;
  /** Name of the measure. */
  readonly measure: string;
  /** Activity families that count; empty: all. */
  readonly families: readonly string[];
  /** First and last local day, both included. */
  readonly from: LocalDate;
  readonly to: LocalDate;
  /** No day counts for more than this; null: whatever it is. In the measure's unit. */
  readonly dayMax: number | null;
  /** What is less than this counts for nothing, each thing by itself; null: everything counts. */
  readonly least: number | null;
  /** Only what a device recorded counts, not what was entered by hand. */
  readonly verifiedOnly: boolean;
}

/** A challenge lasts no longer than this. */
export const challengeDaysMax = 366;
/** One member is in so many open ones at once. */
export const challengesJoinedMax = 20;

/** What these resolved things score: under the key "all", one number and the last time. */
export type ChallengeScore = (
  stream: AnyStream,
  rules: ChallengeRules,
  resolved: readonly unknown[],
) => Numbers;
