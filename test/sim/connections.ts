/**
 * `npm run sim -- connections`: a week of a thousand connections in virtual time, over the real
 * flow of connections and gates, with faults at random and one provider down for six hours.
 */
import { type Figures, type Outcome, outcomeOf } from "./week/figures.ts";
import type { FloodOptions } from "./week/flood.ts";
import type { FloodFigures } from "./week/flooded.ts";
import { Week, type WeekOptions } from "./week/week.ts";

type Say = (line: string) => void;

export async function simulate(options: WeekOptions, say: Say = () => {}): Promise<Outcome> {
  // A line for every pull of a week is for nobody to read.
  const { log } = console;
  console.log = () => {};
  try {
    return await simulated(new Week(options), say);
  } finally {
    console.log = log;
  }
}

async function simulated(week: Week, say: Say): Promise<Outcome> {
  await week.run((day) => {
    const waiting = [...week.connected.values()].filter(({ status }) => (status?.pending ?? 0) > 0);
    const done = [...week.connected.values()].filter(({ backfilledMs }) => backfilledMs !== null);
    say(
      `day ${day}: ${week.clock.events} events, ${week.freshness.length} statements recorded, ` +
        `${done.length} histories read, ${waiting.length} connections with something to read`,
    );
  });
  return outcomeOf(week);
}

/** Returns how many kinds of things are wrong. */
export async function connections(options: WeekOptions): Promise<number> {
  const say: Say = (line) => process.stdout.write(`${line}\n`);
  say(
    `${options.connections} connections, ${options.days} days, seed ${options.seed}` +
      `${options.harsh === true ? ", everything goes wrong" : ""}; ` +
      "times are simulated",
  );
  const beganMs = performance.now();
  const outcome = await simulate(options, say);
  for (const line of tableOf(outcome)) say(line);
  if (outcome.flood !== null) for (const line of await withoutIt(options)) say(line);
  say(`took ${Math.round((performance.now() - beganMs) / 1000)} s`);
  say(outcome.wrong.size === 0 ? "nothing is wrong" : `${outcome.wrong.size} things are wrong`);
  return outcome.wrong.size;
}

/** The same week in which nobody forges anything: how fresh it is to those who are not flooded. */
async function withoutIt(options: WeekOptions): Promise<string[]> {
  const flood = { ...(options.flood as FloodOptions), aMinute: 0 };
  const calm = (await simulate({ ...options, flood })).flood;
  return calm === null ? [] : [`       without it everybody else's: ${freshLine(calm.others)}`];
}

const minutes = (ms: number) => (ms / 60_000).toFixed(1);
const days = (ms: number | null) => (ms === null ? "never" : (ms / 86_400_000).toFixed(2));

const columns: readonly (readonly [string, (f: Figures) => string])[] = [
  ["provider", (f) => f.kind],
  ["connections", (f) => `${f.connections}`],
  ["records", (f) => `${f.records}`],
  ["right", (f) => `${f.recorded}`],
  ["calls", (f) => `${f.calls}`],
  ["asks/100 calls", (f) => f.asksIn100.toFixed(0)],
  ["budget max %", (f) => f.peakPercent.toFixed(0)],
  ["history max %", (f) => f.historyPercent.toFixed(0)],
  ["live waits", (f) => `${f.liveSentAway}`],
  ["429s", (f) => `${f.throttled}`],
  ["fresh p50 min", (f) => minutes(f.freshP50Ms)],
  ["fresh p99 min", (f) => minutes(f.freshP99Ms)],
  ["of", (f) => `${f.freshCount}`],
  ["breaker opened", (f) => `${f.openings}`],
  ["history p50 d", (f) => days(f.backfillP50Ms)],
  ["history max d", (f) => days(f.backfillMaxMs)],
  ["over budget", (f) => `${f.over + f.overAligned}`],
];

export function tableOf(outcome: Outcome): string[] {
  const there = outcome.figures.filter(({ connections }) => connections > 0);
  const rows = there.map((f) => columns.map(([, text]) => text(f)));
  const heads = columns.map(([head]) => head);
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ");
  const { refreshes, answersLost, relinked, crashes, catchUpMaxMs } = outcome;
  return [
    "",
    line(heads),
    ...rows.map(line),
    "",
    `${outcome.down} was down for 6 hours; the last that waited came ${minutes(catchUpMaxMs)} minutes ` +
      "after it was back",
    `${refreshes} token refreshes, ${answersLost} of their answers lost; linked again ${relinked} times`,
    `${crashes} crashes of objects`,
    ...(outcome.flood === null ? [] : floodLines(outcome.flood)),
    ...[...outcome.wrong].map(([what, times]) => `WRONG  ${times} × ${what}`),
    ...outcome.named.map((name) => `       ${name}`),
  ];
}

const freshLine = ({ n, p50Ms, p99Ms }: FloodFigures["others"]): string =>
  `p50 ${minutes(p50Ms)}, p99 ${minutes(p99Ms)} minutes, of ${n}`;

const floodLines = (flood: FloodFigures): string[] => [
  `flood: ${flood.sent} forged notices of ${flood.accounts} accounts at Strava in ${flood.hours} hours; ` +
    `${flood.callsAnHour.toFixed(1)} calls an hour of each, ${flood.callsMax} at most, ` +
    `${flood.vainMax} of them in vain; the breaker opened ${flood.openings} times`,
  `       their own news: ${freshLine(flood.flooded)}; everybody else's: ${freshLine(flood.others)}`,
];
