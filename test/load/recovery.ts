/** When all is as it was before: judged while it is watched, and in the end. */
import { type Booked, ofPhase, percentile, type Second, sumOf } from "./book.ts";

/** Within which it has to be as it was, and how long that is watched. */
export const recoverySecondsMax = 30;
const goodSeconds = 5;
export const watchedSeconds = recoverySecondsMax + goodSeconds;
/** As it was: what 95 of 100 take at most, as a multiple of before, and never held to less than this. */
const slowerAtMost = 3;
const slowMsLeast = 250;

const slowMs = (booked: Pick<Booked, "seconds">, of: (row: Second) => readonly number[]): number =>
  Math.max(slowMsLeast, slowerAtMost * percentile(ofPhase(booked, "sustained").flatMap(of), 0.95));

/** Seconds after the overload from which on so many in a row are as before; null: not yet. */
export function recoveredAfter(booked: Pick<Booked, "seconds">): number | null {
  const rows = ofPhase(booked, "half");
  const writeMs = slowMs(booked, (row) => row.writeMs);
  const readMs = slowMs(booked, (row) => row.readMs);
  const isGood = (row: Second): boolean =>
    row.accepted === row.offered &&
    row.readsAnswered === row.reads &&
    percentile(row.writeMs, 0.95) <= writeMs &&
    percentile(row.readMs, 0.95) <= readMs;
  for (let s = 0; s + goodSeconds <= rows.length; s++) {
    const some = rows.slice(s, s + goodSeconds);
    const isAsked = sumOf(some, (row) => row.accepted * row.readsAnswered) > 0;
    if (isAsked && some.every(isGood)) return s;
  }
  return null;
}
