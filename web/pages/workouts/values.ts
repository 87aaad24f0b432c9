/** A workout's values as people read them. */
import type { Answer } from "../../api/client.ts";
import { km, lasting, number, wallTime } from "../../design/format.ts";

export type Workout = Answer<"GET /v1/workouts/{id}">;
export type Source = Workout["sources"][number];

const mmPerM = 1_000;
const mcalPerKcal = 1_000_000;
const msPerHour = 3_600_000;
const mmPerKm = 1_000_000;

export const metres = (mm: number): string => `${number(mm / mmPerM)} m`;
export const kcal = (mcal: number): string => `${number(mcal / mcalPerKcal)} kcal`;

/** Swimmers and rowers count metres; nobody else does. */
export const distance = (mm: number, family: string): string =>
  family === "swim" ? metres(mm) : km(mm);

/** As it is said of the sport: minutes a kilometre on foot, else kilometres an hour. */
export function pace(mm: number, ms: number, family: string): string | null {
  if (mm <= 0 || ms <= 0) return null;
  if (family === "run" || family === "walk") return `${lasting((ms * mmPerKm) / mm)} min/km`;
  if (family === "swim") return `${lasting((ms * 100 * mmPerM) / mm)} min/100 m`;
  return `${number(mm / mmPerKm / (ms / msPerHour), 1)} km/h`;
}

export const span = ({ start, end }: Pick<Workout, "start" | "end">): string =>
  `${wallTime(start)} – ${wallTime(end)}`;

/** "3 sources, counted once" */
export const sourcesWords = (n: number): string =>
  n === 1 ? "1 source" : `${n} sources, counted once`;

/** The device where it is named, else the app. */
export const deviceOf = ({ deviceModel, app }: Source): string | null => deviceModel ?? app;
