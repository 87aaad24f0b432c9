/** Hand-made workout facts, and arbitrary sets of them that crowd into the same few hours. */
import fc from "fast-check";
import { type WorkoutFact, workoutSchema } from "../../../domain/workouts/schema.ts";

export const minute = 60_000;
export const hour = 60 * minute;
/** A Saturday morning. */
export const morning = Date.UTC(2026, 10, 14, 9);

type Shape = Omit<Partial<WorkoutFact>, "id" | "connection" | "originId" | "copyOf"> & {
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

const letters = [..."abcdefghijkl"];

/** Everything but identity, in steps so coarse that equal starts, ends and values are common. */
export const shapes = fc.record({
  source: fc.constantFrom(fromGarmin, fromGoogle, fromApple),
  app: fc.constantFrom(null, null, "watch"),
  at: fc.integer({ min: 0, max: 24 }).map((n) => morning + n * 10 * minute),
  elapsedMs: fc.integer({ min: 1, max: 12 }).map((n) => n * 10 * minute),
  type: fc.constantFrom("cycling", "cycling", "running", "gravel_cycling", "other"),
  method: fc.constantFrom("device", "phone", "manual", "unknown"),
  movingMs: fc.constantFrom(null, 0, 20 * minute),
  distanceMm: fc.constantFrom(null, 0, 10_000_000, 20_000_000),
  energyMcal: fc.constantFrom(null, 0, 400_000_000),
  elevationGainMm: fc.constantFrom(null, 0, 120_000),
  offsetMin: fc.constantFrom(null, 0, 60, -300),
  copyOf: fc.option(fc.constantFrom(...letters), { freq: 6 }),
});

export const factSets: fc.Arbitrary<WorkoutFact[]> = fc
  .tuple(fc.shuffledSubarray(letters), fc.array(shapes, { minLength: 12, maxLength: 12 }))
  .map(([ids, drawn]) =>
    ids.map((id, i) => {
      const { source, copyOf, ...shape } = drawn[i] as (typeof drawn)[number];
      const origin = copyOf === null || copyOf === id ? null : `origin-${copyOf}`;
      return workout({ ...shape, ...source, id, copyOf: origin } as Shape);
    }),
  );

/** A set twice: as it is, and in another order with some of it said again. */
export const toldTwice = factSets.chain((facts) =>
  fc.tuple(
    fc.constant(facts),
    fc
      .tuple(fc.shuffledSubarray(facts, { minLength: facts.length }), fc.shuffledSubarray(facts))
      .map(([all, again]) => [...all, ...again]),
  ),
);
