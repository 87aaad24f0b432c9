/**
 * What Terra sends besides activities: the shapes are those of its schemas Daily, Body and Sleep
 * (github.com/tryterra/openapi, read 2026-11-21). A sum of zero is left out: it would cover, for all of
 * the day, what another device counted.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import { secondsToMs } from "../../domain/units.ts";
import { modelOf } from "../device-models.ts";
import type { ItemFault } from "../provider.ts";
import type { Metric, SampleDraft, SleepStage } from "../samples.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  isFields,
  positiveOf,
  samplesMax,
  textOf,
  wordOf,
} from "../untrusted.ts";
import { civilOr, offsetOf } from "./moments.ts";

/** Those that hold no measurement of ours (athlete, nutrition, menstruation) come to nothing. */
export const sampleKinds: readonly string[] = [
  "daily",
  "body",
  "sleep",
  "athlete",
  "nutrition",
  "menstruation",
];

export function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  if (!sampleKinds.includes(kind)) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const found = kind === "daily" ? daily(item) : kind === "body" ? body(item) : sleep(kind, item);
  if (found === null) return err("no-start");
  if (found.length > samplesMax) return err("too-many-samples");
  const source = sourceOf(fieldsOf(item.device_data));
  const drafts = found.map((draft) => ({ ...draft, ...source }));
  return ok(drafts.filter(({ fromMs }) => fromMs <= receivedMs + msPerDay));
}

/** What it is, is not said; its name may be one that a person gave, or an app's. */
function sourceOf({ manufacturer, name, serial_number }: Fields): { device?: DeviceStated } {
  const names = [textOf(manufacturer), textOf(name), textOf(serial_number)];
  if (names.every((said) => said === null)) return {};
  const model = modelOf(name) ?? modelOf(`${names[0] ?? ""} ${names[1] ?? ""}`);
  return { device: { id: JSON.stringify(["terra", ...names]), kind: "unknown", model } };
}

type Span = Pick<SampleDraft, "sourceId" | "fromMs" | "toMs" | "offsetMin" | "civil" | "whole">;

function spanOf(metadata: Fields): Span | null {
  const [from, to] = [civilOr(metadata.start_time), civilOr(metadata.end_time)];
  if (from === null || to === null || to.atMs < from.atMs) return null;
  return {
    sourceId: wordOf(metadata.summary_id),
    fromMs: from.atMs,
    toMs: to.atMs,
    offsetMin: offsetOf(from, metadata.timestamp_localization),
    ...(from.civil ? { civil: true } : {}),
  };
}

const sample = (span: Span, metric: Metric, value: unknown, unit: string): SampleDraft[] => {
  const amount = positiveOf(value);
  return amount === null ? [] : [{ ...span, metric, value: amount, unit }];
};

function daily(item: Fields): SampleDraft[] | null {
  const metadata = fieldsOf(item.metadata);
  const stated = spanOf(metadata);
  if (stated === null) return null;
  // Sent again all day long, as one and the same.
  const sourceId = stated.sourceId ?? wordOf(metadata.start_time);
  const span: Span = { ...stated, sourceId, whole: "day" };
  const { steps, distance_meters } = fieldsOf(item.distance_data);
  const heart = fieldsOf(item.heart_rate_data);
  return [
    ...sample(span, "steps", steps, "1"),
    ...sample(span, "distance", distance_meters, "m"),
    ...sample(span, "active_energy", fieldsOf(item.calories_data).net_activity_calories, "kcal"),
    ...sample(span, "resting_heart_rate", fieldsOf(heart.summary).resting_hr_bpm, "/min"),
    ...beats(heart),
  ];
}

const beats = (heart: Fields): SampleDraft[] => [
  ...each(fieldsOf(heart.detailed).hr_samples, "timestamp", (at, { bpm }) =>
    sample(at, "heart_rate", bpm, "/min"),
  ),
  ...each(fieldsOf(heart.detailed).hrv_samples_rmssd, "timestamp", (at, { hrv_rmssd }) =>
    sample(at, "hrv_rmssd", hrv_rmssd, "ms"),
  ),
  ...each(fieldsOf(heart.detailed).hrv_samples_sdnn, "timestamp", (at, { hrv_sdnn }) =>
    sample(at, "hrv_sdnn", hrv_sdnn, "ms"),
  ),
];

/** Single moments in a list; one without a time is passed over. */
function each(
  list: unknown,
  clock: "timestamp" | "measurement_time",
  take: (at: Span, entry: Fields) => SampleDraft[],
): SampleDraft[] {
  if (!Array.isArray(list)) return [];
  return list.slice(0, samplesMax).flatMap((said) => {
    const entry = fieldsOf(said);
    const time = civilOr(entry[clock]);
    if (time === null) return [];
    const at: Span = {
      sourceId: null,
      fromMs: time.atMs,
      toMs: time.atMs,
      offsetMin: offsetOf(time),
      ...(time.civil ? { civil: true } : {}),
    };
    return take(at, entry);
  });
}

function body(item: Fields): SampleDraft[] {
  const { measurements } = fieldsOf(item.measurements_data);
  const { blood_glucose_samples } = fieldsOf(item.glucose_data);
  const { blood_pressure_samples } = fieldsOf(item.blood_pressure_data);
  const { saturation_samples } = fieldsOf(item.oxygen_data);
  return [
    ...each(measurements, "measurement_time", (at, { weight_kg, bodyfat_percentage }) => [
      ...sample(at, "weight", weight_kg, "kg"),
      ...sample(at, "body_fat", bodyfat_percentage, "%"),
    ]),
    ...each(blood_glucose_samples, "timestamp", (at, { blood_glucose_mg_per_dL }) =>
      sample(at, "blood_glucose", blood_glucose_mg_per_dL, "mg/dL"),
    ),
    ...each(blood_pressure_samples, "timestamp", (at, { systolic_bp, diastolic_bp }) => [
      ...sample(at, "blood_pressure_systolic", systolic_bp, "mm[Hg]"),
      ...sample(at, "blood_pressure_diastolic", diastolic_bp, "mm[Hg]"),
    ]),
    ...each(saturation_samples, "timestamp", (at, { percentage }) =>
      sample(at, "oxygen_saturation", percentage, "%"),
    ),
    ...beats(fieldsOf(fieldsOf(item.heart_data).heart_rate_data)),
  ];
}

const stages: ReadonlyMap<unknown, SleepStage> = new Map([
  [1, "awake"],
  [2, "asleep"],
  [4, "light"],
  [5, "deep"],
  [6, "rem"],
]);

/** Each stage lasts until the next begins; without stages, the night as one sum. */
function sleep(kind: string, item: Fields): SampleDraft[] | null {
  if (kind !== "sleep") return [];
  const span = spanOf(fieldsOf(item.metadata));
  if (span === null) return null;
  const { hypnogram_samples, asleep } = fieldsOf(item.sleep_durations_data);
  const steps = (Array.isArray(hypnogram_samples) ? hypnogram_samples.slice(0, samplesMax) : [])
    .map((said) => ({ fromMs: civilOr(fieldsOf(said).timestamp)?.atMs ?? 0, said }))
    .filter(({ fromMs }) => fromMs >= span.fromMs && fromMs < span.toMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const staged = steps.flatMap(({ fromMs, said }, i): SampleDraft[] => {
    const stage = stages.get(fieldsOf(said).level);
    const toMs = steps[i + 1]?.fromMs ?? span.toMs;
    if (stage === undefined || toMs <= fromMs) return [];
    const value = (toMs - fromMs) / 1000;
    return [{ ...span, metric: "sleep", fromMs, toMs, value, unit: "s", stage }];
  });
  const seconds = amountOf(fieldsOf(asleep).duration_asleep_state_seconds);
  const night: SampleDraft[] =
    seconds === null || secondsToMs(seconds) > span.toMs - span.fromMs
      ? []
      : [{ ...span, metric: "sleep", value: seconds, unit: "s", stage: "asleep" }];
  return [...(staged.length > 0 ? staged : night), ...beats(fieldsOf(item.heart_rate_data))];
}
