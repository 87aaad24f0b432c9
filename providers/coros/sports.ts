/**
 * COROS's numbers for what was done, a mode and one below it. Its table is for partners; these are of
 * two programs that read it, and what they do not agree on is not told apart. What is not here is
 * `other`, and both numbers are kept.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";

const byMode: Readonly<Record<number, ActivityType>> = {
  8: "running",
  9: "cycling",
  10: "swimming",
  14: "hiking",
  15: "trail_running",
  16: "hiking",
  18: "cardio",
  19: "cross_country_skiing",
  20: "running",
  21: "skiing",
  22: "passive",
  23: "strength_training",
  24: "rowing",
  29: "skiing",
  31: "walking",
  34: "cardio",
  41: "cardio",
  42: "yoga",
  43: "yoga",
};

/** Where the lower number says more. */
const byBoth: Readonly<Record<string, ActivityType>> = {
  "8/2": "treadmill_running",
  "9/2": "indoor_cycling",
};

export function sportType(
  mode: unknown,
  subMode: unknown,
): { type: ActivityType; originalType: string | null } {
  if (!Number.isSafeInteger(mode)) return { type: "other", originalType: null };
  const both = Number.isSafeInteger(subMode) ? `${mode}/${subMode}` : String(mode);
  const type = byBoth[both] ?? byMode[Number(mode)];
  return type === undefined || type === "passive"
    ? { type: type ?? "other", originalType: both }
    : { type, originalType: null };
}
