/**
 * What is true of one workout: each field from the record that measured it best, with that record
 * kept beside the value. Unknown never wins, nor does a zero that means "not measured". Deleting
 * one source merges the rest anew.
 */
import { offsetAt } from "../settings.ts";
import type { Settings } from "../stream.ts";
import { localDate } from "../time.ts";
import { familyOf } from "./activity.ts";
import type { Group } from "./group.ts";
import type { Chosen, ResolvedWorkout } from "./resolved.ts";
import { methods, type WorkoutFact } from "./schema.ts";

const trust = (f: WorkoutFact) => methods.indexOf(f.method);
/** A copy tells what its original measured, so the original goes first. */
const copyRank = (f: WorkoutFact) => (f.copyOf === null ? 0 : 1);

/**
 * Most trusted first: what measured it, originals before copies, then the fuller record and the one
 * that began earlier. Identity, a digest that means nothing, only parts records alike in all that.
 */
const byTrust = (a: WorkoutFact, b: WorkoutFact) =>
  trust(a) - trust(b) ||
  copyRank(a) - copyRank(b) ||
  b.elapsedMs - a.elapsedMs ||
  a.at - b.at ||
  (a.provider < b.provider ? -1 : a.provider > b.provider ? 1 : 0) ||
  (a.id < b.id ? -1 : 1);

function choose(
  ranked: readonly WorkoutFact[],
  value: (f: WorkoutFact) => number | null,
): Chosen<number> | null {
  for (const fact of ranked) {
    const n = value(fact);
    if (n !== null && n > 0) return { value: n, from: fact.id };
  }
  return null;
}

export function mergeWorkout(group: Group, settings: Settings): ResolvedWorkout {
  const ranked = [...group.facts].sort(byTrust);
  const [anchor] = ranked;
  if (anchor === undefined) throw new Error("a group has at least one fact");
  const type = ranked.find((f) => f.type !== "other")?.type ?? "other";
  const stated = ranked.find((f) => f.offsetMin !== null)?.offsetMin ?? null;
  const offsetMin = offsetAt(stated, settings, anchor.at);
  const moving = choose(ranked, (f) => f.movingMs);
  return {
    id: `w_${anchor.id.slice(0, 26)}`,
    at: anchor.at,
    toMs: anchor.at + anchor.elapsedMs,
    offsetMin,
    offsetFrom: stated === null ? "zone" : "source",
    day: localDate(anchor.at, offsetMin),
    type,
    family: familyOf(type),
    elapsedMs: anchor.elapsedMs,
    moving: moving ?? { value: anchor.elapsedMs, from: anchor.id },
    distance: choose(ranked, (f) => f.distanceMm),
    energy: choose(ranked, (f) => f.energyMcal),
    elevationGain: choose(ranked, (f) => f.elevationGainMm),
    sources: ranked.map((f) => ({
      fact: f.id,
      provider: f.provider,
      type: f.type,
      at: f.at,
      elapsedMs: f.elapsedMs,
      distanceMm: f.distanceMm,
      deviceModel: f.deviceModel,
      app: f.app,
    })),
    joined: group.joined,
    apart: group.apart,
  };
}
