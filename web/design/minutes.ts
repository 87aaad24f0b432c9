/** A timeline of minutes as a chart's points: those in which nothing happened are zero. Pure. */
import { clockTime } from "./format.ts";

const msPerMinute = 60_000;

/** `at`: as of when; the last so many minutes, its own included, oldest first. */
export function minutePoints<T extends { readonly at: string }>(
  timeline: readonly T[],
  at: string,
  minutes: number,
  nOf: (one: T) => number,
) {
  const sums = new Map<number, number>();
  for (const one of timeline) {
    const minute = Math.floor(Date.parse(one.at) / msPerMinute);
    sums.set(minute, (sums.get(minute) ?? 0) + nOf(one));
  }
  const last = Math.floor(Date.parse(at) / msPerMinute);
  return Array.from({ length: minutes }, (_, i) => {
    const minute = last - minutes + 1 + i;
    return { label: clockTime(minute * msPerMinute), values: { n: sums.get(minute) ?? 0 } };
  });
}
