/** The index of landing objects as sorting sees it: batches, and what they were traded for. */
import type { Partition } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import type { ArchiveEnv } from "./env.ts";
import { batchFolder, heldText, partitionsHeld, streamOfBatch } from "./partition.ts";
import { repeatable } from "./warehouse.ts";

/** Which batches: of a stream, or of any; with this text in `holds`, or nothing; null: all of them. */
export interface SortReach {
  readonly stream: string | null;
  readonly holding: string | null;
}
/** Of a batch that was told apart, or of which nothing is asked any more: it may go. */
export const holdsNothing = "[]";

export interface Batch {
  readonly object: string;
  readonly stream: string;
  readonly bytes: number;
  /** Partitions, as JSON; see the table. */
  readonly holds: string;
}
export interface SortedObject extends Partition {
  readonly object: string;
  readonly facts: number;
  readonly bytes: number;
}

/** All names of batches lie between these; null: of any stream, and what is no batch as well. */
export function batchesBetween(stream: string | null): readonly [from: string, to: string] {
  const folder = stream === null ? "land/" : batchFolder(stream);
  return [folder, `${folder.slice(0, -1)}0`];
}

/** In the order of their coming. Found by the names' own order: an index would cost a row each. */
export async function nextBatches(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  { stream, holding }: SortReach,
  after: string | null,
  limit: number,
): Promise<readonly Batch[]> {
  const [from, to] = batchesBetween(stream);
  const { results } = await repeatable(() =>
    WAREHOUSE.prepare(
      `SELECT object, stream, bytes, holds FROM landed
       WHERE object > ?1 AND object < ?2 AND day IS NULL
         AND (?3 IS NULL OR instr(holds, ?3) > 0 OR holds = '${holdsNothing}')
       ORDER BY object LIMIT ?4`,
    )
      .bind(after ?? from, to, holding, limit)
      .all<Batch & Record<string, unknown>>(),
  );
  return results;
}

/** Of these landing objects, those that are in the index. */
export async function knownObjects(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  objects: readonly string[],
): Promise<ReadonlySet<string>> {
  if (objects.length === 0) return new Set();
  const { results } = await repeatable(() =>
    WAREHOUSE.prepare("SELECT object FROM landed WHERE object IN (SELECT value FROM json_each(?))")
      .bind(JSON.stringify(objects))
      .all<{ object: string }>(),
  );
  return new Set(results.map(({ object }) => object));
}

/** Of these batches, those that something is still in. */
export async function batchesHolding(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  batches: readonly string[],
): Promise<ReadonlySet<string>> {
  if (batches.length === 0) return new Set();
  const { results } = await repeatable(() =>
    WAREHOUSE.prepare(`SELECT object ${ofThem}`)
      .bind(JSON.stringify(batches))
      .all<{ object: string }>(),
  );
  return new Set(results.map(({ object }) => object));
}

const ofThem = `FROM landed
  WHERE object IN (SELECT value FROM json_each(?1)) AND holds <> '${holdsNothing}'`;
const holdAll = `(SELECT count(*) ${ofThem}) = ?2`;

/**
 * In one transaction batches give way to what they were sorted into, and its partitions are dirty.
 * False where one of the batches holds nothing more: then nothing happens.
 */
export async function tradeBatches(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  batches: readonly string[],
  sorted: readonly SortedObject[],
  nowMs: Instant,
): Promise<boolean> {
  const names = JSON.stringify(batches);
  const rows = JSON.stringify(sorted);
  const results = await repeatable(() =>
    WAREHOUSE.batch<{ n: number }>([
      WAREHOUSE.prepare(`SELECT ${holdAll} AS n`).bind(names, batches.length),
      WAREHOUSE.prepare(
        `INSERT INTO landed (object, stream, day, bucket, facts, bytes, landed_at)
         SELECT value->>'object', value->>'stream', value->>'day', value->>'bucket',
           value->>'facts', value->>'bytes', ?4 FROM json_each(?3) WHERE ${holdAll}
         ON CONFLICT DO NOTHING`,
      ).bind(names, batches.length, rows, nowMs),
      WAREHOUSE.prepare(
        `INSERT INTO dirty (stream, day, bucket, since)
         SELECT value->>'stream', value->>'day', value->>'bucket', ?4
         FROM json_each(?3) WHERE ${holdAll} ON CONFLICT DO NOTHING`,
      ).bind(names, batches.length, rows, nowMs),
      WAREHOUSE.prepare(
        `UPDATE landed SET holds = '${holdsNothing}', facts = 0
         WHERE object IN (SELECT value FROM json_each(?1)) AND ${holdAll}`,
      ).bind(names, batches.length),
    ]),
  );
  return results[0]?.results[0]?.n === 1;
}

/** The rows of batches whose objects are gone. */
export async function forgetEmpty(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  batches: readonly string[],
): Promise<void> {
  await repeatable(() =>
    WAREHOUSE.prepare(
      `DELETE FROM landed
       WHERE object IN (SELECT value FROM json_each(?)) AND holds = '${holdsNothing}'`,
    )
      .bind(JSON.stringify(batches))
      .run(),
  );
}

/** The partitions of a batch that is in the index. */
export async function partitionsIn(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  batch: string,
): Promise<readonly Partition[]> {
  const stream = streamOfBatch(batch);
  if (stream === null) return [];
  const holds = await repeatable(() =>
    WAREHOUSE.prepare("SELECT holds FROM landed WHERE object = ?")
      .bind(batch)
      .first<string>("holds"),
  );
  return partitionsHeld(stream, holds ?? "[]");
}

/** A partition does without what these batches hold of it; one that holds nothing more is no loss. */
export async function letGo(
  { WAREHOUSE }: Pick<ArchiveEnv, "WAREHOUSE">,
  partition: Partition,
  batches: readonly string[],
): Promise<void> {
  if (batches.length === 0) return;
  await repeatable(() =>
    WAREHOUSE.prepare(
      `UPDATE landed SET holds = (SELECT json_group_array(value) FROM json_each(holds)
         WHERE instr(?2, '"' || value || '"') = 0)
       WHERE object IN (SELECT value FROM json_each(?1)) AND day IS NULL`,
    )
      .bind(JSON.stringify(batches), heldText(partition))
      .run(),
  );
}
