/**
 * What a member can enter by hand, and how it is said to the API (POST /v1/sync): a workout as a phone
 * would say it, marked as entered by a person, or readings of a device of kind "manual". The same
 * metric at the same time is the same reading, so that entering it again corrects it. Pure: times are
 * local ones, "2026-11-22T08:00", and who calls knows the zone.
 */
import type { SyncBody, SyncDevice, SyncSample } from "../../client/sync-body.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { type Metric, metricOf } from "../../domain/samples/metrics.ts";
import { toScaled } from "../../domain/samples/units.ts";

/** The word by which Apple Health calls it, which is how a workout travels. */
export const workoutKinds = [
  { id: "Running", name: "Run" },
  { id: "Cycling", name: "Ride" },
  { id: "Walking", name: "Walk" },
  { id: "Hiking", name: "Hike" },
  { id: "Swimming", name: "Swim" },
  { id: "Rowing", name: "Row" },
  { id: "CrossCountrySkiing", name: "Cross-country skiing" },
  { id: "DownhillSkiing", name: "Skiing" },
  { id: "TraditionalStrengthTraining", name: "Strength training" },
  { id: "Yoga", name: "Yoga" },
  { id: "MixedCardio", name: "Cardio" },
  { id: "Other", name: "Something else" },
] as const;
export type WorkoutKind = (typeof workoutKinds)[number]["id"];

interface Part {
  readonly metric: Metric;
  readonly label: string;
}
interface Reading {
  readonly id: string;
  readonly name: string;
  /** As the API takes it. */
  readonly unit: string;
  readonly shownUnit: string;
  /** None: how long it lasted is all there is. */
  readonly parts: readonly Part[];
  readonly lasts: boolean;
}

const momentary = (metric: Metric, unit: string, shownUnit = unit, id: string = metric) => {
  const name = metricOf(metric).title;
  const parts = [{ metric, label: `${name}, ${shownUnit}` }];
  return { id, name, unit, shownUnit, parts, lasts: false };
};

export const readings: readonly Reading[] = [
  momentary("weight", "kg"),
  momentary("body_fat", "%"),
  { id: "sleep", name: "Sleep", unit: "", shownUnit: "", parts: [], lasts: true },
  {
    ...{ id: "steps", name: "Steps", unit: "count", shownUnit: "", lasts: true },
    parts: [{ metric: "steps", label: "How many steps" }],
  },
  {
    ...{ id: "blood_pressure", name: "Blood pressure", unit: "mmHg", shownUnit: "mmHg" },
    lasts: false,
    parts: [
      { metric: "blood_pressure_systolic", label: "Systolic (the upper one), mmHg" },
      { metric: "blood_pressure_diastolic", label: "Diastolic (the lower one), mmHg" },
    ],
  },
  momentary("heart_rate", "bpm"),
  momentary("resting_heart_rate", "bpm"),
  momentary("blood_glucose", "mg/dL"),
  momentary("blood_glucose", "mmol/L", "mmol/L", "blood_glucose_mmol"),
  momentary("body_temperature", "Cel", "°C"),
  momentary("oxygen_saturation", "%"),
  momentary("respiratory_rate", "breaths/min", "per minute"),
];

export interface Entered {
  /** "workout", or the id of a reading. */
  readonly what: string;
  readonly kind: WorkoutKind;
  readonly start: string;
  readonly end: string;
  readonly minutes: string;
  readonly km: string;
  readonly kcal: string;
  readonly values: readonly string[];
}
/** What is wrong, by the field's name; `values` by its place: "value-0". */
export type Wrong = Readonly<Record<string, string>>;

export interface Around {
  /** Minutes that clocks are ahead of UTC there and then. */
  offsetMin(local: string): number;
  readonly nowMs: number;
  uuid(): string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const lengthMsMax = 24 * hourMs;
/** Clocks differ; the API looks as far ahead. */
const aheadMs = hourMs;
const kmMax = 1_000;
const kcalMax = 30_000;
const byHand: SyncDevice = { id: "entered by hand", kind: "manual" };

const two = (n: number) => String(n).padStart(2, "0");
const offsetText = (min: number) =>
  `${min < 0 ? "-" : "+"}${two(Math.floor(Math.abs(min) / 60))}:${two(Math.abs(min) % 60)}`;

const localPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

/** RFC 3339 with its offset; null: no time. */
function timeOf(local: string, { offsetMin }: Around): string | null {
  if (!localPattern.test(local)) return null;
  const text = `${local}:00${offsetText(offsetMin(local))}`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}

const numberOf = (text: string): number | null => {
  const plain = text.trim().replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
};

/** As the API wants it said; or what to change, field by field. */
export function saidOf(entered: Entered, around: Around): Result<SyncBody, Wrong> {
  if (entered.what === "workout") return workoutOf(entered, around);
  const reading = readings.find(({ id }) => id === entered.what);
  return reading === undefined
    ? err({ what: "Choose what to add." })
    : readingOf(reading, entered, around);
}

const noStart = "Say when.";
const tooLate = "That is still to come.";

function workoutOf(entered: Entered, around: Around): Result<SyncBody, Wrong> {
  const startDate = timeOf(entered.start, around);
  const minutes = numberOf(entered.minutes);
  const [km, kcal] = [amountOf(entered.km, kmMax), amountOf(entered.kcal, kcalMax)];
  const endMs = startDate === null ? 0 : Date.parse(startDate) + (minutes ?? 0) * minuteMs;
  const wrong = {
    ...(startDate === null ? { start: noStart } : {}),
    ...(endMs > around.nowMs + aheadMs ? { start: tooLate } : {}),
    ...(minutes === null || minutes < 1 || minutes * minuteMs > lengthMsMax
      ? { minutes: "From 1 minute to 24 hours." }
      : {}),
    ...(km === "wrong" ? { km: `A number up to ${kmMax}.` } : {}),
    ...(kcal === "wrong" ? { kcal: `A number up to ${kcalMax}.` } : {}),
  };
  if (startDate === null || minutes === null || km === "wrong" || kcal === "wrong")
    return err(wrong);
  if (Object.keys(wrong).length > 0) return err(wrong);
  const workout = {
    uuid: around.uuid(),
    workoutActivityType: `HKWorkoutActivityType${entered.kind}`,
    startDate,
    endDate: new Date(endMs).toISOString(),
    duration: Math.round(minutes * 60),
    ...(km === null ? {} : { totalDistance: { value: km, unit: "km" } }),
    ...(kcal === null ? {} : { totalEnergyBurned: { value: kcal, unit: "kcal" } }),
    metadata: { HKWasUserEntered: 1 },
  };
  return ok({ workouts: [workout] });
}

/** Null: not said. */
function amountOf(text: string, most: number): number | null | "wrong" {
  if (text.trim() === "") return null;
  const amount = numberOf(text);
  return amount === null || amount > most || amount === 0 ? "wrong" : amount;
}

function readingOf(reading: Reading, entered: Entered, around: Around): Result<SyncBody, Wrong> {
  const times = timesOf(reading, entered, around);
  const values = reading.parts.map(({ metric }, i) =>
    measured(metric, entered.values[i] ?? "", reading.unit),
  );
  const wrong = Object.fromEntries([
    ...(times.ok ? [] : Object.entries(times.error)),
    ...values.flatMap((value, i) => (typeof value === "string" ? [[`value-${i}`, value]] : [])),
  ]);
  if (!times.ok || Object.keys(wrong).length > 0) return err(wrong);
  const samples = reading.parts.map(
    ({ metric }, i): SyncSample => ({
      ...{ type: metric, value: Number(values[i]), unit: reading.unit },
      ...{ ...times.value, sourceDevice: byHand },
    }),
  );
  const asleep = { type: "sleep", value: "asleep", ...times.value, sourceDevice: byHand };
  return ok({ samples: samples.length === 0 ? [asleep] : samples });
}

type Times = Pick<SyncSample, "startDate" | "endDate">;

function timesOf(reading: Reading, entered: Entered, around: Around): Result<Times, Wrong> {
  const startDate = timeOf(entered.start, around);
  const endDate = reading.lasts ? timeOf(entered.end, around) : startDate;
  if (startDate === null) return err({ start: noStart });
  if (endDate === null) return err({ end: "Say until when." });
  const [startMs, endMs] = [Date.parse(startDate), Date.parse(endDate)];
  if (endMs > around.nowMs + aheadMs) return err({ [reading.lasts ? "end" : "start"]: tooLate });
  if (reading.lasts && (endMs <= startMs || endMs - startMs > lengthMsMax))
    return err({ end: "After it began, and within 24 hours." });
  return ok({ startDate, endDate });
}

/** Text: what is wrong with it. */
function measured(metric: Metric, text: string, unit: string): number | string {
  const value = numberOf(text);
  if (value === null) return "A number.";
  if (toScaled(metric, value, unit).ok) return value;
  const { range, unit: kept } = metricOf(metric);
  const [least, most] = range.map((n) => n.toLocaleString("en"));
  return toScaled(metric, range[1], unit).ok
    ? `From ${least} to ${most}.`
    : `More than anybody has (in ${kept}: ${least} to ${most}).`;
}
