/**
 * What a member aims at, a day at a time: a number of their own for a metric, else the table's. It
 * holds for every day, past ones too, and is nobody's advice. An average has none: what a heart or
 * a lung does within a day is not for anybody to aim at.
 */
import { type Fold, type Metric, metricOf, metrics } from "./metrics.ts";
import { fromScaled, toScaled } from "./units.ts";

/** at-least: so much or more. reach: to come to from either side, the nearer the better. */
export const goalKinds = ["at-least", "reach"] as const;
export type GoalKind = (typeof goalKinds)[number];

/** What grows all day is to be enough; what stands until it is measured again is to come there. */
const kinds: Readonly<Record<Fold, GoalKind | null>> = {
  sum: "at-least",
  latest: "reach",
  average: null,
};
/** Null: it can have no goal. */
export const goalKindOf = (metric: Metric): GoalKind | null => kinds[metricOf(metric).fold];

export const goalMetrics: readonly Metric[] = metrics.filter(
  (metric) => goalKindOf(metric) !== null,
);

/** A member's own, in the metric's `unit`; one that is absent is the table's. */
export type Goals = Readonly<Partial<Record<Metric, number>>>;
/** Null takes one back to the table's; what is absent stays. */
export type GoalChanges = Readonly<Partial<Record<Metric, number | null>>>;

/** In `unit`, both ends included: what one reading can be, and never nothing. */
export function goalRange(metric: Metric): readonly [min: number, max: number] {
  const { range, scale } = metricOf(metric);
  return [Math.max(range[0], 1 / scale), range[1]];
}

export interface DayGoal {
  readonly goal: number;
  readonly goalFrom: "own" | "default";
  readonly goalKind: GoalKind;
}
/** Null: the metric has none, or none that was chosen. */
export function dayGoalOf(metric: Metric, goals: Goals): DayGoal | null {
  const goalKind = goalKindOf(metric);
  const own = goals[metric];
  const goal = own ?? metricOf(metric).goal;
  if (goalKind === null || goal === null) return null;
  return { goal, goalFrom: own === undefined ? "default" : "own", goalKind };
}

/** In `unit`; null: there is none. */
export const goalOf = (metric: Metric, goals: Goals): number | null =>
  dayGoalOf(metric, goals)?.goal ?? null;

/** All or none: null when one of them is no goal that its metric can have. */
export function withGoals(before: Goals, changes: GoalChanges): Goals | null {
  if (!Object.entries(changes).every(([metric, goal]) => isGoal(metric, goal))) return null;
  const own = goalMetrics.flatMap((metric) => {
    const said = changes[metric];
    const goal = said === undefined ? before[metric] : said;
    return goal == null ? [] : [[metric, kept(metric, goal)]];
  });
  return Object.fromEntries(own);
}

function isGoal(name: string, goal: unknown): boolean {
  const metric = goalMetrics.find((one) => one === name);
  if (metric === undefined) return false;
  if (goal === null || goal === undefined) return true;
  const [min, max] = goalRange(metric);
  return typeof goal === "number" && goal >= min && goal <= max;
}

/** As finely as the metric itself: nobody walks half a step. */
function kept(metric: Metric, goal: number): number {
  const scaled = toScaled(metric, goal, metricOf(metric).unit);
  return scaled.ok ? fromScaled(metric, scaled.value) : goal;
}

/** As they are sealed; null: the member chose none yet. */
export const goalsText = (goals: Goals): string => JSON.stringify(goals);
export const readGoals = (text: string | null): Goals =>
  text === null ? {} : (JSON.parse(text) as Goals);
