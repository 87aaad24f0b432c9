/** What Withings calls things, and how it writes numbers. */
import type { Instant } from "../../domain/time.ts";

/** The collection read here, and what an item of it is. */
export const workouts = "workouts";
/** Groups of measurements, of the samples to come. */
export const measures = "measures";

/** Whole seconds since 1970, in milliseconds. */
export const secondsOf = (v: unknown): Instant | null =>
  Number.isSafeInteger(v) && Number(v) > 0 && Number(v) < 1e11 ? Number(v) * 1000 : null;
