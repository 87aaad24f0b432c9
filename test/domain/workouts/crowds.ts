/**
 * Arbitrary records of one person that crowd into a few hours, made from situations so that every
 * rule has its turn: mirrors, copies, halves, intervals, copies that a zone moved, vague, all-day
 * and typed-in records, twins and fragments, all beside and across each other.
 */
import fc from "fast-check";
import type { Decision } from "../../../domain/stream.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import {
  decide,
  fromApple,
  fromGarmin,
  fromGoogle,
  fromStrava,
  hour,
  minute,
  morning,
  type Shape,
  second,
  workout,
} from "./facts.ts";

const letters = [..."abcdefghijklmnop"];
const sources = [fromGarmin, fromGoogle, fromApple, fromStrava];

/** Everything but identity, in steps so coarse that equal starts, ends and values are common. */
const shapes = fc.record({
  source: fc.nat(3),
  app: fc.constantFrom(null, null, "watch"),
  at: fc.integer({ min: 0, max: 24 }).map((n) => morning + n * 10 * minute),
  elapsedMs: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }).map((n) => n * 10 * minute) },
    { weight: 1, arbitrary: fc.constantFrom(13 * hour, 59 * minute + 7 * second) },
  ),
  type: fc.constantFrom("cycling", "cycling", "running", "gravel_cycling", "hiking", "other"),
  method: fc.constantFrom("device", "device", "phone", "manual", "unknown"),
  movingMs: fc.constantFrom(null, 0, 20 * minute),
  distanceMm: fc.constantFrom(null, 0, 10_000_000, 20_000_000, 90_000_000),
  energyMcal: fc.constantFrom(null, 0, 400_000_000),
  elevationGainMm: fc.constantFrom(null, 0, 120_000),
  offsetMin: fc.constantFrom(null, 0, 60, -300),
  speedMmps: fc.constantFrom(null, null, 5556),
  hasTrack: fc.constantFrom(null, true, false),
  heartRateBy: fc.constantFrom(null, "strap", "wrist", "unknown"),
});

type Drawn = Omit<Shape, "id"> & { readonly source: number };
/** `n` varies a situation; the base's name is there for copies. */
type Situation = (base: Drawn, n: number, name: string) => Drawn[];

const lasting = (d: Drawn) => d.elapsedMs ?? hour;
const begun = (d: Drawn) => d.at ?? morning;
const other = (d: Drawn, n: number) => (d.source + 1 + (n % 3)) % 4;
const share = (value: number | null | undefined, parts: number) =>
  value == null ? null : Math.floor(value / parts);

/** So many equal pieces of a record, with `gapMs` between them. */
const cut = (base: Drawn, source: number, parts: number, gapMs: number): Drawn[] => {
  const each = Math.max(second, Math.floor(lasting(base) / parts) - gapMs);
  return Array.from({ length: parts }, (_, i) => ({
    ...base,
    source,
    at: begun(base) + i * (each + gapMs),
    elapsedMs: each,
    movingMs: share(base.movingMs, parts),
    distanceMm: share(base.distanceMm, parts),
  }));
};

const offsetsMin = [60, -120, 300, -330, 345, 840, 90];
const situations: Readonly<Record<string, Situation>> = {
  mirror: (b, n) => [{ ...b, source: other(b, n), at: begun(b) + (n % 4) * 20 * second }],
  copy: (b, n, name) => [{ ...b, source: other(b, n), copyOf: name, at: begun(b) + n * minute }],
  halves: (b, n) => cut(b, other(b, n), 2 + (n % 2), (n % 3) * minute),
  intervals: (b, n) => cut(b, b.source, 3, n * minute),
  shifted: (b, n) => [
    { ...b, source: other(b, n), at: begun(b) + (offsetsMin[n % 7] ?? 60) * minute },
  ],
  vague: (b, n) => [{ ...b, source: other(b, n), type: n % 2 ? "other" : "cardio" }],
  allDay: (b, n) => [
    { ...b, source: other(b, n), at: begun(b) - 5 * hour, elapsedMs: (13 + n) * hour },
  ],
  typed: (b, n) => [
    { ...b, source: other(b, n), method: "manual", at: begun(b) - n * 5 * minute, elapsedMs: hour },
  ],
  twin: (b, n) => [{ ...b, distanceMm: null, energyMcal: 400_000_000 + n }],
  fragment: (b, n) => [
    { ...b, source: other(b, n), at: begun(b) + 5 * minute, elapsedMs: (5 + n) * minute },
  ],
};

const bases = fc.record({
  base: shapes,
  told: fc.array(fc.tuple(fc.constantFrom(...Object.keys(situations)), fc.nat(11)), {
    maxLength: 3,
  }),
});

/** Up to sixteen records, named at random so that ties fall to either side. */
export const factSets: fc.Arbitrary<WorkoutFact[]> = fc
  .tuple(
    fc.shuffledSubarray(letters, { minLength: letters.length }),
    fc.array(bases, { maxLength: 4 }),
  )
  .map(([names, drawn]) => {
    const found: WorkoutFact[] = [];
    const add = ({ source, copyOf, ...shape }: Drawn) => {
      const id = names[found.length];
      if (id === undefined) return;
      const origin = copyOf == null ? null : `origin-${copyOf}`;
      found.push(workout({ ...shape, ...sources[source], id, copyOf: origin }));
    };
    for (const { base, told } of drawn as { base: Drawn; told: [string, number][] }[]) {
      const name = names[found.length] ?? "";
      add(base);
      for (const [kind, n] of told) situations[kind]?.(base, n, name).forEach(add);
    }
    return found;
  });

/** A set twice: as it is, and in another order with some of it said again. */
export const toldTwice = factSets.chain((facts) => fc.tuple(fc.constant(facts), reordered(facts)));

export const reordered = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...list], { minLength: list.length }),
      fc.shuffledSubarray([...list]),
    )
    .map(([all, again]) => [...all, ...again]);

/** What a member might decide about a set: some pairs joined, some split, some cleared. */
export const decisionsOn = (facts: readonly WorkoutFact[]): fc.Arbitrary<Decision[]> => {
  if (facts.length < 2) return fc.constant([]);
  const one = fc.tuple(
    fc.constantFrom("join", "join", "split", "split", "clear"),
    fc.shuffledSubarray(
      facts.map((f) => f.id as string),
      { minLength: 2, maxLength: Math.min(3, facts.length) },
    ),
    fc.integer({ min: 1, max: 3 }),
  );
  return fc
    .array(one, { maxLength: 3 })
    .map((drawn) =>
      drawn.map(([kind, ids, revision], i) =>
        decide(
          kind as Decision["decision"],
          kind === "split" ? [ids.slice(0, 1), ids.slice(1)] : [ids],
          { id: `dec_${i}`, revision },
        ),
      ),
    );
};

export const decidedSets = factSets.chain((facts) =>
  fc.tuple(fc.constant(facts), decisionsOn(facts)),
);
