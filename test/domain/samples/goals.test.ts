/** Goals: which metrics have one, what one can be, and that they are changed one by one or not at all. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dayGoalOf,
  type GoalChanges,
  type Goals,
  goalKindOf,
  goalMetrics,
  goalOf,
  goalRange,
  goalsText,
  readGoals,
  withGoals,
} from "../../../domain/samples/goals.ts";
import { type Metric, metricOf, metrics } from "../../../domain/samples/metrics.ts";

describe("what can be aimed at", () => {
  it("is what adds up over a day, and what stands until it is measured again", () => {
    expect(goalMetrics).toEqual([
      ...["steps", "distance", "active_energy", "weight", "body_fat", "sleep"],
    ]);
    expect(goalMetrics.map(goalKindOf)).toEqual([
      ...["at-least", "at-least", "at-least", "reach", "reach", "at-least"],
    ]);
    expect(goalKindOf("heart_rate")).toBeNull();
  });

  it("covers every metric whose table has a goal, and that goal is one", () => {
    for (const metric of metrics) {
      const { goal } = metricOf(metric);
      if (goal === null) continue;
      expect(goalMetrics).toContain(metric);
      expect(withGoals({}, { [metric]: goal })).toEqual({ [metric]: goal });
    }
  });

  it("is what one reading can be, both ends included, and never nothing", () => {
    expect(goalRange("steps")).toEqual([1, 200_000]);
    expect(goalRange("distance")).toEqual([0.001, 1_000_000]);
    expect(goalRange("weight")).toEqual([1, 700]);
    for (const metric of goalMetrics) {
      const [min, max] = goalRange(metric);
      expect(withGoals({}, { [metric]: min })).toEqual({ [metric]: min });
      expect(withGoals({}, { [metric]: max })).toEqual({ [metric]: max });
      for (const beyond of [0, -1, min / 2, max * 1.001])
        expect(withGoals({}, { [metric]: beyond }), `${metric} ${beyond}`).toBeNull();
    }
  });
});

describe("a goal", () => {
  it("is the member's own, or else the table's, and says which", () => {
    expect(dayGoalOf("steps", {})).toEqual({
      ...{ goal: 10_000, goalFrom: "default", goalKind: "at-least" },
    });
    expect(dayGoalOf("steps", { steps: 10_000 })?.goalFrom).toBe("own");
    expect(dayGoalOf("weight", { weight: 72.5 })).toEqual({
      ...{ goal: 72.5, goalFrom: "own", goalKind: "reach" },
    });
    expect([dayGoalOf("weight", {}), goalOf("weight", {})]).toEqual([null, null]);
    expect(dayGoalOf("heart_rate", { heart_rate: 60 })).toBeNull();
  });

  it("is as fine as its metric", () => {
    expect(withGoals({}, { steps: 8_000.5, weight: 72.123_49, sleep: 27_000 })).toEqual({
      ...{ steps: 8_001, weight: 72.123, sleep: 27_000 },
    });
  });

  it("that is none changes nothing, not even those beside it", () => {
    const odd: readonly unknown[] = [Number.NaN, Number.POSITIVE_INFINITY, "8000", true, [], {}];
    for (const goal of odd)
      expect(withGoals({}, { sleep: 27_000, steps: goal } as GoalChanges)).toBeNull();
    for (const name of ["heart_rate", "mood", "constructor", "__proto__", ""])
      for (const goal of [60, null]) {
        const changes = JSON.parse(`{${JSON.stringify(name)}:${goal},"steps":8000}`);
        expect(withGoals({ steps: 1 }, changes), name).toBeNull();
      }
  });

  it("that is taken back leaves the others, and the table's in its place", () => {
    const before = { steps: 8_000, weight: 72 };
    const after = withGoals(before, { steps: null, sleep: null });
    expect(after).toEqual({ weight: 72 });
    expect(goalOf("steps", after ?? before)).toBe(10_000);
    expect(withGoals(before, {})).toEqual(before);
  });
});

const someGoal = fc.constantFrom(...goalMetrics).chain((metric) => {
  const [min, max] = goalRange(metric);
  const goal = fc.double({ min, max, noNaN: true });
  return fc.tuple(fc.constant(metric), fc.option(goal, { nil: null }));
});
const someChanges = fc.array(someGoal, { maxLength: 8 }).map(Object.fromEntries<number | null>);
const changed = (before: Goals, changes: GoalChanges): Goals => {
  const after = withGoals(before, changes);
  if (after === null) throw new Error("it was a goal");
  return after;
};

it("whatever is said, each metric has what was last said of it, and saying it again changes nothing", () => {
  fc.assert(
    fc.property(fc.array(someChanges, { maxLength: 6 }), (said) => {
      const goals = said.reduce(changed, {});
      const last: Record<string, number | null> = Object.assign({}, ...said);
      for (const metric of goalMetrics) {
        const goal = last[metric] ?? null;
        if (goal === null) expect(goals[metric]).toBeUndefined();
        else expect(Math.abs((goals[metric] ?? Number.NaN) - goal)).toBeLessThan(finest(metric));
      }
      const kept = readGoals(goalsText(goals));
      expect(goalsText(changed(kept, goals))).toBe(goalsText(goals));
      const backwards = Object.fromEntries(Object.entries(last).reverse());
      expect(goalsText(changed({}, backwards))).toBe(goalsText(goals));
    }),
  );
});

const finest = (metric: Metric): number => 0.501 / metricOf(metric).scale + 1e-9;

it("of a member who said nothing there are none", () => {
  expect(readGoals(null)).toEqual({});
});
