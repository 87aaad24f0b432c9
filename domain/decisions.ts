/** Reading decisions: of two that speak of the same pair of facts, the later one stands. */
import type { FactId } from "./identity.ts";
import type { Decision, Fact, Revision } from "./stream.ts";

export interface Ruling {
  readonly a: FactId;
  readonly b: FactId;
  readonly verdict: "join" | "split";
  readonly decision: FactId;
}

/** A pair's name, the same whichever fact is named first; ids hold no blank. */
export const pairKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

const later = (a: Decision, b: Decision) => a.revision - b.revision || (a.id < b.id ? -1 : 1);

/** What stands for each pair that was ever decided on, the latest decision last. */
export function rulings(decisions: readonly Decision[]): ReadonlyMap<string, Ruling> {
  const standing = new Map<string, Ruling>();
  for (const { id, decision, sides } of [...decisions].sort(later)) {
    if (decision === "clear") continue;
    for (const [a, b] of decision === "join" ? pairsOf(sides.flat()) : pairsAcross(sides)) {
      const key = pairKey(a, b);
      standing.delete(key);
      standing.set(key, { a, b, verdict: decision, decision: id });
    }
  }
  return standing;
}

export function pairsOf<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));
}

const pairsAcross = (sides: readonly (readonly FactId[])[]): [FactId, FactId][] =>
  pairsOf(sides).flatMap(([left, right]) =>
    left.flatMap((a) => right.map((b): [FactId, FactId] => [a, b])),
  );

/** Finds the decisions that name any of some facts, without reading all of them each time. */
export function decisionsNaming(
  decisions: readonly Decision[],
): (facts: readonly Fact[]) => Decision[] {
  const naming = new Map<FactId, Decision[]>();
  for (const decision of decisions)
    for (const id of decision.sides.flat()) naming.set(id, [...(naming.get(id) ?? []), decision]);
  return (facts) => [...new Set(facts.flatMap((f) => naming.get(f.id) ?? []))];
}

/** The facts whose holding back was lifted, and the revision that was looked at. */
export const clearedFacts = (decisions: readonly Decision[]): ReadonlyMap<FactId, Revision> =>
  new Map(
    [...decisions]
      .sort(later)
      .filter((d) => d.decision === "clear")
      .flatMap(({ sides, revisions }) =>
        sides.flat().map((id, i): [FactId, Revision] => [id, revisions[i] ?? -1]),
      ),
  );
