/** Local days of the member: what lies around one, and what a chart of one covers. */
import {
  addDays,
  daysOfPeriod,
  isLocalDate,
  type LocalDate,
  monthOf,
  weekOf,
} from "../../../domain/time.ts";

/** Nobody's readings are older. */
export const firstDay: LocalDate = "2000-01-01";

/** A day that can be shown. */
export const isShownDay = (text: string, today: LocalDate): boolean =>
  isLocalDate(text) && text >= firstDay && text <= today;

/** "Today" has an address that is today's tomorrow, too. */
export const dayPath = (date: LocalDate, today: LocalDate): string =>
  date === today ? "/day" : `/day/${date}`;

export const spans = ["day", "week", "month", "year"] as const;
export type Span = (typeof spans)[number];

/** The whole days that a chart covers. */
export function daysOfSpan(
  span: Span,
  date: LocalDate,
): { readonly from: LocalDate; readonly to: LocalDate } {
  if (span === "day") return { from: date, to: date };
  if (span === "week") return daysOfPeriod(weekOf(date));
  if (span === "month") return daysOfPeriod(monthOf(date));
  const year = date.slice(0, 4);
  return { from: `${year}-01-01`, to: `${year}-12-31` };
}

/** A day of the stretch before or after; null: there is none that can be shown. */
export function turned(
  span: Span,
  date: LocalDate,
  by: 1 | -1,
  today: LocalDate,
): LocalDate | null {
  const { from, to } = daysOfSpan(span, date);
  if (by === -1) {
    const before = addDays(from, -1);
    return before < firstDay ? null : before;
  }
  const after = addDays(to, 1);
  if (after > today) return null;
  const last = daysOfSpan(span, after).to;
  return last > today ? today : last;
}

export function listDays(from: LocalDate, to: LocalDate): LocalDate[] {
  const days: LocalDate[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}
