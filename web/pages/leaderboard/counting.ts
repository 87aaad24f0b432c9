/** Which of somebody's workouts a board counts in a period, and of the others that fall there, why not. */
import { addDays, daysOfPeriod, type Period } from "../../../domain/time.ts";
import { activityFamilies } from "../../../domain/workouts/activity.ts";
import type { Answer } from "../../api/client.ts";
import type { MeasureName } from "./choice.ts";

export type Workout = Answer<"GET /v1/workouts">["items"][number];

export interface Looked {
  readonly measure: MeasureName;
  readonly family: string;
  readonly period: Period;
}

export interface Counted {
  readonly workout: Workout;
  /** In the measure's unit; 0 where it does not count. */
  readonly n: number;
  /** Null: it counts. */
  readonly why: string | null;
}

export const unitOf: Readonly<Record<MeasureName, string>> = {
  distance: "mm",
  moving_time: "ms",
  count: "workouts",
};

const families: Readonly<Record<string, string>> = activityFamilies;
const onlyOwner =
  "It does not count: its provider lets nobody but you see it. The same workout from another source would.";

/** Boards count what others may see of a workout, on the day and as the activity that this says. */
function seenAs({ scored, day, type }: Workout) {
  if (scored === null) return { day, family: families[type] };
  return { day: scored.start.slice(0, 10), family: families[scored.type] };
}

/** Undefined: it is of another activity, or another time. */
export function countedOf(workout: Workout, asked: Looked): Counted | undefined {
  const { from, to } = daysOfPeriod(asked.period);
  const { day, family } = seenAs(workout);
  if (day < from || day > to || family === undefined || family === "none") return undefined;
  if (asked.family !== "all" && family !== asked.family) return undefined;
  const { scored, held } = workout;
  if (scored === null) return { workout, n: 0, why: onlyOwner };
  const [hold] = held;
  if (hold !== undefined) return { workout, n: 0, why: `Held back: ${hold.because}` };
  return { workout, n: worth(scored, asked.measure), why: null };
}

function worth(scored: NonNullable<Workout["scored"]>, measure: MeasureName): number {
  if (measure === "distance") return scored.distanceMm ?? 0;
  return measure === "moving_time" ? scored.movingMs : 1;
}

/** Everything of the period was looked through: workouts come newest first. */
export function isLookedThrough(
  workouts: readonly Pick<Workout, "day">[],
  period: Period,
  hasMore: boolean,
): boolean {
  const last = workouts.at(-1);
  // A day more: what others see of a workout may be dated by another of its sources.
  return !hasMore || last === undefined || last.day < addDays(daysOfPeriod(period).from, -1);
}
