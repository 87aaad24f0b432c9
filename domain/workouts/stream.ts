/** Workouts: the same ride from three providers is one workout, and counts once. */
import { offsetAt } from "../settings.ts";
import type { Measure, Settings, Stream } from "../stream.ts";
import { localDate } from "../time.ts";
import { groupWorkouts } from "./group.ts";
import { mergeWorkout } from "./merge.ts";
import type { ResolvedWorkout } from "./resolved.ts";
import { type WorkoutFact, workoutSchema, workoutSeal } from "./schema.ts";

/** Every value counts on the board of all activities and on its family's. */
const perFamily = (w: ResolvedWorkout, n: number): [string, number][] => [
  ["all", n],
  [w.family, n],
];

const measure = (
  name: string,
  value: (w: ResolvedWorkout) => number,
): Measure<ResolvedWorkout> => ({
  name,
  open: true,
  fold: "sum",
  of: (w) => perFamily(w, value(w)),
});

export const workouts: Stream<WorkoutFact, ResolvedWorkout> = {
  name: "workouts",
  schema: workoutSchema,
  shard: (f) => f.member,
  person: (f) => f.member,
  seal: workoutSeal,
  raw: "sealed",
  day: (f, settings) => localDate(f.at, offsetAt(f.offsetMin, settings, f.at)),
  buckets: 16,
  resolve: {
    where: "ledger",
    reachDays: 9,
    span: (f) => ({ fromMs: f.at, toMs: f.at + f.elapsedMs }),
    of: (facts: readonly WorkoutFact[], settings: Settings) =>
      groupWorkouts(facts)
        .map((group) => mergeWorkout(group, settings))
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
    id: (w) => w.id,
    at: (w) => w.at,
    day: (w) => w.day,
    spanOf: (w) => ({
      fromMs: Math.min(...w.sources.map((s) => s.at)),
      toMs: Math.max(...w.sources.map((s) => s.at + s.elapsedMs)),
    }),
  },
  measures: [
    measure("distance", (w) => w.distance?.value ?? 0),
    measure("moving_time", (w) => w.moving.value),
    measure("count", () => 1),
  ],
  keep: { days: 36_500 },
};
