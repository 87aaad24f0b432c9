/**
 * What can be measured between workouts: one table that servers and pages share. A value is an
 * integer, `scale` of them to one `unit`, so that sums never depend on order. Goals are a
 * member's to have (goals.ts), not an advice. Codes: LOINC 2.80; names as of HealthKit (iOS 18), Health Connect 1.1 and
 * Open mHealth's schema library; null: it has no such name there.
 */

/** sum: of what no better device covers. average: by time. latest: by on-device time. */
export type Fold = "sum" | "average" | "latest";
/** Which are open as daily totals; every reading is restricted. */
export type MetricClass = "activity" | "vital" | "body" | "sleep";
export type Grain = "hour" | "day" | "week" | "month";
export const grains: readonly Grain[] = ["hour", "day", "week", "month"];

export interface MetricFacts {
  readonly title: string;
  readonly class: MetricClass;
  readonly fold: Fold;
  /** UCUM, as shown. */
  readonly unit: string;
  /** Integers to one of `unit`. */
  readonly scale: number;
  /** Of one sample, in `unit`, both ends included; what lies outside is impossible. */
  readonly range: readonly [min: number, max: number];
  /** A day's, in `unit`, when the member chose none; null: there is none unless they do. */
  readonly goal: number | null;
  /** The finest grain that is worth showing. */
  readonly grain: Grain;
  /** How long a reading of one moment counts until the next one comes. Averages only. */
  readonly holdMs: number;
  /** Minutes from local midnight at which the metric's day begins: a night counts for its morning. */
  readonly dayStartMin: number;
  readonly loinc: string | null;
  readonly healthKit: string | null;
  readonly healthConnect: string | null;
  readonly openMHealth: string | null;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

const sum = { fold: "sum", holdMs: 0, dayStartMin: 0, grain: "hour" } as const;
const average = { fold: "average", goal: null, dayStartMin: 0, grain: "hour" } as const;
const latest = { fold: "latest", goal: null, holdMs: 0, dayStartMin: 0, grain: "day" } as const;

export const metricTable = {
  steps: {
    ...{ ...sum, title: "Steps", class: "activity", unit: "1", scale: 1 },
    ...{ range: [0, 200_000], goal: 10_000, loinc: "55423-8" },
    healthKit: "HKQuantityTypeIdentifierStepCount",
    ...{ healthConnect: "StepsRecord", openMHealth: "step-count" },
  },
  distance: {
    ...{ ...sum, title: "Distance", class: "activity", unit: "m", scale: 1000 },
    ...{ range: [0, 1_000_000], goal: null, loinc: "55430-3" },
    healthKit: "HKQuantityTypeIdentifierDistanceWalkingRunning",
    ...{ healthConnect: "DistanceRecord", openMHealth: null },
  },
  active_energy: {
    ...{ ...sum, title: "Active energy", class: "activity", unit: "kcal", scale: 1_000_000 },
    ...{ range: [0, 30_000], goal: null, loinc: "41981-2" },
    healthKit: "HKQuantityTypeIdentifierActiveEnergyBurned",
    ...{ healthConnect: "ActiveCaloriesBurnedRecord", openMHealth: "calories-burned" },
  },
  heart_rate: {
    ...{ ...average, title: "Heart rate", class: "vital", unit: "/min", scale: 1000 },
    ...{ range: [20, 300], holdMs: 5 * minuteMs, loinc: "8867-4" },
    healthKit: "HKQuantityTypeIdentifierHeartRate",
    ...{ healthConnect: "HeartRateRecord", openMHealth: "heart-rate" },
  },
  resting_heart_rate: {
    ...{ ...average, title: "Resting heart rate", class: "vital", unit: "/min", scale: 1000 },
    ...{ range: [20, 200], holdMs: minuteMs, grain: "day", loinc: "40443-4" },
    healthKit: "HKQuantityTypeIdentifierRestingHeartRate",
    ...{ healthConnect: "RestingHeartRateRecord", openMHealth: null },
  },
  hrv_sdnn: {
    ...{ ...average, title: "Heart rate variability (SDNN)", class: "vital", unit: "ms" },
    ...{ scale: 1000, range: [0.1, 1000], holdMs: hourMs, loinc: "80404-7" },
    healthKit: "HKQuantityTypeIdentifierHeartRateVariabilitySDNN",
    ...{ healthConnect: null, openMHealth: null },
  },
  hrv_rmssd: {
    ...{ ...average, title: "Heart rate variability (RMSSD)", class: "vital", unit: "ms" },
    ...{ scale: 1000, range: [0.1, 1000], holdMs: hourMs, loinc: null, healthKit: null },
    ...{ healthConnect: "HeartRateVariabilityRmssdRecord", openMHealth: null },
  },
  oxygen_saturation: {
    ...{ ...average, title: "Oxygen saturation", class: "vital", unit: "%", scale: 1000 },
    ...{ range: [30, 100], holdMs: hourMs, loinc: "59408-5" },
    healthKit: "HKQuantityTypeIdentifierOxygenSaturation",
    ...{ healthConnect: "OxygenSaturationRecord", openMHealth: "oxygen-saturation" },
  },
  blood_glucose: {
    ...{ ...average, title: "Blood glucose", class: "vital", unit: "mg/dL", scale: 1000 },
    ...{ range: [10, 1500], holdMs: 15 * minuteMs, loinc: "2339-0" },
    healthKit: "HKQuantityTypeIdentifierBloodGlucose",
    ...{ healthConnect: "BloodGlucoseRecord", openMHealth: "blood-glucose" },
  },
  respiratory_rate: {
    ...{ ...average, title: "Respiratory rate", class: "vital", unit: "/min", scale: 1000 },
    ...{ range: [2, 100], holdMs: 15 * minuteMs, loinc: "9279-1" },
    healthKit: "HKQuantityTypeIdentifierRespiratoryRate",
    ...{ healthConnect: "RespiratoryRateRecord", openMHealth: "respiratory-rate" },
  },
  blood_pressure_systolic: {
    ...{ ...average, title: "Systolic blood pressure", class: "vital", unit: "mm[Hg]" },
    ...{ scale: 1000, range: [40, 350], holdMs: hourMs, loinc: "8480-6" },
    healthKit: "HKQuantityTypeIdentifierBloodPressureSystolic",
    ...{ healthConnect: "BloodPressureRecord", openMHealth: "blood-pressure" },
  },
  blood_pressure_diastolic: {
    ...{ ...average, title: "Diastolic blood pressure", class: "vital", unit: "mm[Hg]" },
    ...{ scale: 1000, range: [20, 250], holdMs: hourMs, loinc: "8462-4" },
    healthKit: "HKQuantityTypeIdentifierBloodPressureDiastolic",
    ...{ healthConnect: "BloodPressureRecord", openMHealth: "blood-pressure" },
  },
  body_temperature: {
    ...{ ...average, title: "Body temperature", class: "vital", unit: "Cel", scale: 1000 },
    ...{ range: [20, 46], holdMs: hourMs, loinc: "8310-5" },
    healthKit: "HKQuantityTypeIdentifierBodyTemperature",
    ...{ healthConnect: "BodyTemperatureRecord", openMHealth: "body-temperature" },
  },
  weight: {
    ...{ ...latest, title: "Weight", class: "body", unit: "kg", scale: 1000 },
    ...{ range: [1, 700], loinc: "29463-7" },
    healthKit: "HKQuantityTypeIdentifierBodyMass",
    ...{ healthConnect: "WeightRecord", openMHealth: "body-weight" },
  },
  body_fat: {
    ...{ ...latest, title: "Body fat", class: "body", unit: "%", scale: 1000 },
    ...{ range: [1, 80], loinc: "41982-0" },
    healthKit: "HKQuantityTypeIdentifierBodyFatPercentage",
    ...{ healthConnect: "BodyFatRecord", openMHealth: "body-fat-percentage" },
  },
  sleep: {
    ...{ ...sum, title: "Sleep", class: "sleep", unit: "s", scale: 1000, grain: "day" },
    // From six in the evening to six in the evening.
    ...{ range: [0, 172_800], goal: 28_800, dayStartMin: -6 * 60, loinc: "93832-4" },
    healthKit: "HKCategoryTypeIdentifierSleepAnalysis",
    ...{ healthConnect: "SleepSessionRecord", openMHealth: "sleep-episode" },
  },
} as const satisfies Readonly<Record<string, MetricFacts>>;

export type Metric = keyof typeof metricTable;
export const metrics = Object.keys(metricTable) as readonly Metric[];
export const isMetric = (name: string): name is Metric => Object.hasOwn(metricTable, name);
export const metricOf = (metric: Metric): MetricFacts => metricTable[metric];

/** Whose daily totals are open, no finer than a day and never per device. */
export const openMetrics = ["steps", "distance", "active_energy"] as const satisfies Metric[];

/** Parts of sleep; `awake` is time in bed that is no sleep. */
export const sleepStages = ["asleep", "light", "deep", "rem", "awake"] as const;
export type SleepStage = (typeof sleepStages)[number];
