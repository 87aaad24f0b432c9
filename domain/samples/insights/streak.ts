/** Days in a row on which the goal for steps was reached, up to today, or to yesterday if today may still come. */
import { addDays, type LocalDate, monthOf } from "../../time.ts";
import type { DayAggregates } from "../aggregate.ts";
import { type Goals, goalOf } from "../goals.ts";
import { type Insight, insightId, measuredIn, said } from "./told.ts";

const metric = "steps";
const streakDaysMin = 3;

export function streaksOf(
  days: readonly DayAggregates[],
  today: LocalDate,
  goals: Goals,
): Insight[] {
  const goal = goalOf(metric, goals);
  const known = days[0]?.date;
  if (goal === null || known === undefined) return [];
  const reached = measuredIn(days, metric, known, today)
    .filter(({ value }) => value >= goal)
    .map(({ date }) => date);
  const runs = runsOf(reached);
  const current = runs.at(-1);
  if (current === undefined) return [];
  const { from, to, length } = current;
  if (length < streakDaysMin || to < addDays(today, -1)) return [];
  const best = Math.max(...runs.map((run) => run.length));
  // Where it began before all that is known, its first day slides: the month has to do.
  const since = from === known ? monthOf(today) : from;
  const until = to === today ? "today" : "yesterday";
  const most =
    best > length
      ? `the longest run in this time was ${best} days`
      : "it is the longest run in this time";
  return [
    {
      id: insightId("streak", metric, since),
      ...{ kind: "streak", metric, from, to },
      sentence: `You reached your goal of ${said(goal)} steps on ${length} days in a row, up to ${until}; ${most}.`,
      numbers: { days: length, best, goal, reached: reached.length },
      confidence: null,
    },
  ];
}

interface Run {
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly length: number;
}
/** Of days in order. */
function runsOf(dates: readonly LocalDate[]): Run[] {
  const runs: Run[] = [];
  for (const date of dates) {
    const last = runs.at(-1);
    if (last !== undefined && addDays(last.to, 1) === date)
      runs[runs.length - 1] = { from: last.from, to: date, length: last.length + 1 };
    else runs.push({ from: date, to: date, length: 1 });
  }
  return runs;
}
