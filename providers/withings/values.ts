/** What Withings calls things, and how it writes numbers. */
import type { Instant } from "../../domain/time.ts";

/** The collection read here, and what an item of it is. */
export const workouts = "workouts";
/** What feeds the samples: groups of measurements, days, and nights. */
export const measures = "measures";
export const days = "activity";
export const nights = "sleep";
export const sampleCollections: readonly string[] = [measures, days, nights];

/** Whole seconds since 1970, in milliseconds. */
export const secondsOf = (v: unknown): Instant | null =>
  Number.isSafeInteger(v) && Number(v) > 0 && Number(v) < 1e11 ? Number(v) * 1000 : null;
