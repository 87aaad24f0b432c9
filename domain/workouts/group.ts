/**
 * Which records of a piece are one workout: a pure function of the *set* of facts and of what the
 * member decided. Every pair that shares time is judged (`pair.ts`), then in the light of the
 * others (`parts.ts`); pairs that fit are joined best first, and a join that would put two records
 * into one group that do not belong together is refused with its reason. Copies that a wrong zone
 * moved come last (`shifted.ts`). Ties are broken by identity, so no order of arrival shows.
 */
import { rulings } from "../decisions.ts";
import type { Decision } from "../stream.ts";
import { isVague, kinship } from "./activity.ts";
import {
  bothNamed,
  byId,
  insidePermilleMin,
  longerOf,
  type Pair,
  sameNumbers,
  sharedMs,
  sourceOf,
} from "./pair.ts";
import { byStrength, isWeak, PairTable } from "./pair-table.ts";
import type { Reason, Rule } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";
import { joinShifted } from "./shifted.ts";

/** Reasons kept with a workout: a day of crossing records must not outgrow its row. */
const apartMax = 40;
/** Beyond what it takes to connect its records: the other reasons why they are one. */
const joinedMoreMax = 40;
/** More records of one workout than this are no workout. */
const groupMax = 1000;

export interface Group {
  readonly facts: readonly WorkoutFact[];
  readonly joined: readonly Reason[];
  readonly apart: readonly Reason[];
}

export function groupWorkouts(
  facts: readonly WorkoutFact[],
  decisions: readonly Decision[] = [],
): Group[] {
  const distinct = [...new Map(facts.map((f) => [f.id as string, f])).values()];
  const sorted = distinct.sort((a, b) => a.at - b.at || byId(a, b));
  const table = new PairTable(sorted, rulings(decisions));
  const groups = new Groups(sorted, table);
  const fitting = table.bestFirst();
  for (const pair of fitting) if (!isWeak(pair)) groups.tryJoin(pair);
  joinShifted(sorted, groups, table);
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
  p.ofShorter > 0 || p.rule !== "apart-in-time" || kinship(p.a.type, p.b.type) === "alike";

const taken = (p: Pair): Pair => ({
  ...p,
  rule: "taken",
  because: `${bothNamed(p.a, p.b)} could be one, but one of them already belongs to records that the other does not fit.`,
});

/** The groups as they grow. */
export class Groups {
  readonly #of = new Map<string, WorkoutFact[]>();
  readonly #table: PairTable;

  constructor(facts: readonly WorkoutFact[], table: PairTable) {
    this.#table = table;
    for (const f of facts) this.#of.set(f.id, [f]);
  }

  of(fact: WorkoutFact): readonly WorkoutFact[] {
    return this.#of.get(fact.id) ?? [fact];
  }

  all(): WorkoutFact[][] {
    return [...new Set(this.#of.values())];
  }

  tryJoin({ a, b, rule }: Pair): void {
    const [left, right] = [this.of(a), this.of(b)];
    if (left === right) return;
    const union = [...left, ...right];
    if (union.length > groupMax) return;
    const fine = (l: WorkoutFact, r: WorkoutFact) =>
      !this.#table.isSplit(l, r) && (rule === "by-hand" || this.#belong(l, r, union));
    if (left.every((l) => right.every((r) => fine(l, r)))) this.join(left, right);
  }

  join(left: readonly WorkoutFact[], right: readonly WorkoutFact[]): void {
    const union = [...left, ...right];
    for (const f of union) this.#of.set(f.id, union);
  }

  /**
   * May two records stand in one group, by themselves or by what they share there? Others can stand
   * in for them: the same recording always, one that covers the same time only for records that do
   * not name two activities. What names none stands in for none: a run and a ride are two, however
   * much it agrees with both.
   */
  #belong(l: WorkoutFact, r: WorkoutFact, union: readonly WorkoutFact[]): boolean {
    const table = this.#table;
    if (table.fits(l, r)) return true;
    if (table.wholesOf(l, r).some((whole) => union.includes(whole))) return true;
    if (sourceOf(l) === sourceOf(r)) return false;
    const nameTwo = kinship(l.type, r.type) === "no";
    const isTied = nameTwo ? isSame : isSameTime;
    const standIns = tiedTo(r, union, table, isTied);
    const bridges = (a: WorkoutFact, b: WorkoutFact) =>
      table.fits(a, b) && (!nameTwo || kinship(a.type, b.type) === "alike");
    if (tiedTo(l, union, table, isTied).some((a) => standIns.some((b) => bridges(a, b))))
      return true;
    return union.some((u) => holds(table, u, l) && holds(table, u, r));
  }
}

/**
 * Everything that is tied to a record, through others too; but through what names no activity,
 * nothing that names another than this one.
 */
function tiedTo(
  f: WorkoutFact,
  union: readonly WorkoutFact[],
  table: PairTable,
  isTied: (pair: Pair) => boolean,
): WorkoutFact[] {
  const tied = new Set([f]);
  for (const t of tied)
    for (const u of union) {
      const pair = table.of(u, t);
      if (!pair?.fits || !isTied(pair)) continue;
      if (!isVague(t.type) || kinship(f.type, u.type) !== "no") tied.add(u);
    }
  return [...tied];
}

/** Told to be the same recording, however their times compare. */
const sameRecord: readonly Rule[] = ["by-hand", "copy", "twin", "shifted"];
const isSame = (p: Pair): boolean => sameRecord.includes(p.rule) || sameNumbers(p.a, p.b);

/** Covering so much of each other, two records began and ended together. */
const sameTimePermilleMin = 800;
const isSameTime = (p: Pair): boolean => isSame(p) || p.ofLonger >= sameTimePermilleMin;

/** A named record that the other lies within, and fits. */
function holds(table: PairTable, whole: WorkoutFact, inner: WorkoutFact): boolean {
  if (whole === inner || isVague(whole.type) || longerOf(whole, inner) !== whole) return false;
  const inside = sharedMs(whole, inner) * 1000 >= insidePermilleMin * inner.elapsedMs;
  return inside && table.fits(whole, inner);
}
