/**
 * Several separate records inside one. A single continuous record of the same activity by another
 * source makes them its parts if they cover it almost entirely: one ride, two halves. Otherwise it
 * is none of them: a device that was never stopped, a triathlon's record of the whole, a walk that
 * holds three errands. Then it stands alone, and joins nothing together.
 */
import { isVague, kinship } from "./activity.ts";
import {
  agree,
  areSeparate,
  byId,
  endOf,
  insidePermilleMin,
  longerOf,
  type Pair,
  sharedMs,
  sourceOf,
} from "./pair.ts";
import type { WorkoutFact } from "./schema.ts";

/** "Almost entirely", in thousandths of the whole's elapsed time. */
const coveredPermilleMin = 800;
/** With pauses left out of the parts: this much, if moving time and distance add up as well. */
const sparselyCoveredPermilleMin = 500;
const addsUpPermille = 60;
/** One record that fills this much of the whole is the whole, whatever else lies in it. */
const dominantPermilleMin = 600;
const dominantOverVaguePermilleMin = 850;

/** What is said of a pair because of others: it is a part, or the whole is not for it. */
export interface Standing {
  readonly whole: WorkoutFact;
  readonly inner: readonly WorkoutFact[];
  readonly part: boolean;
}

/** Judges every record that holds two or more separate ones. */
export function standings(facts: readonly WorkoutFact[], pairs: readonly Pair[]): Standing[] {
  const within = new Map<WorkoutFact, WorkoutFact[]>();
  for (const { a, b, ofShorter } of pairs) {
    if (ofShorter < insidePermilleMin || a.elapsedMs === b.elapsedMs) continue;
    const whole = longerOf(a, b);
    const inner = whole === a ? b : a;
    if (!canHold(whole, inner)) continue;
    within.set(whole, [...(within.get(whole) ?? []), inner]);
  }
  return facts.flatMap((whole) => standingsIn(whole, within.get(whole) ?? []));
}

/** A vague whole may hold anything that is named; a named one holds its own activity. */
const canHold = (whole: WorkoutFact, inner: WorkoutFact): boolean =>
  isVague(whole.type) ? !isVague(inner.type) : kinship(whole.type, inner.type) !== "no";

function standingsIn(whole: WorkoutFact, inside: readonly WorkoutFact[]): Standing[] {
  if (isVague(whole.type)) {
    const isOneThing = separate(inside).length < 2 && !nameTwo(inside);
    return isOneThing ? [] : alone(whole, inside);
  }
  const bySource = new Map<string, WorkoutFact[]>();
  for (const f of inside) {
    const source = sourceOf(f);
    bySource.set(source, [...(bySource.get(source) ?? []), f]);
  }
  return [...bySource].flatMap(([source, inner]) => {
    const parts = separate(inner);
    if (parts.length < 2) return [];
    if (source !== sourceOf(whole) && covers(whole, parts)) return [{ whole, inner, part: true }];
    return alone(whole, inner);
  });
}

const nameTwo = (inner: readonly WorkoutFact[]): boolean =>
  inner.some((a) => inner.some((b) => kinship(a.type, b.type) === "no"));

/** The whole is none of them, unless one of them nearly fills it. */
function alone(whole: WorkoutFact, inner: readonly WorkoutFact[]): Standing[] {
  const min = isVague(whole.type) ? dominantOverVaguePermilleMin : dominantPermilleMin;
  const fills = (f: WorkoutFact) => sharedMs(whole, f) * 1000 >= min * whole.elapsedMs;
  return [{ whole, inner: inner.filter((f) => !fills(f)), part: false }];
}

/** One record for each stretch of time: of those that share time only the longest is kept. */
function separate(inner: readonly WorkoutFact[]): WorkoutFact[] {
  const kept: WorkoutFact[] = [];
  const longestFirst = [...inner].sort((a, b) => b.elapsedMs - a.elapsedMs || byId(a, b));
  for (const f of longestFirst) {
    if (kept.every((k) => areSeparate(f, k))) kept.push(f);
  }
  return kept.sort((a, b) => a.at - b.at || byId(a, b));
}

function covers(whole: WorkoutFact, parts: readonly WorkoutFact[]): boolean {
  let [coveredMs, untilMs] = [0, whole.at];
  for (const part of parts) {
    const toMs = Math.min(endOf(part), endOf(whole));
    coveredMs += Math.max(0, toMs - Math.max(part.at, untilMs));
    untilMs = Math.max(untilMs, toMs);
  }
  const permille = (coveredMs * 1000) / whole.elapsedMs;
  if (permille >= coveredPermilleMin) return true;
  if (permille < sparselyCoveredPermilleMin) return false;
  const sumOf = (value: (f: WorkoutFact) => number | null) =>
    parts.reduce((sum, f) => sum + (value(f) ?? 0), 0);
  const spentMs = sumOf((f) => f.movingMs ?? f.elapsedMs);
  return (
    agree(whole.movingMs, spentMs, addsUpPermille) &&
    agree(
      whole.distanceMm,
      sumOf((f) => f.distanceMm),
      addsUpPermille,
    )
  );
}
