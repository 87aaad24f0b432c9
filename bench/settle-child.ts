/**
 * What `settle.ts` measures, in a process of its own so that its memory is its own: settling what
 * has landed in a folder, or DuckDB over the same files (floors/settle.ts). Says what it took as JSON.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import type { Partition } from "../domain/ports.ts";
import { workouts } from "../domain/workouts/stream.ts";
import { mergePartition } from "../kernel/settle/merge-partition.ts";
import type { SettlePorts } from "../kernel/settle/ports.ts";
import { resolvePartition } from "../kernel/settle/settle.ts";
import { type FileArchive, fileArchive, partitionKey } from "../test/oracle/file-archive.ts";

export interface Took {
  readonly ms: number;
  /** Of the process, at its highest, in MB. */
  readonly peakRssMb: number;
  /** Of JavaScript's heap and buffers, at the highest that was seen, in MB. */
  readonly peakHeapMb: number;
  /** Statements in the versions that came of it, and each measure's total of everything. */
  readonly rows: number;
  readonly totals: Readonly<Record<string, number>>;
}

/** The kernel's own figure where there is one: `maxRSS` begins with what the parent process had. */
function peakRssMb(): number {
  const status = "/proc/self/status";
  const line = existsSync(status) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(status, "utf8")) : null;
  return Number(line?.[1] ?? process.resourceUsage().maxRSS) / 1024;
}

const nowMs = Date.UTC(2027, 0, 1);
const mb = 1024 * 1024;
let peakHeap = 0;
const look = () => {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  peakHeap = Math.max(peakHeap, heap + external);
};

/** Looks in the midst of the work too, where most is held: at every page and object. */
function watched({ objects, index, zstd, ...others }: SettlePorts): SettlePorts {
  const seen = <A extends readonly unknown[], T>(of: (...args: A) => T) => {
    return (...args: A): T => {
      const given = of(...args);
      look();
      return given;
    };
  };
  return {
    objects: {
      get: seen((name: string) => objects.get(name)),
      create: seen((name: string, bytes: Uint8Array) => objects.create(name, bytes)),
      delete: (names) => objects.delete(names),
      versions: (partition) => objects.versions(partition),
      manifest: (partition) => objects.manifest(partition),
      manifestEtag: (partition) => objects.manifestEtag(partition),
      swap: (next, etag) => objects.swap(next, etag),
    },
    index,
    ...others,
    zstd: {
      compress: seen((bytes: Uint8Array) => zstd.compress(bytes)),
      decompress: seen((bytes: Uint8Array, length: number) => zstd.decompress(bytes, length)),
    },
  };
}

async function settle(folder: string): Promise<Pick<Took, "ms" | "rows" | "totals">> {
  const archive = fileArchive(folder);
  const dirty = known(folder, archive);
  const ports = watched(archive.ports);
  const startedMs = performance.now();
  let rows = 0;
  for (const partition of dirty) {
    await mergePartition(ports, workouts, partition, nowMs);
  }
  for (const partition of archive.index.unresolved()) {
    await resolvePartition(ports, workouts, partition, nowMs);
  }
  const ms = performance.now() - startedMs;
  for (const partition of dirty) {
    const manifest = await archive.ports.objects.manifest(partition);
    rows += manifest?.value.facts.rows ?? 0;
  }
  const totals = Object.fromEntries(
    workouts.measures.map(({ name }) => [
      name,
      archive.index.totals().totals.get(`all all ${name}`) ?? 0,
    ]),
  );
  return { ms, rows, totals };
}

/** The index of a folder, and the partitions in which something landed. */
function known(folder: string, { index }: FileArchive): Partition[] {
  const found = (part: string): Partition[] => {
    const path = join(folder, part, workouts.name);
    const days = existsSync(path) ? readdirSync(path).sort() : [];
    return days.flatMap((day) =>
      readdirSync(join(path, day))
        .sort()
        .map((name) => ({ stream: workouts.name, day, bucket: Number.parseInt(name, 10) })),
    );
  };
  for (const partition of found("manifest")) index.settled(partition);
  return found("land").filter((partition) => {
    const place = `land/${partitionKey(partition)}`;
    const files = readdirSync(join(folder, place)).sort();
    for (const file of files) {
      const object = `${place}/${file}`;
      index.land(partition, { object, bytes: statSync(join(folder, object)).size });
    }
    return files.length > 0;
  });
}

/** Loaded only where it is measured: it would count as ours. */
const floor = () => import("./floors/settle.ts");
const archiveIn = (folder: string) => ({
  folder,
  stream: workouts.name,
  rules: workouts.rules.history,
});

const [what = "", folder = "", out = ""] = process.argv.slice(2);
const nothing = { ms: 0, rows: 0, totals: {} };
const tasks: Readonly<Record<string, () => Promise<Pick<Took, "ms" | "rows" | "totals">>>> = {
  /** The process, and the code that settles. */
  nothing: async () => nothing,
  settle: () => settle(folder),
  winners: async () => (await floor()).winners(archiveIn(folder), out),
  measures: async () => (await floor()).totals(archiveIn(folder), workouts.measures),
};
const task = tasks[what];
if (task === undefined) throw new Error(`no such task: ${what}`);
const took = await task();
look();
const all: Took = {
  ...took,
  peakRssMb: peakRssMb(),
  peakHeapMb: peakHeap / mb,
};
process.stdout.write(`${JSON.stringify(all)}\n`);
