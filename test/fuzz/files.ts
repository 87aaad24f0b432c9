/**
 * `npm run fuzz -- files`: files by grammar through the parsers, in a thread that is watched: one
 * that does not come to an end is a finding too, and so is memory that stays taken.
 */
import { Worker } from "node:worker_threads";
import { table } from "../../local/table.ts";
import { fileCase, grammars } from "./file-cases.ts";
import type { FileStretch, FileTold } from "./file-worker.ts";
import { type Sample, slopeOf } from "./memory.ts";

export interface FileOptions {
  readonly cases: number;
  readonly seed: number;
  /** Only this one; its bytes are told. */
  readonly number?: number;
}

/** None of them is larger than some 100 KB, so one that takes longer does not end. */
const soonMs = 20_000;
const watchMs = 1_000;
/** KiB for each thousand cases after the first fifth: a parser keeps nothing. */
const growthMaxKiB = 512;
const samplesMin = 20;
const sampledEvery = 1_000;
const wrongShown = 20;

interface Tally {
  asked: number;
  broken: number;
  taken: number;
  slowestMs: number;
}

export async function fuzzFiles({ cases, seed, number }: FileOptions): Promise<number> {
  const [from, to] = number === undefined ? [0, cases] : [number, number + 1];
  const by = new Map(
    grammars.map((g): [string, Tally] => [g, { asked: 0, broken: 0, taken: 0, slowestMs: 0 }]),
  );
  const wrong: string[] = [];
  const memory: Sample[] = [];
  let done = 0;
  const hang = await watched(
    { seed, from, to, at: new Int32Array(new SharedArrayBuffer(4)) },
    (told) => {
      const tally = by.get(told.grammar);
      if (tally === undefined) return;
      tally.asked++;
      tally.broken += told.isBroken ? 1 : 0;
      tally.taken += told.taken > 0 ? 1 : 0;
      tally.slowestMs = Math.max(tally.slowestMs, told.ms);
      for (const what of told.wrong) wrong.push(`number ${told.number}, ${told.grammar}: ${what}`);
      if (++done % sampledEvery === 0)
        memory.push({ requests: done, kiB: process.memoryUsage.rss() / 1024 });
      if (done % 20_000 === 0) process.stderr.write(`${done} of ${cases}, ${wrong.length} wrong\n`);
    },
  );
  if (hang !== null) wrong.push(`number ${hang}: does not come to an end within ${soonMs} ms`);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const rows = [...by].map(([name, { asked, broken, taken, slowestMs }]) => [
    ...[name, String(asked), String(broken), String(taken), `${slowestMs.toFixed(0)} ms`],
  ]);
  say(table(["grammar", "files", "broken", "something taken", "slowest"], rows));
  const growth = memory.length < samplesMin ? 0 : slopeOf(memory);
  if (growth > growthMaxKiB) wrong.push(`memory grows by ${growth.toFixed(0)} KiB for 1,000 files`);
  for (const line of wrong.slice(0, wrongShown)) say(`wrong: ${line}`);
  if (number !== undefined) say(Buffer.from(fileCase(seed, number).bytes).toString("base64"));
  const taken = [...by.values()].reduce((sum, t) => sum + t.taken, 0);
  const result = {
    seed,
    cases: done,
    violations: wrong.length,
    taken,
    rssGrowth: Math.round(growth),
  };
  say(`RESULT ${JSON.stringify(result)}`);
  return wrong.length;
}

/** The case that hangs; null: all came to an end. */
function watched(stretch: FileStretch, told: (one: FileTold) => void): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./file-worker.ts", import.meta.url), {
      workerData: stretch,
    });
    let [seen, sinceMs] = [-1, performance.now()];
    const timer = setInterval(() => {
      const now = Atomics.load(stretch.at, 0);
      if (now !== seen) [seen, sinceMs] = [now, performance.now()];
      else if (performance.now() - sinceMs > soonMs) end(now);
    }, watchMs);
    const end = (hang: number | null) => {
      clearInterval(timer);
      worker.terminate().then(() => resolve(hang), reject);
    };
    worker.on("message", (some: readonly FileTold[]) => some.forEach(told));
    worker.on("error", reject);
    worker.on("exit", () => end(null));
  });
}
