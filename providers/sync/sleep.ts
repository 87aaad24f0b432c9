/**
 * What part of sleep a sample is, in our words, HealthKit's (`HKCategoryValueSleepAnalysis…`) and
 * Health Connect's (`STAGE_TYPE_…`), whatever their case. To lie in bed is no sleep, and a stage that
 * nobody knows is none that was measured.
 */
import type { SleepStage } from "../../domain/samples/metrics.ts";

const words: Readonly<Record<SleepStage | "none", string>> = {
  asleep: "asleep asleepunspecified sleeping",
  light: "light core asleepcore",
  deep: "deep asleepdeep",
  rem: "rem asleeprem",
  awake: "awake awake_in_bed awakeinbed",
  none: "inbed in_bed out_of_bed outofbed unknown",
};
const stages = new Map(
  Object.entries(words).flatMap(([stage, list]) =>
    list.split(" ").map((word) => [word, stage as SleepStage | "none"] as const),
  ),
);
const prefix = /^(hkcategoryvaluesleepanalysis|stage_type_)/;
const wordCharsMax = 64;

/** "none": nothing that counts was measured. Null: no such word is known. */
export function stageNamed(word: string): SleepStage | "none" | null {
  if (word.length > wordCharsMax) return null;
  return stages.get(word.toLowerCase().replace(prefix, "")) ?? null;
}
