/** How Fitbit writes days, times and ids. Null: not stated in such a form. */
import { type Instant, parseMoment } from "../../domain/time.ts";

/** The collections read here, by Fitbit's names. */
export const activities = "activities";
export const heart = "heart";

const latestDayMs = 4_102_444_800_000;

/** What feeds the samples and can be listed by its days. `heart` alone is of a workout. */
export const nights = "sleep";
export const scales = "body";
export const steps = "steps";
export const heartDays = "heart-days";
export const sampleCollections: readonly string[] = [nights, scales, steps, heartDays];

/** Midnight of a calendar day, as if it were UTC's. */
export const dayMsOf = (date: unknown): Instant | null =>
  typeof date === "string" && date.length === 10 ? civilMsOf(`${date}T00:00:00`) : null;

/** A clock on the wall, read as if it stood in UTC. */
export function civilMsOf(text: unknown): Instant | null {
  const moment = typeof text === "string" ? parseMoment(`${text}Z`) : null;
  if (!moment?.ok || moment.value.atMs <= 0 || moment.value.atMs > latestDayMs) return null;
  return moment.value.atMs;
}

/** A day and a time of it that stand apart. */
export const civilMsOn = (date: unknown, time: unknown): Instant | null =>
  typeof date === "string" && typeof time === "string" ? civilMsOf(`${date}T${time}`) : null;

/** A number, exact: every one seen was below 2 to the 53rd. */
export function logIdOf(v: unknown): string | null {
  const id = Number.isSafeInteger(v) && Number(v) > 0 ? String(v) : v;
  return typeof id === "string" && /^[1-9]\d{0,18}$/.test(id) ? id : null;
}
