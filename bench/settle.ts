/**
 * What settling costs: a million rows, half in versions and half landed since, with corrections and
 * retractions; its peak of memory in a process of its own; and DuckDB on one thread over the same
 * files: of each identity the winning statement written as Parquet, then every total by the
 * measures' SQL. DuckDB does not resolve: it reads what settling resolved. Then how the cost grows:
 * one and ten rows in a hundred dirty, in archives of two sizes. `BENCH_SETTLE_ROWS` makes it small.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { workouts } from "../domain/workouts/stream.ts";
import { progress, type Result, rounded } from "./measure.ts";
import type { Took } from "./settle-child.ts";
import { land, partitionsOf, rowsOf, type Size, type Wave } from "./settle-world.ts";

const run = promisify(execFile);
const outputMax = 1024 * 1024;
/** V8 takes what it is given before it tidies up: it is given less than a Worker's 128 MB. */
const heapFlags = ["--max-old-space-size=40", "--max-semi-space-size=1"];
/** And so does glibc, which keeps what was freed: resident memory is then what is in use. */
const mallocEnv = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

const rows = Number(process.env.BENCH_SETTLE_ROWS ?? 1_000_000);
const days = 10;
/** The same partitions in both archives, ten times as many in the larger. */
const smallDays = 10;
const largeDays = 100;

type Child = (...args: readonly string[]) => Promise<Took>;

/**
 * Bundled as a worker is deployed: compiling TypeScript in the process would count as ours. Split,
 * so that DuckDB's library is loaded by those alone that ask it.
 */
async function childIn(folder: string): Promise<Child> {
  await build({
    entryPoints: [resolve(import.meta.dirname, "settle-child.ts")],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    external: ["@duckdb/node-api"],
    logLevel: "error",
  });
  const main = join(folder, "settle-child.mjs");
  const env = { ...process.env, ...mallocEnv };
  return async (...args) => {
    const { stdout } = await run(process.execPath, [...heapFlags, main, ...args], {
      maxBuffer: outputMax,
      env,
    });
    return JSON.parse(stdout) as Took;
  };
}

/** Of the same Node with nothing in it. */
async function bareMb(): Promise<number> {
  const code = "process.stdout.write(String(process.memoryUsage.rss() / 1024 / 1024))";
  const env = { ...process.env, ...mallocEnv };
  const { stdout } = await run(process.execPath, [...heapFlags, "-e", code], { env });
  return Number(stdout);
}

export async function settle(): Promise<Result> {
  // Beside the modules, so that DuckDB's is found.
  const home = await mkdtemp(join(import.meta.dirname, "../node_modules/.settle-"));
  try {
    const inChild = await childIn(home);
    const idle = { bareRssMb: await bareMb(), idleRssMb: (await inChild("nothing")).peakRssMb };
    return result(await million(inChild, idle), await growth(inChild));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function result(
  many: Awaited<ReturnType<typeof million>>,
  grown: Readonly<Record<string, number>>,
): Result {
  return {
    name: "settle",
    value: rounded(many.rowsPerSecond),
    unit: "rows/s",
    floor: rounded(many.duckRowsPerSecond),
    ratio: rounded(many.rowsPerSecond / many.duckRowsPerSecond),
    spread: rounded(many.spread),
    level: "in-process",
    details: { ...many.details, ...grown },
  };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "singlet-settle-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Wave `number` of so many thousandths into these days. */
function landAll(folder: string, size: Size, wave: Wave, from = 0, until = size.days): number {
  let landed = 0;
  for (let day = from; day < until; day++)
    for (const partition of partitionsOf(day)) landed += land(folder, partition, size, wave);
  return landed;
}

/** Half of the rows first; then as many again: most of them new, the rest corrects or retracts. */
const million = (inChild: Child, idle: { bareRssMb: number; idleRssMb: number }) =>
  inFolder(async (folder) => {
    const size = { days, rowsPerPartition: Math.round(rows / (days * workouts.buckets)) };
    const held = landAll(folder, size, { number: 0, share: 500 });
    progress(`${held} rows are settled first`);
    const first = await inChild("settle", folder);
    const landed = landAll(folder, size, { number: 1, share: 500 });
    progress(`${landed} rows land beside them; DuckDB picks the winners of all ${held + landed}`);
    const out = join(folder, "duck");
    const picked = await inChild("winners", folder, out);
    await rm(out, { recursive: true, force: true });
    progress("Singlet settles them");
    const ours = await inChild("settle", folder);
    const totalled = await inChild("measures", folder);
    if (picked.rows !== ours.rows)
      throw new Error(`DuckDB found ${picked.rows} rows, settling ${ours.rows}`);
    if (JSON.stringify(totalled.totals) !== JSON.stringify(ours.totals))
      throw new Error(`${JSON.stringify(totalled.totals)} is not ${JSON.stringify(ours.totals)}`);
    const rate = (ms: number) => ((held + landed) / ms) * 1000;
    const duckMs = picked.ms + totalled.ms;
    const [firstRate, secondRate] = [(held / first.ms) * 1000, rate(ours.ms)];
    const details = {
      rows: held + landed,
      settleMs: rounded(ours.ms),
      duckWinnersMs: rounded(picked.ms),
      duckTotalsMs: rounded(totalled.ms),
      peakRssMb: rounded(ours.peakRssMb),
      idleRssMb: rounded(idle.idleRssMb),
      bareRssMb: rounded(idle.bareRssMb),
      peakHeapMb: rounded(ours.peakHeapMb),
      duckPeakRssMb: rounded(Math.max(picked.peakRssMb, totalled.peakRssMb)),
    };
    progress(
      `${rounded(secondRate)} rows a second, ${rounded(ours.peakRssMb)} MB at most (${rounded(idle.idleRssMb)} MB with nothing to do); DuckDB ${rounded(rate(duckMs))} rows a second, ${details.duckPeakRssMb} MB`,
    );
    return {
      rowsPerSecond: secondRate,
      duckRowsPerSecond: rate(duckMs),
      spread: Math.max(firstRate, secondRate) / Math.min(firstRate, secondRate),
      details,
    };
  });

/** Microseconds a dirty row: what changes is the archive around the same dirty partitions. */
async function growth(inChild: Child): Promise<Readonly<Record<string, number>>> {
  const rowsPerPartition = Math.round(rows / (largeDays * workouts.buckets));
  const found: Record<string, number> = {};
  for (const archiveDays of [smallDays, largeDays])
    await inFolder(async (folder) => {
      const size = { days: archiveDays, rowsPerPartition };
      landAll(folder, size, { number: 0, share: 1000 });
      progress(`an archive of ${rowsOf(size)} rows is settled`);
      await inChild("settle", folder);
      for (const [number, share] of [1, 10].entries()) {
        // So many partitions from the middle on, all of their rows corrected.
        const partitions = Array.from({ length: archiveDays }, (_, day) => day)
          .flatMap(partitionsOf)
          .slice(-Math.max(1, Math.round((archiveDays * workouts.buckets * share) / 100)));
        let dirty = 0;
        for (const partition of partitions)
          dirty += land(folder, partition, size, { number: number + 1, share: 1000 });
        const took = await inChild("settle", folder);
        const perRow = (took.ms * 1000) / dirty;
        found[`usPerDirtyRowOf${share}In100Of${rowsOf(size)}`] = rounded(perRow);
        progress(`${dirty} dirty rows in ${rowsOf(size)}: ${rounded(perRow)} µs each`);
      }
    });
  return found;
}
