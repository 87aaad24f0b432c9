/** Goals as they are typed: in the unit that people speak of, as text; and what of it is to be sent. */
import { goalMetrics, goalRange } from "../../../domain/samples/goals.ts";
import type { Metric } from "../../../domain/samples/metrics.ts";
import type { Answer } from "../../api/client.ts";
import { number } from "../../design/format.ts";
import { spoken, unitOf, unspoken } from "../../readings/metric-words.ts";

type Goals = Answer<"GET /v1/goals">["goals"];
/** By metric; what is empty is no goal of one's own. */
export type Typed = Readonly<Partial<Record<Metric, string>>>;

const digits = 3;
const shown = (metric: Metric, goal: number): string =>
  String(Number(spoken(metric, goal).toFixed(digits)));

/** Own goals alone: the common ones stand beside the fields. */
export const typedOf = (goals: Goals): Typed =>
  Object.fromEntries(
    goalMetrics.flatMap((metric) => {
      const one = goals[metric];
      return one?.goalFrom === "own" && one.goal !== null
        ? [[metric, shown(metric, one.goal)]]
        : [];
    }),
  );

/** In the metric's own unit; null: none of one's own; undefined: no number. */
export function goalOf(metric: Metric, text: string): number | null | undefined {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  const value = Number(plain);
  return Number.isFinite(value) ? unspoken(metric, value) : undefined;
}

/** What is wrong with it, in words; null: nothing. */
export function wrongOf(metric: Metric, text: string): string | null {
  const goal = goalOf(metric, text);
  if (goal === null) return null;
  const [least, most] = goalRange(metric);
  if (goal !== undefined && goal >= least && goal <= most) return null;
  const from = number(spoken(metric, least), least < 1 ? digits : 0);
  return `A number from ${from} to ${number(spoken(metric, most))} ${unitOf(metric)}.`;
}

/** Only what differs from what holds. */
export function changesOf(goals: Goals, typed: Typed): Partial<Record<Metric, number | null>> {
  const before = typedOf(goals);
  return Object.fromEntries(
    goalMetrics.flatMap((metric) => {
      const text = typed[metric] ?? "";
      const goal = goalOf(metric, text);
      return text === (before[metric] ?? "") || goal === undefined ? [] : [[metric, goal]];
    }),
  );
}
