/** Hand-made workout facts and decisions, with what reads a resolution in tests. */
import { expect } from "vitest";
import { noSettings } from "../../../domain/settings.ts";
import type { Decision, Settings } from "../../../domain/stream.ts";
import { type Group, groupWorkouts } from "../../../domain/workouts/group.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { type WorkoutFact, workoutSchema } from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
/** A Saturday morning. */
export const morning = Date.UTC(2026, 10, 14, 9);

export type Shape = Omit<Partial<WorkoutFact>, "id" | "connection" | "originId" | "copyOf"> & {
  readonly id?: string;
  readonly connection?: string;
  readonly originId?: string;
  readonly copyOf?: string | null;
};

/** One hour's ride of 20 km from `garmin`, but for what `shape` says; it obeys the schema. */
export function workout(shape: Shape = {}): WorkoutFact {
  const id = shape.id ?? "a";
  return workoutSchema.parse({
    revision: 1,
    at: morning,
    member: "mem_1",
    connection: "con_garmin",
    provider: "garmin",
    originId: `origin-${id}`,
    copyOf: null,
    type: "cycling",
    elapsedMs: hour,
    movingMs: null,
    distanceMm: 20_000_000,
    energyMcal: null,
    elevationGainMm: null,
    offsetMin: 60,
    method: "device",
    deviceModel: null,
    app: null,
    ...shape,
    id,
  });
}

export const fromGarmin = { connection: "con_garmin", provider: "garmin" };
export const fromGoogle = { connection: "con_google", provider: "google-health" };
export const fromApple = { connection: "con_apple", provider: "apple-health" };
/** Where a test says so, its values may be seen by their owner only. */
export const fromStrava = { connection: "con_strava", provider: "strava" };

export function decide(
  decision: Decision["decision"],
  sides: readonly (readonly string[])[],
  shape: { readonly id?: string; readonly revision?: number } = {},
): Decision {
  const { id = `dec_${decision}`, revision = 1 } = shape;
  const revisions = sides.flat().map(() => 1);
  return { id, revision, at: morning, decision, sides, revisions } as unknown as Decision;
}

export const withSettings = (given: {
  readonly zone?: string;
  readonly ownerOnly?: readonly string[];
}): Settings => ({
  zones: given.zone === undefined ? [] : [{ zone: given.zone, fromMs: 0 }],
  ownerOnly: given.ownerOnly ?? [],
});

export const resolveOf = (
  facts: readonly WorkoutFact[],
  settings: Settings = noSettings,
  decisions: readonly Decision[] = [],
): ResolvedWorkout[] => workouts.resolve?.of(facts, settings, decisions) ?? [];

/** All of them as the one workout that they are. */
export function oneOf(facts: readonly WorkoutFact[], settings?: Settings): ResolvedWorkout {
  const resolved = resolveOf(facts, settings);
  expect(resolved).toHaveLength(1);
  return resolved[0] as ResolvedWorkout;
}

export const idsOf = (groups: readonly Group[]): string[][] =>
  groups.map((g) => g.facts.map((f) => f.id as string).sort()).sort((a, b) => order(a, b));
export const grouped = (...facts: WorkoutFact[]): string[][] => idsOf(groupWorkouts(facts));
export const idsIn = (resolved: readonly ResolvedWorkout[]): string[][] =>
  resolved.map((w) => w.sources.map((s) => s.fact as string).sort()).sort(order);
const order = (a: readonly string[], b: readonly string[]) =>
  a.join() < b.join() ? -1 : a.join() > b.join() ? 1 : 0;

export const groupWith = (groups: readonly Group[], id: string): Group =>
  groups.find((g) => g.facts.some((f) => f.id === id)) ?? { facts: [], joined: [], apart: [] };

export const pairsIn = <T>(list: readonly T[]): [T, T][] =>
  list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));

/** What a person reads: whose records, what they did, and what follows; one full sentence. */
export const sentence =
  /^(The member said that )?[a-z-]+'s [a-z ]+( of [\d:]{8} UTC)? and [a-z-]+'s [a-z ]+( of [\d:]{8} UTC)? [a-z][^.]*\.( But [^.]+\.)?$/;
