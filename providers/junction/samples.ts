/**
 * What feeds the samples, after the fields of Junction's own published client (1.4) as others' tests
 * show them: nights, sums of a day, and series of readings by one source. Times carry a zone; where on
 * the clock they were is `timezone_offset`, in seconds. A day's steps come as a sum and as a series:
 * only the sum is read, which every source has, so that nothing counts twice.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceKind, DeviceStated } from "../../domain/samples/sample.ts";
import { msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { type Metric, nightOf, type SampleDraft, type SleepStage, type Span } from "../samples.ts";
import {
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  offsetOf as minutesOf,
  positiveOf,
  samplesMax,
  textOf,
  wordOf,
} from "../untrusted.ts";

/** The source's short name stands in any of several places. */
export function slugOf(item: Fields): string | null {
  const [source, provider] = [fieldsOf(item.source), item.provider];
  const said = [source.slug, source.provider, fieldsOf(source.provider).slug, provider];
  return [...said, fieldsOf(provider).slug].map((v) => textOf(v)).find((v) => v !== null) ?? null;
}

/** Seconds east of UTC, in minutes. */
export const offsetOf = (seconds: unknown): number | null =>
  minutesOf(typeof seconds === "number" ? seconds / 60 : null);

// -- what measured it -----------------------------------------------------------------------

const kinds: ReadonlyMap<unknown, DeviceKind> = new Map([
  ["watch", "watch"],
  ["phone", "phone"],
  ["ring", "ring"],
  ["chest_strap", "chest-strap"],
  ["scale", "scale"],
  ["cuff", "meter"],
  ["fingerprick", "meter"],
  ["app", "app"],
]);

/** By the source's short name, what it is of, and the device's id, where these are said. */
function sourceOf(item: Fields): { device?: DeviceStated; app?: string } {
  const { type, app_id, device_id } = fieldsOf(item.source);
  const slug = slugOf(item);
  const kind = kinds.get(type) ?? "unknown";
  if (slug === null && kind === "unknown") return {};
  const id = JSON.stringify([slug, textOf(app_id), textOf(device_id), kind]);
  const app = textOf(app_id) ?? slug;
  return { device: { id, kind, model: null }, ...(app === null ? {} : { app }) };
}

const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["deep", "deep"],
  ["light", "light"],
  ["rem", "rem"],
  ["awake", "awake"],
];

/** How long each stage was, from when the night began; `total` where no stage is told. */
function nightIn(night: Fields): readonly SampleDraft[] {
  const [fromMs, toMs] = [instantOf(night.bedtime_start), instantOf(night.bedtime_stop)];
  if (fromMs === null || toMs === null || toMs <= fromMs) return [];
  const sourceId = wordOf(night.id) ?? String(fromMs);
  const span = { sourceId, fromMs, offsetMin: offsetOf(night.timezone_offset), ...sourceOf(night) };
  const parts = stages.map(([field, stage]) => [stage, positiveOf(night[field]) ?? 0] as const);
  const isAsleep = parts.some(([stage, seconds]) => stage !== "awake" && seconds > 0);
  const whole = positiveOf(night.total) ?? 0;
  const awake = parts.filter(([stage]) => stage === "awake");
  return nightOf(span, isAsleep ? parts : [["asleep", whole], ...awake]);
}

/** A calendar day is one of the member's own clock. */
function dayOf(day: Fields): SampleDraft[] {
  const date = wordOf(day.calendar_date) ?? "";
  const fromMs = instantOf(`${date}T00:00:00Z`);
  if (fromMs === null || date.length !== 10) return [];
  const source = sourceOf(day);
  const span: Span = {
    sourceId: wordOf(day.id) ?? JSON.stringify([date, source.device?.id ?? null]),
    ...{ fromMs, toMs: fromMs + msPerDay, offsetMin: offsetOf(day.timezone_offset) },
    ...{ civil: true, whole: "day", ...source },
  };
  const sum = (metric: Metric, v: unknown, unit: string): SampleDraft[] => {
    const value = positiveOf(v);
    return value === null ? [] : [{ metric, ...span, value, unit }];
  };
  return [
    ...sum("steps", day.steps, "1"),
    ...sum("distance", day.distance, "m"),
    ...sum("active_energy", day.calories_active, "kcal"),
    ...sum("resting_heart_rate", fieldsOf(day.heart_rate).resting_bpm, "/min"),
  ];
}

type Measure = readonly [metric: Metric, unit: string];
/** The series that are read: what each measures, by the unit in which it comes. */
const series: Readonly<Record<string, Readonly<Record<string, Measure>>>> = {
  heartrate: { bpm: ["heart_rate", "/min"] },
  // The statistic stands for the unit, which is a millisecond.
  hrv: { rmssd: ["hrv_rmssd", "ms"], sdnn: ["hrv_sdnn", "ms"] },
  blood_oxygen: { "%": ["oxygen_saturation", "%"] },
  respiratory_rate: { bpm: ["respiratory_rate", "/min"] },
  glucose: {
    "mg/dL": ["blood_glucose", "mg/dL"],
    "mmol/L": ["blood_glucose", "mmol/L"],
  },
  weight: { kg: ["weight", "kg"] },
  fat: { "%": ["body_fat", "%"] },
};

function seriesOf(kind: string, body: Fields): SampleDraft[] {
  const byUnit = series[kind] ?? {};
  const entries = Array.isArray(body.data) ? body.data : [];
  const source = sourceOf(body);
  return entries.map(fieldsOf).flatMap((entry): SampleDraft[] => {
    const fromMs = instantOf(entry.timestamp ?? entry.start);
    const toMs = instantOf(entry.end) ?? fromMs;
    const value = positiveOf(entry.value);
    const said = wordOf(entry.unit) ?? "";
    const [metric, unit] = (Object.hasOwn(byUnit, said) ? byUnit[said] : undefined) ?? [];
    if (metric === undefined || unit === undefined) return [];
    if (fromMs === null || toMs === null || toMs < fromMs || value === null) return [];
    const offsetMin = offsetOf(entry.timezone_offset);
    return [{ metric, sourceId: null, fromMs, toMs, offsetMin, value, unit, ...source }];
  });
}

export const sampleKinds: readonly string[] = ["sleep", "activity", ...Object.keys(series)];

function read(kind: string, item: unknown): Result<readonly SampleDraft[], ItemFault> {
  if (!sampleKinds.includes(kind)) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  if (kind === "sleep") return ok(nightIn(item));
  if (kind === "activity") return ok(dayOf(item));
  if (!Array.isArray(item.data)) return err("not-understood");
  return item.data.length > samplesMax ? err("too-many-samples") : ok(seriesOf(kind, item));
}

export const samples = { kinds: sampleKinds, read };
