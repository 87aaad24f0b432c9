/**
 * How a version becomes the current one: its object is created, then the manifest is swapped over
 * exactly the one that was read. Of two at once one wins, and the other begins again.
 */
import type { Partition } from "../../domain/ports.ts";
import { type Manifest, type ManifestObject, versionName } from "./manifest.ts";
import { sha256Of } from "./parquet.ts";
import type { SettlePorts } from "./ports.ts";

/** Whoever loses the swap so often in a row leaves it to a later run. */
export const swapTriesMax = 5;

/** Until one attempt wins its swap; `attempt` gives null when somebody else was first. */
export async function untilSwapped<T>(attempt: (nth: number) => Promise<T | null>): Promise<T> {
  for (let nth = 0; nth < swapTriesMax; nth++) {
    const done = await attempt(nth);
    if (done !== null) return done;
  }
  throw new Error("a partition is settled by somebody else all the time");
}

/** Bytes as an object of a partition, and as its manifest names it. */
export async function named(
  part: "facts" | "resolved",
  partition: Partition,
  bytes: Uint8Array,
  rows: number,
): Promise<ManifestObject> {
  const sha256 = await sha256Of(bytes);
  return { object: versionName(part, partition, sha256), rows, bytes: bytes.length, sha256 };
}

export const straysOf = (listed: readonly string[], { facts, resolved }: Manifest): string[] =>
  listed.filter((name) => name !== facts.object && name !== resolved?.object);

/**
 * The object first, then the manifest that names it; then what no manifest names any more may go:
 * whoever would still name it has lost by this swap. False when somebody else was first.
 */
export async function commit(
  { objects }: SettlePorts,
  written: { readonly object: string; readonly bytes: Uint8Array },
  next: Manifest,
  etag: string | null,
  listed: readonly string[],
  nth: number,
): Promise<boolean> {
  await objects.create(written.object, written.bytes);
  if (!(await objects.swap(next, etag))) return false;
  // Who won before may have taken the loser's first attempt for a stray.
  if (nth > 0) await objects.create(written.object, written.bytes);
  const strays = straysOf(listed, next);
  if (strays.length > 0) await objects.delete(strays);
  return true;
}
