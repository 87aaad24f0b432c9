/**
 * What is true of one workout: each field from the record that measured it best, with that record
 * and the reason kept beside the value. Unknown never wins, nor does a zero that means "not
 * measured". Deleting one source merges the rest anew. What others may see, and what scores, is
 * merged again from the countable sources alone.
 */
import type { FactId } from "../identity.ts";
import { offsetAt } from "../settings.ts";
import type { Revision, Settings } from "../stream.ts";
import { type Instant, localDate } from "../time.ts";
import { type ActivityType, familyOf, isExercise, isPlain, isVague } from "./activity.ts";
import {
  byTrust,
  candidatesOf,
  choose,
  extentOf,
  heartRateOrder,
  trackOrder,
  wholes,
} from "./fidelity.ts";
import type { Group } from "./group.ts";
import { endOf } from "./pair.ts";
import { holdsOn } from "./plausible.ts";
import { relayedFrom } from "./relay.ts";
import type { Chosen, ResolvedWorkout, Scored } from "./resolved.ts";
import { displayFields, type WorkoutFact } from "./schema.ts";
import { idOf } from "./workout-id.ts";

export function mergeWorkout(
  group: Group,
  settings: Settings,
  cleared: ReadonlyMap<FactId, Revision>,
): ResolvedWorkout {
  const ranked = rank(group.facts);
  const told = toldBy(ranked);
  const mayCount = othersSee(group.facts, settings.ownerOnly);
  const areAll = mayCount === group.facts;
  const countable = areAll ? ranked : rank(mayCount);
  const counted = countable.length === 0 ? null : areAll ? told : toldBy(countable);
  const stated = statedIn(ranked);
  const offsetMin = offsetIn(ranked, settings, told.at);
  const { anchor, verified: _, ...values } = told;
  return {
    id: idOf(anchor),
    toMs: told.at + told.elapsedMs,
    offsetMin,
    offsetFrom: stated === null ? "zone" : "source",
    day: localDate(told.at, offsetMin),
    family: familyOf(told.type),
    ...values,
    heartRate: heartRateOrder(ranked),
    track: trackOrder(ranked),
    scored: counted === null ? null : scoredOf(counted, offsetIn(countable, settings, counted.at)),
    held: holdsOn(counted ?? told, counted === null ? ranked : countable, cleared),
    sources: ranked.map(({ id, provider, type, at, elapsedMs, distanceMm, deviceModel, app }) => ({
      fact: id,
      provider,
      type,
      at,
      elapsedMs,
      distanceMm,
      deviceModel,
      app,
    })),
    joined: group.joined,
    apart: group.apart,
  };
}

/** Is all that this record says its owner's alone? `ownerOnly`: as `Settings` has it. */
export const isOwnersAlone = (
  fact: Pick<WorkoutFact, "provider" | "app">,
  ownerOnly: readonly string[],
): boolean =>
  ownerOnly.includes(fact.provider) || ownerOnly.includes(`${fact.provider}<${relayedFrom(fact)}`);

const statedIn = (ranked: readonly WorkoutFact[]): number | null =>
  ranked.find((f) => f.offsetMin !== null)?.offsetMin ?? null;
const offsetIn = (ranked: readonly WorkoutFact[], settings: Settings, at: Instant): number =>
  offsetAt(statedIn(ranked), settings, at);

/**
 * The same records where all of them count and nothing is kept from others; else those that are left,
 * without what is.
 */
function othersSee(
  facts: readonly WorkoutFact[],
  ownerOnly: readonly string[],
): readonly WorkoutFact[] {
  const isWhole = (fact: WorkoutFact) => !isExercise(fact.type) || isOwnersAlone(fact, ownerOnly);
  const isPart = ({ provider }: WorkoutFact) =>
    ownerOnly.some((of) => of.startsWith(`${provider}/`));
  if (!facts.some((fact) => isWhole(fact) || isPart(fact))) return facts;
  return facts.flatMap((fact) => {
    if (isWhole(fact)) return [];
    const kept = displayFields.filter((field) => ownerOnly.includes(`${fact.provider}/${field}`));
    return [{ ...fact, ...Object.fromEntries(kept.map((field) => [field, null])) }];
  });
}

/** Most trusted first, and the records that saw the whole workout before all others. */
function rank(facts: readonly WorkoutFact[]): WorkoutFact[] {
  const singles = facts.map((f) => ({ facts: [f], lead: f, elapsedMs: f.elapsedMs }));
  const whole = new Set([...wholes(singles)].map((c) => c.lead));
  return [...facts].sort((a, b) => Number(whole.has(b)) - Number(whole.has(a)) || byTrust(a, b));
}

/** Who says what it was: the most trusted that names it. */
const namedBy = (ranked: readonly WorkoutFact[]): WorkoutFact | undefined =>
  ranked.find((f) => !isVague(f.type)) ?? ranked[0];

/** The first named activity; then the finest label of it that any record has. */
function typeOf(ranked: readonly WorkoutFact[]): ActivityType {
  const named = ranked.filter((f) => !isVague(f.type));
  const first = namedBy(ranked);
  if (first === undefined) return "other";
  if (named.some((f) => f.type === "e_biking") && familyOf(first.type) === "ride")
    return "e_biking";
  const same = named.filter((f) => familyOf(f.type) === familyOf(first.type));
  return (same.find((f) => !isPlain(f.type)) ?? first).type;
}

/** By something that measures; where a source does not say by what, it may have been by hand. */
const isRecorded = ({ method }: WorkoutFact): boolean => method === "device" || method === "phone";

/** What these records, most trusted first, say of the workout. */
function toldBy(ranked: readonly WorkoutFact[]) {
  const candidates = candidatesOf(ranked);
  const whole = wholes(candidates);
  const extent = extentOf(candidates, whole);
  const [anchor] = ranked;
  if (anchor === undefined || extent === undefined) throw new Error("a group has a fact");
  const at = Math.min(...extent.facts.map((f) => f.at));
  const spent: Chosen<number> = {
    value: extent.elapsedMs,
    from: extent.facts.map((f) => f.id),
    because:
      "no source that saw all of it states the moving time, so the elapsed time stands for it",
  };
  // Who saw a part of it cannot say how long all of it took.
  const moving = choose([...whole], whole, "movingMs") ?? spent;
  const distance = choose(candidates, whole, "distanceMm");
  const telling = [...spent.from, ...moving.from, ...(distance?.from ?? []), namedBy(ranked)?.id];
  return {
    anchor: anchor.id,
    at,
    type: typeOf(ranked),
    elapsedMs: Math.max(...extent.facts.map(endOf)) - at,
    moving,
    distance,
    verified: ranked.every((f) => isRecorded(f) || !telling.includes(f.id)),
    energy: choose(candidates, whole, "energyMcal"),
    elevationGain: choose(candidates, whole, "elevationGainMm"),
  };
}

/** The same as plain numbers, for those that others may see. */
const scoredOf = (counted: ReturnType<typeof toldBy>, offsetMin: number): Scored => ({
  id: idOf(counted.anchor),
  at: counted.at,
  offsetMin,
  day: localDate(counted.at, offsetMin),
  type: counted.type,
  elapsedMs: counted.elapsedMs,
  movingMs: counted.moving.value,
  distanceMm: counted.distance?.value ?? null,
  energyMcal: counted.energy?.value ?? null,
  elevationGainMm: counted.elevationGain?.value ?? null,
  verified: counted.verified,
});
