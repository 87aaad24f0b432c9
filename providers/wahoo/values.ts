/**
 * How Wahoo writes things: numbers as text in what is sent and answered, as numbers in its examples.
 * Text is a number only in plain decimals, so that neither "1e3" nor a blank is one.
 */
import { amountOf, type Fields, fieldsOf, instantOf, isFields, momentOf } from "../untrusted.ts";

/** The collection read here, and what an item of it is. */
export const workouts = "workouts";

/** Not negative; null where it is not stated, or not as a number. */
export function decimalOf(v: unknown): number | null {
  if (typeof v !== "string") return amountOf(v);
  return /^\d{1,15}(\.\d{1,15})?$/.test(v) ? Number(v) : null;
}

/** Zero is what it writes for what was not measured. */
export const measuredOf = (v: unknown): number | null => decimalOf(v) || null;

/**
 * Its file lies at an address that opens it for whoever knows it. It is not read, so it is not kept
 * either.
 */
export function withoutFile(item: unknown): unknown {
  if (!isFields(item)) return item;
  const { file: _, ...rest } = item;
  const { workout_summary: summary } = rest;
  return isFields(summary) ? { ...rest, workout_summary: withoutFile(summary) } : rest;
}

/** What its workout and its summary say of when it began. */
export const startOf = ({ workout_summary, starts }: Fields) =>
  momentOf(fieldsOf(workout_summary).started_at ?? starts);

/** From start to end in seconds, pauses included. */
export function elapsedSecondsOf(summary: Fields): number | null {
  const total = measuredOf(summary.duration_total_accum);
  if (total !== null) return total;
  const active = measuredOf(summary.duration_active_accum);
  return active === null ? null : active + (decimalOf(summary.duration_paused_accum) ?? 0);
}

/** The later of the two: a new name or sport changes the workout, new amounts its summary. */
export function changedOf({ workout_summary, updated_at }: Fields): number | null {
  const [own, itsSummary] = [updated_at, fieldsOf(workout_summary).updated_at].map(instantOf);
  const latest = Math.max(own ?? 0, itsSummary ?? 0);
  return latest > 0 ? latest : null;
}
