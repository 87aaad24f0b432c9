/**
 * Which facts of several tellers are of one thing. Each teller's join what those before it told of,
 * one thing each: as many of them as fit, and of all such ways the one in which they lie nearest
 * altogether. So one that is nearer to its neighbour's thing never leaves another with none.
 */
import type { Fact } from "./stream.ts";

/** The cheapest way so far, as its last pair and the way before it. */
interface Way<F extends Fact> {
  readonly cost: number;
  readonly group: F[];
  readonly fact: F;
  readonly before: Way<F> | undefined;
}

const startOf = (group: readonly Fact[] | undefined) => group?.[0]?.at ?? Number.POSITIVE_INFINITY;
const costOf = (way: Way<Fact> | undefined) => way?.cost ?? 0;
/** By all who told of it: two things that are as far by the first alone are told apart by the rest. */
const apartMs = (group: readonly Fact[], { at }: Fact) =>
  group.reduce((sum, other) => sum + Math.abs(other.at - at), 0) / group.length;

/**
 * Tellers in the order in which they decide, each sorted by time and id. How far a fact is from a
 * group is the mean of how far it is from each in it; what lies further than `nearMs` from its first
 * never fits.
 */
export function joinNearest<F extends Fact>(
  tellers: readonly (readonly F[])[],
  nearMs: number,
  fits: (group: readonly F[], fact: F) => boolean,
): F[][] {
  const groups: F[][] = [];
  for (const told of tellers) {
    const alone = new Set(told);
    for (let way = nearestWay(groups, told, nearMs, fits); way !== undefined; way = way.before) {
      way.group.push(way.fact);
      alone.delete(way.fact);
    }
    for (const fact of alone) groups.push([fact]);
    groups.sort((a, b) => startOf(a) - startOf(b));
  }
  return groups;
}

/** In order, and over what is near alone: a fact earlier than another never joins a later group. */
function nearestWay<F extends Fact>(
  groups: readonly F[][],
  told: readonly F[],
  nearMs: number,
  fits: (group: readonly F[], fact: F) => boolean,
): Way<F> | undefined {
  // More than all distances together: nothing is left alone to be nearer.
  const aloneMs = 2 * nearMs * told.length;
  // The cheapest with this group as the last, or one before it.
  const ways: (Way<F> | undefined)[] = [];
  let from = 0;
  for (const fact of told) {
    while (startOf(groups[ways.length]) <= fact.at + nearMs) ways.push(ways.at(-1));
    while (startOf(groups[from]) < fact.at - nearMs) from++;
    let [before, best] = [ways[from - 1], ways[from - 1]];
    for (const [i, group] of groups.slice(from, ways.length).entries()) {
      const held = ways[from + i];
      if (costOf(held) < costOf(best)) best = held;
      const cost = costOf(before) + apartMs(group, fact) - aloneMs;
      if (cost < costOf(best) && fits(group, fact)) best = { cost, group, fact, before };
      before = held;
      ways[from + i] = best;
    }
  }
  return ways.at(-1);
}
