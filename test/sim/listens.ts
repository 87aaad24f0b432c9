/**
 * A year of listening of so many sittings, in this process but for the archive, which is real files: told
 * by several sources each, twice, late, taken back and forgotten; recorded, settled in three nights.
 * Then every total three times: DuckDB over the plays as they were, the settled totals, DuckDB over
 * the archive by the measures' SQL.
 */
import { listens as stream } from "../../domain/listens/stream.ts";
import { endFolder, passingFolder } from "../../local/passing.ts";
import { say } from "../../local/say.ts";
import { table } from "../../local/table.ts";
import { chanceOf } from "../oracle/chance.ts";
import { differences } from "../oracle/counts.ts";
import { duckCounts, duckOver } from "../oracle/duck.ts";
import { settledOf, toldOf } from "../oracle/listens.ts";
import { named, type Totals, truthOf } from "../oracle/listens-truth.ts";
import { listensWorld } from "../oracle/listens-world.ts";

export interface ListensOptions {
  readonly plays: number;
  readonly seed: number;
}

const days = 365;
const nights = 3;
/** Fewer partitions, and fuller ones. */
const buckets = 2;

/** How many numbers differ. */
export async function listens({ plays, seed }: ListensOptions): Promise<number> {
  const folder = await passingFolder("listens");
  try {
    const world = listensWorld({ seed, plays, days, buckets });
    say(`seed ${seed}: ${world.plays.length} plays count, of ${world.listeners.length} listeners`);
    for (const [what, n] of Object.entries(world.made)) say(`  ${what.padEnd(30)} ${n}`);
    const ledgers = await toldOf(world, chanceOf(seed + 1));
    const archive = await settledOf(folder, world, ledgers, chanceOf(seed + 2), nights);
    const duck = await duckOver(folder, stream);
    const truth = await truthOf(duck, folder, world);
    const archived = named((await duckCounts(duck, stream)).totals);
    duck.end();
    const settled = named(archive.index.totals().totals);
    say(monthly({ truth, settled, DuckDB: archived }));
    let [equal, different] = [0, 0];
    for (const [what, found] of [
      ["settled", settled],
      ["DuckDB", archived],
    ] as const) {
      const { count, shown } = differences(truth, found);
      different += count;
      equal += truth.size - count;
      for (const one of shown) say(`  ${what}: ${one}`);
    }
    say(`${equal} equal, ${different} different (seed ${seed})`);
    return different;
  } finally {
    await endFolder(folder);
  }
}

/** A line a month and measure: the sum over its tracks and territories, and how many those are. */
function monthly(columns: Readonly<Record<string, Totals>>): string {
  const sums = Object.values(columns).map((totals) => {
    const found = new Map<string, number>();
    for (const [name, n] of totals) {
      const [period, measure] = [
        name.slice(0, name.indexOf(" ")),
        name.slice(name.lastIndexOf(" ")),
      ];
      if (period.includes("W")) continue;
      found.set(period + measure, (found.get(period + measure) ?? 0) + n);
    }
    return found;
  });
  const names = [...new Set(sums.flatMap((found) => [...found.keys()]))].sort();
  const rows = names.map((name) => [
    ...name.split(" "),
    ...sums.map((found) => String(found.get(name) ?? 0)),
  ]);
  return table(["period", "measure", ...Object.keys(columns)], rows);
}
