/**
 * Statistics that a few odd readings do not move, and that ask nothing of how readings are spread:
 * the median, the spread around it, the slope of Theil and Sen, and how often chance alone would put
 * readings in such an order (Kendall). Lists are short, a few dozen numbers, so pairs are compared.
 */

/** A day's place in time, in days, and what was measured on it. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of what is spread normally, the median distance from the median is this part of the deviation. */
const madOfDeviation = 0.674_489_75;

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2;
}

/** The median distance from the median, as large as the standard deviation would be. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle))) / madOfDeviation;
}

/** Theil–Sen: the median slope of all pairs, and the line's height at 0. */
export function lineThrough(points: readonly Point[]): { slope: number; at: number } {
  const slopes = pairsOf(points).map(([a, b]) => (b.y - a.y) / (b.x - a.x));
  const slope = median(slopes);
  return { slope, at: median(points.map(({ x, y }) => y - slope * x)) };
}

/**
 * How likely readings without any trend come in an order that rises or falls as much as this one:
 * the exact distribution of Kendall's S without ties. Ties bring S nearer to 0, so with them the
 * answer is too large rather than too small.
 */
export function chanceOfOrder(points: readonly Point[]): number {
  const s = pairsOf(points).reduce((sum, [a, b]) => sum + Math.sign(b.y - a.y), 0);
  const pairs = (points.length * (points.length - 1)) / 2;
  // Of an order with this many inversions S is pairs − 2·inversions.
  const inversionsMax = Math.floor((pairs - Math.abs(s)) / 2);
  const part = shares(points.length)
    .slice(0, inversionsMax + 1)
    .reduce((sum, each) => sum + each, 0);
  return Math.min(1, 2 * part);
}

/** By number of inversions: what part of all orders of `n` things has so many. */
function shares(n: number): number[] {
  let parts = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>((size * (size - 1)) / 2 + 1).fill(0);
    parts.forEach((part, inversions) => {
      for (let at = inversions; at < inversions + size; at++)
        next[at] = (next[at] ?? 0) + part / size;
    });
    parts = next;
  }
  return parts;
}

/** Each two, the earlier first. */
const pairsOf = (points: readonly Point[]): (readonly [Point, Point])[] => {
  const inOrder = [...points].sort((a, b) => a.x - b.x);
  return inOrder.flatMap((a, i) => inOrder.slice(i + 1).map((b) => [a, b] as const));
};
