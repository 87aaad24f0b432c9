/** What samples of a stretch of local time come to. Values are integers in the metric's scale. */
import type { Instant, LocalDate } from "../time.ts";
import type { Metric, SleepStage } from "./metrics.ts";
import type { DeviceId } from "./sample.ts";

export interface Share {
  readonly device: DeviceId;
  /** Of a sum: what of it came of this device. Else the time, in ms, or for `latest` 1. */
  readonly amount: number;
}

export interface Aggregate {
  /** sum: the sum. average: by time, rounded. latest: the last one. */
  readonly value: number;
  /** The least and the greatest single reading that counted. */
  readonly min: number;
  readonly max: number;
  /** Readings that counted, in part or whole. */
  readonly count: number;
  /**
   * Of an average: Σ value·ms and Σ ms, whose quotient it is, so that days fold into weeks exactly;
   * the first may exceed 2^53, so it is decimal digits. Null otherwise.
   */
  readonly weighed: { readonly sum: string; readonly ms: number } | null;
  /** Of `latest`: when it was. */
  readonly atMs: Instant | null;
  /** Of sleep: milliseconds a stage. */
  readonly stages: Readonly<Partial<Record<SleepStage, number>>> | null;
  /** By device, in order of its id. */
  readonly sources: readonly Share[];
}

export interface HourAggregate extends Aggregate {
  /** When the local hour begins. */
  readonly fromMs: Instant;
}

/** One metric on one of its local days. */
export interface MetricDay {
  readonly day: Aggregate;
  /** Only hours in which something counted, in order. */
  readonly hours: readonly HourAggregate[];
}

/** One local day as the vault shows it; a metric of which there is nothing is absent. */
export interface DayAggregates {
  readonly date: LocalDate;
  readonly metrics: Readonly<Partial<Record<Metric, Aggregate>>>;
  /** Only where hours were asked for. */
  readonly hours?: Readonly<Partial<Record<Metric, readonly HourAggregate[]>>>;
}

/** A week, month or day and what it came to. `label`: "2026-W46", "2026-11", "2026-11-14". */
export interface PeriodAggregate extends Aggregate {
  readonly label: string;
  readonly from: LocalDate;
  readonly to: LocalDate;
  /** Days of it that have something. */
  readonly days: number;
}
