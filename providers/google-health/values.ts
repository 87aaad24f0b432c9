/** How Google writes values: times, ids, spans, and numbers as text. Null: not stated in such a form. */
import type { Instant } from "../../domain/time.ts";
import { fieldsOf, instantOf } from "../untrusted.ts";

/** The collections read here, by Google's names. */
export const exercise = "exercise";
export const heartRate = "heart-rate";

/** A double, or an int64 as the text that JSON needs for it. */
export function amountOf(v: unknown): number | null {
  const n = typeof v === "string" && /^\d{1,15}$/.test(v) ? Number(v) : v;
  return typeof n === "number" && Number.isFinite(n) && n >= 0 ? n : null;
}

/** "3065.400s" in seconds. */
export function secondsOf(v: unknown): number | null {
  if (typeof v !== "string" || !/^-?\d{1,9}(\.\d{1,9})?s$/.test(v)) return null;
  return Number(v.slice(0, -1));
}

/** Whole numbers as parts of a date or a time, each so many digits wide; else nothing that is one. */
export const digitsOf = (part: unknown, width: number): string =>
  Number.isSafeInteger(part) ? String(part).padStart(width, "0") : "";

export const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

export function idOf(v: unknown): string | null {
  const id = Number.isSafeInteger(v) ? String(v) : v;
  return typeof id === "string" && idPattern.test(id) ? id : null;
}

/** When an exercise began and ended. */
export function spanOf(item: unknown): { at: Instant; endMs: Instant } | null {
  const interval = fieldsOf(fieldsOf(fieldsOf(item).exercise).interval);
  const at = instantOf(interval.startTime);
  const endMs = instantOf(interval.endTime);
  return at === null || endMs === null || endMs <= at ? null : { at, endMs };
}
