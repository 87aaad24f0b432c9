/**
 * What of the leaderboard is looked at: a measure, an activity, a period, and among whom. It stands in
 * the address, so that going back works and a link leads to the same; of people only ids stand there.
 */
import { periodAfter, periodBefore } from "../../../domain/boards.ts";
import {
  daysOfPeriod,
  type Instant,
  localDate,
  monthOf,
  type Period,
  parsePeriod,
  weekOf,
} from "../../../domain/time.ts";

export const measures = ["distance", "moving_time", "count"] as const;
export type MeasureName = (typeof measures)[number];
export type PeriodLength = "week" | "month" | "all";

export interface Choice {
  readonly measure: MeasureName;
  /** "all", or an activity family. */
  readonly family: string;
  readonly period: Period;
  /** "everybody", "friends", or the id of a team. */
  readonly among: string;
}

export const everybody = "everybody";
export const friends = "friends";

export const boardOf = ({ measure, family }: Pick<Choice, "measure" | "family">): string =>
  family === "all" ? measure : `${measure}-${family}`;

/** "distance-ride" taken apart; what is no measure of ours is distance. */
export function partsOf(board: string): Pick<Choice, "measure" | "family"> {
  const cut = board.indexOf("-");
  const name = cut < 0 ? board : board.slice(0, cut);
  const measure = measures.find((each) => each === name) ?? "distance";
  return { measure, family: cut < 0 ? "all" : board.slice(cut + 1) };
}

const teamForm = /^[\w-]{1,64}$/;
const boardForm = /^[a-z_]+(-[a-z_]+)?$/;

/** What an address says; what it leaves out, or says wrongly, is what most people look at. */
export function choiceOf(said: URLSearchParams, nowMs: Instant): Choice {
  const board = said.get("board") ?? "";
  const period = parsePeriod(said.get("period") ?? "week", nowMs);
  const among = said.get("among") ?? everybody;
  return {
    ...partsOf(boardForm.test(board) ? board : "distance"),
    period: period.ok ? period.value : weekOf(localDate(nowMs, 0)),
    among: teamForm.test(among) ? among : everybody,
  };
}

/** The running week, everything, everybody: left out, so that a kept link stays with what runs. */
export function searchOf(choice: Choice, nowMs: Instant): string {
  const said = new URLSearchParams();
  const board = boardOf(choice);
  if (board !== "distance") said.set("board", board);
  if (choice.period !== runningPeriod("week", nowMs)) said.set("period", choice.period);
  if (choice.among !== everybody) said.set("among", choice.among);
  return said.size === 0 ? "" : `?${said}`;
}

export const lengthOf = (period: Period): PeriodLength =>
  period === "all" ? "all" : period.includes("W") ? "week" : "month";

/** The one that runs, by UTC as boards have it. */
export function runningPeriod(length: PeriodLength, nowMs: Instant): Period {
  const today = localDate(nowMs, 0);
  if (length === "all") return "all";
  return length === "week" ? weekOf(today) : monthOf(today);
}

export interface Steps {
  readonly back: Period | null;
  readonly on: Period | null;
}

/** `on` is null where the next has not begun. */
export function stepsFrom(period: Period, nowMs: Instant): Steps {
  const next = periodAfter(period);
  const hasBegun = next !== null && daysOfPeriod(next).from <= localDate(nowMs, 0);
  return { back: periodBefore(period), on: hasBegun ? next : null };
}

const monthFormat = new Intl.DateTimeFormat(undefined, {
  ...{ month: "long", year: "numeric", timeZone: "UTC" },
});
const spanFormat = new Intl.DateTimeFormat(undefined, {
  ...{ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" },
});
const noon = (date: string) => Date.parse(`${date}T12:00:00Z`);

/** "This week", "Last month", "Week 44", "October 2026", "All time". */
export function periodName(period: Period, nowMs: Instant): string {
  const length = lengthOf(period);
  if (length === "all") return "All time";
  const running = runningPeriod(length, nowMs);
  if (period === running) return `This ${length}`;
  if (period === periodBefore(running)) return `Last ${length}`;
  if (length === "week") return `Week ${Number(period.slice(-2))}`;
  return monthFormat.format(noon(daysOfPeriod(period).from));
}

/** "16 – 22 Nov 2026"; of all time nothing. */
export function daysShown(from: string, to: string): string {
  return spanFormat.formatRange(noon(from), noon(to));
}

export function periodDays(period: Period): string {
  if (period === "all") return "";
  const { from, to } = daysOfPeriod(period);
  return daysShown(from, to);
}
