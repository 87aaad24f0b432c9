/**
 * What is measured beside the sessions: a section of HC Webhook's body, or one record as
 * react-native-health-connect reads it out. A list that is thinned to averages is left out: an
 * average is no measurement. Any app writes there, so each entry is of the app and the device that it
 * names, and what two of them counted counts once. `lastModifiedTime` is when a record was
 * synchronised, and orders nothing. A value, a stage or a time that is wrong, or is not there, goes on
 * as NaN: `recordsOf` says what is wrong, so that its item is parked and the others are taken.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceKind, DeviceStated } from "../../domain/samples/sample.ts";
import { secondsToMs } from "../../domain/units.ts";
import type { ItemFault } from "../provider.ts";
import type { Metric, SampleDraft, SampleSource, SleepStage } from "../samples.ts";
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
const milligrams = (mmol: unknown) => (typeof mmol === "number" ? mmol * mgPerMmol : mmol);

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
/** `SleepSessionRecord.STAGE_TYPE_…`, by number; null: out of bed, or unknown, is none. */
const stages: ReadonlyMap<string, SleepStage | null> = new Map([
  ["0", null],
  ["1", "awake"],
  ["2", "asleep"],
  ["3", null],
  ["4", "light"],
  ["5", "deep"],
  ["6", "rem"],
  ["7", "awake"],
]);

export const sectionKinds: readonly string[] = [...Object.keys(sections), sleep];
export const recordKinds: readonly string[] = [...Object.keys(records), sleepSession];

/** From when to when; NaN: not said, or not as an instant. */
function timesOf(from: unknown, to: unknown) {
  const [start, end] = [momentOf(from), momentOf(to)];
  const isInstant = start !== null && start !== "no-zone";
  return {
    fromMs: isInstant ? start.atMs : Number.NaN,
    toMs: end === null || end === "no-zone" ? Number.NaN : end.atMs,
    offsetMin: isInstant ? start.offsetMin : null,
  };
}

/** NaN: no number. Null: nothing was measured. */
function amountIn(v: unknown, entry: Fields): number | null {
  if ((v ?? null) === null && isThinned(entry)) return null;
  if (typeof v !== "number") return Number.NaN;
  return v === 0 ? null : v;
}

const isThinned = (entry: Fields): boolean => Object.keys(entry).some((name) => average.test(name));
const average = /(^|_)(avg|average|mean|min|max)(_|$)/;

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
  const value = amountIn(stated(entry), entry);
  if (value === null) return [];
  const metadata = fieldsOf(entry.metadata);
  const from = entry.time ?? entry.start_time ?? entry.startTime;
  const times = timesOf(from, entry.time ?? entry.end_time ?? entry.endTime);
  return [{ ...recordNameOf(metadata), ...sourceOf(metadata), ...times, metric, value, unit }];
}

// -- nights ---------------------------------------------------------------------------------

type Named = Pick<SampleDraft, "sourceId">;
type Times = Pick<SampleDraft, "fromMs" | "toMs" | "offsetMin">;

/** None of what is out of bed or unknown, or took no time; NaN for a stage that nobody knows. */
function partOf(kind: SleepStage | null | undefined, times: Times, named: Named): SampleDraft[] {
  const { fromMs, toMs } = times;
  if (kind === null || toMs === fromMs) return [];
  const part = { ...named, ...times, metric: sleep, unit: "s" } as const;
  if (kind === undefined) return [{ ...part, value: Number.NaN }];
  return [{ ...part, value: (toMs - fromMs) / 1000, stage: kind }];
}

function stageOf(stage: Fields, named: Named): SampleDraft[] {
  const times = timesOf(stage.start_time ?? stage.startTime, stage.end_time ?? stage.endTime);
  return partOf(stages.get(numberNameOf(stage.stage) ?? ""), times, named);
}

/** HC Webhook says when a night ended and how long it was; the others when it began and ended. */
function wholeOf({ session_end_time, duration_seconds, startTime, endTime }: Fields): Times {
  if (session_end_time === undefined) return timesOf(startTime, endTime);
  const { toMs } = timesOf(null, session_end_time);
  return {
    fromMs: toMs - secondsToMs(positiveOf(duration_seconds) ?? Number.NaN),
    toMs,
    offsetMin: null,
  };
}

/** Its stages; of a session without any, all of it. One without an id goes by when it began. */
function nightOf(night: Fields): SampleDraft[] {
  const metadata = fieldsOf(night.metadata);
  const named = { ...recordNameOf(metadata), ...sourceOf(metadata) };
  const stated = listOf(night.stages);
  const drafts =
    stated.length > 0
      ? stated.flatMap((stage) => stageOf(stage, named))
      : partOf("asleep", wholeOf(night), named);
  const began = drafts.flatMap(({ fromMs }) => (Number.isNaN(fromMs) ? [] : [fromMs]));
  const [first] = began;
  if (first === undefined || named.sourceId !== null) return drafts;
  const beganMs = began.reduce((least, fromMs) => Math.min(least, fromMs), first);
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
    if (kind !== "HeartRate") return [item];
    return Array.isArray(item.samples) ? beatsIn(item) : null;
  }
  return Array.isArray(item) ? listOf(item) : null;
}

function read(kind: string, item: unknown): Result<readonly SampleDraft[], ItemFault> {
  const isKnown = sectionKinds.includes(kind) || recordKinds.includes(kind);
  if (!isKnown) return err("unknown-kind");
  const entries = entriesIn(kind, item);
  if (entries === null) return err("not-understood");
  if (entries.length > samplesMax) return err("too-many-samples");
  const isNights = kind === sleep || kind === sleepSession;
  const reads = sections[kind] ?? records[kind] ?? [];
  return ok(
    entries.flatMap((entry) =>
      isNights ? nightOf(entry) : reads.flatMap((one) => draftOf(one, entry)),
    ),
  );
}

export const samples: SampleSource = { kinds: [...sectionKinds, ...recordKinds], read };
