/**
 * A day of so many statements over the whole running system: real ledgers, queue, archive, boards.
 * Then every number four times: by the oracle from the raw facts, by DuckDB from the archive's files,
 * by the settled totals in the warehouse and, of open periods, by the live boards.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isOpen, shardOf } from "../../domain/boards.ts";
import {
  type BoardPort,
  type BoardRootPort,
  boardRootName,
  boardShardName,
  isMoved,
} from "../../domain/ports.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { endFolder, passingFolder } from "../../local/passing.ts";
import { say } from "../../local/say.ts";
import { type System, startSystem } from "../../local/system.ts";
import { chanceOf } from "../oracle/chance.ts";
import { Counts, differences } from "../oracle/counts.ts";
import { coveredBy } from "../oracle/covered.ts";
import { duckCounts, duckOver } from "../oracle/duck.ts";
import { truthOf } from "../oracle/truth.ts";
import { type World, worldOf } from "../oracle/world.ts";
import { balance } from "./balance.ts";
import { settleWhileKilled } from "./killing.ts";
import { deliver, eachOf, enrolled, quiet } from "./members.ts";
import { askFor, warehouseOf, watch } from "./runs.ts";
import { table } from "./tables.ts";

export interface ArchiveOptions {
  readonly facts: number;
  readonly seed: number;
  readonly kill: boolean;
}

const runId = "sim-settle";
const rowsAtOnceMax = 500;
/** At most one line of a kind in this time. */
const sayEveryMs = 5000;
function saySometimes(): (text: string) => void {
  let saidMs = 0;
  return (text) => {
    if (Date.now() - saidMs < sayEveryMs) return;
    saidMs = Date.now();
    say(text);
  };
}

export async function archive(options: ArchiveOptions): Promise<number> {
  const state = await passingFolder("sim");
  let system = await startSystem({ state });
  try {
    const world = await lived(system, options);
    await askFor(system, runId);
    if (options.kill) {
      await system.close();
      const kills = await settleWhileKilled(state, runId, chanceOf(options.seed + 3), (n, last) =>
        say(`  killed ${n} times; ${last?.stage} ${last?.done} of ${last?.total}`),
      );
      say(`settled, though it was killed ${kills} times`);
      system = await startSystem({ state });
    } else {
      const sometimes = saySometimes();
      const startedMs = Date.now();
      const { outcome, done } = await watch(system, runId, (p) =>
        sometimes(`  ${p.stage} ${p.done} of ${p.total}`),
      );
      say(`settled in ${Math.round((Date.now() - startedMs) / 1000)} s: ${done} units, ${outcome}`);
    }
    return await compared(system, world, join(state, "copy"));
  } finally {
    await system.close();
    await endFolder(state);
  }
}

/** The day itself. */
async function lived(system: System, { facts, seed }: ArchiveOptions): Promise<World> {
  const world = worldOf({ seed, facts });
  say(`seed ${seed}: ${facts} statements of ${world.members.length} members`);
  for (const [what, n] of Object.entries(coveredBy(world))) say(`  ${what.padEnd(32)} ${n}`);
  await enrolled(system, world);
  const sometimes = saySometimes();
  const startedMs = Date.now();
  await deliver(system, world, chanceOf(seed + 1), (n) =>
    sometimes(`  ${n} of ${world.members.length} members' statements are recorded`),
  );
  say(`recorded in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  await quiet(system, world, (n) => sometimes(`  ${n} ledgers have something left to send`));
  return world;
}

async function compared(system: System, world: World, folder: string): Promise<number> {
  const truth = truthOf(world);
  await copied(system, folder);
  const duck = await duckOver(folder, workouts);
  const duckSays = await duckCounts(duck, workouts);
  duck.end();
  const settled = await settledTotals(system);
  const live = await liveScores(system);
  const columns = {
    oracle: truth.totals,
    DuckDB: duckSays.totals,
    settled: settled.totals,
    live: live.totals,
  };
  for (const line of table(columns, truth.scores)) say(line);
  for (const line of await balance(system)) say(line);
  const all = [
    ["DuckDB's scores", truth.scores, duckSays.scores],
    ["live scores", stillOpen(truth.scores, 1), live.scores],
    ["DuckDB's totals", truth.totals, duckSays.totals],
    ["settled totals", truth.totals, settled.totals],
    ["live totals", stillOpen(truth.totals, 0), live.totals],
  ] as const;
  let [equal, different] = [0, 0];
  for (const [what, expected, found] of all) {
    const { count, shown } = differences(expected, found);
    different += count;
    equal += expected.size - count;
    for (const one of shown) say(`  ${what}: ${one}`);
  }
  say(`${equal} equal, ${different} different (seed ${world.seed})`);
  return different;
}

/** The archive's manifests and what they name, as files. */
export async function copied({ runtime }: System, folder: string): Promise<void> {
  const bucket = await runtime.mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const names: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list(cursor === undefined ? {} : { cursor });
    names.push(...page.objects.map((o) => o.key));
    if (!page.truncated) break;
    cursor = page.cursor;
  }
  await eachOf(names, async (name) => {
    const object = await bucket.get(name);
    if (object === null) return;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), new Uint8Array(await object.arrayBuffer()));
  });
}

async function settledTotals(system: System): Promise<Counts> {
  const counts = new Counts();
  const warehouse = await warehouseOf(system);
  const { results } = await warehouse
    .prepare("SELECT measure, key, period, n FROM total WHERE stream = ? AND rules = ?")
    .bind(workouts.name, workouts.rules.version)
    .all<{ measure: string; key: string; period: string; n: number }>();
  for (const { period, key, measure, n } of results) counts.total(period, key, measure, n);
  return counts;
}

/** What the live boards hold: every row, of the periods that are still open. */
export async function liveScores({ runtime }: System): Promise<Counts> {
  const counts = new Counts();
  const namespace = (name: string) => runtime.mf.getDurableObjectNamespace(name, "singlet-edge");
  const [boards, roots] = [await namespace("BOARD"), await namespace("BOARD_ROOT")];
  const root = roots.getByName(boardRootName(workouts.name)) as unknown as BoardRootPort;
  const topology = await root.topology();
  const shards = Array.from({ length: topology.shards }, (_, shard) => shard);
  await eachOf(shards, async (shard) => {
    const name = boardShardName(workouts.name, topology, shard);
    const board = boards.getByName(name) as unknown as BoardPort;
    for (let after: string | null = null; ; ) {
      const answer = await board.rows({ number: 0, of: 1 }, after, rowsAtOnceMax);
      if (isMoved(answer)) throw new Error("the boards grow while they are read");
      for (const { member, periods } of answer.rows) {
        if (shardOf(member, topology) !== shard) throw new Error("a member is on another's board");
        for (const [period, keys] of Object.entries(periods))
          for (const [key, numbers] of Object.entries(keys))
            workouts.measures.forEach((measure, i) => {
              counts.score(member, period, key, measure.name, numbers[i] ?? 0);
            });
      }
      after = answer.rows.at(-1)?.member ?? null;
      if (answer.rows.length < rowsAtOnceMax) break;
    }
  });
  return counts;
}

/** Of what stands at this place of the name, the periods whose boards are live. */
export const stillOpen = (
  numbers: ReadonlyMap<string, number>,
  place: 0 | 1,
): Map<string, number> =>
  new Map([...numbers].filter(([name]) => isOpen(name.split(" ")[place] ?? "", Date.now())));
