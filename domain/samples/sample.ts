/**
 * A sample as it travels inside: already read, in integers, by an instant. What a source states as
 * one is a record of one or more samples (a night and its stages); of two statements of a record
 * the one with the greater revision stands, whole.
 */
import type { Revision } from "../stream.ts";
import type { Instant } from "../time.ts";
import type { Metric, SleepStage } from "./metrics.ts";

/** As the priority of devices goes when a member chose none: the earlier the better. */
export const deviceKinds = [
  "chest-strap",
  "watch",
  "ring",
  "band",
  "bike-computer",
  "scale",
  "meter",
  "phone",
  "app",
  "manual",
  "unknown",
] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** As a source names it: its own id of it, which is nobody else's business. */
export interface DeviceStated {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly model: string | null;
}
/** Ours: `dev_` and a keyed digest of the member's id and the source's id of it. */
export type DeviceId = string;
export const deviceIdPrefix = "dev_";

export interface SampleValue {
  readonly fromMs: Instant;
  /** As `fromMs` for a single moment. */
  readonly toMs: Instant;
  /** Integer, in `scale` to the metric's unit. Of sleep: its length in milliseconds. */
  readonly value: number;
  readonly stage: SleepStage | null;
}

export interface SampleRecord {
  readonly metric: Metric;
  /** The source's own id of the record; null: it is what its device measured from when to when. */
  readonly id: string | null;
  /** Null: the source orders nothing; then content is numbered as it first comes. */
  readonly revision: Revision | null;
  readonly device: DeviceStated;
  readonly app: string | null;
  /** At least one, unless it is gone: then one without meaning but its times, or none. */
  readonly samples: readonly SampleValue[];
  readonly gone?: true;
}

/** A sample lasts no longer; a day of 25 hours fits. */
export const sampleMsMax = 25 * 3_600_000;
/** A clock may be ahead by this. */
export const futureMsMax = 3_600_000;
export const recordSamplesMax = 2_000;
export const batchSamplesMax = 10_000;
/** Records in one chunk: three readings a second and more. */
export const chunkRecordsMax = 300_000;

/** What became of one record. */
export const recordOutcomes = [
  "new",
  "corrected",
  "retracted",
  "duplicate",
  "older",
  "gone",
  "forgotten",
  "not-your-device",
  "too-many-in-a-day",
] as const;
export type SampleOutcome = (typeof recordOutcomes)[number];
