/**
 * `npm run sim -- boards`: members and updates without end, in this process, through the reader, the
 * rankings and the growing that production runs; rows come new, again, late and empty, shards are put
 * out of memory and become more meanwhile. Sampled ranks are counted out over everybody; at
 * checkpoints every board is compared with a sorted array, entry by entry.
 */
import { table } from "../../local/table.ts";
import { chanceOf } from "../oracle/chance.ts";
import { Check } from "./boards/check.ts";
import { Shards } from "./boards/shards.ts";
import { Oracle, rankings, rowOf } from "./boards/world.ts";

export interface BoardsOptions {
  readonly members: number;
  readonly updates: number;
  readonly seed: number;
  readonly told: (line: string) => void;
}
export interface BoardsOutcome {
  readonly differences: number;
  readonly wrong: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Puts under way at the same time. */
const atOnce = 8;
/** A ranking is sampled for so long that not every sample puts another one in order first. */
const sampledInTurn = 400;
const samplesMax = 10_000;
const evictionsMax = 200;
const checkpoints = 5;
/** A board that grows is let take its steps over about this share of the updates. */
const growthShare = 0.03;
/** Its shards take one for so many rows, and a few besides. */
const rowsAStep = 400;
const stepsBesides = 6;
/** Everybody has come after this share of the updates. */
const comeAfter = 0.7;
/** A board becomes this many shards by its members alone. */
const shardsWanted = 16;
/** Later on it is told once more that it is full. */
const fullAgainAfter = 0.8;

export async function simulatedBoards(options: BoardsOptions): Promise<BoardsOutcome> {
  const { members, updates, seed, told } = options;
  const chance = chanceOf(seed);
  const membersMax = Math.ceil((1.1 * members) / shardsWanted);
  const boards = new Shards({ membersMax, entriesMax: 2.2 * membersMax });
  const oracle = new Oracle(members);
  const check = new Check(boards, oracle, chance);
  const puts = { new: 0, "said again": 0, late: 0, "only the version": 0 };
  const every = (times: number) => Math.max(1, Math.floor(updates / times));
  const isDue = (at: number, each: number) => at % each < atOnce;
  const stepEvery = Math.floor((growthShare * updates) / (membersMax / rowsAStep + stepsBesides));

  const one = async (at: number): Promise<void> => {
    const come = Math.min(1, (at + atOnce) / (comeAfter * updates));
    const i = chance.whole(0, Math.floor(come * (members - 1)));
    const held = oracle.versions[i] as number;
    const share = chance.whole(1, 100);
    let own = chance.whole(0, 0xffff_ffff);
    let version = held + chance.whole(1, 3);
    if (held > 0 && share <= 5) version = held;
    else if (held > 0 && share <= 10) version = chance.whole(Math.max(0, held - 3), held - 1);
    if (held > 0 && (version === held || share > 95)) own = oracle.owns[i] as number;
    const what = version === held ? "said again" : version < held ? "late" : "new";
    puts[what === "new" && held > 0 && share > 95 ? "only the version" : what]++;
    const row = rowOf(i, own, version);
    oracle.put(i, own, row);
    await boards.put(row);
  };

  for (let at = 0; at < updates; at += atOnce) {
    const count = Math.min(atOnce, updates - at);
    await Promise.all(Array.from({ length: count }, () => one(at)));
    if (isDue(at, stepEvery)) boards.letGrow();
    if (isDue(at, every(evictionsMax))) boards.evict(chance.whole(0, boards.serving.shards - 1));
    if (isDue(at, every(samplesMax)))
      await check.sample(Math.floor(check.ranks / sampledInTurn) % rankings.length);
    if (at > fullAgainAfter * updates && boards.serving.shards === shardsWanted)
      boards.full(boards.serving.generation);
    if (isDue(at + atOnce, every(checkpoints))) {
      boards.drop();
      await check.everything();
      const { generation, shards } = boards.serving;
      told(
        `${at + count} of ${updates} updates, ${check.ranks} ranks and ${check.entries} entries ` +
          `compared, ${check.differences} differ; generation ${generation} of ${shards} shards`,
      );
    }
  }
  await boards.grown();
  await check.everything();
  return {
    differences: check.differences,
    wrong: check.wrong,
    figures: {
      members,
      ...puts,
      "rows written": boards.writes,
      evictions: boards.evictions,
      generations: boards.serving.generation,
      shards: boards.serving.shards,
      "ranks compared": check.ranks,
      "sampled while growing": check.whileGrowing,
      "entries compared": check.entries,
      "rows compared": check.rows,
      differences: check.differences,
    },
  };
}

/** Prints what came of it; how much differs. */
export async function boards(options: Omit<BoardsOptions, "told">): Promise<number> {
  const told = (line: string) => process.stdout.write(`${line}\n`);
  told(`seed ${options.seed}: ${options.members} members, ${options.updates} updates`);
  const beganMs = performance.now();
  const { differences, wrong, figures } = await simulatedBoards({
    ...options,
    told: (line) => told(`${Math.round((performance.now() - beganMs) / 1000)} s: ${line}`),
  });
  told(
    table(
      ["what", "how many"],
      Object.entries(figures).map(([k, n]) => [k, String(n)]),
    ),
  );
  for (const line of wrong) told(`wrong: ${line}`);
  told(`RESULT ${JSON.stringify({ seed: options.seed, ...figures })}`);
  return differences;
}
