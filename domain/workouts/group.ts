/**
 * Which records of a piece are one workout: a pure function of the *set* of facts and of what the
 * member decided. Every pair that shares time is judged (`pair.ts`), then in the light of the
 * others (`parts.ts`); pairs that fit are joined best first, and a join that would put two records
 * into one group that do not belong together is refused with its reason. Copies that a wrong zone
 * moved come last (`shifted.ts`). Ties are broken by identity, so no order of arrival shows.
 */
import { rulings } from "../decisions.ts";
import { noSettings } from "../settings.ts";
import type { Decision, Settings } from "../stream.ts";
import { kinship } from "./activity.ts";
import { Groups } from "./groups.ts";
import { bothNamed, byId, type Pair } from "./pair.ts";
import { byStrength, isWeak, PairTable } from "./pair-table.ts";
import type { Reason } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";
import { joinShifted } from "./shifted.ts";

/** Reasons kept with a workout: a day of crossing records must not outgrow its row. */
const apartMax = 40;
/** Beyond what it takes to connect its records: the other reasons why they are one. */
const joinedMoreMax = 40;

export interface Group {
  readonly facts: readonly WorkoutFact[];
  readonly joined: readonly Reason[];
  readonly apart: readonly Reason[];
}

export function groupWorkouts(
  facts: readonly WorkoutFact[],
  decisions: readonly Decision[] = [],
  settings: Settings = noSettings,
): Group[] {
  const distinct = [...new Map(facts.map((f) => [f.id as string, f])).values()];
  const sorted = distinct.sort((a, b) => a.at - b.at || byId(a, b));
  const table = new PairTable(sorted, rulings(decisions));
  const groups = new Groups(sorted, table);
  const fitting = table.bestFirst();
  for (const pair of fitting) if (!isWeak(pair)) groups.tryJoin(pair);
  joinShifted(sorted, groups, table, settings);
  for (const pair of fitting) groups.tryJoin(pair);
  const pairs = [...table.pairs].sort(byStrength);
  return groups.all().map((members) => {
    const ids = new Set<string>(members.map((f) => f.id));
    const inside = (p: Pair) => ids.has(p.a.id) && ids.has(p.b.id);
    const across = (p: Pair) => ids.has(p.a.id) !== ids.has(p.b.id);
    const missed = pairs.filter((p) => across(p) && isNearMiss(p));
    return {
      facts: members,
      joined: connecting(pairs.filter((p) => inside(p) && p.fits)).map(reason),
      apart: missed.map((p) => reason(p.fits ? taken(p) : p)).slice(0, apartMax),
    };
  });
}

/** The strongest reasons that connect all, and as many of the others as are kept. */
function connecting(pairs: readonly Pair[]): Pair[] {
  if (pairs.length <= joinedMoreMax) return [...pairs];
  const part = new Map<string, Set<string>>();
  const partOf = (id: string) => part.get(id) ?? new Set([id]);
  let more = 0;
  return pairs.filter(({ a, b }) => {
    const [left, right] = [partOf(a.id), partOf(b.id)];
    if (left === right) return more++ < joinedMoreMax;
    const union = new Set([...left, ...right]);
    for (const id of union) part.set(id, union);
    return true;
  });
}

const reason = ({ a, b, rule, ofShorter, because }: Pair): Reason => ({
  a: a.id,
  b: b.id,
  rule,
  overlapPermille: ofShorter,
  because,
});

/** Neighbours in time that nobody would take for one need no reason. */
const isNearMiss = (p: Pair): boolean =>
  p.rule !== "apart-in-time" || kinship(p.a.type, p.b.type) === "alike";

const taken = (p: Pair): Pair => ({
  ...p,
  rule: "taken",
  because: `${bothNamed(p.a, p.b)} could be one, but one of them already belongs to records that the other does not fit.`,
});
