/** How far a day is on the way to its goal. */
import type { Metric } from "../../../domain/samples/metrics.ts";
import { number } from "../../design/format.ts";
import { said } from "../../readings/metric-words.ts";
import type { Measured } from "./use-day.ts";

interface GoalLineProps {
  readonly metric: Metric;
  readonly measured: Pick<Measured, "value" | "goal" | "goalFrom" | "goalKind">;
}

const whole = 100;

export function GoalLine({ metric, measured }: GoalLineProps) {
  const { value, goal, goalFrom, goalKind } = measured;
  if (goal === null || goalKind === null) return null;
  const whose = goalFrom === "own" ? "your goal" : "the common goal";
  if (goalKind === "reach")
    return <p className="small soft">{apart(metric, value, goal, `${whose} of`)}</p>;
  const percent = (value / goal) * whole;
  return (
    <>
      <div className="meter" aria-hidden="true">
        <div className="fill" style={{ width: `${Math.min(whole, percent)}%` }} />
      </div>
      <p className="small soft">
        {number(percent)} % of {whose}, {said(metric, goal)}
      </p>
    </>
  );
}

function apart(metric: Metric, value: number, goal: number, whose: string): string {
  const difference = said(metric, Math.abs(value - goal));
  if (said(metric, value) === said(metric, goal)) return `At ${whose} ${said(metric, goal)}`;
  const side = value > goal ? "above" : "below";
  return `${difference} ${side} ${whose} ${said(metric, goal)}`;
}
