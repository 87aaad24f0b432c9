/** Settles all that waits, and reads back what the archive then holds. */
import type { Partition } from "../../../domain/ports.ts";
import type { AnyStream } from "../../../domain/streams.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import {
  type FactRow,
  fetchVersion,
  type ResolvedRow,
  rowGroups,
} from "../../../kernel/settle/parquet.ts";
import { mergePartition, resolvePartition } from "../../../kernel/settle/settle.ts";
import type { MemoryArchive } from "./memory-archive.ts";

export const nowMs = Date.UTC(2026, 10, 21);

export async function settle(archive: MemoryArchive, stream: AnyStream = workouts): Promise<void> {
  for (const partition of archive.dirty())
    await mergePartition(archive.ports, stream, partition, nowMs);
  for (const partition of archive.unresolved())
    await resolvePartition(archive.ports, stream, partition, nowMs);
}

async function rowsOf<R>(archive: MemoryArchive, partition: Partition, part: "facts" | "resolved") {
  const named = archive.held(partition)?.value[part];
  if (named == null) return [];
  const rows: R[] = [];
  const { objects, zstd } = archive.ports;
  for await (const group of rowGroups<R>(await fetchVersion(objects, named), named, zstd))
    rows.push(...group);
  return rows;
}

const all = async <R>(archive: MemoryArchive, part: "facts" | "resolved"): Promise<R[]> =>
  (await Promise.all(archive.settled().map((p) => rowsOf<R>(archive, p, part)))).flat();

export const factsIn = (archive: MemoryArchive) => all<FactRow>(archive, "facts");
export const resolvedIn = (archive: MemoryArchive) => all<ResolvedRow>(archive, "resolved");

/** measure → key → the sum over all partitions, under one version of the rules. */
export function totalsOf(archive: MemoryArchive, rules = 1): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { parts, rules: counted } of archive.counted.values())
    for (const { measure, key, n } of counted === rules ? parts : [])
      totals[`${measure} ${key}`] = (totals[`${measure} ${key}`] ?? 0) + n;
  return totals;
}
