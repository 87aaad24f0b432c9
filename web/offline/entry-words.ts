/** What an entry says, read back from what will be sent: nothing else of it is kept. */
import type { SyncBody, SyncSample, SyncWorkout } from "../../client/sync-body.ts";
import { isMetric, metricOf } from "../../domain/samples/metrics.ts";
import { moment, number } from "../design/format.ts";
import { workoutKinds } from "./hand-made.ts";

const prefix = /^HKWorkoutActivityType/;

function ofWorkout({ workoutActivityType, totalDistance, startDate }: SyncWorkout): string {
  const word = workoutActivityType.replace(prefix, "");
  const kind = workoutKinds.find(({ id }) => id === word)?.name ?? "Workout";
  const length = totalDistance && `${number(totalDistance.value, 2)} ${totalDistance.unit}`;
  return [kind, length, moment(startDate)].filter((part) => part !== undefined).join(", ");
}

const shownUnits: Readonly<Record<string, string>> = { Cel: "°C", count: "" };

function ofSample({ type, value, unit = "", startDate }: SyncSample): string {
  const title = isMetric(type) ? metricOf(type).title : type;
  const amount = typeof value === "number" ? ` ${value} ${shownUnits[unit] ?? unit}`.trimEnd() : "";
  return `${title}${amount}, ${moment(startDate)}`;
}

/** "Weight 71.3 kg, 22 Nov 2026, 08:00". */
export function entryWords(body: string): string {
  const { workouts = [], samples = [] } = JSON.parse(body) as SyncBody;
  return [...workouts.map(ofWorkout), ...samples.map(ofSample)].join(" · ");
}
