/**
 * A resolved workout for eyes that are not its owner's: the same shape, but of records that are their
 * owner's alone nothing is left, neither a value, nor a time, nor a reason that names one. What was
 * drawn from them is replaced by what others may see (`scored`), without saying whose it is.
 */
import { familyOf } from "./activity.ts";
import { isOwnersAlone } from "./merge.ts";
import type { Chosen, ResolvedWorkout, Source } from "./resolved.ts";

const because = "drawn from the records that others may see";

/** Null: to others it is not there. `ownerOnly`: as `Settings` has it. */
export function asOthersSee(
  w: ResolvedWorkout,
  ownerOnly: readonly string[],
): ResolvedWorkout | null {
  const { scored } = w;
  if (scored === null) return null;
  const seen = w.sources.filter((source) => !isOwnersAlone(source, ownerOnly));
  const ids = new Set<string>(seen.map(({ fact }) => fact));
  const isPlain =
    seen.length === w.sources.length &&
    !seen.some(({ provider }) => ownerOnly.some((of) => of.startsWith(`${provider}/`)));
  // What is apart from it may be its owner's alone, and its reason says when that was.
  if (isPlain) return { ...w, apart: [] };
  const drawn = (value: number): Chosen<number> => ({ value, from: [], because });
  const orNull = (value: number | null) => (value === null ? null : drawn(value));
  const { id, at, offsetMin, day, type, elapsedMs } = scored;
  return {
    ...{ id, at, offsetMin, day, type, elapsedMs, scored, held: w.held },
    toMs: at + elapsedMs,
    // Whether any of the others stated it was not kept.
    offsetFrom: "source",
    family: familyOf(type),
    moving: drawn(scored.movingMs),
    distance: orNull(scored.distanceMm),
    energy: orNull(scored.energyMcal),
    elevationGain: orNull(scored.elevationGainMm),
    heartRate: w.heartRate.filter((fact) => ids.has(fact)),
    track: w.track.filter((fact) => ids.has(fact)),
    sources: seen.map((source) => withoutOwn(source, ownerOnly)),
    joined: w.joined.filter(({ a, b }) => ids.has(a) && ids.has(b)),
    apart: [],
  };
}

const withoutOwn = (source: Source, ownerOnly: readonly string[]): Source =>
  ownerOnly.includes(`${source.provider}/distanceMm`) ? { ...source, distanceMm: null } : source;
