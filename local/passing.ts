/**
 * Folders that a command makes for as long as it runs. Ctrl-C, or whoever ends it from outside, takes
 * them away with it: they hold databases, and with them the readings and keys of those who are played.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();

/** A new folder under the system's own for such; `name` says whose it is. */
export async function passingFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `singlet-${name}-`));
  made.add(folder);
  return folder;
}

/** It is somebody's to look at from now on, and stays. */
export const keepFolder = (folder: string): void => void made.delete(folder);

export async function endFolder(folder: string): Promise<void> {
  keepFolder(folder);
  await rm(folder, { recursive: true, force: true });
}

const signals = ["SIGINT", "SIGTERM"] as const;
/** What writes there is ended at the same moment, and may write once more. */
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;
/** As a shell counts what a signal ended. */
const endedBy = 128;

/** For a command that is its process: it ends at once, with what it made. */
export function leaveNothing(): void {
  for (const signal of signals)
    process.once(signal, () => {
      for (const folder of made) rmSync(folder, removal);
      process.exit(endedBy + constants.signals[signal]);
    });
}
