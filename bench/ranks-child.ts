/**
 * What `ranks.ts` measures in a process of its own, so that memory and the first reading are its own:
 * a hundred thousand members in one shard, put in order for five rankings. Says what it took as JSON.
 */
import { ShardState } from "../domain/boards/shard-state.ts";
import { chanceOf } from "../test/oracle/chance.ts";
import { SqliteScores } from "../test/sim/boards/sqlite-scores.ts";
import { memberOf, rowOf } from "./board-rows.ts";
import { asked, rankings } from "./ranks-world.ts";

export interface ChildTook {
  /** JavaScript's heap and buffers: what the shard's state adds to them, in MB. */
  readonly memoryMb: number;
  readonly memoryAfterUpdatesMb: number;
  /** From nothing in memory to the first answer, and the next four rankings on average. */
  readonly wakeMs: number;
  readonly wakeCpuMs: number;
  readonly nextRankingMs: number;
}

const members = 100_000;
const updates = 50_000;
const few = 200;
const megabyte = 1_000_000;

const chance = chanceOf(1);
const filled = (count: number): SqliteScores => {
  const store = new SqliteScores();
  const state = new ShardState(store);
  for (let i = 0; i < count; i++) state.put(rowOf(memberOf(i), 1, chance));
  return store;
};

function heldMb(): number {
  if (globalThis.gc === undefined) throw new Error("needs --expose-gc");
  for (let i = 0; i < 4; i++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / megabyte;
}

const store = filled(members);
// Code is read and made ready once a process, whatever a shard holds.
for (const ranking of rankings) new ShardState(filled(few)).top(ranking, null, 10);
const before = heldMb();
const state = new ShardState(store);
const [cpu, beganMs] = [process.cpuUsage(), performance.now()];
state.top(asked, null, 10);
const [{ user, system }, wakeMs] = [process.cpuUsage(cpu), performance.now() - beganMs];
for (const ranking of rankings) state.top(ranking, null, 10);
const nextRankingMs = (performance.now() - beganMs - wakeMs) / (rankings.length - 1);
const memoryMb = heldMb() - before;
for (let i = 0; i < updates; i++)
  state.put(rowOf(memberOf(chance.whole(0, members - 1)), 2 + i, chance));
const memoryAfterUpdatesMb = heldMb() - before;
if (state.count !== members) throw new Error(`${state.count} members`);
const took: ChildTook = {
  memoryMb,
  memoryAfterUpdatesMb,
  wakeMs,
  wakeCpuMs: (user + system) / 1000,
  nextRankingMs,
};
process.stdout.write(JSON.stringify(took));
