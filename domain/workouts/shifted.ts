/**
 * Copies that a wrong time zone moved: the same numbers, a whole zone offset apart; or that took the
 * time when a workout ended for the one when it began, where one is known to copy the other. Only when the
 * numbers agree closely, and nothing else explains either record, are they one: people do run the
 * same loop twice a day.
 */
import { offsetAt } from "../settings.ts";
import type { Settings } from "../stream.ts";
import { offsetMinutesMax } from "../time.ts";
import { kinship } from "./activity.ts";
import type { Groups } from "./groups.ts";
import {
  bothNamed,
  exactPermille,
  isCopy,
  isRoundDistance,
  isWholeMinutes,
  judge,
  type Pair,
  sameNumbers,
  shiftMsMax,
  sourceOf,
  startErrorMs,
} from "./pair.ts";
import type { PairTable } from "./pair-table.ts";
import { isRelayOf } from "./relay.ts";
import type { WorkoutFact } from "./schema.ts";

const minuteMs = 60_000;
const hourMin = 60;
/** Every distance in use between a local clock and UTC that is no whole hour, in minutes (tzdb). */
const brokenOffsetsMin = [150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825];
const exactMs = 1000;

/** By how many minutes of a zone's offset two starts differ; null when they do not. */
export function zoneShiftMin(a: WorkoutFact, b: WorkoutFact): number | null {
  const apartMs = Math.abs(a.at - b.at);
  const step = Math.round(apartMs / minuteMs / 15) * 15;
  const isOffset = step > 0 && (step % hourMin === 0 || brokenOffsetsMin.includes(step));
  if (!isOffset || step > offsetMinutesMax) return null;
  return Math.abs(apartMs - step * minuteMs) <= startErrorMs ? step : null;
}

/**
 * As far apart as the workout is long: one took its end for its start. People do the same piece twice
 * in a row, so only of a copy and what its maker itself says.
 */
export const isLengthApart = (a: WorkoutFact, b: WorkoutFact): boolean =>
  (isRelayOf(a, b) || isRelayOf(b, a)) &&
  Math.abs(Math.abs(a.at - b.at) - a.elapsedMs) <= startErrorMs;

const isMoved = (a: WorkoutFact, b: WorkoutFact): boolean =>
  zoneShiftMin(a, b) !== null || isLengthApart(a, b);

/** Could one be the other under a wrong zone? Elapsed time and a second number have to agree. */
export function mayBeShifted(a: WorkoutFact, b: WorkoutFact): boolean {
  if (sourceOf(a) === sourceOf(b) || kinship(a.type, b.type) === "no") return false;
  if (a.method === "manual" || b.method === "manual" || !isMoved(a, b)) return false;
  // A copy of something else says so itself: only if not even a second differs is it not believed.
  const namesAnother = (a.copyOf ?? b.copyOf) !== null && !isCopy(a, b);
  return namesAnother ? sameNumbers(a, b, exactMs, exactPermille) : sameNumbers(a, b);
}

/**
 * Joins what was moved to where it belongs. A record that stands alone joins the one group that
 * agrees with it; not if that group already has a record of the same source, which explains it,
 * and not if two groups agree: then nobody can tell. Every verdict is noted in the table.
 */
export function joinShifted(
  sorted: readonly WorkoutFact[],
  groups: Groups,
  table: PairTable,
  settings: Settings,
): void {
  const moved = movedPairs(sorted).filter(
    ({ a, b }) => groups.of(a) !== groups.of(b) && !table.isSplit(a, b),
  );
  const lones = moved.flatMap(({ a, b }): Lone[] => [
    { fact: a, group: groups.of(b) },
    { fact: b, group: groups.of(a) },
  ]);
  const alone = lones.filter(({ fact }) => isOneRecording(fact, groups, table));
  for (const pair of moved) {
    const but = byChance(pair, settings) ?? obstacle(pair, groups, table, alone);
    const because = `${pair.because} ${but}`;
    table.note(but === null ? pair : { ...pair, fits: false, rule: "ambiguous", because });
  }
  for (const pair of moved) {
    const [left, right] = [groups.of(pair.a), groups.of(pair.b)];
    if (!table.fits(pair.a, pair.b) || left === right) continue;
    if (contradiction(pair, left, right, table) === null) groups.join(left, right);
  }
}

/** Half an hour and five kilometres are run every day: then the shift must be one of one's own. */
function byChance({ a, b }: Pair, settings: Settings): string | null {
  const round = [a, b].every((f) => isWholeMinutes(f) && isRoundDistance(f));
  if (!round || isLengthApart(a, b)) return null;
  const zoned = settings.zones.length === 0 ? null : offsetAt(null, settings, a.at);
  const offsets = [a.offsetMin, b.offsetMin, zoned].filter((o) => o !== null);
  const shift = zoneShiftMin(a, b) ?? 0;
  const isOwn = offsets.some((o) => shift === Math.abs(o) || shift === 2 * Math.abs(o));
  const between = Math.abs((a.offsetMin ?? 0) - (b.offsetMin ?? 0));
  if (offsets.length === 0 || isOwn || shift === between) return null;
  return "But the numbers are round, and the shift is none of the member's own zone.";
}

/** It stands alone, or with nothing but copies of itself: all state the same numbers. */
const isOneRecording = (fact: WorkoutFact, groups: Groups, table: PairTable): boolean =>
  groups
    .of(fact)
    .every((f) => f === fact || sameNumbers(f, fact) || table.of(f, fact)?.rule === "twin");

/** A recording that stands alone, and a group that it could belong to. */
interface Lone {
  readonly fact: WorkoutFact;
  readonly group: readonly WorkoutFact[];
}

/** What of two groups cannot be one, whatever two of their records say. */
function contradiction(
  { a, b }: Pair,
  left: readonly WorkoutFact[],
  right: readonly WorkoutFact[],
  table: PairTable,
): string | null {
  const some = (apart: (l: WorkoutFact, r: WorkoutFact) => boolean) =>
    left.some((l) => right.some((r) => apart(l, r)));
  if (some((l, r) => table.isSplit(l, r))) return "But the member parted them.";
  const isNamed = kinship(a.type, b.type) === "alike";
  if (!isNamed && some((l, r) => kinship(l.type, r.type) === "no"))
    return "But the records beside them name two activities.";
  return null;
}

function obstacle(
  pair: Pair,
  groups: Groups,
  table: PairTable,
  alone: readonly Lone[],
): string | null {
  const { a, b } = pair;
  const [left, right] = [groups.of(a), groups.of(b)];
  const isAlone = (f: WorkoutFact) => alone.some((o) => o.fact === f);
  if (!isAlone(a) && !isAlone(b)) return "But both have records beside them that fit.";
  const contradicted = contradiction(pair, left, right, table);
  if (contradicted !== null) return contradicted;
  if (left.some((l) => right.some((r) => sourceOf(l) === sourceOf(r))))
    return "But the same source has both.";
  for (const [lone, group] of [
    [a, right],
    [b, left],
  ] as const) {
    const own = groups.of(lone);
    const elsewhere = alone.some((o) => own.includes(o.fact) && o.group !== group);
    const rival = alone.some(
      (o) => o.group === group && !own.includes(o.fact) && sourceOf(o.fact) === sourceOf(lone),
    );
    if (isAlone(lone) && (elsewhere || rival)) return "But it could be another just as well.";
  }
  return null;
}

/** Likenesses that share too little time to be judged by it, in fixed order. */
function movedPairs(sorted: readonly WorkoutFact[]): Pair[] {
  const found: Pair[] = [];
  let open: WorkoutFact[] = [];
  for (const fact of sorted) {
    open = open.filter((o) => o.at + shiftMsMax >= fact.at);
    for (const o of open) {
      const pair = movedPair(o, fact);
      if (pair !== null) found.push(pair);
    }
    open.push(fact);
  }
  return found;
}

function movedPair(one: WorkoutFact, other: WorkoutFact): Pair | null {
  if (!mayBeShifted(one, other)) return null;
  const pair = judge(one, other);
  if (pair.fits) return null;
  const apart = isLengthApart(one, other)
    ? "are a copy and its original, one of which took the end for the start"
    : "agree in their numbers and lie a whole zone offset apart";
  const because = `${bothNamed(pair.a, pair.b)} ${apart}.`;
  return { ...pair, fits: true, rule: "shifted", because };
}
