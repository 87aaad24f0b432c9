/**
 * What will feed the samples, after the fields of Junction's own published client (1.4) as others'
 * tests show them: nights, sums of a day, and series of readings by one source. Times carry a zone;
 * where on the clock they were is `timezone_offset`, in seconds.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import type { Metric, SampleDraft, SleepStage } from "../samples.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  offsetOf as minutesOf,
  positiveOf,
  samplesMax,
  wordOf,
} from "../untrusted.ts";

/** Seconds east of UTC, in minutes. */
export const offsetOf = (seconds: unknown): number | null =>
  minutesOf(typeof seconds === "number" ? seconds / 60 : null);

interface Stretch {
  readonly sourceId: string | null;
  readonly fromMs: Instant;
  readonly toMs: Instant;
  readonly offsetMin: number | null;
  readonly civil?: true;
}

const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["deep", "deep"],
  ["light", "light"],
  ["rem", "rem"],
  ["awake", "awake"],
];

/** How long each stage was, over the time in bed; `total` where no stage is told. */
function nightOf(night: Fields): SampleDraft[] {
  const [fromMs, toMs] = [instantOf(night.bedtime_start), instantOf(night.bedtime_stop)];
  if (fromMs === null || toMs === null || toMs <= fromMs) return [];
  const sourceId = wordOf(night.id);
  const stretch = { sourceId, fromMs, toMs, offsetMin: offsetOf(night.timezone_offset) };
  const part = (field: string, stage: SleepStage): SampleDraft[] => {
    const value = positiveOf(night[field]);
    return value === null ? [] : [{ metric: "sleep", ...stretch, value, unit: "s", stage }];
  };
  const staged = stages.flatMap(([field, stage]) => part(field, stage));
  const isAsleep = staged.some(({ stage }) => stage !== "awake");
  return isAsleep ? staged : [...part("total", "asleep"), ...staged];
}

/** A calendar day is one of the member's own clock. */
function dayOf(day: Fields): SampleDraft[] {
  const date = wordOf(day.calendar_date) ?? "";
  const fromMs = instantOf(`${date}T00:00:00Z`);
  if (fromMs === null || date.length !== 10) return [];
  const sourceId = wordOf(day.id);
  const offsetMin = offsetOf(day.timezone_offset);
  const stretch: Stretch = { sourceId, fromMs, toMs: fromMs + msPerDay, offsetMin, civil: true };
  const sum = (metric: Metric, v: unknown, unit: string): SampleDraft[] => {
    const value = positiveOf(v);
    return value === null ? [] : [{ metric, ...stretch, value, unit }];
  };
  return [
    ...sum("steps", day.steps, "1"),
    ...sum("distance", day.distance, "m"),
    ...sum("active_energy", day.calories_active, "kcal"),
    ...sum("resting_heart_rate", fieldsOf(day.heart_rate).resting_bpm, "/min"),
  ];
}

/** The series that are read, what they measure, and the units in which they may come. */
const series: Readonly<Record<string, readonly [Metric, Readonly<Record<string, string>>]>> = {
  heartrate: ["heart_rate", { bpm: "/min" }],
  blood_oxygen: ["oxygen_saturation", { "%": "%" }],
  respiratory_rate: ["respiratory_rate", { bpm: "/min" }],
  glucose: ["blood_glucose", { "mg/dL": "mg/dL" }],
  steps: ["steps", { count: "1" }],
  weight: ["weight", { kg: "kg" }],
  fat: ["body_fat", { "%": "%" }],
};

function seriesOf(kind: string, body: Fields): SampleDraft[] {
  const [metric, units] = series[kind] ?? [];
  const entries = Array.isArray(body.data) ? body.data : [];
  return entries.map(fieldsOf).flatMap((entry): SampleDraft[] => {
    const fromMs = instantOf(entry.timestamp ?? entry.start);
    const toMs = instantOf(entry.end) ?? fromMs;
    const value = amountOf(entry.value);
    const said = wordOf(entry.unit) ?? "";
    const unit = units && Object.hasOwn(units, said) ? units[said] : undefined;
    if (metric === undefined || unit === undefined) return [];
    if (fromMs === null || toMs === null || toMs < fromMs || value === null) return [];
    const offsetMin = offsetOf(entry.timezone_offset);
    return [{ metric, sourceId: null, fromMs, toMs, offsetMin, value, unit }];
  });
}

export const sampleKinds: readonly string[] = ["sleep", "activity", ...Object.keys(series)];

function read(kind: string, item: unknown): Result<readonly SampleDraft[], ItemFault> {
  if (!sampleKinds.includes(kind)) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  if (kind === "sleep") return ok(nightOf(item));
  if (kind === "activity") return ok(dayOf(item));
  if (!Array.isArray(item.data)) return err("not-understood");
  return item.data.length > samplesMax ? err("too-many-samples") : ok(seriesOf(kind, item));
}

export const samples = { kinds: sampleKinds, read };
