/**
 * The data types that feed the samples, by Google's names: where a point holds one, in which shape,
 * and what of it is read (developers.google.com/health/data-types, and the API's discovery document).
 *
 * Oxygen and breaths are read as the values of a day alone, which every source has; the heart's
 * variability by its readings, of which both statistics may stand in one point.
 */
import type { Metric } from "../samples.ts";
import { heartRate } from "./values.ts";

/** Over a stretch, at a moment, of a calendar day. */
export type Shape = "interval" | "sample" | "daily";

export interface DataType {
  readonly field: string;
  readonly shape: Shape;
  readonly readings: readonly (readonly [metric: Metric, unit: string, field: string])[];
}

const interval = (field: string, ...readings: DataType["readings"]): DataType => ({
  ...{ field, shape: "interval", readings },
});
const sample = (field: string, ...readings: DataType["readings"]): DataType => ({
  ...{ field, shape: "sample", readings },
});
const daily = (field: string, ...readings: DataType["readings"]): DataType => ({
  ...{ field, shape: "daily", readings },
});

export const sleep = "sleep";
export const dataTypes: ReadonlyMap<string, DataType> = new Map([
  ["steps", interval("steps", ["steps", "1", "count"])],
  ["distance", interval("distance", ["distance", "mm", "millimeters"])],
  ["active-energy-burned", interval("activeEnergyBurned", ["active_energy", "kcal", "kcal"])],
  [heartRate, sample("heartRate", ["heart_rate", "/min", "beatsPerMinute"])],
  [
    "daily-resting-heart-rate",
    daily("dailyRestingHeartRate", ["resting_heart_rate", "/min", "beatsPerMinute"]),
  ],
  [
    "heart-rate-variability",
    sample(
      "heartRateVariability",
      ["hrv_rmssd", "ms", "rootMeanSquareOfSuccessiveDifferencesMilliseconds"],
      ["hrv_sdnn", "ms", "standardDeviationMilliseconds"],
    ),
  ],
  [
    "daily-oxygen-saturation",
    daily("dailyOxygenSaturation", ["oxygen_saturation", "%", "averagePercentage"]),
  ],
  [
    "daily-respiratory-rate",
    daily("dailyRespiratoryRate", ["respiratory_rate", "/min", "breathsPerMinute"]),
  ],
  [
    "blood-glucose",
    sample("bloodGlucose", ["blood_glucose", "mg/dL", "bloodGlucoseMilligramsPerDeciliter"]),
  ],
  [
    "core-body-temperature",
    sample("coreBodyTemperature", ["body_temperature", "Cel", "temperatureCelsius"]),
  ],
  ["weight", sample("weight", ["weight", "g", "weightGrams"])],
  ["body-fat", sample("bodyFat", ["body_fat", "%", "percentage"])],
]);
export const sampleCollections: readonly string[] = [...dataTypes.keys(), sleep];

/** Those that no notice is sent for; the energy is read again with the steps that it was spent on. */
const unannounced = ["active-energy-burned", "core-body-temperature"];
export const announced: readonly string[] = sampleCollections.filter(
  (type) => !unannounced.includes(type),
);
export const alsoChanged: Readonly<Record<string, readonly string[]>> = {
  steps: ["active-energy-burned"],
};
