/**
 * Which record is to be believed, field by field: what measured it, whether it saw the whole
 * workout, and only then what merely parts equals. A candidate is one record, or the separate
 * records of one source taken together: two halves state one distance.
 */
import type { FactId } from "../identity.ts";
import { familyOf, isVague } from "./activity.ts";
import { isCopy, sharedMs, sourceOf } from "./pair.ts";
import { isRelayOf, relayedFrom } from "./relay.ts";
import type { Chosen } from "./resolved.ts";
import { heartRateSensors, methods, type WorkoutFact } from "./schema.ts";

/** A record that lasts this share of the longest saw the whole workout, in thousandths. */
const wholePermilleMin = 800;
/** Or one that went this share of the longest one's distance: the other was stopped late. */
const wholeDistancePermilleMin = 900;

export interface Candidate {
  readonly facts: readonly WorkoutFact[];
  readonly lead: WorkoutFact;
  readonly elapsedMs: number;
}

export type Field = "distanceMm" | "movingMs" | "energyMcal" | "elevationGainMm";

const method = (f: WorkoutFact) => methods.indexOf(f.method);
/** A copy tells what its original measured, so the original goes first. */
const copyRank = (f: WorkoutFact) => (f.copyOf === null && relayedFrom(f) === null ? 0 : 1);

/** Most trusted first. Identity, a digest that means nothing, only parts records alike in all. */
export const byTrust = (a: WorkoutFact, b: WorkoutFact): number =>
  method(a) - method(b) ||
  copyRank(a) - copyRank(b) ||
  Number(isVague(a.type)) - Number(isVague(b.type)) ||
  b.elapsedMs - a.elapsedMs ||
  a.at - b.at ||
  (a.provider < b.provider ? -1 : a.provider > b.provider ? 1 : 0) ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** On foot without a track, a distance is counted steps. */
const isEstimated = (f: WorkoutFact) =>
  f.hasTrack === false && ["run", "walk"].includes(familyOf(f.type));

/** How a record measured a field, best first, and in words. */
function grade(f: WorkoutFact, field: Field): readonly [rank: number, words: string] {
  if (f.method === "manual") return [6, "typed in by hand"];
  const by = f.method === "unknown" ? "a source that does not say by what" : `a ${f.method}`;
  const rank = { device: 0, phone: 2, unknown: 4 }[f.method];
  if (field !== "distanceMm") return [rank, `measured by ${by}`];
  if (isEstimated(f)) return [5, `estimated by ${by}, without GPS`];
  if (f.hasTrack === true) return [rank, `measured with GPS by ${by}`];
  return [rank + 1, `measured by ${by}`];
}

/** Every record, and every source's separate records as one. */
export function candidatesOf(facts: readonly WorkoutFact[]): Candidate[] {
  const bySource = new Map<string, WorkoutFact[]>();
  for (const f of facts) {
    const source = sourceOf(f);
    bySource.set(source, [...(bySource.get(source) ?? []), f]);
  }
  const together = [...bySource.values()].flatMap((own): Candidate[] => {
    const isPart = (a: WorkoutFact, b: WorkoutFact) => sharedMs(a, b) === 0 && !isCopy(a, b);
    const isSeparate = own.every((a) => own.every((b) => a === b || isPart(a, b)));
    const [lead] = [...own].sort(byTrust);
    if (own.length < 2 || !isSeparate || lead === undefined) return [];
    const inTime = [...own].sort((a, b) => a.at - b.at);
    return [{ facts: inTime, lead, elapsedMs: sum(own.map((f) => f.elapsedMs)) }];
  });
  return [...facts.map((f) => ({ facts: [f], lead: f, elapsedMs: f.elapsedMs })), ...together];
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

/** A sum is stated only when every part states it; zero means "not measured". */
function statedBy(c: Candidate, field: Field): number {
  const values = c.facts.map((f) => f[field] ?? 0);
  return values.every((n) => n > 0) ? sum(values) : 0;
}

/** Who saw the whole workout, among those that are not typed in, if there are any. */
export function wholes(candidates: readonly Candidate[]): ReadonlySet<Candidate> {
  const recorded = candidates.filter((c) => c.lead.method !== "manual");
  const trusted = recorded.length > 0 ? recorded : candidates;
  const far = (c: Candidate) => statedBy(c, "distanceMm");
  const [longest] = [...trusted].sort(
    (a, b) => b.elapsedMs - a.elapsedMs || far(b) - far(a) || byTrust(a.lead, b.lead),
  );
  if (longest === undefined) return new Set();
  const distance = far(longest);
  return new Set(
    candidates.filter(
      (c) =>
        c.elapsedMs * 1000 >= wholePermilleMin * longest.elapsedMs ||
        (distance > 0 && far(c) * 1000 >= wholeDistancePermilleMin * distance),
    ),
  );
}

/** Who tells when it began and ended: the most trusted that saw all of it, parts only for want. */
export function extentOf(
  candidates: readonly Candidate[],
  whole: ReadonlySet<Candidate>,
): Candidate | undefined {
  const [best] = candidates
    .filter((c) => whole.has(c))
    .sort((a, b) => a.facts.length - b.facts.length || byTrust(a.lead, b.lead));
  return best;
}

/**
 * A copy has nothing to say beside its original that saw all of it: what the copy knows better, such
 * as that there was a track, it has from there.
 */
const isSaidByOriginal = (
  { lead: copy }: Candidate,
  stating: readonly Candidate[],
  whole: ReadonlySet<Candidate>,
): boolean =>
  stating.some((candidate) => {
    const { lead } = candidate;
    if (!whole.has(candidate) || lead.method === "manual" || copyRank(lead) === 1) return false;
    return copy.copyOf === lead.originId || isRelayOf(copy, lead);
  });

/** The best statement of a field; null when nobody states it. */
export function choose(
  candidates: readonly Candidate[],
  whole: ReadonlySet<Candidate>,
  field: Field,
): Chosen<number> | null {
  const stated = candidates.filter((c) => statedBy(c, field) > 0);
  const stating = stated.filter((c) => !isSaidByOriginal(c, stated, whole));
  const [best] = stating.sort(
    (a, b) =>
      Number(whole.has(b)) - Number(whole.has(a)) ||
      grade(a.lead, field)[0] - grade(b.lead, field)[0] ||
      byTrust(a.lead, b.lead) ||
      b.facts.length - a.facts.length,
  );
  if (best === undefined) return null;
  const parts = best.facts.length > 1 ? `, the sum of ${best.facts.length} parts` : "";
  const only = stating.length === 1 && candidates.length > 1 ? "; nobody else states it" : "";
  return {
    value: statedBy(best, field),
    from: best.facts.map((f) => f.id),
    because: `${best.lead.provider}: ${grade(best.lead, field)[1]}${parts}${only}`,
  };
}

/** Whose heart rate to show first: a chest strap's, then a wrist's. */
export function heartRateOrder(ranked: readonly WorkoutFact[]): FactId[] {
  const sensor = (f: WorkoutFact) =>
    f.heartRateBy == null ? heartRateSensors.length : heartRateSensors.indexOf(f.heartRateBy);
  return [...ranked].sort((a, b) => sensor(a) - sensor(b)).map((f) => f.id);
}

/** Whose track to show first; not the ones that say they have none. */
export function trackOrder(ranked: readonly WorkoutFact[]): FactId[] {
  const maybe = ranked.filter((f) => f.hasTrack !== false);
  const knows = (f: WorkoutFact) => Number(f.hasTrack === true);
  return maybe.sort((a, b) => knows(b) - knows(a)).map((f) => f.id);
}
