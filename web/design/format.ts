/**
 * Numbers, times and days as people read them. Units in, text out; the viewer's language and zone,
 * but for a workout's own times, which keep the offset that they were recorded with.
 */
const mmPerKm = 1_000_000;
const msPerMinute = 60_000;
const minutesPerHour = 60;

const fixed = (digits: number) =>
  new Intl.NumberFormat(undefined, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

export const number = (value: number, digits = 0): string => fixed(digits).format(value);

export const km = (mm: number): string => `${number(mm / mmPerKm, 2)} km`;

/** 1:23:45, or 23:45. */
export function lasting(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** 7 h 05 min. */
export function hoursAndMinutes(ms: number): string {
  const minutes = Math.round(ms / msPerMinute);
  const hours = Math.floor(minutes / minutesPerHour);
  return hours > 0
    ? `${hours} h ${String(minutes % minutesPerHour).padStart(2, "0")} min`
    : `${minutes} min`;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const momentFormat = new Intl.DateTimeFormat(undefined, {
  ...{ day: "numeric", month: "short", year: "numeric" },
  ...{ hour: "2-digit", minute: "2-digit" },
});
const dayFormat = new Intl.DateTimeFormat(undefined, {
  ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
  timeZone: "UTC",
});

const instantsDayFormat = new Intl.DateTimeFormat(undefined, {
  ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
});

export const clockTime = (atMs: number): string => timeFormat.format(atMs);
export const moment = (text: string): string => momentFormat.format(new Date(text));

/** A local date, "2026-11-22", as a day: no zone moves it. */
export const dayName = (date: string): string => dayFormat.format(new Date(`${date}T00:00:00Z`));

/** The day on which an instant was, where the viewer is. */
export const dayOfInstant = (text: string): string => instantsDayFormat.format(new Date(text));

/** "2026-11-22T18:30:00+01:00" as it was on the wall there: 18:30. */
export const wallTime = (text: string): string => text.slice(11, 16);

const agoFormat = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const steps = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", msPerMinute],
] as const;

/** "3 hours ago", "in 2 days". */
export function ago(text: string, nowMs: number): string {
  const ms = Date.parse(text) - nowMs;
  const [unit, unitMs] = steps.find(([, size]) => Math.abs(ms) >= size) ?? ["minute", msPerMinute];
  return agoFormat.format(Math.round(ms / unitMs), unit);
}

/** "heart_rate", "needs-reconnecting" as words. */
export const words = (name: string): string => {
  const plain = name.replaceAll(/[_-]/g, " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};
