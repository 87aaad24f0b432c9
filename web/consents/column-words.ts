/** What a consent opens, and what for, as people say it. */
import type { ReadableColumn } from "../../domain/consent.ts";
import type { Consent } from "../api/schema.d.ts";

export const columnWords: Readonly<Record<ReadableColumn, string>> = {
  heart_rate: "Heart rate in workouts",
  track: "Tracks of workouts",
  title: "Titles of workouts",
  notes: "Notes of workouts",
  device_name: "Names of devices",
  samples_activity: "Steps, distance and energy by day",
  samples_vital: "Heart, oxygen, breath and pressure by day",
  samples_body: "Weight and body by day",
  samples_sleep: "Nights and their stages",
};

/** To whom they belong. */
export const ownColumnWords: typeof columnWords = {
  ...columnWords,
  track: "Where you were: tracks of workouts",
  device_name: "Names of your devices",
};

export const purposeWords: Readonly<Record<Consent["purpose"], string>> = {
  coaching: "Coaching",
  care: "Care",
  research: "Research",
};
