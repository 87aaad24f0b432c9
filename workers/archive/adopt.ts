/**
 * Landing objects that nobody wrote down: whoever made them was cut off between the object and its
 * index row. They get one, and dirty marks. Young ones are left alone: somebody may be about to.
 */
import type { Partition } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { eachBounded } from "./bounded.ts";
import type { ArchiveEnv } from "./env.ts";
import { groupByPartition, holdsOf, partitionOf, streamOfBatch } from "./partition.ts";
import { changesIn } from "./sorting.ts";
import { knownObjects } from "./sorting-store.ts";
import { repeatable } from "./warehouse.ts";

/** Longer than an invocation that writes one can last before it is over. */
const adoptAfterMs = 10 * 60_000;
const listedMax = 500;
const batchesAtOnceMax = 4;

export interface AdoptedPage {
  readonly adopted: number;
  /** When each was written that is too young to be taken for lost. */
  readonly youngMs: readonly Instant[];
  /** Under names that the archive never gave, or not readable as what the name says. */
  readonly unnamed: number;
  /** Null: this was the last page. */
  readonly cursor: string | null;
}

/** A row to be, and the partitions that its changes are of. */
interface Adopted {
  readonly object: string;
  readonly stream: string;
  readonly day: string | null;
  readonly bucket: number | null;
  readonly facts: number;
  readonly bytes: number;
  readonly at: Instant;
  readonly holds: string | null;
  readonly partitions: readonly Partition[];
}

export async function adoptPage(
  env: ArchiveEnv,
  prefix: string,
  cursor: string | null,
  nowMs: Instant,
): Promise<AdoptedPage> {
  const page = await env.ARCHIVE.list({
    prefix,
    limit: listedMax,
    ...(cursor === null ? {} : { startAfter: cursor }),
  });
  const next = page.truncated ? (page.objects.at(-1)?.key ?? null) : null;
  const named = page.objects.filter(({ key }) => partitionOf(key) ?? streamOfBatch(key));
  const known = await knownObjects(
    env,
    named.map(({ key }) => key),
  );
  const lost = named.filter(({ key }) => !known.has(key));
  const isOld = ({ uploaded }: R2Object) => uploaded.getTime() <= nowMs - adoptAfterMs;
  const old = await described(env, lost.filter(isOld));
  if (old.adopted.length > 0) await adopt(env, old.adopted, nowMs);
  return {
    adopted: old.adopted.length,
    youngMs: lost.filter((one) => !isOld(one)).map(({ uploaded }) => uploaded.getTime()),
    unnamed: page.objects.length - named.length + old.unread,
    cursor: next,
  };
}

/** Of a partition's the name says all but how many changes it holds; a batch has to be read. */
async function described(
  { ARCHIVE }: ArchiveEnv,
  objects: readonly R2Object[],
): Promise<{ adopted: readonly Adopted[]; unread: number }> {
  const adopted: Adopted[] = [];
  await eachBounded(objects, batchesAtOnceMax, async ({ key, size: bytes, uploaded }) => {
    const of = { object: key, bytes, at: uploaded.getTime() };
    const partition = partitionOf(key);
    const stream = partition?.stream ?? streamOfBatch(key) ?? "";
    if (partition !== null) {
      adopted.push({ ...of, ...partition, facts: 0, holds: null, partitions: [partition] });
      return;
    }
    const changes = changesIn(key, (await (await ARCHIVE.get(key))?.text()) ?? "");
    if (changes instanceof Error) return;
    const partitions = groupByPartition(changes);
    const holds = { facts: changes.length, holds: holdsOf(partitions), partitions };
    adopted.push({ ...of, stream, day: null, bucket: null, ...holds });
  });
  return { adopted, unread: objects.length - adopted.length };
}

async function adopt(
  { WAREHOUSE }: ArchiveEnv,
  adopted: readonly Adopted[],
  nowMs: Instant,
): Promise<void> {
  const rows = adopted.map(({ partitions: _, ...row }) => row);
  const marks = adopted.flatMap(({ partitions }) =>
    partitions.map(({ stream, day, bucket }) => ({ stream, day, bucket })),
  );
  await repeatable(() =>
    WAREHOUSE.batch([
      WAREHOUSE.prepare(
        `INSERT INTO landed (object, stream, day, bucket, facts, bytes, landed_at, holds)
         SELECT value->>'object', value->>'stream', value->>'day', value->>'bucket',
           value->>'facts', value->>'bytes', value->>'at', value->>'holds' FROM json_each(?)
         WHERE true ON CONFLICT DO NOTHING`,
      ).bind(JSON.stringify(rows)),
      WAREHOUSE.prepare(
        `INSERT INTO dirty (stream, day, bucket, since)
         SELECT value->>'stream', value->>'day', value->>'bucket', ?2
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      ).bind(JSON.stringify(marks), nowMs),
    ]),
  );
}
