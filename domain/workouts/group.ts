/**
 * Which records are one workout: a pure function of the *set* of a member's facts. Every pair that
 * shares time is judged once; pairs that fit are joined best first, and a join that would put two
 * records of one source, or two that do not fit, into one group is refused with its reason.
 * Ties are broken by identity, so no order of arrival can show through.
 */
import { activityFamilies, familiesFit, familyOf } from "./activity.ts";
import type { Reason } from "./resolved.ts";
import type { WorkoutFact } from "./schema.ts";

/** Two records are one workout only if they share this much of the shorter one's time. */
export const overlapPermilleMin = 500;

export interface Group {
  readonly facts: readonly WorkoutFact[];
  readonly joined: readonly Reason[];
  readonly apart: readonly Reason[];
}

const endOf = (f: WorkoutFact) => f.at + f.elapsedMs;

function overlapPermille(a: WorkoutFact, b: WorkoutFact): number {
  const shared = Math.min(endOf(a), endOf(b)) - Math.max(a.at, b.at);
  if (shared <= 0) return 0;
  return Math.floor((shared * 1000) / Math.min(a.elapsedMs, b.elapsedMs));
}

/** One recording source: the same connection, and within it the same app on the same device. */
const sourceOf = (f: WorkoutFact) => JSON.stringify([f.connection, f.app, f.deviceModel]);

const isCopy = (a: WorkoutFact, b: WorkoutFact) =>
  (a.copyOf !== null && a.copyOf === b.originId) || (b.copyOf !== null && b.copyOf === a.originId);

/** The verdict on a pair by itself. */
function judge(a: WorkoutFact, b: WorkoutFact): Reason & { readonly fits: boolean } {
  const overlap = overlapPermille(a, b);
  const percent = `${Math.floor(overlap / 10)} %`;
  const pair = { a: a.id, b: b.id, overlapPermille: overlap };
  if (isCopy(a, b)) {
    return { ...pair, fits: true, rule: "copy", because: "one is a forwarded copy of the other" };
  }
  if (sourceOf(a) === sourceOf(b)) {
    const because = "both come from the same source, which recorded them as two";
    return { ...pair, fits: false, rule: "same-source", because };
  }
  if (!familiesFit(familyOf(a.type), familyOf(b.type))) {
    const because = `one is ${a.type}, the other ${b.type}`;
    return { ...pair, fits: false, rule: "other-activity", because };
  }
  if (overlap < overlapPermilleMin) {
    const because = `they share only ${percent} of the shorter one's time`;
    return { ...pair, fits: false, rule: "apart-in-time", because };
  }
  const because = `they share ${percent} of the shorter one's time and both fit ${fitName(a, b)}`;
  return { ...pair, fits: true, rule: "overlap", because };
}

const fitName = (a: WorkoutFact, b: WorkoutFact) =>
  activityFamilies[a.type] === "other" ? familyOf(b.type) : familyOf(a.type);

const byId = (a: WorkoutFact, b: WorkoutFact) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export function groupWorkouts(facts: readonly WorkoutFact[]): Group[] {
  const distinct = new Map(facts.map((f) => [f.id, f])).values();
  const sorted = [...distinct].sort((a, b) => a.at - b.at || byId(a, b));
  const verdicts = judgeNeighbours(sorted);
  const groupOf = new Map<string, WorkoutFact[]>(sorted.map((f) => [f.id, [f]]));
  const joined: Reason[] = [];
  const apart: Reason[] = verdicts.filter((v) => !v.fits).map(reason);
  const fits = new Map(verdicts.map((v) => [pairKey(v.a, v.b), v.fits]));
  const candidates = verdicts
    .filter((v) => v.fits)
    .sort(
      (x, y) =>
        Number(y.rule === "copy") - Number(x.rule === "copy") ||
        y.overlapPermille - x.overlapPermille ||
        (pairKey(x.a, x.b) < pairKey(y.a, y.b) ? -1 : 1),
    );
  for (const candidate of candidates) {
    const left = groupOf.get(candidate.a) ?? [];
    const right = groupOf.get(candidate.b) ?? [];
    if (left === right) {
      joined.push(reason(candidate));
    } else if (left.every((l) => right.every((r) => fits.get(pairKey(l.id, r.id)) === true))) {
      const union = [...left, ...right];
      for (const f of union) groupOf.set(f.id, union);
      joined.push(reason(candidate));
    } else {
      const because = "one of them already belongs to a group that the other does not fit";
      apart.push({ ...reason(candidate), rule: "taken", because });
    }
  }
  return [...new Set(groupOf.values())].map((group) => {
    const ids = new Set<string>(group.map((f) => f.id));
    return {
      facts: group,
      joined: joined.filter((r) => ids.has(r.a) && ids.has(r.b)),
      apart: apart.filter((r) => ids.has(r.a) !== ids.has(r.b)),
    };
  });
}

const reason = ({ a, b, rule, overlapPermille, because }: Reason): Reason => ({
  a,
  b,
  rule,
  overlapPermille,
  because,
});

const pairKey = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Judges every pair that shares time; sorted input, sorted output. */
function judgeNeighbours(sorted: readonly WorkoutFact[]) {
  const verdicts: (Reason & { readonly fits: boolean })[] = [];
  let open: WorkoutFact[] = [];
  for (const fact of sorted) {
    open = open.filter((o) => endOf(o) > fact.at);
    for (const o of open) {
      const [a, b] = byId(o, fact) < 0 ? [o, fact] : [fact, o];
      verdicts.push(judge(a, b));
    }
    open.push(fact);
  }
  return verdicts;
}
