/**
 * From published changes to settled partitions, as roughly as it can come: batches of any cut and in
 * any order, some delivered twice, and settling begun in the middle of it.
 */
import type { Change, Partition } from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { mergePartition } from "../../kernel/settle/merge-partition.ts";
import { resolvePartition } from "../../kernel/settle/settle.ts";
import { encodeChanges, groupByPartition, objectName } from "../../workers/archive/partition.ts";
import type { Chance } from "./chance.ts";
import { type FileArchive, partitionKey } from "./file-archive.ts";
import { todayMs } from "./world.ts";

/** The queue's batch. */
const batchMax = 100;
export async function landAndSettle(
  archive: FileArchive,
  stream: AnyStream,
  changes: readonly Change[],
  chance: Chance,
  rounds: number,
): Promise<void> {
  const dirty = new Map<string, Partition>();
  const mixed = chance.shuffled(changes);
  const perRound = Math.ceil(mixed.length / rounds);
  for (let round = 0; round < rounds; round++) {
    const coming = mixed.slice(round * perRound, (round + 1) * perRound);
    for (const partition of await land(archive, coming, chance))
      dirty.set(partitionKey(partition), partition);
    const isLast = round === rounds - 1;
    for (const [key, partition] of chance.shuffled([...dirty])) {
      if (!isLast && chance.in100(80)) continue;
      await mergePartition(archive.ports, stream, partition, todayMs);
      dirty.delete(key);
    }
    await resolveAll(archive, stream, chance, isLast ? 100 : 20);
  }
}

/** Resolving marks nothing anew, so one pass is all; some of it, while more is to come. */
async function resolveAll(
  archive: FileArchive,
  stream: AnyStream,
  chance: Chance,
  share: number,
): Promise<void> {
  for (const partition of chance.shuffled(archive.index.unresolved()))
    if (chance.in100(share)) await resolvePartition(archive.ports, stream, partition, todayMs);
}

async function land(
  { ports, index }: FileArchive,
  changes: readonly Change[],
  chance: Chance,
): Promise<Partition[]> {
  const partitions: Partition[] = [];
  for (let from = 0; from < changes.length; ) {
    const size = chance.whole(1, batchMax);
    // Some of a batch was delivered before.
    const again = Math.max(0, from - (chance.in100(30) ? chance.whole(1, 20) : 0));
    for (const group of groupByPartition(changes.slice(again, from + size))) {
      const { bytes } = encodeChanges(group.changes);
      const { stream, day, bucket } = group;
      const object = await objectName(group, bytes);
      await ports.objects.create(object, bytes);
      index.land({ stream, day, bucket }, { object, bytes: bytes.length });
      partitions.push({ stream, day, bucket });
    }
    from += size;
  }
  return partitions;
}
