/**
 * The verdict on two records by themselves: could they be one workout, and why? Overlap is measured
 * against the shorter record and against the longer one, in thousandths. What other records say of
 * the pair comes later (`parts.ts`, `shifted.ts`, `group.ts`).
 */
import { formatMoment, offsetMinutesMax } from "../time.ts";
import { isVague, kinship } from "./activity.ts";
import type { Rule } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";

/** Two records of the same activity share at least this much of the shorter one's time. */
const overlapPermilleMin = 600;
/** A record lies within another when this much of its time does. */
export const insidePermilleMin = 850;
/** A record that names no activity must also fill this much of the longer one. */
const vaguePermilleMin = 600;
/** Two recordings of one source are the same recording only when they cover the same time. */
const twinPermilleMin = 800;
/** A copy fills this much of its original when the two name different activities. */
const relabelledPermilleMin = 800;
/** An all-day record must be filled this much: what merely lies in it is not it. */
const allDayPermilleMin = 500;
/** From here on a record may be a device that was never stopped. */
export const allDayMs = 12 * 3_600_000;

/** Two devices' clocks differ by no more than this, even where a short record then half misses. */
const clockSkewMs = 180_000;
/** And by no more than this where their numbers agree. */
const clockErrorMs = 15 * 60_000;
const skewedPermilleMin = 250;
/** Someone who types a workout in remembers its start roughly. */
const typedPermilleMin = 300;
/** Some formats cut a start to the minute. */
export const startErrorMs = 60_000;
/** A copy lies no further from its original than a local clock from UTC. */
export const shiftMsMax = offsetMinutesMax * 60_000 + startErrorMs;
/** Records this close without sharing time are told apart with a reason. */
export const nearMs = 600_000;

/** Numbers that differ by less are the same number, measured twice. */
const samePermille = 20;

export interface Pair {
  readonly a: WorkoutFact;
  readonly b: WorkoutFact;
  /** Shared time as a share of the shorter record, and of the longer one. */
  readonly ofShorter: number;
  readonly ofLonger: number;
  readonly fits: boolean;
  readonly rule: Rule;
  readonly because: string;
}

export const endOf = (f: WorkoutFact): number => f.at + f.elapsedMs;
export const sharedMs = (a: WorkoutFact, b: WorkoutFact): number =>
  Math.max(0, Math.min(endOf(a), endOf(b)) - Math.max(a.at, b.at));
export const byId = (a: WorkoutFact, b: WorkoutFact): number => (a.id < b.id ? -1 : 1);

/** Two records are separate when they share less than this of the shorter one. */
const separatePermilleMax = 200;

export const areSeparate = (a: WorkoutFact, b: WorkoutFact): boolean =>
  sharedMs(a, b) * 1000 < separatePermilleMax * Math.min(a.elapsedMs, b.elapsedMs);

export const longerOf = (a: WorkoutFact, b: WorkoutFact): WorkoutFact =>
  a.elapsedMs > b.elapsedMs || (a.elapsedMs === b.elapsedMs && byId(a, b) < 0) ? a : b;

/** One recording source: an account, and in it one app on one device; what was typed is another. */
export const sourceOf = (f: WorkoutFact): string =>
  JSON.stringify([f.connection, f.app, f.deviceModel, f.method === "manual"]);

/** One is a forwarded copy of the other, or both are copies of the same third record. */
export const isCopy = (a: WorkoutFact, b: WorkoutFact): boolean =>
  (a.copyOf !== null && (a.copyOf === b.originId || a.copyOf === b.copyOf)) ||
  (b.copyOf !== null && b.copyOf === a.originId);

/**
 * Do two stated numbers differ by at most so many thousandths, of fewer than a thousand? Zero stands
 * for "not measured": it lies all of a number away from it, and agrees with no other zero.
 */
export function agree(a: number | null, b: number | null, permille: number): boolean {
  const [x, y] = [a ?? 0, b ?? 0];
  return x > 0 && Math.abs(x - y) * 1000 <= permille * Math.max(x, y);
}

/** One recording, told twice: its length to the second or two, and a second number closely. */
export const exactPermille = 1;
const retoldMs = 2000;
const retoldPermille = 10;

/** Could both have been written from one recording? Needs two numbers that agree. */
export function sameNumbers(
  a: WorkoutFact,
  b: WorkoutFact,
  errorMs: number = retoldMs,
  permille: number = retoldPermille,
): boolean {
  if (Math.abs(a.elapsedMs - b.elapsedMs) > errorMs) return false;
  if (a.distanceMm && b.distanceMm) return agree(a.distanceMm, b.distanceMm, permille);
  if (a.distanceMm || b.distanceMm) return agree(a.energyMcal, b.energyMcal, permille);
  return (
    agree(a.energyMcal, b.energyMcal, permille) || agree(a.movingMs, b.movingMs, exactPermille)
  );
}

const nameOf = (f: WorkoutFact) => `${f.provider}'s ${f.type.replaceAll("_", " ")}`;
/** The one that began first is named first. */
export function bothNamed(a: WorkoutFact, b: WorkoutFact): string {
  const inOrder = [a, b].sort((x, y) => x.at - y.at || byId(x, y));
  if (nameOf(a) !== nameOf(b)) return inOrder.map(nameOf).join(" and ");
  return inOrder.map((f) => `${nameOf(f)} of ${clockOf(f.at)}`).join(" and ");
}
const clockOf = (atMs: number) => `${formatMoment(atMs).slice(11, 19)} UTC`;
const percent = (permille: number) => `${Math.floor(permille / 10)} %`;

type Verdict = readonly [fits: boolean, rule: Rule, because: string];

export function judge(one: WorkoutFact, other: WorkoutFact): Pair {
  const [a, b] = byId(one, other) < 0 ? [one, other] : [other, one];
  const shared = sharedMs(a, b) * 1000;
  const ofShorter = Math.floor(shared / Math.min(a.elapsedMs, b.elapsedMs));
  const ofLonger = Math.floor(shared / Math.max(a.elapsedMs, b.elapsedMs));
  const [fits, rule, why] = verdictOn(a, b, ofShorter, ofLonger);
  return { a, b, ofShorter, ofLonger, fits, rule, because: `${bothNamed(a, b)} ${why}.` };
}

function verdictOn(a: WorkoutFact, b: WorkoutFact, ofShorter: number, ofLonger: number): Verdict {
  const kin = kinship(a.type, b.type);
  if (isCopy(a, b) && isWholeCopy(a, b, kin, ofShorter, ofLonger))
    return [true, "copy", "are one: a forwarded copy and its original"];
  if (ofShorter === 0) return [false, "apart-in-time", "share no time"];
  if (kin === "no") return otherActivity(a, b, ofLonger);
  const shorter = `share ${percent(ofShorter)} of the shorter one's time`;
  const longer = `share only ${percent(ofLonger)} of the longer one's time`;
  const inside = ofShorter >= insidePermilleMin;
  const long = longerOf(a, b);
  if (sourceOf(a) === sourceOf(b)) {
    if (ofLonger >= twinPermilleMin)
      return [true, "twin", "cover the same time: one source told of it twice"];
    if (!inside || kin !== "alike" || long.elapsedMs >= allDayMs)
      return [false, "same-source", "come from the same source, which recorded them as two"];
  }
  const isAllDay = long.elapsedMs >= allDayMs && ofLonger < allDayPermilleMin;
  if (isAllDay && kin === "alike" && neverStopped(a, b))
    return [true, "overlap", "start together and went the same distance: one was never stopped"];
  if (isAllDay)
    return [false, "all-day", `${longer}, which runs all day and says little of what lies in it`];
  if (kin === "perhaps") {
    const fragment = isVague(long.type) ? false : inside;
    if (ofLonger >= vaguePermilleMin || fragment)
      return [true, "overlap", `${shorter}, and nothing speaks against the same activity`];
    return [false, "vague", `${longer}, and one of them does not say what was done`];
  }
  if (ofShorter >= overlapPermilleMin) return [true, "overlap", `${shorter} and the same activity`];
  const close = closeness(a, b, ofShorter);
  if (close !== null) return [true, "overlap", `${shorter}, and ${close}`];
  return [false, "apart-in-time", `share only ${percent(ofShorter)} of the shorter one's time`];
}

/** A leg may name the record of the whole race: a copy has its original's length or its time. */
function isWholeCopy(
  a: WorkoutFact,
  b: WorkoutFact,
  kin: ReturnType<typeof kinship>,
  ofShorter: number,
  ofLonger: number,
): boolean {
  if (kin === "no") return ofLonger >= relabelledPermilleMin;
  // One source copies an original once: what it says twice of it is two parts of a batch.
  if (sourceOf(a) !== sourceOf(b) && agree(a.elapsedMs, b.elapsedMs, samePermille)) return true;
  return ofShorter >= overlapPermilleMin && (kin === "alike" || ofLonger >= allDayPermilleMin);
}

/** The same start and distance in a record that ran on for hours or days without moving. */
function neverStopped(a: WorkoutFact, b: WorkoutFact): boolean {
  const startMs = Math.abs(a.at - b.at);
  const known = a.movingMs !== null && b.movingMs !== null;
  const moved = known ? agree(a.movingMs, b.movingMs, samePermille) : startMs <= clockSkewMs;
  return startMs <= clockErrorMs && moved && agree(a.distanceMm, b.distanceMm, samePermille);
}

/** Why a smaller overlap is enough: clocks that differ, or a start that was typed in. */
function closeness(a: WorkoutFact, b: WorkoutFact, ofShorter: number): string | null {
  const startMs = Math.abs(a.at - b.at);
  const bothMs = Math.max(startMs, Math.abs(endOf(a) - endOf(b)));
  const numbers =
    agree(a.elapsedMs, b.elapsedMs, samePermille) &&
    agree(a.distanceMm, b.distanceMm, samePermille);
  if (ofShorter >= skewedPermilleMin && bothMs <= clockSkewMs)
    return "their starts and ends differ no more than two clocks do";
  if (ofShorter >= skewedPermilleMin && startMs <= clockErrorMs && numbers)
    return "their time and distance agree, so one clock was wrong";
  const typed = a.method === "manual" || b.method === "manual";
  const roughly = agree(a.elapsedMs, b.elapsedMs, 200) && agree(a.distanceMm, b.distanceMm, 150);
  if (typed && ofShorter >= typedPermilleMin && roughly)
    return "one was typed in from memory with about the same numbers";
  return null;
}

const secondMs = 1000;
const wholeMinuteMs = 60_000;
const roundMm = 100_000;
/** Numbers that are often met by chance, or by a machine's programme. */
export const isWholeMinutes = (f: WorkoutFact): boolean => f.elapsedMs % wholeMinuteMs === 0;
export const isRoundDistance = (f: WorkoutFact): boolean => (f.distanceMm ?? 0) % roundMm === 0;

/** Different labels on numbers that cannot agree by chance: one of the two was labelled anew. */
function otherActivity(a: WorkoutFact, b: WorkoutFact, ofLonger: number): Verdict {
  const isRound = isWholeMinutes(a) || isRoundDistance(a);
  const exact =
    Math.abs(a.at - b.at) <= secondMs &&
    Math.abs(a.elapsedMs - b.elapsedMs) <= secondMs &&
    agree(a.distanceMm, b.distanceMm, 1);
  if (exact && !isRound)
    return [true, "relabelled", "agree to the second and the metre: one was labelled anew"];
  return [
    false,
    "other-activity",
    `share ${percent(ofLonger)} of the time but name two activities`,
  ];
}
