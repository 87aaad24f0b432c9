/**
 * A resolved workout as the API shows it: to its owner every value with its source and reason, to
 * others only what may be shown of it, and to operators, of what is held, all that may be.
 */
import * as z from "zod";
import { formatMoment } from "../../domain/time.ts";
import { asOthersSee } from "../../domain/workouts/others.ts";
import type { Chosen, Reason, ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import { idOf } from "../../domain/workouts/workout-id.ts";
import { ownerOnlyProviders } from "../../providers/index.ts";

const chosen = z.object({
  value: z.number().int(),
  from: z.array(z.string()).describe("The records it was taken from; several when it is a sum."),
  because: z.string(),
});
const reason = z.object({
  records: z.tuple([z.string(), z.string()]),
  rule: z.string(),
  overlap: z.number().describe("Share of the shorter record's time, 0 to 1."),
  because: z.string(),
});

const scored = z.object({
  type: z.string(),
  start: z.string(),
  elapsedMs: z.number().int(),
  movingMs: z.number().int(),
  distanceMm: z.number().int().nullable(),
  energyMcal: z.number().int().nullable(),
  elevationGainMm: z.number().int().nullable(),
  verified: z.boolean().describe("Recorded by a device, not entered by hand."),
});

export const othersShape = scored.extend({ id: z.string() }).meta({ id: "OthersWorkout" });

export const workoutShape = z
  .object({
    id: z.string(),
    aliases: z.array(z.string()).describe("Ids that its other records would go by; they redirect."),
    type: z.string(),
    family: z.string(),
    start: z.string(),
    end: z.string(),
    offsetFrom: z.enum(["source", "zone"]),
    day: z.string(),
    elapsedMs: z.number().int(),
    movingMs: chosen,
    distanceMm: chosen.nullable(),
    energyMcal: chosen.nullable(),
    elevationGainMm: chosen.nullable(),
    readings: z
      .object({ heartRate: z.array(z.string()), track: z.array(z.string()) })
      .describe("Whose sealed readings are shown, best first; nothing was opened to tell."),
    scored: scored
      .nullable()
      .describe("What others may see and boards count; null when no source of it may be shown."),
    held: z
      .array(z.object({ rule: z.string(), because: z.string() }))
      .describe("Why it is held back from boards; empty when it counts."),
    sources: z.array(
      z.object({
        record: z.string(),
        provider: z.string(),
        type: z.string(),
        start: z.string(),
        elapsedMs: z.number().int(),
        distanceMm: z.number().int().nullable(),
        deviceModel: z.string().nullable(),
        app: z.string().nullable(),
      }),
    ),
    joined: z.array(reason).describe("What made its records one."),
    apart: z.array(reason).describe("Records nearby that are another workout, and why."),
  })
  .meta({ id: "Workout" });

const reasonOf = ({ a, b, rule, overlapPermille, because }: Reason) => ({
  records: [a, b] as [string, string],
  rule,
  overlap: overlapPermille / 1000,
  because,
});

const chosenOf = ({ value, from, because }: Chosen<number>) => ({
  value,
  from: [...from],
  because,
});
const orNull = (c: Chosen<number> | null) => (c === null ? null : chosenOf(c));

function scoredOf({ scored }: ResolvedWorkout) {
  if (scored === null) return null;
  const { id: _id, at, offsetMin, day: _day, ...values } = scored;
  return { ...values, start: formatMoment(at, offsetMin) };
}

export const shownWorkout = (w: ResolvedWorkout): z.output<typeof workoutShape> => ({
  id: w.id,
  aliases: w.sources.slice(1).map((s) => idOf(s.fact)),
  type: w.type,
  family: w.family,
  start: formatMoment(w.at, w.offsetMin),
  end: formatMoment(w.toMs, w.offsetMin),
  offsetFrom: w.offsetFrom,
  day: w.day,
  elapsedMs: w.elapsedMs,
  movingMs: chosenOf(w.moving),
  distanceMm: orNull(w.distance),
  energyMcal: orNull(w.energy),
  elevationGainMm: orNull(w.elevationGain),
  readings: { heartRate: [...w.heartRate], track: [...w.track] },
  scored: scoredOf(w),
  held: w.held.map((hold) => ({ ...hold })),
  sources: w.sources.map((s) => ({
    record: s.fact,
    provider: s.provider,
    type: s.type,
    start: formatMoment(s.at, w.offsetMin),
    elapsedMs: s.elapsedMs,
    distanceMm: s.distanceMm,
    deviceModel: s.deviceModel,
    app: s.app,
  })),
  joined: w.joined.map(reasonOf),
  apart: w.apart.map(reasonOf),
});

/** In full, but for what is its owner's alone. */
export function shownToOperators(w: ResolvedWorkout): z.output<typeof workoutShape>[] {
  const seen = asOthersSee(w, ownerOnlyProviders);
  return seen === null ? [] : [shownWorkout(seen)];
}

/** None when no source of it may be shown to others; by an id that comes of what is shown. */
export function shownToOthers(w: ResolvedWorkout): z.output<typeof othersShape>[] {
  const seen = scoredOf(w);
  return seen === null || w.scored === null ? [] : [{ id: w.scored.id, ...seen }];
}
