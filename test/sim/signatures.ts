/**
 * `npm run sim -- signatures`: as many genuine and as many mutated deliveries, over every recipe,
 * through the verifier in this process. They are signed by node:crypto, never by our own code.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { table } from "../../local/table.ts";
import { add, type Figures, noTally, type Tally, tried } from "./signatures/trial.ts";
import type { Stretch } from "./signatures/worker.ts";

export interface SignatureOptions {
  /** Of each kind. */
  readonly deliveries: number;
  readonly seed: number;
  /** Only this one, to look at it again. */
  readonly only?: number;
}

const stretch = 2_000;
const threadsMax = 8;
/** Fewer than this are not worth the threads. */
const threadedFrom = 10_000;

export async function simulated(options: SignatureOptions): Promise<Tally> {
  const { deliveries, seed, only } = options;
  if (only !== undefined) return tried(seed, only, only + 1);
  if (deliveries < threadedFrom) return tried(seed, 0, deliveries);
  const tally = noTally();
  let next = 0;
  let done = 0;
  const take = (): Stretch | null => {
    if (next >= deliveries) return null;
    const from = next;
    next = Math.min(next + stretch, deliveries);
    return { seed, from, to: next };
  };
  const beganMs = performance.now();
  const count = Math.min(availableParallelism(), threadsMax);
  const threads = Array.from({ length: count }, () =>
    thread(take, (part, { from, to }) => {
      add(tally, part);
      const before = done;
      done += to - from;
      if (Math.floor(before / 50_000) === Math.floor(done / 50_000)) return;
      const seconds = Math.round((performance.now() - beganMs) / 1000);
      process.stderr.write(`${done} of ${deliveries} each, ${seconds} s\n`);
    }),
  );
  await Promise.all(threads);
  return tally;
}

/** Gives a thread one stretch after another until there is none. */
function thread(
  take: () => Stretch | null,
  told: (tally: Tally, stretch: Stretch) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./signatures/worker.ts", import.meta.url));
    let now = take();
    const give = () => {
      if (now !== null) worker.postMessage(now);
      else worker.terminate().then(() => resolve(), reject);
    };
    worker.on("error", reject);
    worker.on("message", (tally: Tally) => {
      if (now !== null) told(tally, now);
      now = take();
      give();
    });
    give();
  });
}

const heads = [
  "recipe",
  "genuine accepted",
  "genuine refused",
  "mutated accepted",
  "mutated refused",
];
const figuresOf = (f: Figures) => [
  f.genuineAccepted,
  f.genuineRefused,
  f.mutatedAccepted,
  f.mutatedRefused,
];

/** Prints what came of it; how many verdicts are wrong. */
export async function signatures(options: SignatureOptions): Promise<number> {
  const { by, mutations, wrong } = await simulated(options);
  const sorted = Object.entries(by).sort(([a], [b]) => (a < b ? -1 : 1));
  const sums = [0, 1, 2, 3].map((i) =>
    sorted.reduce((sum, [, figures]) => sum + (figuresOf(figures)[i] ?? 0), 0),
  );
  const rows = sorted.map(([name, figures]) => [name, ...figuresOf(figures).map(String)]);
  process.stdout.write(`${table(heads, [...rows, ["all", ...sums.map(String)]])}\n`);
  for (const line of wrong) process.stdout.write(`wrong: ${line}\n`);
  const [genuine = 0, genuineRefused = 0, mutatedAccepted = 0, mutated = 0] = sums;
  const result = {
    seed: options.seed,
    genuine: genuine + genuineRefused,
    genuineRefused,
    mutated: mutated + mutatedAccepted,
    mutatedAccepted,
    wrong: genuineRefused + mutatedAccepted,
    mutations,
  };
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  return result.wrong;
}
