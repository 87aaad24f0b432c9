/** Days of a watch, a phone and a scale, for the tests of My day: what is sent, and what it comes to. */
import { addDays, localDate } from "../../domain/time.ts";
import { call, expectStatus, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";

/** Where everybody of a stage lives; the days before do not cross a change of the clock by themselves. */
const zone = "Europe/Amsterdam";
const hourMs = 3_600_000;
const offsetMin = (date: string): number => {
  const noon = new Date(`${date}T12:00:00Z`);
  const there = new Intl.DateTimeFormat("en", { hour: "2-digit", hour12: false, timeZone: zone });
  return (Number(there.format(noon)) - 12) * 60;
};

export const today = localDate(Date.now(), offsetMin(new Date().toISOString().slice(0, 10)));
export const yesterday = addDays(today, -1);

const watch = { id: "story-watch", kind: "watch", model: "Fenix 8" };
const phone = { id: "story-phone", kind: "phone", model: "Pixel 10" };
const scale = { id: "story-scale", kind: "scale", model: "Body Scan" };

/** An instant of a local day, by hours from its midnight; the evening before is negative. */
const atHour = (date: string, hour: number): string =>
  new Date(
    Date.parse(`${date}T00:00:00Z`) - offsetMin(date) * 60_000 + hour * hourMs,
  ).toISOString();

type Sample = Readonly<Record<string, unknown>>;
type Device = typeof watch;

const lasting =
  (type: string, value: number | string, unit: string, from: number, to: number) =>
  (date: string, device: Device): Sample => ({
    ...{ type, value, sourceDevice: device },
    ...(unit === "" ? {} : { unit }),
    startDate: atHour(date, from),
    endDate: atHour(date, to),
  });
const once = (type: string, value: number, unit: string, at: number) =>
  lasting(type, value, unit, at, at);

const hoursOnWatch = [8, 9, 10, 11];
/** The watch lies on its charger from twelve on; the phone was in the pocket all day. */
export const watchSteps = (date: string): Sample[] =>
  hoursOnWatch.map((hour) => lasting("steps", 1_001, "count", hour, hour + 1)(date, watch));
export const phoneSteps = (date: string): Sample[] =>
  [8, 10, 12].map((hour) => lasting("steps", 3_000, "count", hour, hour + 2)(date, phone));
/** Four hours of the watch, and the two that it left. */
export const stepsOnce = hoursOnWatch.length * 1_001 + 3_000;

const night = [
  lasting("sleep", "light", "", -1, 2),
  lasting("sleep", "deep", "", 2, 3.5),
  lasting("sleep", "rem", "", 3.5, 5),
  lasting("sleep", "awake", "", 5, 5.25),
  lasting("sleep", "light", "", 5.25, 6.75),
];
/** 7 h 30 min, and a quarter of an hour awake. */
export const sleptSeconds = 7.5 * 3_600;

/** Everything that a page of a day can show; `n` makes one day unlike another. */
export function wholeDay(date: string, n = 0): Sample[] {
  const onWatch = [
    lasting("distance", 4_200 + 100 * n, "m", 8, 12),
    lasting("active_energy", 412 + 10 * n, "kcal", 8, 12),
    ...[56, 61, 64, 132, 148, 71].map((bpm, i) => once("heart_rate", bpm + n, "/min", 7 + i)),
    once("resting_heart_rate", 52 + n, "/min", 7),
    once("hrv_rmssd", 61 - n, "ms", 6),
    once("oxygen_saturation", 97, "%", 3),
    once("respiratory_rate", 14.2, "/min", 3),
    once("body_temperature", 36.6, "Cel", 7),
    ...night,
  ].map((sample) => sample(date, watch));
  const onOthers = [
    once("weight", 71.4 + n / 10, "kg", 7)(date, scale),
    once("body_fat", 18.2, "%", 7)(date, scale),
    once("blood_pressure_systolic", 121, "mm[Hg]", 8)(date, scale),
    once("blood_pressure_diastolic", 78, "mm[Hg]", 8)(date, scale),
    once("blood_glucose", 94, "mg/dL", 8)(date, scale),
  ];
  return [...onWatch, ...onOthers];
}

/** Through the door of phones. Throws when one of them was not taken. */
export async function sendSamples(
  system: System,
  { token }: Person,
  samples: readonly Sample[],
): Promise<void> {
  const answer = await call(system.url, "POST", "/v1/sync", { token, body: { samples } });
  expectStatus(answer, 200);
  if (answer.body.errors > 0) throw new Error(JSON.stringify(answer.body.errorDetails));
}

/** Yesterday and the days before it, whole. */
export async function tellDays(system: System, who: Person, days = 8): Promise<void> {
  const samples = Array.from({ length: days }, (_, n) => {
    const date = addDays(yesterday, -n);
    return [...wholeDay(date, n), ...watchSteps(date), ...phoneSteps(date)];
  });
  await sendSamples(system, who, samples.flat());
}
