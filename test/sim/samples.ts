/**
 * A year of one member's samples through the door of the running system: late, doubled, corrected,
 * taken back, by two devices at once. Then every number of what it came to, as the API shows it and as
 * the archive settled it, beside DuckDB's, which never saw anything but what finally stands.
 */
import { endFolder, passingFolder } from "../../local/passing.ts";
import { say } from "../../local/say.ts";
import { type System, startSystem } from "../../local/system.ts";
import { type Delivered, delivered } from "./samples/door.ts";
import { type Figures, figuresOf, type Grain } from "./samples/duck.ts";
import { asShown, type Comparison, compared, type Named } from "./samples/numbers.ts";
import { openTotalsOf, Reader, settledTotals } from "./samples/reading.ts";
import { type World, type WorldOptions, worldOf } from "./samples/world.ts";

const grains: readonly Grain[] = ["hour", "day", "week", "month"];
/** Every so many days are looked at by themselves. */
const summaryEvery = 9;
const sayEveryMs = 5000;
const shownMax = 12;

export interface Lived {
  readonly delivered: Delivered;
  /** By what was looked at. */
  readonly comparisons: Readonly<Record<string, Comparison>>;
}

/** A life lived in a system, and compared. */
export async function lived(
  system: System,
  world: World,
  told: (text: string) => void,
): Promise<Lived> {
  const done = await delivered(system, world, (n, of) => told(`${n} of ${of} batches`));
  const figures = await figuresOf(world.life, world.truth, world.believed);
  const reader = await Reader.of(system, done.member);
  const comparisons: Record<string, Comparison> = {};
  for (const grain of grains) {
    told(`reading by ${grain}`);
    const found = await reader.aggregates(grain, world.life);
    comparisons[grain] = compared(asShown(figures[grain]), found);
  }
  const dates = datesOf(figures).filter((_, i) => i % summaryEvery === 0);
  comparisons.summary = compared(ofDates(figures, dates), await reader.summaries(dates));
  const totals = await settledTotals(system, done.member, told);
  comparisons["open totals"] = compared(openTotalsOf(figures), totals);
  return { delivered: done, comparisons };
}

const datesOf = ({ day }: Figures): readonly string[] =>
  [...new Set([...day.values()].map(({ label }) => label))].sort();

const ofDates = ({ day }: Figures, dates: readonly string[]): Named =>
  asShown(new Map([...day].filter(([, { label }]) => dates.includes(label))));

export async function samples(options: WorldOptions): Promise<number> {
  const world = worldOf(options);
  const { measured, truth, lanes, life } = world;
  say(`seed ${options.seed}: ${options.days} days, ${measured} samples, ${truth.length} stand`);
  say(`  ${lanes.watch.length} batches of the watch, ${lanes.phone.length} of the phone`);
  for (const { zone, fromMs } of life.zones)
    say(`  ${fromMs === 0 ? "since ever" : new Date(fromMs).toISOString()} ${zone}`);
  const state = await passingFolder("sim");
  const system = await startSystem({ state });
  try {
    let saidMs = 0;
    const result = await lived(system, world, (text) => {
      if (Date.now() - saidMs < sayEveryMs) return;
      saidMs = Date.now();
      say(`  ${text}`);
    });
    return report(result);
  } finally {
    await system.close();
    await endFolder(state);
  }
}

function report({ delivered: done, comparisons }: Lived): number {
  const { batches, samples: sent, answers, wrong, seconds } = done;
  const rate = Math.round(sent / seconds);
  say(`${batches} batches, ${sent} samples in ${Math.round(seconds)} s (${rate} a second)`);
  say(
    `answered: ${Object.entries(answers)
      .map(([what, n]) => `${what} ${n}`)
      .join(", ")}`,
  );
  for (const one of wrong.slice(0, shownMax)) say(`  wrong: ${one}`);
  say(`${"".padEnd(12)} ${"equal".padStart(9)} ${"different".padStart(9)}`);
  let [equal, different] = [0, 0];
  for (const [what, one] of Object.entries(comparisons)) {
    equal += one.equal;
    different += one.different;
    say(`${what.padEnd(12)} ${String(one.equal).padStart(9)} ${String(one.different).padStart(9)}`);
    for (const text of one.shown) say(`  ${text}`);
  }
  say(`${equal} equal, ${different} different, ${wrong.length} answers wrong`);
  return different + wrong.length;
}
