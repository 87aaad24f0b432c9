/**
 * The real board objects in workerd, and a driver that loads, writes and reads them as ledgers and
 * the edge do. One thread runs all of it: what is measured holds the driver's own work too.
 */

import { firstTopology, shardOf } from "../domain/boards.ts";
import type { BoardPort, Ranked, ScoreRow, Topology } from "../domain/ports.ts";
import { Board as RealBoard } from "../durable-objects/board.ts";
import {
  type BoardEnv,
  boardsOf,
  growingShards,
  putScores,
  rootOf,
} from "../durable-objects/board-shards.ts";
import { liveReader } from "../kernel/boards/read.ts";
import { chanceOf } from "../test/oracle/chance.ts";
import { everybody, memberOf, rowOf } from "./board-rows.ts";
import type { DriverCall, HotAnswer, HotCall } from "./boards-calls.ts";

export { BoardRoot } from "../durable-objects/board-root.ts";

interface Env extends BoardEnv {
  readonly BOARD: DurableObjectNamespace<Board>;
}
type Repeated = "scores" | "around";

export class Board extends RealBoard {
  /** The same question so often, without a call between. */
  async repeat(method: Repeated, args: unknown[], times: number): Promise<void> {
    const ask = this[method] as (...of: unknown[]) => Promise<unknown>;
    for (let i = 0; i < times; i++) await ask.apply(this, args);
  }
}

const rowsACall = 1_000;
const tickMs = 20;
const readEveryMs = 250;
const readLimit = 100;
const checkEveryMs = 100;
const checkMsMax = 30_000;
const around = 5;

const sleep = (ms: number) => scheduler.wait(ms);
async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await work();
  times.push(performance.now() - startedMs);
}

async function grow(env: Env, stream: string, shards: number): Promise<Topology> {
  for (let topology = firstTopology; ; ) {
    topology = await rootOf(env, stream).topology();
    if (topology.shards >= shards) return topology;
    await rootOf(env, stream).full(topology.generation);
    await sleep(tickMs);
  }
}

async function adopt(env: Env, stream: string, from: number, to: number): Promise<void> {
  const topology = await rootOf(env, stream).topology();
  const shards = growingShards(env, stream);
  const byShard = Array.from({ length: topology.shards }, (): ScoreRow[] => []);
  const chance = chanceOf(from);
  for (let i = from; i < to; i++) {
    const member = memberOf(i);
    byShard[shardOf(member, topology)]?.push(rowOf(member, 1, chance));
  }
  for (const [number, rows] of byShard.entries())
    for (let first = 0; first < rows.length; first += rowsACall)
      await shards(topology, number).adopt(rows.slice(first, first + rowsACall));
}

async function places(env: Env, stream: string, count: number, members: number) {
  const reader = liveReader(boardsOf(env, stream));
  const chance = chanceOf(count);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const member = memberOf(chance.whole(0, members - 1));
    let items: readonly Ranked[] = [];
    await timed(times, async () => {
      items = (await reader.place(everybody, member, around))?.items ?? [];
    });
    if (!items.some((ranked) => ranked.member === member)) throw new Error("a member is missing");
  }
  return times;
}

/** Every shard is asked as a rank around a member asks it. */
async function repeats(env: Env, stream: string, times: number, member: string) {
  const boards = boardsOf(env, stream);
  const topology = await boards.topology();
  const shardAt = (number: number) => {
    const port = boards.shard(topology, number) as BoardPort & Pick<Board, "repeat">;
    return port;
  };
  const own = shardOf(member, topology);
  const found = await shardAt(own).scores(everybody, [member]);
  const [score] = "scores" in found ? found.scores : [];
  const asks: [number, Repeated, unknown[]][] = [[own, "scores", [everybody, [member]]]];
  for (let number = 0; number < topology.shards; number++)
    asks.push([number, "around", [everybody, score, around]]);
  let sumMs = 0;
  for (const [number, method, args] of asks) {
    const spent: number[] = [];
    await timed(spent, () => shardAt(number).repeat(method, args, times));
    sumMs += spent[0] ?? 0;
  }
  return sumMs / times;
}

/** Puts at a pace, whatever becomes of those before, and reads beside them. */
async function hot(
  env: Env,
  { hotSeconds, perSecond, members, stream }: HotCall,
): Promise<HotAnswer> {
  const boards = boardsOf(env, stream);
  const chance = chanceOf(perSecond);
  const versions = new Map<string, number>();
  const [putMs, readMs, grownAtS]: number[][] = [[], [], []];
  const count = { puts: 0, refused: 0, underWay: 0, mostUnderWay: 0, readsFailed: 0 };
  const put = async () => {
    const member = memberOf(chance.whole(0, members - 1));
    const version = (versions.get(member) ?? 0) + 1;
    versions.set(member, version);
    const row = shownAs(rowOf(member, version, chance));
    count.puts++;
    count.mostUnderWay = Math.max(count.mostUnderWay, ++count.underWay);
    await timed(putMs as number[], () => putScores(boards, row)).catch(() => {
      count.refused++;
    });
    count.underWay--;
  };
  const startedMs = performance.now();
  const isOver = () => performance.now() - startedMs >= hotSeconds * 1000;
  const reading = readAll(env, stream, isOver, readMs as number[], (generation) => {
    if (generation > 1) grownAtS?.push((performance.now() - startedMs) / 1000);
  });
  const all: Promise<void>[] = [];
  while (count.puts < hotSeconds * perSecond) {
    const due = Math.min(hotSeconds, (performance.now() - startedMs) / 1000) * perSecond;
    while (count.puts < due) all.push(put());
    await sleep(tickMs);
  }
  const lastMs = performance.now();
  const missing = await untilShown(env, stream, versions);
  const caughtUpMs = performance.now() - lastMs;
  await Promise.all(all);
  count.readsFailed = await reading;
  const { shards } = await rootOf(env, stream).topology();
  const { puts, refused, readsFailed, mostUnderWay } = count;
  return {
    ...{ puts, refused, readsFailed, mostUnderWay, caughtUpMs, missing, shards },
    putMs: putMs ?? [],
    readMs: readMs ?? [],
    grownAtS: grownAtS ?? [],
  };
}

/** The score is the version, so that what is shown tells which row it is. */
const shownAs = (row: ScoreRow): ScoreRow => ({
  ...row,
  periods: { ...row.periods, all: { ...row.periods.all, all: [row.version, row.version] } },
});

/** A page and a place in turn; how many failed. */
async function readAll(
  env: Env,
  stream: string,
  isOver: () => boolean,
  times: number[],
  saw: (generation: number) => void,
): Promise<number> {
  const reader = liveReader(boardsOf(env, stream));
  let [failed, seen] = [0, 0];
  while (!isOver()) {
    try {
      await timed(times, () => reader.top(everybody, null, readLimit));
      await timed(times, () => reader.place(everybody, memberOf(0), around));
      const { generation } = await boardsOf(env, stream).topology();
      if (generation > seen) saw(generation);
      seen = generation;
    } catch {
      failed++;
    }
    await sleep(readEveryMs);
  }
  return failed;
}

/** How many are missing in the end. */
async function untilShown(env: Env, stream: string, versions: ReadonlyMap<string, number>) {
  const reader = liveReader(boardsOf(env, stream));
  const startedMs = performance.now();
  for (;;) {
    const { scores } = await reader.top(everybody, null, versions.size + 1);
    const shown = new Map(scores.map(({ member, score }) => [member, score]));
    const missing = [...versions].filter(([member, version]) => shown.get(member) !== version);
    if (missing.length === 0 || performance.now() - startedMs > checkMsMax) return missing.length;
    await sleep(checkEveryMs);
  }
}

async function answer(env: Env, call: DriverCall): Promise<unknown> {
  const { stream } = call;
  if ("grow" in call) return grow(env, stream, call.grow);
  if ("adopt" in call) return adopt(env, stream, ...call.adopt);
  if ("places" in call) return places(env, stream, call.places, call.members);
  if ("repeats" in call) return repeats(env, stream, call.repeats, call.member);
  if ("hotSeconds" in call) return hot(env, call);
  const times: number[] = [];
  await timed(times, () => liveReader(boardsOf(env, stream)).top(everybody, null, call.top));
  return times[0];
}

export default {
  async fetch(request, env) {
    try {
      return Response.json((await answer(env, await request.json<DriverCall>())) ?? null);
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;
