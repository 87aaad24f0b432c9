/**
 * Every pair of a piece that was judged, with what others and the member say of it, and how strong
 * each is: the strongest are joined first.
 */
import { pairKey, pairsOf, type Ruling } from "../decisions.ts";
import { isVague } from "./activity.ts";
import { bothNamed, endOf, isCopy, judge, nearMs, type Pair, shiftMsMax } from "./pair.ts";
import { type Standing, standings } from "./parts.ts";
import type { Rule } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";

const tier = (p: Pair): number => {
  if (p.rule === "by-hand") return 0;
  if (p.rule === "copy") return 1;
  return isVague(p.a.type) || isVague(p.b.type) ? 3 : 2;
};
const endsApartMs = (p: Pair) => Math.abs(p.a.at - p.b.at) + Math.abs(endOf(p.a) - endOf(p.b));

/** How far two records differ in length and distance, in thousandths; null when one states none. */
function differencePermille({ a, b }: Pair): number | null {
  if (!a.distanceMm || !b.distanceMm) return null;
  const apart = (x: number, y: number) => (Math.abs(x - y) * 1000) / Math.max(x, y);
  return Math.max(apart(a.elapsedMs, b.elapsedMs), apart(a.distanceMm, b.distanceMm));
}

/** Numbers that agree are worth up to this much overlap; at so much difference they say nothing. */
const agreementPermille = 300;
const agreementEndsPermille = 30;
const strength = (p: Pair): number => {
  const differs = differencePermille(p) ?? agreementEndsPermille;
  const share = Math.max(0, 1 - differs / agreementEndsPermille);
  return p.ofLonger + Math.floor(agreementPermille * share);
};

/** They only share time: what agrees in every number an hour away is a better explanation. */
const weakPermilleMin = 50;
export const isWeak = (p: Pair): boolean =>
  p.rule === "overlap" && (differencePermille(p) ?? 0) > weakPermilleMin;

export const byStrength = (x: Pair, y: Pair): number =>
  tier(x) - tier(y) ||
  strength(y) - strength(x) ||
  endsApartMs(x) - endsApartMs(y) ||
  (pairKey(x.a.id, x.b.id) < pairKey(y.a.id, y.b.id) ? -1 : 1);

export class PairTable {
  readonly #pairs = new Map<string, Pair>();
  /** Pairs of separate records that are parts of the same whole: key → the wholes. */
  readonly #wholes = new Map<string, WorkoutFact[]>();

  constructor(sorted: readonly WorkoutFact[], ruled: ReadonlyMap<string, Ruling>) {
    let open: WorkoutFact[] = [];
    for (const fact of sorted) {
      open = open.filter((o) => endOf(o) + nearMs >= fact.at);
      for (const o of open) this.note(judge(o, fact));
      open.push(fact);
    }
    for (const [a, b] of copiesIn(sorted)) this.note(judge(a, b));
    for (const standing of standings(sorted, this.pairs)) this.#stand(standing);
    const byName = new Map<string, WorkoutFact>(sorted.map((f) => [f.id, f]));
    for (const { a, b, verdict } of ruled.values()) {
      const [left, right] = [byName.get(a), byName.get(b)];
      if (left !== undefined && right !== undefined) this.#rule(left, right, verdict);
    }
  }

  get pairs(): readonly Pair[] {
    return [...this.#pairs.values()];
  }

  of(a: WorkoutFact, b: WorkoutFact): Pair | undefined {
    return this.#pairs.get(pairKey(a.id, b.id));
  }

  fits(a: WorkoutFact, b: WorkoutFact): boolean {
    return this.of(a, b)?.fits === true;
  }

  isSplit(a: WorkoutFact, b: WorkoutFact): boolean {
    const pair = this.of(a, b);
    return pair?.rule === "by-hand" && !pair.fits;
  }

  bestFirst(): Pair[] {
    return this.pairs.filter((p) => p.fits).sort(byStrength);
  }

  /** The wholes of which both are parts. */
  wholesOf(a: WorkoutFact, b: WorkoutFact): readonly WorkoutFact[] {
    return this.#wholes.get(pairKey(a.id, b.id)) ?? [];
  }

  /** Takes the place of what was said of the pair before. */
  note(pair: Pair): void {
    this.#pairs.set(pairKey(pair.a.id, pair.b.id), pair);
  }

  #stand({ whole, inner, part }: Standing): void {
    const wording = part
      ? "are one: the shorter is one of the parts that the longer was recorded in"
      : "are apart: the longer one holds several separate records and is none of them";
    for (const f of inner) {
      const pair = this.of(whole, f);
      if (pair === undefined || pair.rule === "copy") continue;
      const because = `${bothNamed(pair.a, pair.b)} ${wording}.`;
      this.note({ ...pair, fits: part, rule: part ? "part" : "several", because });
    }
    if (!part) return;
    for (const [a, b] of pairsOf(inner)) {
      const key = pairKey(a.id, b.id);
      this.#wholes.set(key, [...(this.#wholes.get(key) ?? []), whole]);
    }
  }

  #rule(a: WorkoutFact, b: WorkoutFact, verdict: "join" | "split"): void {
    const rule: Rule = "by-hand";
    const fits = verdict === "join";
    const said = fits ? "are one" : "are two";
    this.note({
      ...judge(a, b),
      fits,
      rule,
      because: `The member said that ${bothNamed(a, b)} ${said}.`,
    });
  }
}

/** Pairs that say themselves that they are copies, wherever they lie. */
function copiesIn(facts: readonly WorkoutFact[]): [WorkoutFact, WorkoutFact][] {
  const byOrigin = new Map<string, WorkoutFact[]>();
  const note = (origin: string, f: WorkoutFact) =>
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), f]);
  const named = new Set(facts.flatMap((f) => f.copyOf ?? []));
  for (const f of facts) {
    if (f.copyOf !== null) note(f.copyOf, f);
    if (named.has(f.originId)) note(f.originId, f);
  }
  return [...byOrigin.values()]
    .flatMap((same) => pairsOf(same))
    .filter(([a, b]) => a !== b && isCopy(a, b) && Math.abs(a.at - b.at) <= shiftMsMax);
}
