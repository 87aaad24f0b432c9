/**
 * What is held back from boards: faster, farther or longer than anyone has gone, a distance that
 * its own source's speed contradicts, and time that another workout already counts. Held workouts
 * stay in their owner's list and say why; a better source clears them by being chosen, an operator
 * by a decision. Limits lie a little above the records, for measuring errors.
 */
import type { FactId } from "../identity.ts";
import type { Revision } from "../stream.ts";
import { type ActivityFamily, type ActivityType, familyOf, isVague, kinship } from "./activity.ts";
import { allDayMs, insidePermilleMin } from "./pair.ts";
import type { Chosen, Hold, ResolvedWorkout, Scored } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";

const minutes = (n: number) => n * 60_000;
const hours = (n: number) => n * 3_600_000;

type Limit = readonly [fromMs: number, mps: number];
/**
 * From a duration on, no faster than this on average. After world records as of 2025: on foot 100 m
 * to 24 h (World Athletics, IAU), race walking, the cycling hour and 24 h (UCI, UMCA), swimming and
 * rowing (World Aquatics, World Rowing, Concept2), speed skiing (FIS).
 */
const fastest: Readonly<Partial<Record<ActivityFamily, readonly Limit[]>>> = {
  run: [
    [0, 12.5],
    [minutes(1), 9.5],
    [minutes(4), 7.6],
    [minutes(30), 6.4],
    [hours(2), 6.0],
    [hours(6), 4.8],
    [hours(24), 3.8],
  ],
  walk: [
    [0, 7],
    [minutes(10), 4.8],
    [hours(6), 4],
  ],
  ride: [
    [0, 38],
    [minutes(10), 26],
    [minutes(30), 20],
    [hours(1), 17.5],
    [hours(5), 14.5],
    [hours(24), 12],
  ],
  e_ride: [
    [0, 38],
    [hours(1), 20],
  ],
  swim: [
    [0, 2.8],
    [minutes(10), 2.2],
    [hours(1), 2],
  ],
  row: [
    [0, 8],
    [minutes(10), 6.6],
    [hours(1), 5.6],
  ],
  ski: [
    [0, 72],
    [minutes(10), 35],
    [hours(1), 16],
  ],
};
const fastestOtherwise: readonly Limit[] = [[0, 40]];

/** No single workout went farther than this, in kilometres. */
const farthestKm: Readonly<Partial<Record<ActivityFamily, number>>> = {
  run: 1100,
  walk: 900,
  ride: 4000,
  swim: 260,
  row: 400,
};
/** Six days of moving: nobody has kept that up in one workout. */
const movingMsMax = hours(144);
/** A stated average speed and the one that follows differ at most by this factor. */
const speedFactorMax = 1.5;

export interface Claim {
  readonly type: ActivityType;
  readonly elapsedMs: number;
  readonly moving: Chosen<number>;
  readonly distance: Chosen<number> | null;
}

/** What speaks against counting it; nothing when an operator cleared what its sources say now. */
export function holdsOn(
  claim: Claim,
  facts: readonly WorkoutFact[],
  cleared: ReadonlyMap<FactId, Revision>,
): Hold[] {
  const sources = new Set([...claim.moving.from, ...(claim.distance?.from ?? [])]);
  const stating = facts.filter((f) => sources.has(f.id));
  if (stating.every((f) => cleared.get(f.id) === f.revision)) return [];
  const fast = tooFast(claim) ?? partsTooFast(claim, facts);
  return [fast, tooFar(claim), tooLong(claim), disagreeing(claim, facts)].filter(
    (hold) => hold !== null,
  );
}

const kmh = (mps: number) => `${(mps * 3.6).toFixed(1)} km/h`;
const mpsOf = (mm: number, ms: number) => mm / ms;

const limitMps = (type: ActivityType, movingMs: number) =>
  (fastest[familyOf(type)] ?? fastestOtherwise).findLast(([fromMs]) => movingMs >= fromMs)?.[1] ??
  0;

const fasterThanAnyone = (mps: number, limit: number): Hold => ({
  rule: "too-fast",
  because: `${kmh(mps)} on average over that time is faster than anyone has gone (${kmh(limit)}).`,
});

function tooFast({ type, moving, distance }: Claim): Hold | null {
  const limit = limitMps(type, moving.value);
  const speed = mpsOf(distance?.value ?? 0, Math.max(1, moving.value));
  return speed <= limit ? null : fasterThanAnyone(speed, limit);
}

/** Slow company clears nobody: every record that the distance is summed from is judged by itself. */
function partsTooFast({ type, distance }: Claim, facts: readonly WorkoutFact[]): Hold | null {
  const from = distance?.from ?? [];
  for (const f of from.length < 2 ? [] : facts.filter(({ id }) => from.includes(id))) {
    const hold = tooFast({
      type,
      elapsedMs: f.elapsedMs,
      moving: { value: f.movingMs ?? f.elapsedMs, from: [f.id], because: "" },
      distance: { value: f.distanceMm ?? 0, from: [f.id], because: "" },
    });
    if (hold !== null) return hold;
  }
  return null;
}

function tooFar({ type, distance }: Claim): Hold | null {
  const mostKm = farthestKm[familyOf(type)];
  const km = (distance?.value ?? 0) / 1_000_000;
  if (mostKm === undefined || km <= mostKm) return null;
  return {
    rule: "too-far",
    because: `${Math.round(km)} km is farther than anyone has gone at once.`,
  };
}

function tooLong({ type, moving, elapsedMs }: Claim): Hold | null {
  if (moving.value > movingMsMax)
    return { rule: "too-long", because: "Nobody has moved for that long in one workout." };
  if (!isVague(type) || elapsedMs < allDayMs) return null;
  return { rule: "too-long", because: "It runs all day and does not say what was done." };
}

/** The source of the distance also states an average speed: do the two tell the same story? */
function disagreeing({ distance }: Claim, facts: readonly WorkoutFact[]): Hold | null {
  const source = facts.find((f) => f.id === distance?.from[0]);
  if (source?.speedMmps == null || source.speedMmps === 0 || source.distanceMm === null)
    return null;
  const stated = source.speedMmps / 1000;
  const speed = mpsOf(source.distanceMm, Math.max(1, source.movingMs ?? source.elapsedMs));
  // A slower one is no contradiction: some average over the lengths swum, without the rests.
  if (speed <= stated * speedFactorMax) return null;
  const because = `Its distance and time make ${kmh(speed)}, but its source states ${kmh(stated)} on average.`;
  return { rule: "speed-disagrees", because };
}

/**
 * A whole is believed over what lies in it when it went this much farther, or when they fill so
 * much of its time, in thousandths. Else it is a device that was never stopped.
 */
const fartherPermille = 1250;
const filledPermilleMin = 500;

/**
 * Where one workout holds two or more others, their time would count twice: one side is held. What
 * counts nothing, being held already or its owner's alone, takes no time from another. Others see
 * what is held by what they no longer see counted: so it goes by what they may see alone.
 */
export function holdOverlaps(resolved: readonly ResolvedWorkout[]): ResolvedWorkout[] {
  const held = new Map<Scored, Hold>();
  const counting = resolved.flatMap(({ scored, held: already }) =>
    scored === null || already.length > 0 ? [] : [scored],
  );
  for (const whole of counting) {
    const inner = counting.filter((one) => one !== whole && liesIn(whole, one));
    if (inner.length < 2) continue;
    const sumMm = inner.reduce((sum, one) => sum + (one.distanceMm ?? 0), 0);
    const isWider = (whole.distanceMm ?? 0) * 1000 > sumMm * fartherPermille;
    const spentMs = inner.reduce((sum, one) => sum + one.elapsedMs, 0);
    const isFilled = spentMs * 1000 >= filledPermilleMin * whole.elapsedMs;
    if (isVague(whole.type) || !(isWider || isFilled)) {
      const because = `Its time is counted by the ${inner.length} workouts that lie in it.`;
      held.set(whole, { rule: "counted-elsewhere", because });
    } else
      for (const one of inner) {
        const because = "Its time is counted by a longer workout that it lies in.";
        held.set(one, { rule: "counted-elsewhere", because });
      }
  }
  return resolved.map((w) => {
    const hold = w.scored === null ? undefined : held.get(w.scored);
    return hold === undefined ? w : { ...w, held: [...w.held, hold] };
  });
}

function liesIn(whole: Scored, one: Scored): boolean {
  if (one.elapsedMs >= whole.elapsedMs || isVague(one.type)) return false;
  if (!isVague(whole.type) && kinship(whole.type, one.type) !== "alike") return false;
  const toMs = Math.min(whole.at + whole.elapsedMs, one.at + one.elapsedMs);
  const sharedMs = toMs - Math.max(whole.at, one.at);
  return sharedMs * 1000 >= insidePermilleMin * one.elapsedMs;
}
