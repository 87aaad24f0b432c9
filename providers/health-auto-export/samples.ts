/**
 * What is measured between workouts, as `data.metrics` has it: a name, a unit, and entries by date.
 * Read is what was measured at a moment, and nights. Sums are left out: an entry does not say how
 * long the stretch is that it sums. So are averages over one, which are no measurement.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceKind, DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { type Metric, nightOf, type SampleDraft, type SleepStage } from "../samples.ts";
import { type Fields, fieldsOf, isFields, positiveOf, samplesMax, wordOf } from "../untrusted.ts";
import { whenOf } from "./values.ts";

export const metricKind = "metric";

type Read = readonly [metric: Metric, unit: string, scales: ReadonlyMap<string, Scale>];
type Scale = (value: number) => number;

const same: Scale = (value) => value;
const scales = (entries: Readonly<Record<string, Scale>>) => new Map(Object.entries(entries));
const perMinute = scales({ "count/min": same, bpm: same });
const percent = scales({ "%": same });
/** Glucose weighs so much: a mole of it, in mg/dL for each mmol/L. */
const mgPerMmol = 18.0156;
const kgPerLb = 0.453_592_37;
const weights = scales({ kg: same, lb: (v) => v * kgPerLb, lbs: (v) => v * kgPerLb });
const glucose = scales({ "mg/dL": same, "mmol/L": (v) => v * mgPerMmol });
const degrees = scales({ degC: same, degF: (v) => ((v - 32) * 5) / 9 });

const metrics: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["heart_rate", ["heart_rate", "/min", perMinute]],
  ["resting_heart_rate", ["resting_heart_rate", "/min", perMinute]],
  // HealthKit's, which is the standard deviation (HKQuantityTypeIdentifierHeartRateVariabilitySDNN).
  ["heart_rate_variability", ["hrv_sdnn", "ms", scales({ ms: same })]],
  ["blood_oxygen_saturation", ["oxygen_saturation", "%", percent]],
  ["respiratory_rate", ["respiratory_rate", "/min", perMinute]],
  ["blood_glucose", ["blood_glucose", "mg/dL", glucose]],
  ["body_temperature", ["body_temperature", "Cel", degrees]],
  ["weight_body_mass", ["weight", "kg", weights]],
  ["body_fat_percentage", ["body_fat", "%", percent]],
]);
const pressure = "blood_pressure";
const nights = "sleep_analysis";

export const isRead = (name: unknown): boolean =>
  typeof name === "string" && (metrics.has(name) || name === pressure || name === nights);

/** Hours, by the name that they stand under. "core" is Apple's word for light sleep. */
const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["core", "light"],
  ["deep", "deep"],
  ["rem", "rem"],
  ["awake", "awake"],
];

const sample = (
  metric: Metric,
  when: { readonly atMs: Instant; readonly offsetMin: number | null },
  value: number,
  unit: string,
  entry: Fields,
): SampleDraft => ({
  metric,
  sourceId: null,
  fromMs: when.atMs,
  toMs: when.atMs,
  offsetMin: when.offsetMin,
  value,
  unit,
  ...sourceOf(entry.source),
});

const kinds: readonly (readonly [pattern: RegExp, kind: DeviceKind])[] = [
  [/watch/i, "watch"],
  [/i?phone|ipad/i, "phone"],
  [/ring/i, "ring"],
  [/scale|body/i, "scale"],
];

/**
 * A device or an app by the name that its owner gave it, which is nobody's to see; several have a bar
 * between them. What it is, is told by what people mostly leave in it.
 */
function sourceOf(source: unknown): { device?: DeviceStated } {
  const name = wordOf(source);
  if (name === null) return {};
  const isOne = !name.includes("|");
  const kind = isOne ? kinds.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  return {
    device: { id: JSON.stringify(["healthkit", name]), kind: kind ?? "unknown", model: null },
  };
}

const momentIn = (v: unknown) => {
  const when = whenOf(v);
  return when === "no-zone" ? null : when;
};

/** `qty`, or the one value that least, average and most agree on. */
function valueIn({ qty, Min, Avg, Max }: Fields): number | null {
  if (qty !== undefined) return positiveOf(qty);
  return Min === Avg && Max === Avg ? positiveOf(Avg) : null;
}

function measuredIn([metric, unit, byUnit]: Read, units: unknown, entry: Fields): SampleDraft[] {
  const when = momentIn(entry.date);
  const value = valueIn(entry);
  const scale = typeof units === "string" ? byUnit.get(units) : undefined;
  if (when === null || value === null || scale === undefined) return [];
  return [sample(metric, when, scale(value), unit, entry)];
}

function pressureIn(entry: Fields): SampleDraft[] {
  const when = momentIn(entry.date);
  const systolic = positiveOf(entry.systolic);
  const diastolic = positiveOf(entry.diastolic);
  if (when === null || systolic === null || diastolic === null) return [];
  return [
    sample("blood_pressure_systolic", when, systolic, "mm[Hg]", entry),
    sample("blood_pressure_diastolic", when, diastolic, "mm[Hg]", entry),
  ];
}

/**
 * How long each stage was; when each was is not said. A night goes by when it began, since what comes
 * later of it has another end.
 */
function nightIn(entry: Fields): readonly SampleDraft[] {
  const start = momentIn(entry.sleepStart);
  const end = momentIn(entry.sleepEnd);
  if (start === null || end === null || end.atMs <= start.atMs) return [];
  const parts = stages.flatMap(([field, stage]) => {
    const seconds = (positiveOf(entry[field]) ?? 0) * 3600;
    return seconds * 1000 > end.atMs - start.atMs ? [] : [[stage, seconds] as const];
  });
  const { atMs: fromMs, offsetMin } = start;
  const source = sourceOf(entry.sleepSource ?? entry.source);
  const sourceId = JSON.stringify(["night", source.device?.id ?? null, fromMs]);
  return nightOf({ sourceId, fromMs, offsetMin, ...source }, parts);
}

function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  if (kind !== metricKind) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const { name, units, data } = item;
  if (!isRead(name) || !Array.isArray(data)) return err("not-understood");
  if (data.length > samplesMax) return err("too-many-samples");
  const known = metrics.get(String(name));
  const readEntry = (entry: Fields) => {
    if (known !== undefined) return measuredIn(known, units, entry);
    return name === pressure ? pressureIn(entry) : nightIn(entry);
  };
  const latestMs = receivedMs + msPerDay;
  const read = data.flatMap((entry) => readEntry(fieldsOf(entry)));
  return ok(read.filter(({ toMs }) => toMs <= latestMs));
}

export const samples = { kinds: [metricKind], read };
