/**
 * What a provider's measurements between workouts come to: already read here, and of a stream that
 * does not exist yet, so nothing of it is kept.
 */
import type { Instant } from "../domain/time.ts";

export const metrics = [
  "steps",
  "distance",
  "active_energy",
  "heart_rate",
  "resting_heart_rate",
  "heart_rate_variability",
  "oxygen_saturation",
  "blood_glucose",
  "respiratory_rate",
  "blood_pressure_systolic",
  "blood_pressure_diastolic",
  "body_temperature",
  "weight",
  "body_fat",
  "sleep",
] as const;
export type Metric = (typeof metrics)[number];

export const sleepStages = ["asleep", "light", "deep", "rem", "awake"] as const;
export type SleepStage = (typeof sleepStages)[number];

/** One measurement, or a sum over a stretch. */
export interface SampleDraft {
  readonly metric: Metric;
  /** The source's own id of what it stands in; null: it has none. */
  readonly sourceId: string | null;
  readonly fromMs: Instant;
  /** As `fromMs` for a single moment. */
  readonly toMs: Instant;
  /** Minutes east of UTC as stated; null: not stated. */
  readonly offsetMin: number | null;
  /** The times are those of a clock on the wall, read as if it stood in UTC: no zone is named. */
  readonly civil?: true;
  readonly value: number;
  /** UCUM: "1", "m", "kcal", "/min", "ms", "%", "mg/dL", "mm[Hg]", "Cel", "kg", "s". */
  readonly unit: string;
  /** Of sleep: what part of it. */
  readonly stage?: SleepStage;
}
