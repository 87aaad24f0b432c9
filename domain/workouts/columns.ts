/**
 * What the archive shows of a resolved workout: open values only, as columns that any engine reads.
 * `scored_…` is what boards count, null where no source may be counted; a held workout counts
 * nothing, whatever it scored. Day and time of a row are the countable sources' too, where there
 * are any.
 */
import type { Column } from "../stream.ts";
import { familyOf } from "./activity.ts";
import type { ResolvedWorkout } from "./resolved.ts";

type Of<T> = (workout: ResolvedWorkout) => T;

const text = (name: string, of: Of<string | null>): Column<ResolvedWorkout> => ({
  name,
  type: "text",
  of,
});
const integer = (name: string, of: Of<number | null>): Column<ResolvedWorkout> => ({
  name,
  type: "integer",
  of,
});

export const workoutColumns: readonly Column<ResolvedWorkout>[] = [
  text("type", (w) => w.type),
  text("family", (w) => w.family),
  integer("elapsed_ms", (w) => w.elapsedMs),
  integer("moving_ms", (w) => w.moving.value),
  integer("distance_mm", (w) => w.distance?.value ?? null),
  integer("energy_mcal", (w) => w.energy?.value ?? null),
  integer("elevation_gain_mm", (w) => w.elevationGain?.value ?? null),
  integer("sources", (w) => w.sources.length),
  { name: "held", type: "boolean", of: (w) => w.held.length > 0 },
  text("scored_type", ({ scored }) => scored?.type ?? null),
  text("scored_family", ({ scored }) => (scored === null ? null : familyOf(scored.type))),
  integer("scored_elapsed_ms", ({ scored }) => scored?.elapsedMs ?? null),
  integer("scored_moving_ms", ({ scored }) => scored?.movingMs ?? null),
  integer("scored_distance_mm", ({ scored }) => scored?.distanceMm ?? null),
];
