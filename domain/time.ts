/**
 * Instants, offsets, local days and periods, as integers and strings. Nothing here asks what time
 * it is: *now* is always an argument. Civil arithmetic is the proleptic Gregorian calendar
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
import type { Result } from "./result.ts";
import { err, ok } from "./result.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;
/** A calendar day where the person was, "2026-11-14". */
export type LocalDate = string;
/** "2026-W46", "2026-11" or "all". */
export type Period = string;

export const msPerDay = 86_400_000;
const msPerMinute = 60_000;
/** No place on Earth is further from UTC than this; anything beyond is a broken clock. */
export const offsetMinutesMax = 14 * 60;

const pad = (n: number, width: number) => String(n).padStart(width, "0");

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp + (mp < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

/** The days that are asked for are few, and each is asked for again and again. */
const dateTexts = new Map<number, LocalDate>();
const dateTextsMax = 4096;

function dateText(days: number): LocalDate {
  const known = dateTexts.get(days);
  if (known !== undefined) return known;
  const { year, month, day } = civilFromDays(days);
  const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  if (dateTexts.size === dateTextsMax) dateTexts.clear();
  dateTexts.set(days, text);
  return text;
}

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;

function daysOf(date: LocalDate): number {
  const [, year, month, day] = datePattern.exec(date) ?? [];
  return daysFromCivil(Number(year), Number(month), Number(day));
}

/** The calendar day at `atMs` where the clock shows UTC plus `offsetMin` minutes. */
export const localDate = (atMs: Instant, offsetMin: number): LocalDate =>
  dateText(Math.floor((atMs + offsetMin * msPerMinute) / msPerDay));

/** Is this text a day that exists? */
export function isLocalDate(text: string): boolean {
  return datePattern.test(text) && dateText(daysOf(text)) === text;
}

export const addDays = (date: LocalDate, days: number): LocalDate => dateText(daysOf(date) + days);

/** The ISO 8601 week of a day, "2026-W46": weeks start on Monday, week 1 holds January 4th. */
export function weekOf(date: LocalDate): Period {
  const days = daysOf(date);
  const thursday = days - ((((days + 3) % 7) + 7) % 7) + 3;
  const { year } = civilFromDays(thursday);
  const week = Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1;
  return `${pad(year, 4)}-W${pad(week, 2)}`;
}

export const monthOf = (date: LocalDate): Period => date.slice(0, 7);

/** The periods a day counts for: its week, its month and all time. */
export const periodsOf = (date: LocalDate): readonly Period[] => [
  weekOf(date),
  monthOf(date),
  "all",
];

/** First and last day of a period; "all" has the widest bounds a four-digit year can state. */
export function daysOfPeriod(period: Period): { from: LocalDate; to: LocalDate } {
  if (period === "all") return { from: "0000-01-01", to: "9999-12-31" };
  const [yearText = "", rest = ""] = period.split("-");
  const year = Number(yearText);
  if (rest.startsWith("W")) {
    const jan4 = daysFromCivil(year, 1, 4);
    const monday = jan4 - ((((jan4 + 3) % 7) + 7) % 7) + (Number(rest.slice(1)) - 1) * 7;
    return { from: dateText(monday), to: dateText(monday + 6) };
  }
  const month = Number(rest);
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return { from: dateText(daysFromCivil(year, month, 1)), to: dateText(next - 1) };
}

const periodPattern = /^(all|\d{4}-W\d{2}|\d{4}-\d{2})$/;

/**
 * "week" ("weekly") and "month" ("monthly") mean the one that `nowMs` falls in (UTC), "all" and
 * "all-time" everything; others must name a real period.
 */
export function parsePeriod(text: string, nowMs: Instant): Result<Period, "period"> {
  const today = localDate(nowMs, 0);
  if (text === "week" || text === "weekly") return ok(weekOf(today));
  if (text === "month" || text === "monthly") return ok(monthOf(today));
  if (text === "all-time") return ok("all");
  if (!periodPattern.test(text)) return err("period");
  const { from } = daysOfPeriod(text);
  if (text !== "all" && !periodsOf(from).includes(text)) return err("period");
  return ok(text);
}

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?$/;

export interface Moment {
  readonly atMs: Instant;
  /** Minutes east of UTC; null for Z and -00:00, which state no local clock (section 4.3). */
  readonly offsetMin: number | null;
}

/**
 * Reads an RFC 3339 time (section 5.6), also with a blank for the `T` and an offset without its
 * colon, as phones write them. A time without any zone is refused: it names no instant.
 */
export function parseMoment(text: string): Result<Moment, "time"> {
  const m = rfc3339.exec(text);
  if (!m) return err("time");
  const [, year, month, day, hour, minute, second, fraction = "", zone] = m;
  const date = `${year}-${month}-${day}`;
  if (zone === undefined || !isLocalDate(date)) return err("time");
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return err("time");
  const civilMs =
    daysOf(date) * msPerDay +
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Number(fraction.padEnd(3, "0").slice(0, 3));
  if (zone === "Z") return ok({ atMs: civilMs, offsetMin: null });
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  const awayMin = hours * 60 + minutes;
  if (minutes > 59 || awayMin > offsetMinutesMax) return err("time");
  if (zone.startsWith("-") && awayMin === 0) return ok({ atMs: civilMs, offsetMin: null });
  const offsetMin = zone.startsWith("-") ? -awayMin : awayMin;
  return ok({ atMs: civilMs - offsetMin * msPerMinute, offsetMin });
}

/** RFC 3339 with milliseconds, in UTC ("Z") or with the offset that is known. */
export function formatMoment(atMs: Instant, offsetMin: number | null = null): string {
  const local = atMs + (offsetMin ?? 0) * msPerMinute;
  const inDay = ((local % msPerDay) + msPerDay) % msPerDay;
  const seconds = Math.floor(inDay / 1000);
  const time = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  const zone =
    offsetMin === null
      ? "Z"
      : `${offsetMin < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(offsetMin) / 60), 2)}:${pad(Math.abs(offsetMin) % 60, 2)}`;
  return `${dateText(Math.floor(local / msPerDay))}T${time}.${pad(inDay % 1000, 3)}${zone}`;
}

/** Is this an IANA zone that the runtime's tz database knows? */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Making one takes a hundred times as long as using it; there are a few hundred zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockIn(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  clocks.set(zone, clock);
  return clock;
}

/** Minutes east of UTC in an IANA zone at an instant, by the runtime's tz database. */
export function offsetIn(zone: string, atMs: Instant): number {
  const parts = clockIn(zone).formatToParts(atMs);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  const days = daysFromCivil(part("year"), part("month"), part("day"));
  const shownMs =
    days * msPerDay + ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1000;
  return Math.round((shownMs - atMs) / msPerMinute);
}
