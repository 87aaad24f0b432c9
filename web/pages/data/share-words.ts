/** Whether a link still opens; and which days one can show. */
import { addDays, type LocalDate } from "../../../domain/time.ts";
import type { Share } from "../../api/schema.d.ts";

type Standing = Pick<Share, "revoked" | "expires">;

export function shareStanding({ revoked, expires }: Standing, nowMs: number) {
  if (revoked !== null) return { word: "Taken back", mood: "plain", isOpen: false } as const;
  if (Date.parse(expires) <= nowMs) return { word: "Over", mood: "plain", isOpen: false } as const;
  return { word: "Opens", mood: "good", isOpen: true } as const;
}

/** The last four weeks: what one is asked for most. */
const usualDays = 28;
export const usualSpan = (today: LocalDate): { readonly start: string; readonly end: string } => ({
  start: addDays(today, 1 - usualDays),
  end: today,
});

/** As the API takes it: at most this many days. */
const spanDaysMax = 400;

/** What is wrong with a span, in words; null: nothing. */
export function wrongSpan(start: string, end: string): string | null {
  if (start === "" || end === "") return "Choose both days.";
  if (start > end) return "The last day comes before the first.";
  return end < addDays(start, spanDaysMax) ? null : `At most ${spanDaysMax} days.`;
}
