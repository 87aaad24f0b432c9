/**
 * A hot board: a thousand scores change in a second, for a minute, into boards that begin as one
 * shard and must grow by themselves, while they are read. Nothing may be refused, and soon after the
 * last change a read must show every last score. Beside it a call of an object that does nothing.
 */

import type { HotAnswer } from "./boards-calls.ts";
import { BoardsRuntime } from "./boards-runtime.ts";
import { percentile, progress, type Result, rounded } from "./measure.ts";

const perSecond = 1_000;
const hotSeconds = 60;
const members = 20_000;
const floorRounds = 5_000;
const caughtUpWithinMs = 10_000;

export async function hotBoard(): Promise<Result> {
  const runtime = await BoardsRuntime.start();
  const { meanMs } = await runtime.floor(floorRounds, 1);
  progress(`${perSecond} changes a second for ${hotSeconds} s, of ${members} members`);
  const hot = await runtime.say<HotAnswer>({ hotSeconds, perSecond, members, stream: "hot" });
  await runtime.end();
  const [p50, p99] = [percentile(hot.putMs, 0.5), percentile(hot.putMs, 0.99)];
  progress(`${hot.puts} puts, ${hot.refused} refused; p50 ${p50} ms, p99 ${p99} ms`);
  progress(`grew to ${hot.shards} shards, after ${hot.grownAtS.map(rounded).join(", ")} s`);
  progress(`every last score was shown ${hot.caughtUpMs} ms after the last change`);
  if (hot.refused > 0) throw new Error(`${hot.refused} changes were refused`);
  if (hot.missing > 0) throw new Error(`${hot.missing} last scores are not shown`);
  if (hot.caughtUpMs > caughtUpWithinMs) throw new Error("the board does not catch up in time");
  return {
    name: "hot-board",
    value: rounded(p50),
    unit: "ms median put",
    floor: rounded(meanMs),
    ratio: rounded(p50 / meanMs),
    spread: rounded(percentile(hot.putMs, 0.9) / percentile(hot.putMs, 0.1)),
    level: "emulator",
    details: {
      puts: hot.puts,
      refused: hot.refused,
      putP99Ms: rounded(p99),
      mostUnderWay: hot.mostUnderWay,
      shards: hot.shards,
      caughtUpMs: rounded(hot.caughtUpMs),
      reads: hot.readMs.length,
      readsFailed: hot.readsFailed,
      readP50Ms: rounded(percentile(hot.readMs, 0.5)),
      readP99Ms: rounded(percentile(hot.readMs, 0.99)),
    },
  };
}
