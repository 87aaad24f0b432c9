/** Reads one file after another, and says which it is at: whoever watches sees where it hangs. */
import { parentPort, workerData } from "node:worker_threads";
import { fileCase, readCase } from "./file-cases.ts";

export interface FileStretch {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** [the case it is at]. */
  readonly at: Int32Array;
}
export interface FileTold {
  readonly number: number;
  readonly grammar: string;
  readonly isBroken: boolean;
  readonly bytes: number;
  readonly taken: number;
  readonly wrong: readonly string[];
  readonly ms: number;
}

const toldAtOnce = 200;
const { seed, from, to, at } = workerData as FileStretch;
let told: FileTold[] = [];
const tell = () => {
  parentPort?.postMessage(told);
  told = [];
};
for (let number = from; number < to; number++) {
  Atomics.store(at, 0, number);
  const made = fileCase(seed, number);
  const beganMs = performance.now();
  const { taken, wrong } = readCase(made);
  const { grammar, isBroken, bytes } = made;
  const ms = performance.now() - beganMs;
  told.push({ number, grammar, isBroken, bytes: bytes.length, taken, wrong, ms });
  if (told.length >= toldAtOnce) tell();
}
tell();
