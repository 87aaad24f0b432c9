/**
 * Challenges: boards that an operator makes, for a stretch of days and by rules of their own. What
 * somebody's resolved things score in one is a function of them and the rules alone, so the live
 * standings and the final ones, from the archive, are reckoned by the same.
 */
import type { Numbers } from "./board-ports.ts";
import { err, ok, type Result } from "./result.ts";
import { type Resolve, rulesAt } from "./stream.ts";
import type { AnyStream } from "./streams.ts";
import { addDays, type Instant, isLocalDate, type LocalDate } from "./time.ts";

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
/** Of `dayMax` and `least`: a million kilometres in millimetres. */
export const challengeAmountMax = 1_000_000_000_000;

/** Which rule cannot be. */
export type RulesFault = "measure" | "families" | "days" | "dayMax" | "least";

/**
 * Rules that can be kept: a measure that is open and summed, families that there are, days that
 * exist and are in order. `families`: all those of the stream. Those of the rules are put in the
 * order of that list, each once, so that what means the same is the same.
 */
export function parseRules(
  stream: AnyStream,
  families: readonly string[],
  rules: ChallengeRules,
): Result<ChallengeRules, RulesFault> {
  const { measure, from, to, dayMax, least } = rules;
  const counts = ({ name, open, fold }: (typeof stream.measures)[number]) =>
    name === measure && open && fold === "sum";
  if (!stream.measures.some(counts)) return err("measure");
  if (rules.families.some((family) => !families.includes(family))) return err("families");
  const isLong = () => to > addDays(from, challengeDaysMax - 1);
  if (!isLocalDate(from) || !isLocalDate(to) || to < from || isLong()) return err("days");
  if (!isAmount(dayMax)) return err("dayMax");
  if (!isAmount(least)) return err("least");
  return ok({ ...rules, families: families.filter((family) => rules.families.includes(family)) });
}

const isAmount = (n: number | null): boolean =>
  n === null || (Number.isSafeInteger(n) && n > 0 && n <= challengeAmountMax);

/** What these resolved things score: under the key "all", one number and the last time. */
export type ChallengeScore = (
  stream: AnyStream,
  rules: ChallengeRules,
  resolved: readonly unknown[],
) => Numbers;

interface Counted {
  readonly id: string;
  readonly at: Instant;
  readonly n: number;
}

/**
 * The sum of the days, none for more than `dayMax`, and the event time of the last thing that raised
 * it: what comes when a day is full neither adds nor makes anybody later. Nothing at all where nothing
 * counts, so that nobody stands there with a zero. Whatever the order of what is given.
 */
export const scoreChallenge: ChallengeScore = (stream, rules, resolved) => {
  const { resolve } = stream;
  if (resolve === undefined) return {};
  const days = new Map<LocalDate, Counted[]>();
  for (const thing of resolved) {
    const day = resolve.day(thing);
    if (day < rules.from || day > rules.to) continue;
    const n = amountOf(stream, resolve, rules, thing);
    if (n <= 0 || n < (rules.least ?? 0)) continue;
    const counted = { id: resolve.id(thing), at: resolve.at(thing), n };
    days.set(day, [...(days.get(day) ?? []), counted]);
  }
  let sum = 0;
  let lastAtMs = Number.MIN_SAFE_INTEGER;
  for (const things of days.values()) {
    const day = scoreDay(things, rules.dayMax ?? Number.MAX_SAFE_INTEGER);
    sum += day.n;
    lastAtMs = Math.max(lastAtMs, day.at);
  }
  return sum === 0 ? {} : { all: [sum, lastAtMs] };
};

/** What one thing is worth before any day's limit; families add up. */
function amountOf(
  stream: AnyStream,
  // biome-ignore lint/suspicious/noExplicitAny: as in `AnyStream`.
  { isVerified }: Resolve<any, any>,
  { measure, families, verifiedOnly }: ChallengeRules,
  thing: unknown,
): number {
  if (verifiedOnly && isVerified?.(thing) !== true) return 0;
  const measured = stream.measures.find(({ name, open }) => name === measure && open);
  if (measured === undefined) return 0;
  let n = 0;
  for (const [key, amount] of measured.of(thing, rulesAt(stream.rules)))
    if (families.length === 0 ? key === "all" : families.includes(key)) n += amount;
  return n;
}

/** At least one thing, each worth something. */
function scoreDay(things: readonly Counted[], max: number): { n: number; at: Instant } {
  const inTime = [...things].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  let n = 0;
  let at = Number.MIN_SAFE_INTEGER;
  for (const thing of inTime) {
    if (n >= max) break;
    n = Math.min(max, n + thing.n);
    at = thing.at;
  }
  return { n, at };
}
