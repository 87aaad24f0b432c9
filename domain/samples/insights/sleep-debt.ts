/**
 * What the last seven nights lack of the goal, added up. A longer night takes nothing off a shorter
 * one, and a night that was not measured counts neither way.
 */
import { addDays, type LocalDate, weekOf } from "../../time.ts";
import type { DayAggregates } from "../aggregate.ts";
import { type Goals, goalOf } from "../goals.ts";
import { type Insight, insightId, measuredIn, rounded, saidDuration } from "./told.ts";

const metric = "sleep";
const nights = 7;
const measuredMin = 5;
const hourS = 3600;
/** Less than this in a week is how measuring goes. */
const missingSMin = 2 * hourS;
/** Of today's: a shorter one may still be going on. */
const lastNightSMin = 3 * hourS;

export function sleepDebtOf(
  days: readonly DayAggregates[],
  today: LocalDate,
  goals: Goals,
): Insight[] {
  const goal = goalOf(metric, goals);
  if (goal === null) return [];
  const from = addDays(today, 1 - nights);
  const measured = measuredIn(days, metric, from, today).filter(
    ({ date, value }) => date < today || value >= lastNightSMin,
  );
  if (measured.length < measuredMin) return [];
  const short = measured.filter(({ value }) => value < goal);
  const missing = short.reduce((sum, { value }) => sum + goal - value, 0);
  if (missing < missingSMin) return [];
  const slept = measured.reduce((sum, { value }) => sum + value, 0);
  const each = `${short.length} of ${measured.length} measured nights`;
  return [
    {
      id: insightId("sleep-debt", metric, weekOf(today)),
      ...{ kind: "sleep-debt", metric, from, to: today },
      sentence: `In the last ${nights} days ${each} were shorter than your goal of ${saidDuration(goal)}, by ${saidDuration(missing)} together.`,
      numbers: {
        ...{ nights: measured.length, short: short.length, goal },
        ...{ missing: rounded(missing), mean: rounded(slept / measured.length) },
      },
      confidence: null,
    },
  ];
}
