/** Which runtimes this very process started; Linux says who its children are. */
import { readdir, readFile } from "node:fs/promises";

export async function runtimePids(): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [, name = "", , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
    if (name.startsWith("workerd") && Number(parent) === process.pid) found.push(Number(pid));
  }
  return found;
}
