/**
 * Which facts decide together: those that bear on each other, directly or through others. A piece
 * longer than the reach, a chain without end, is cut at fixed multiples of the reach: by the block
 * that each fact begins in, so by its facts alone, and alike for whoever looks at any part of it.
 */
import type { Fact, Span } from "./stream.ts";

export interface Bearing<F extends Fact> {
  readonly reachMs: number;
  span(fact: F): Span;
  bears(a: F, b: F): boolean;
}

/** Pairs of ids that belong together whatever their times say, unless they lie beyond the reach. */
export type Ties = readonly (readonly [string, string])[];

export const blockOf = (fact: Fact, reachMs: number): number => Math.floor(fact.at / reachMs);

const order = (a: Fact, b: Fact) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Splits a set into the pieces that decide together; sorted, and each sorted in itself. */
export function pieces<F extends Fact>(
  facts: readonly F[],
  bearing: Bearing<F>,
  nearMs: number,
  ties: Ties,
): F[][] {
  const distinct = [...new Map(facts.map((f) => [f.id as string, f])).values()].sort(order);
  return connected(distinct, bearing, nearMs, ties).flatMap((piece) => {
    if (extentMs(piece, bearing) <= bearing.reachMs) return [piece];
    const blocks = new Map<number, F[]>();
    for (const fact of piece) {
      const block = blockOf(fact, bearing.reachMs);
      blocks.set(block, [...(blocks.get(block) ?? []), fact]);
    }
    return [...blocks.values()].flatMap((block) => connected(block, bearing, nearMs, ties));
  });
}

function extentMs<F extends Fact>(piece: readonly F[], { span }: Bearing<F>): number {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const fact of piece) {
    const s = span(fact);
    fromMs = Math.min(fromMs, s.fromMs);
    toMs = Math.max(toMs, s.toMs);
  }
  return toMs - fromMs;
}

/** Connected components, by sweeping over time: only facts that are near are ever compared. */
function connected<F extends Fact>(
  sorted: readonly F[],
  bearing: Bearing<F>,
  nearMs: number,
  ties: Ties,
): F[][] {
  const { span, bears } = bearing;
  const root = new Map<string, string>(sorted.map((f) => [f.id, f.id]));
  const find = (id: string): string => {
    let at = id;
    for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) at = up;
    root.set(id, at);
    return at;
  };
  const unite = (a: string, b: string) => {
    const [x, y] = [find(a), find(b)];
    if (x !== y) root.set(x < y ? y : x, x < y ? x : y);
  };
  let open: F[] = [];
  for (const fact of sorted) {
    const { fromMs } = span(fact);
    open = open.filter((o) => span(o).toMs + nearMs >= fromMs);
    for (const o of open) if (bears(o, fact)) unite(o.id, fact.id);
    open.push(fact);
  }
  const byId = new Map<string, F>(sorted.map((f) => [f.id, f]));
  for (const [a, b] of ties) {
    const [x, y] = [byId.get(a), byId.get(b)];
    if (x === undefined || y === undefined) continue;
    if (extentMs([x, y], bearing) <= bearing.reachMs) unite(a, b);
  }
  const found = new Map<string, F[]>();
  for (const fact of sorted) {
    const piece = found.get(find(fact.id));
    if (piece === undefined) found.set(find(fact.id), [fact]);
    else piece.push(fact);
  }
  return [...found.values()];
}
