/** What came of it, in a table; what is wrong, with what it takes to see it again. */
import { table } from "../../local/table.ts";
import type { Crashed, Killed } from "./run.ts";

const shownMax = 8;
export const backMsMax = 2_000;

/** Nothing is lost, doubled or amiss; how long it was away is another matter. */
export const isFine = ({ lines, wrong }: Crashed): boolean =>
  wrong.length === 0 && lines.every((line) => line.wrong.length === 0);

/** The middle one, and the greatest. */
function spreadOf(ms: readonly number[]): { readonly p50: number; readonly most: number } {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (place: number) => Math.round(sorted[Math.max(0, place)] ?? 0);
  return { p50: at(Math.ceil(sorted.length / 2) - 1), most: at(sorted.length - 1) };
}

const awayMs = ({ back }: Killed): number => Math.max(back.healthMs, back.writeMs);

/** False: something is wrong. */
export function report(
  crashed: Crashed,
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
  say: (text: string) => void,
): boolean {
  const { kills, lines, record, wrong, lost, doubled, samples, state } = crashed;
  const acknowledged = record.acknowledged();
  const atSteps = kills.filter(({ step }) => step !== null);
  const reached = atSteps.filter(({ isReached }) => isReached);
  const missed = atSteps.filter(({ isReached }) => !isReached).map(({ step }) => step?.name ?? "");
  say(
    table(
      ["answered", "times"],
      [...record.answers].sort().map(([what, n]) => [what, String(n)]),
    ),
  );
  say("");
  say(
    table(
      ["promise", "of", "wrong"],
      lines.map(({ promise, of, wrong: found }) => [promise, String(of), String(found.length)]),
    ),
  );
  for (const { promise, wrong: found } of lines)
    for (const one of found.slice(0, shownMax)) say(`WRONG ${promise}: ${one}`);
  for (const one of wrong) say(`WRONG ${one}`);
  const [health, write] = [kills.map((k) => k.back.healthMs), kills.map((k) => k.back.writeMs)].map(
    spreadOf,
  );
  const away = spreadOf(kills.map(awayMs));
  say("");
  say(`${kills.length} kills, ${reached.length} of ${atSteps.length} at the step that was named`);
  if (missed.length > 0) say(`not come to: ${[...new Set(missed)].join("; ")}`);
  say(
    `back in service: first 200 of /healthz after ${health?.p50} ms (at most ${health?.most}), ` +
      `first write after ${write?.p50} ms (at most ${write?.most})`,
  );
  const isBackInTime = away.most <= backMsMax;
  if (!isBackInTime) say(`WRONG away for longer than ${backMsMax} ms`);
  if (!isFine(crashed)) say(`seed ${seed}; everything is in ${state}`);
  const result = {
    ...{
      kills: kills.length,
      atSteps: reached.length,
      facts: record.size,
      acknowledged: acknowledged.facts,
    },
    ...{ statements: acknowledged.sayings, samples, lost, doubled, seed, seconds },
    wrong:
      wrong.length +
      lines.reduce((sum, line) => sum + line.wrong.length, 0) +
      (isBackInTime ? 0 : 1),
    ...{ backMsP50: away.p50, backMsMax: away.most },
  };
  say(`RESULT ${JSON.stringify(result)}`);
  return isFine(crashed) && isBackInTime;
}
