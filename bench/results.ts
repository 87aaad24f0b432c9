/**
 * The results that docs/performance.md shows, kept as they were said: `results.json`, by name. One that
 * was not measured again keeps its date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benches } from "./catalogue.ts";
import type { Result } from "./measure.ts";

export interface Kept extends Result {
  /** When it was measured, as YYYY-MM-DD. */
  readonly date: string;
}
export type Results = Readonly<Record<string, Kept>>;

const file = join(import.meta.dirname, "results.json");
const dateChars = "YYYY-MM-DD".length;

export const readResults = async (): Promise<Results> =>
  JSON.parse(await readFile(file, "utf8")) as Results;

/** In the place of the one before; what is no bench's own result is left out. */
export async function keepResult(result: Result, now: Date): Promise<void> {
  if (benches[result.name] === undefined) return;
  const date = now.toISOString().slice(0, dateChars);
  await writeFile(file, textOf(withResult(await readResults(), { ...result, date })));
}

/** By name. */
export const withResult = (held: Results, one: Kept): Results =>
  Object.fromEntries(
    Object.entries({ ...held, [one.name]: one }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export const textOf = (results: Results): string => `${JSON.stringify(results, null, 2)}\n`;
