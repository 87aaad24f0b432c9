/**
 * How much memory the runtime has: what `ps` says of the processes that this one started, and how
 * steeply it grows. In the beginning everything is seen for the first time: code is compiled, objects
 * and caches come into being; that is left out. Then heaps grow until they are tidied and shrink: of
 * each part of a run the least counts, which is what stays. And one leap is no growth: of the slopes
 * between any two parts the middle one counts (Theil and Sen's estimator).
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** KiB of all processes of this name that this process started, or that they did. */
export async function residentKiB(name = "workerd"): Promise<number> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,rss=,comm="]);
  const rows = stdout.split("\n").flatMap((line) => {
    const [, pid, parent, rss, comm = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid, parent, rss: Number(rss), comm }];
  });
  const ours = new Set([String(process.pid)]);
  for (const { pid, parent } of rows) if (ours.has(parent ?? "")) ours.add(pid);
  return rows
    .filter(({ pid, comm }) => ours.has(pid) && comm.includes(name))
    .reduce((sum, { rss }) => sum + rss, 0);
}

export interface Sample {
  readonly requests: number;
  readonly kiB: number;
}

/** So much of a run is its beginning. */
const beginningShare = 1 / 5;
const partsMax = 20;

/** KiB for each thousand requests; of fewer than two samples after the beginning: zero. */
export function slopeOf(samples: readonly Sample[]): number {
  const rest = samples.slice(Math.floor(samples.length * beginningShare));
  const size = Math.max(1, Math.ceil(rest.length / partsMax));
  const least: Sample[] = [];
  for (let from = 0; from < rest.length; from += size)
    least.push(rest.slice(from, from + size).reduce((a, b) => (b.kiB < a.kiB ? b : a)));
  const slopes = least.flatMap((a, i) =>
    least
      .slice(i + 1)
      .filter((b) => b.requests > a.requests)
      .map((b) => ((b.kiB - a.kiB) / (b.requests - a.requests)) * 1_000),
  );
  return slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0;
}
