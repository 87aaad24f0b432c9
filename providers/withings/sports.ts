/**
 * Withings' categories of workouts, by the numbers of its API reference. Of multisports no single
 * activity can be named; what is no exercise (cooking, gaming, meditation, no activity) is kept and
 * counts nowhere.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { typesByWord, type Words } from "../untrusted.ts";

const numbers: Words = {
  running: "2",
  trail_running: "498",
  treadmill_running: "307",
  walking: "1 306 542 543 558 559 562 563 566",
  hiking: "3 499",
  cycling: "5 6 518 527 528",
  mountain_biking: "523",
  gravel_cycling: "524",
  indoor_cycling: "308 547",
  e_biking: "525 526",
  swimming: "7",
  rowing: "187",
  skiing: "34 35 529",
  cross_country_skiing: "530",
  strength_training: "16 540",
  yoga: "19 28 552 561",
  cardio: "17 18 29 188 491 534 541 546 549 550",
  other: "36",
};
const typeByNumber = typesByWord(numbers);

/** No activity, gaming, paragliding, skydiving, and what is done at home or at rest. */
const passive: ReadonlySet<unknown> = new Set([
  128, 457, 507, 509, 539, 545, 551, 553, 554, 555, 560, 568,
]);

export function activityType(v: unknown): { type: ActivityType; originalType: string | null } {
  if (!Number.isSafeInteger(v)) return { type: "other", originalType: null };
  if (passive.has(v)) return { type: "passive", originalType: String(v) };
  const type = typeByNumber.get(String(v));
  return { type: type ?? "other", originalType: type === undefined ? String(v) : null };
}
