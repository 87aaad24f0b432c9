/**
 * What is measured beside the sessions: a section of HC Webhook's body, or one record as
 * react-native-health-connect reads it out. A list that is thinned to averages is left out: an
 * average is no measurement. Any app writes there, so each entry is of the app and the device that it
 * names, and what two of them counted counts once. `lastModifiedTime` is when a record was
 * synchronised, and orders nothing.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceKind, DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import type { Metric, SampleDraft, SleepStage } from "../samples.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  numberNameOf,
  positiveOf,
  samplesMax,
  textOf,
} from "../untrusted.ts";
import { deviceKindOf, isManual, modelStated, originOf, recordNameOf } from "./session.ts";

/** Which metric, in which unit, and where in an entry its value stands. */
type Read = readonly [metric: Metric, unit: string, stated: (entry: Fields) => unknown];

/** Glucose weighs so much: a mole of it, in mg/dL for each mmol/L. */
const mgPerMmol = 18.0156;
const milligrams = (mmol: unknown) => (positiveOf(mmol) ?? 0) * mgPerMmol;

const sections: Readonly<Record<string, readonly Read[]>> = {
  steps: [["steps", "1", (e) => e.count]],
  distance: [["distance", "m", (e) => e.meters]],
  active_calories: [["active_energy", "kcal", (e) => e.calories]],
  heart_rate: [["heart_rate", "/min", (e) => e.bpm]],
  resting_heart_rate: [["resting_heart_rate", "/min", (e) => e.bpm]],
  heart_rate_variability: [["hrv_rmssd", "ms", (e) => e.rmssd_millis]],
  oxygen_saturation: [["oxygen_saturation", "%", (e) => e.percentage]],
  blood_glucose: [["blood_glucose", "mg/dL", (e) => milligrams(e.mmol_per_liter)]],
  respiratory_rate: [["respiratory_rate", "/min", (e) => e.rate]],
  blood_pressure: [
    ["blood_pressure_systolic", "mm[Hg]", (e) => e.systolic],
    ["blood_pressure_diastolic", "mm[Hg]", (e) => e.diastolic],
  ],
  body_temperature: [["body_temperature", "Cel", (e) => e.celsius]],
  weight: [["weight", "kg", (e) => e.kilograms]],
  body_fat: [["body_fat", "%", (e) => e.percentage]],
};

const within = (v: unknown, name: string): unknown => fieldsOf(v)[name];

/** By `recordType`, as that library names them. */
const records: Readonly<Record<string, readonly Read[]>> = {
  Steps: [["steps", "1", (e) => e.count]],
  Distance: [["distance", "m", (e) => within(e.distance, "inMeters")]],
  ActiveCaloriesBurned: [["active_energy", "kcal", (e) => within(e.energy, "inKilocalories")]],
  HeartRate: [["heart_rate", "/min", (e) => e.beatsPerMinute]],
  RestingHeartRate: [["resting_heart_rate", "/min", (e) => e.beatsPerMinute]],
  HeartRateVariabilityRmssd: [["hrv_rmssd", "ms", (e) => e.heartRateVariabilityMillis]],
  OxygenSaturation: [["oxygen_saturation", "%", (e) => e.percentage]],
  RespiratoryRate: [["respiratory_rate", "/min", (e) => e.rate]],
  BodyTemperature: [["body_temperature", "Cel", (e) => within(e.temperature, "inCelsius")]],
  Weight: [["weight", "kg", (e) => within(e.weight, "inKilograms")]],
  BodyFat: [["body_fat", "%", (e) => e.percentage]],
  BloodGlucose: [["blood_glucose", "mg/dL", (e) => within(e.level, "inMilligramsPerDeciliter")]],
  BloodPressure: [
    ["blood_pressure_systolic", "mm[Hg]", (e) => within(e.systolic, "inMillimetersOfMercury")],
    ["blood_pressure_diastolic", "mm[Hg]", (e) => within(e.diastolic, "inMillimetersOfMercury")],
  ],
};

const sleep = "sleep";
const sleepSession = "SleepSession";
/** `SleepSessionRecord.STAGE_TYPE_…`, by number; out of bed and unknown are no stages. */
const stages: ReadonlyMap<string, SleepStage> = new Map([
  ["1", "awake"],
  ["2", "asleep"],
  ["4", "light"],
  ["5", "deep"],
  ["6", "rem"],
  ["7", "awake"],
]);

export const sectionKinds: readonly string[] = [...Object.keys(sections), sleep];
export const recordKinds: readonly string[] = [...Object.keys(records), sleepSession];

const momentIn = (v: unknown) => {
  const moment = momentOf(v);
  return moment === "no-zone" ? null : moment;
};

/** A device has no id there: it is what it is called, and the app that wrote of it. */
function sourceOf(metadata: Fields): { device?: DeviceStated; app?: string } {
  const app = originOf(metadata);
  const { manufacturer, model } = fieldsOf(metadata.device);
  const kind: DeviceKind = isManual(metadata) ? "manual" : deviceKindOf(metadata);
  const names = [app, textOf(manufacturer), textOf(model)];
  if (names.every((name) => name === null) && kind === "unknown") return {};
  const id = JSON.stringify([...names, kind]);
  const device = { id, kind, model: modelStated(fieldsOf(metadata.device)) };
  return { device, ...(app === null ? {} : { app }) };
}

function draftOf([metric, unit, stated]: Read, entry: Fields): SampleDraft[] {
  const start = momentIn(entry.time ?? entry.start_time ?? entry.startTime);
  const end = momentIn(entry.time ?? entry.end_time ?? entry.endTime);
  const value = positiveOf(stated(entry));
  if (start === null || end === null || end.atMs < start.atMs || value === null) return [];
  const metadata = fieldsOf(entry.metadata);
  const { atMs: fromMs, offsetMin } = start;
  const of = {
    ...recordNameOf(metadata),
    ...sourceOf(metadata),
    fromMs,
    toMs: end.atMs,
    offsetMin,
  };
  return [{ ...of, metric, value, unit }];
}

// -- nights ---------------------------------------------------------------------------------

/** One stage of a night; what is out of bed or nothing known is none. */
function stageOf(stage: Fields, of: Pick<SampleDraft, "sourceId">): SampleDraft[] {
  const kind = stages.get(numberNameOf(stage.stage) ?? "");
  const start = momentIn(stage.start_time ?? stage.startTime);
  const end = momentIn(stage.end_time ?? stage.endTime);
  if (kind === undefined || start === null || end === null || end.atMs <= start.atMs) return [];
  const value = (end.atMs - start.atMs) / 1000;
  const { atMs: fromMs, offsetMin } = start;
  const times = { fromMs, toMs: end.atMs, offsetMin };
  return [{ ...of, ...times, metric: sleep, value, unit: "s", stage: kind }];
}

/** Its stages; of a session without any, all of it. One without an id goes by when it began. */
function nightOf(night: Fields): SampleDraft[] {
  const metadata = fieldsOf(night.metadata);
  const named = { ...recordNameOf(metadata), ...sourceOf(metadata) };
  const stated = listOf(night.stages).slice(0, samplesMax);
  const staged = stated.flatMap((stage) => stageOf(stage, named));
  const whole = stageOf({ stage: 2, startTime: night.startTime, endTime: night.endTime }, named);
  const drafts = staged.length > 0 || stated.length > 0 ? staged : whole;
  const [first] = drafts;
  if (first === undefined || named.sourceId !== null) return drafts;
  const beganMs = drafts.reduce((least, { fromMs }) => Math.min(least, fromMs), first.fromMs);
  const sourceId = JSON.stringify(["night", originOf(metadata), beganMs]);
  return drafts.map((draft) => ({ ...draft, sourceId }));
}

// -------------------------------------------------------------------------------------------

const listOf = (v: unknown): readonly Fields[] => (Array.isArray(v) ? v.map(fieldsOf) : []);

/** A record of heart rate holds a list of beats, of hours and days: each is known by its instant. */
const beatsIn = ({ samples, metadata }: Fields): readonly Fields[] => {
  const { id: _, clientRecordId: __, client_record_id: ___, ...of } = fieldsOf(metadata);
  return listOf(samples).map((beat) => ({ ...beat, metadata: of }));
};

function entriesIn(kind: string, item: unknown): readonly Fields[] | null {
  if (recordKinds.includes(kind)) {
    if (!isFields(item)) return null;
    return kind === "HeartRate" ? beatsIn(item) : [item];
  }
  return Array.isArray(item) ? listOf(item) : null;
}

function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  const isKnown = sectionKinds.includes(kind) || recordKinds.includes(kind);
  if (!isKnown) return err("unknown-kind");
  const entries = entriesIn(kind, item);
  if (entries === null) return err("not-understood");
  if (entries.length > samplesMax) return err("too-many-samples");
  const isNights = kind === sleep || kind === sleepSession;
  const reads = sections[kind] ?? records[kind] ?? [];
  const drafts = entries.flatMap((entry) =>
    isNights ? nightOf(entry) : reads.flatMap((one) => draftOf(one, entry)),
  );
  return ok(drafts.filter(({ toMs }) => toMs <= receivedMs + msPerDay));
}

export const samples = { kinds: [...sectionKinds, ...recordKinds], read };
