/**
 * The groups as they grow: two are joined only when every record of the one may stand beside every
 * record of the other, by itself or by what they share in the group.
 */
import { isVague, kinship } from "./activity.ts";
import { insidePermilleMin, longerOf, type Pair, sameNumbers, sharedMs, sourceOf } from "./pair.ts";
import type { PairTable } from "./pair-table.ts";
import type { Rule } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";

/** More records of one workout than this are no workout. */
const groupMax = 1000;

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
   * in for them: the same recording always, one that covers the same time only for records of two
   * sources that do not name two activities. What names none stands in for none: a run and a ride
   * are two, however much it agrees with both.
   */
  #belong(l: WorkoutFact, r: WorkoutFact, union: readonly WorkoutFact[]): boolean {
    const table = this.#table;
    if (table.fits(l, r)) return true;
    if (table.wholesOf(l, r).some((whole) => union.includes(whole))) return true;
    const sameSource = sourceOf(l) === sourceOf(r);
    // Two that one source recorded apart are one only if both say that they are the same record's.
    if (sameSource && !liesInside(l, r))
      return union.some((u) => isCopyOf(table, l, u) && isCopyOf(table, r, u));
    const nameTwo = kinship(l.type, r.type) === "no";
    const isTied = nameTwo || sameSource ? isSame : isSameTime;
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

const isCopyOf = (table: PairTable, copy: WorkoutFact, original: WorkoutFact): boolean =>
  copy.copyOf === original.originId && table.of(copy, original)?.rule === "copy";

/** Does the shorter of the two lie in the longer? */
const liesInside = (a: WorkoutFact, b: WorkoutFact): boolean =>
  sharedMs(a, b) * 1000 >= insidePermilleMin * Math.min(a.elapsedMs, b.elapsedMs);

/** A named record that the other lies within, and fits. */
function holds(table: PairTable, whole: WorkoutFact, inner: WorkoutFact): boolean {
  if (isVague(whole.type) || longerOf(whole, inner) !== whole) return false;
  return liesInside(whole, inner) && table.fits(whole, inner);
}
