/** One thread of the simulation: tries the numbers it is told, a stretch at a time. */
import { parentPort } from "node:worker_threads";
import { tried } from "./trial.ts";

export interface Stretch {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

parentPort?.on("message", async ({ seed, from, to }: Stretch) => {
  parentPort?.postMessage(await tried(seed, from, to));
});
