/** What a budget promises, counted the plain way: over every call there was. */

/** The most calls in any stretch of that length, both of its ends included. */
export function mostWithin(timesMs: readonly number[], windowMs: number): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  sorted.forEach((at, i) => {
    while (at - (sorted[from] ?? at) > windowMs) from++;
    most = Math.max(most, i - from + 1);
  });
  return most;
}
