/**
 * A provider's measurements between workouts, read here, in the provider's words and units; what they
 * come to in the stream's is `recordsOf`.
 */
import { type Metric, metrics, type SleepStage, sleepStages } from "../domain/samples/metrics.ts";
import type { DeviceStated } from "../domain/samples/sample.ts";
import type { Instant } from "../domain/time.ts";

export { type Metric, metrics, type SleepStage, sleepStages };

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
  /** Orders the statements of what has that `sourceId`; absent: the source orders nothing. */
  readonly revision?: number;
  /** What measured it; absent: nothing is said, and the provider stands for it. */
  readonly device?: DeviceStated;
  readonly app?: string;
}
