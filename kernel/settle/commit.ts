/**
 * How a version becomes the current one: its object is created, then the manifest is swapped over
 * exactly the one that was read. Of two at once one wins, and the other begins again.
 *
 * Nobody deletes what somebody else makes current, because no name is used twice. What is labelled
 * v + 1 is drawn from the manifest at v, and an attempt that brings it in succeeds only while the
 * manifest is at v. Whoever deletes it has seen it in a listing, so the manifest had come to v by
 * then; has read the manifest after that, at v or later; and has replaced just that one by one that
 * does not name it. So the manifest is past v: nobody can bring that name in any more, and what
 * builds on a later manifest names only what that one names, or a greater label.
 */
import type { Partition } from "../../domain/ports.ts";
import {
  ArchiveFault,
  type Manifest,
  type ManifestObject,
  versionFolder,
  versionIn,
  versionName,
} from "./manifest.ts";
import { sha256Of } from "./parquet.ts";
import type { SettlePorts } from "./ports.ts";

/** Whoever loses the swap so often in a row leaves it to a later run. */
const swapTriesMax = 5;

/** Until one attempt wins its swap; `attempt` gives null when somebody else was first. */
export async function untilSwapped<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (let n = 0; n < swapTriesMax; n++) {
    const done = await attempt();
    if (done !== null) return done;
  }
  throw new Error("a partition is settled by somebody else all the time");
}

/**
 * What comes after this manifest. Where none can be read: after all that was listed, for names of
 * those versions are given.
 */
export const versionAfter = (manifest: Manifest | null, listed: readonly string[]): number =>
  1 + (manifest?.version ?? listed.reduce((most, name) => Math.max(most, versionIn(name)), 0));

/**
 * Bytes as an object of a partition, and as its manifest names it. `held` names these very bytes:
 * then it stays, whatever version it is of.
 */
export async function named(
  part: "facts" | "resolved",
  partition: Partition,
  version: number,
  bytes: Uint8Array,
  rows: number,
  held: ManifestObject | null,
): Promise<ManifestObject> {
  const sha256 = await sha256Of(bytes);
  const object =
    held?.sha256 === sha256 ? held.object : versionName(part, partition, version, sha256);
  return { object, rows, bytes: bytes.length, sha256 };
}

export const oversized = (part: "facts" | "resolved", partition: Partition): ArchiveFault =>
  new ArchiveFault("oversized-version", `${versionFolder(part, partition)}new.parquet`);

export const straysOf = (listed: readonly string[], { facts, resolved }: Manifest): string[] =>
  listed.filter((name) => name !== facts.object && name !== resolved?.object);

/**
 * The object first, unless it is the one that is there; then the manifest that names it; then what
 * no manifest names any more may go. `listed` is from before `etag` was read. False when somebody
 * else was first.
 */
export async function commit(
  { objects }: SettlePorts,
  written: { readonly object: string; readonly bytes: Uint8Array } | null,
  next: Manifest,
  etag: string | null,
  listed: readonly string[],
): Promise<boolean> {
  if (written !== null) await objects.create(written.object, written.bytes);
  if (!(await objects.swap(next, etag))) return false;
  const strays = straysOf(listed, next);
  if (strays.length > 0) await objects.delete(strays);
  return true;
}
