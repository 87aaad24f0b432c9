/**
 * One system to a state folder. The lock names the process that holds it and the runtime under it,
 * so that a start after a hard kill can end the runtime that was left behind, and no other.
 */
import { execFileSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Lock {
  readonly pid: number;
  readonly runtime: number | null;
}

const lockFile = (state: string) => join(state, "lock.json");

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const ask = (command: string, ...args: string[]): string => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
};

/** Refuses a folder that a living system holds; clears away what a dead one left. */
export async function takeLock(state: string): Promise<void> {
  const held = await readLock(state);
  if (held !== null && held.pid !== process.pid && isAlive(held.pid))
    throw new Error(`${state} is in use by process ${held.pid}; stop that one first`);
  const left = held?.runtime ?? null;
  if (left !== null && ask("ps", "-p", String(left), "-o", "comm=").includes("workerd"))
    process.kill(left, "SIGTERM");
  await writeLock(state, null);
}

/** Notes the runtime that was started, when this machine can tell. */
export async function lockRuntime(state: string): Promise<void> {
  const children = ask("pgrep", "-P", String(process.pid), "workerd").trim().split("\n");
  await writeLock(state, Number(children.at(-1)) || null);
}

export const releaseLock = (state: string): Promise<void> => rm(lockFile(state), { force: true });

async function readLock(state: string): Promise<Lock | null> {
  try {
    return JSON.parse(await readFile(lockFile(state), "utf8")) as Lock;
  } catch {
    return null;
  }
}

const writeLock = (state: string, runtime: number | null): Promise<void> =>
  writeFile(lockFile(state), JSON.stringify({ pid: process.pid, runtime } satisfies Lock));
