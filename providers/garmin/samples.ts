/**
 * What Garmin measures between workouts, one summary an item: days, sleeps, variability of the heart,
 * oxygen, breaths, what a scale and a cuff found. Times are seconds since 1970 with the offset beside
 * them; readings of a series stand by their seconds from its start. A sum of zero says that nothing
 * was measured as well as that nothing was done, so it is left out: it would cover what others counted.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import { secondsToMs } from "../../domain/units.ts";
import type { ItemFault } from "../provider.ts";
import {
  type Metric,
  measured,
  nightOf,
  type SampleDraft,
  type SleepStage,
  type Span,
} from "../samples.ts";
import { amountOf, type Fields, fieldsOf, isFields, positiveOf, samplesMax } from "../untrusted.ts";
import { summariesIn } from "./callbacks.ts";
import { sourceIdOf } from "./ids.ts";
import { offsetOf } from "./values.ts";

/** Which is not said; what these are of, is worn. */
const worn: DeviceStated = { id: "garmin", kind: "watch", model: null };
const byHand: DeviceStated = { id: "garmin manual", kind: "manual", model: null };
const cuff: DeviceStated = { id: "garmin cuff", kind: "meter", model: null };

type Reader = (span: Span, item: Fields) => readonly SampleDraft[];

/** By seconds from the start. Negative ones say that a reading failed. */
function seriesOf(span: Span, metric: Metric, readings: unknown, unit: string): SampleDraft[] {
  return Object.entries(fieldsOf(readings)).flatMap(([seconds, v]) => {
    if (!/^\d{1,6}$/.test(seconds)) return [];
    const atMs = span.fromMs + secondsToMs(Number(seconds));
    const { whole: _, ...of } = span;
    return measured({ ...of, sourceId: null, fromMs: atMs, toMs: atMs }, metric, v, unit);
  });
}

const dayOf = (span: Span, day: Fields): SampleDraft[] => [
  ...measured(span, "steps", day.steps, "1"),
  ...measured(span, "distance", day.distanceInMeters, "m"),
  ...measured(span, "active_energy", day.activeKilocalories, "kcal"),
  ...measured(span, "resting_heart_rate", day.restingHeartRateInBeatsPerMinute, "/min"),
  ...seriesOf(span, "heart_rate", day.timeOffsetHeartRateSamples, "/min"),
];

const stages: readonly (readonly [level: string, field: string, stage: SleepStage])[] = [
  ["deep", "deepSleepDurationInSeconds", "deep"],
  ["light", "lightSleepDurationInSeconds", "light"],
  ["rem", "remSleepInSeconds", "rem"],
  ["awake", "awakeDurationInSeconds", "awake"],
];

/** When each stage was; or how long each was; or how long was slept. */
function sleepOf(span: Span, sleep: Fields): readonly SampleDraft[] {
  const levels = fieldsOf(sleep.sleepLevelsMap);
  const staged = stages.flatMap(([level, , stage]) => {
    const stretches = Array.isArray(levels[level]) ? levels[level] : [];
    return stretches.flatMap((stretch: unknown): SampleDraft[] => {
      const { startTimeInSeconds, endTimeInSeconds } = fieldsOf(stretch);
      const fromMs = secondsToMs(amountOf(startTimeInSeconds) ?? 0);
      const toMs = secondsToMs(amountOf(endTimeInSeconds) ?? 0);
      if (fromMs <= 0 || toMs <= fromMs) return [];
      const value = (toMs - fromMs) / 1000;
      return [{ ...span, metric: "sleep", fromMs, toMs, value, unit: "s", stage }];
    });
  });
  if (staged.length > 0) return staged;
  const parts = stages.map(([, field, stage]) => [stage, positiveOf(sleep[field]) ?? 0] as const);
  const isStaged = parts.some(([stage, seconds]) => stage !== "awake" && seconds > 0);
  const whole = positiveOf(sleep.durationInSeconds) ?? 0;
  return nightOf(span, isStaged ? parts : [["asleep", whole]]);
}

/** Every five minutes; the night's average, where these are not sent. */
function variabilityOf(span: Span, night: Fields): SampleDraft[] {
  const readings = seriesOf(span, "hrv_rmssd", night.hrvValues, "ms");
  return readings.length > 0 ? readings : measured(span, "hrv_rmssd", night.lastNightAvg, "ms");
}

/** By a scale, or typed in. */
const weighed: DeviceStated = { id: "garmin body", kind: "unknown", model: null };
const weighingOf: Reader = (span, { weightInGrams, bodyFatInPercent }) => [
  ...measured({ ...span, device: weighed }, "weight", weightInGrams, "g"),
  ...measured({ ...span, device: weighed }, "body_fat", bodyFatInPercent, "%"),
];

function pressureOf(span: Span, { systolic, diastolic, pulse, sourceType }: Fields): SampleDraft[] {
  const by = { ...span, device: sourceType === "MANUAL" ? byHand : cuff };
  return [
    ...measured(by, "blood_pressure_systolic", systolic, "mm[Hg]"),
    ...measured(by, "blood_pressure_diastolic", diastolic, "mm[Hg]"),
    ...measured(by, "heart_rate", pulse, "/min"),
  ];
}

/** How each summary is read. */
const kinds: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["dailies", (span, day) => dayOf({ ...span, whole: "day", device: worn }, day)],
  ["sleeps", (span, sleep) => sleepOf({ ...span, device: worn }, sleep)],
  ["hrv", (span, night) => variabilityOf({ ...span, device: worn }, night)],
  [
    "pulseox",
    (span, { timeOffsetSpo2Values: readings }) =>
      seriesOf({ ...span, device: worn }, "oxygen_saturation", readings, "%"),
  ],
  [
    "allDayRespiration",
    (span, { timeOffsetEpochToBreaths: readings }) =>
      seriesOf({ ...span, device: worn }, "respiratory_rate", readings, "/min"),
  ],
  ["bodyComps", weighingOf],
  ["bloodPressures", pressureOf],
]);
export const sampleKinds: readonly string[] = [...kinds.keys()];

/** A day that grows lasts as long as it says by then; what a scale found is of one moment. */
function spanOf(item: Fields): Span | null {
  const started = amountOf(item.startTimeInSeconds ?? item.measurementTimeInSeconds) ?? 0;
  const fromMs: Instant = secondsToMs(started);
  if (fromMs <= 0) return null;
  const isMoment = item.startTimeInSeconds === undefined;
  const lengthMs = isMoment ? 0 : secondsToMs(amountOf(item.durationInSeconds) ?? 0);
  return {
    sourceId: sourceIdOf(item.summaryId),
    fromMs,
    toMs: fromMs + lengthMs,
    offsetMin: offsetOf(
      isMoment ? item.measurementTimeOffsetInSeconds : item.startTimeOffsetInSeconds,
    ),
  };
}

function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  const readSummary = kinds.get(kind);
  if (readSummary === undefined) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const span = spanOf(item);
  if (span === null) return err("no-start");
  if (span.fromMs > receivedMs + msPerDay) return err("start-in-future");
  const found = readSummary(span, item);
  return found.length > samplesMax ? err("too-many-samples") : ok(found);
}

export const samples = { kinds: sampleKinds, read, entries: summariesIn };
