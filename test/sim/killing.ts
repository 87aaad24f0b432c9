/** Kills the settling system at random points, with SIGKILL and all that it started, until it is done. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Chance } from "../oracle/chance.ts";
import type { RunProgress } from "./runs.ts";

const settler = resolve(import.meta.dirname, "settler.ts");
const killsMax = 12;
/** After its first line of progress it lives so long. */
const livesMs = [50, 6000] as const;

export async function settleWhileKilled(
  state: string,
  run: string,
  chance: Chance,
  told: (kills: number, progress: RunProgress | null) => void,
): Promise<number> {
  for (let kills = 0; ; kills++) {
    const afterMs = kills < killsMax ? chance.whole(...livesMs) : null;
    const { isDone, last } = await once(state, run, afterMs);
    told(isDone ? kills : kills + 1, last);
    if (isDone) return kills;
  }
}

function once(
  state: string,
  run: string,
  killAfterMs: number | null,
): Promise<{ isDone: boolean; last: RunProgress | null }> {
  return new Promise((done, failed) => {
    // A group of its own: the runtime that it starts dies with it.
    const child = spawn(process.execPath, [settler, state, run], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let [last, isKilled]: [RunProgress | null, boolean] = [null, false];
    let timer: ReturnType<typeof setTimeout> | null = null;
    const kill = () => {
      isKilled = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (last === null && killAfterMs !== null) timer = setTimeout(kill, killAfterMs);
      last = JSON.parse(line) as RunProgress;
    });
    child.on("exit", (code) => {
      if (timer !== null) clearTimeout(timer);
      if (isKilled || code === 0) done({ isDone: !isKilled, last });
      else failed(new Error(`the settling system ended with ${code}`));
    });
  });
}
