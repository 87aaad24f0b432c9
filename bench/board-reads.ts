/**
 * A million members over sixteen shards in workerd: a rank around a member from end to end, beside
 * the same calls of objects that do nothing; what the shards themselves spend on it; how long a
 * shard of a hundred thousand members that was put out of memory takes to its first page; and what
 * the order of all of them takes of memory.
 */

import { memberOf } from "./board-rows.ts";
import { BoardsRuntime } from "./boards-runtime.ts";
import { percentile, progress, type Result, rounded } from "./measure.ts";

const members = 1_000_000;
const shards = 16;
const membersACall = 50_000;
const warmUp = 200;
const places = 3_000;
const repeats = 1_000;
const asked = 5;
const wakeMembers = 100_000;
const wakes = 10;
const pageOf = 10;
const megabyte = 1_048_576;

export async function boardReads(): Promise<Result> {
  const runtime = await BoardsRuntime.start();
  await fill(runtime, "reads", shards, members);
  const beforeBytes = runtime.residentBytes();
  await runtime.say<number>({ top: pageOf, stream: "reads" });
  const orderedBytes = runtime.residentBytes() - beforeBytes;
  progress(`${places} ranks around a member, then as many rounds of calls that do nothing`);
  await runtime.say({ places: warmUp, members, stream: "reads" });
  const times = await runtime.say<number[]>({ places, members, stream: "reads" });
  await runtime.floor(warmUp, shards);
  const floor = await runtime.floor(places, shards);
  const spent: number[] = [];
  for (let i = 0; i < asked; i++) {
    const member = memberOf(i * 7_919);
    spent.push(await runtime.say<number>({ repeats, member, stream: "reads" }));
  }
  const woken = await wake(runtime);
  await runtime.end();
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  const [floorMean, floorP99] = [floor.meanMs, percentile(floor.times, 0.99)];
  progress(`around me: p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms`);
  progress(`calls that do nothing: mean ${rounded(floorMean)} ms, p99 ${rounded(floorP99)} ms`);
  progress(`in the shards: ${rounded(percentile(spent, 0.5))} ms`);
  progress(`awake with ${wakeMembers} members: ${woken.map(rounded).join(", ")} ms`);
  return {
    name: "board-reads",
    value: rounded(p99),
    unit: "ms p99",
    floor: rounded(floorP99),
    ratio: rounded(p99 / floorP99),
    // The clock of a worker counts whole milliseconds, and tells of less than one that it is none.
    spread: rounded(Math.max(1, percentile(times, 0.9)) / Math.max(1, percentile(times, 0.1))),
    level: "emulator",
    details: {
      p50Ms: rounded(p50),
      floorMeanMs: rounded(floorMean),
      inShardsMs: rounded(percentile(spent, 0.5)),
      wakeMedianMs: rounded(percentile(woken, 0.5)),
      wakeMostMs: rounded(Math.max(...woken)),
      orderedMegabytesPer100k: rounded((orderedBytes / megabyte / members) * 100_000),
    },
  };
}

async function fill(runtime: BoardsRuntime, stream: string, over: number, count: number) {
  progress(`${count} members come in over ${over} shards`);
  await runtime.say({ grow: over, stream });
  for (let from = 0; from < count; from += membersACall)
    await runtime.say({ adopt: [from, Math.min(count, from + membersACall)], stream });
}

/** Milliseconds to the first page, after each time it was put out of memory. */
async function wake(runtime: BoardsRuntime): Promise<number[]> {
  await fill(runtime, "wake", 1, wakeMembers);
  const times: number[] = [];
  for (let i = 0; i < wakes; i++) {
    await runtime.evict("wake", 1, 0);
    times.push(await runtime.say<number>({ top: pageOf, stream: "wake" }));
  }
  return times;
}
