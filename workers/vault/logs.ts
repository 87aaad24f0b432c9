/**
 * The logs of who looked, as the vault reaches them: which log an entry belongs to, and where what
 * they publish and archive lies. How many there are is configuration; a member's older entries stay
 * in the log that an earlier number gave them, and are looked for there too.
 */
import type { LogPort } from "../../domain/ports.ts";
import type { VaultEnv } from "./env.ts";

const logsMax = 256;
const hashHexDigits = 8;

export interface Logs {
  readonly origin: string;
  /** Roles whose holders stay named. */
  readonly keepsActors: readonly string[];
  /** Every log there is or was. */
  readonly numbers: readonly number[];
  readonly tiles: R2Bucket;
  readonly archive: R2Bucket;
  port(log: number): LogPort;
  /** The log that a pseudonym's next entry goes to; nobody's go to the first. */
  logOf(pseudonym: string): number;
  /** Every log that may hold entries of that pseudonym. */
  logsWith(pseudonym: string): readonly number[];
}

/** Throws when the configuration is none. */
export function logsOf(env: VaultEnv): Logs {
  const counts = env.LOG_COUNTS.split(",").map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count >= 1 && count <= logsMax))
    throw new Error(`LOG_COUNTS takes numbers from 1 to ${logsMax}, separated by commas`);
  const at = (pseudonym: string, count: number): number =>
    pseudonym === "" ? 0 : Number.parseInt(pseudonym.slice(0, hashHexDigits), 16) % count;
  return {
    origin: env.LOG_ORIGIN,
    keepsActors: JSON.parse(env.LOG_KEEPS_ACTORS) as string[],
    numbers: Array.from({ length: Math.max(...counts) }, (_, log) => log),
    tiles: env.LOG_TILES,
    archive: env.LOG_ENTRIES,
    port: (log) => env.LOG.getByName(String(log)) as unknown as LogPort,
    logOf: (pseudonym) => at(pseudonym, counts.at(-1) as number),
    logsWith: (pseudonym) => [...new Set(counts.map((count) => at(pseudonym, count)))],
  };
}
