/**
 * The words, units and bounds of our own door, as docs/standard-webhooks.md states them to whoever
 * sends there: a test holds the page to this file, and another these bounds to the workouts' schema.
 */
import { elapsedMsMax } from "../../domain/workouts/schema.ts";
import type { Metric } from "../samples.ts";
import { highestHeartRate, nameCharsMax, samplesMax, textCharsMax } from "../untrusted.ts";

/** The edition of the events' form; a body that names another is not understood. */
export const version = 1;
export const bodyBytesMax = 10 * 1024 * 1024;

export const eventTypes = [
  "account.linked",
  "account.ended",
  "workouts.upserted",
  "workouts.deleted",
  "samples.upserted",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Entries of one event; more are refused as a whole. */
export const entriesMax: Readonly<Partial<Record<EventType, number>>> = {
  "workouts.upserted": 500,
  "workouts.deleted": 500,
  "samples.upserted": 10_000,
};

export const idCharsMax = nameCharsMax;
export const senderPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const providerPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;
export const zoneCharsMax = 64;

export interface Amount {
  readonly max: number;
  readonly fault: string;
}
/** Numbers from zero up to `max`, fractions allowed. */
export const amounts = {
  elapsedSeconds: { max: elapsedMsMax / 1000, fault: "bad-elapsed" },
  movingSeconds: { max: elapsedMsMax / 1000, fault: "bad-moving" },
  distanceMeters: { max: 20_000_000, fault: "bad-distance" },
  energyKilocalories: { max: 100_000, fault: "bad-energy" },
  elevationGainMeters: { max: 100_000, fault: "bad-elevation-gain" },
  averageSpeedMetersPerSecond: { max: 280, fault: "bad-speed" },
} as const satisfies Readonly<Record<string, Amount>>;

export interface Text {
  readonly charsMax: number;
  readonly fault: string;
}
export const texts = {
  originalType: { charsMax: textCharsMax, fault: "bad-original-type" },
  deviceModel: { charsMax: nameCharsMax, fault: "bad-device-model" },
  deviceName: { charsMax: textCharsMax, fault: "bad-device-name" },
  app: { charsMax: nameCharsMax, fault: "bad-app" },
  title: { charsMax: textCharsMax, fault: "bad-title" },
  notes: { charsMax: textCharsMax, fault: "bad-notes" },
} as const satisfies Readonly<Record<string, Text>>;

export const readingsMax = samplesMax;
export const bpmMax = highestHeartRate;
export const altitudeM = { min: -11_000, max: 100_000 } as const;

/** In which unit each metric is stated (UCUM). */
export const units: Readonly<Record<Metric, string>> = {
  steps: "1",
  distance: "m",
  active_energy: "kcal",
  heart_rate: "/min",
  resting_heart_rate: "/min",
  hrv_sdnn: "ms",
  hrv_rmssd: "ms",
  oxygen_saturation: "%",
  blood_glucose: "mg/dL",
  respiratory_rate: "/min",
  blood_pressure_systolic: "mm[Hg]",
  blood_pressure_diastolic: "mm[Hg]",
  body_temperature: "Cel",
  weight: "kg",
  body_fat: "%",
  sleep: "s",
};
