/**
 * What a team's number may tell. It is the sum over all its members, also over those who are on no
 * board, and nothing about fewer than `teamHiddenMin` of these may be had from it: not from one
 * number, nor from any reckoning with all that were ever told, of whatever teams and weeks.
 *
 * The rule: the part of those who are on no board is told anew only with the numbers of at least
 * `teamHiddenMin` of them in it that were never in anything told before, and that nobody could see.
 * Why that is enough: take any sum of told parts, each with a weight, and of those whose weight is
 * not zero the one that was told last. Its new numbers are in no earlier one, so they keep its
 * weight: whatever is reckoned is about at least so many members. Between two such times the part
 * stands as it was told; the part of those whom everybody sees tells nothing new, and goes with them.
 *
 * What it does not promise: whoever shows themself later has told their own number, and one of the
 * team who is on no board knows their own.
 */
import { isOpen, periodBefore } from "./boards.ts";
import {
  daysOfPeriod,
  type Instant,
  localDate,
  offsetMinutesMax,
  type Period,
  weekOf,
} from "./time.ts";

/** Of those who are on no board, so many are in a number, or none. */
export const teamHiddenMin = 5;
export const teamMembersMax = 500;
/** One member is in so many. */
export const teamsJoinedMax = 10;
/** Numbers that are older are reckoned anew when they are asked for. */
export const teamFreshMs = 45_000;

/** What one member has in a week, by one measure. */
export interface TeamPart {
  readonly member: string;
  readonly n: number;
  /** Everybody sees it. */
  readonly isShown: boolean;
  /** It was never in a number that was told, and nobody could see any of theirs that week. */
  readonly isNew: boolean;
}

/** The part of those who are on no board, as it was told last. */
export interface HiddenPart {
  readonly n: number;
  readonly members: readonly string[];
}

export interface TeamNumber {
  /** Null: held back. */
  readonly n: number | null;
  readonly hidden: HiddenPart | null;
  /** What is told for the first time by it. */
  readonly told: readonly TeamPart[];
}

/** `before`: null where there is none, or one of those in it left the team. */
export function teamNumber(parts: readonly TeamPart[], before: HiddenPart | null): TeamNumber {
  const shown = parts.filter(({ isShown }) => isShown);
  const hidden = parts.filter(({ isShown, n }) => !isShown && n > 0);
  // Without them, it is a sum of what everybody sees.
  if (hidden.length < teamHiddenMin) return { n: sumOf(shown), hidden: null, told: [] };
  const told = hidden.filter(({ isNew }) => isNew);
  if (told.length >= teamHiddenMin) {
    const now = { n: sumOf(hidden), members: hidden.map(({ member }) => member) };
    return { n: sumOf(shown) + now.n, hidden: now, told };
  }
  if (before === null) return { n: null, hidden: null, told: [] };
  const others = shown.filter(({ member }) => !before.members.includes(member));
  return { n: sumOf(others) + before.n, hidden: before, told: [] };
}

const sumOf = (parts: readonly TeamPart[]): number => parts.reduce((sum, { n }) => sum + n, 0);

/** The weeks that numbers are told of: this one and the last, as long as boards have them. */
export function teamWeeks(nowMs: Instant): readonly Period[] {
  const week = weekOf(localDate(nowMs, 0));
  const before = periodBefore(week);
  return before === null || !isOpen(before, nowMs) ? [week] : [week, before];
}

/** When a week begins where it begins first: nobody was seen in it before. */
export const weekBeginsMs = (week: Period): Instant =>
  Date.parse(daysOfPeriod(week).from) - offsetMinutesMax * 60_000;
