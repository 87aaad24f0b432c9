/**
 * Batches that landed are told apart: many of them are read, each once, and what they hold becomes
 * one landing object a partition, which merging takes. So a batch costs one object whatever it is
 * of, and a partition one for many batches. What a batch held is in it until it is in these.
 */
import type { Change } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { landingBytesMax } from "../../kernel/settle/lines.ts";
import { ArchiveFault } from "../../kernel/settle/manifest.ts";
import { eachBounded } from "./bounded.ts";
import type { ArchiveEnv } from "./env.ts";
import { encodeChanges, groupByPartition, objectName, parseChange } from "./partition.ts";
import {
  type Batch,
  batchesHolding,
  forgetEmpty,
  holdsNothing,
  knownObjects,
  nextBatches,
  type SortedObject,
  type SortReach,
  tradeBatches,
} from "./sorting-store.ts";
import { forgottenOf } from "./warehouse.ts";

/** Fewer than the six connections that an invocation may hold open. */
const objectsAtOnceMax = 5;
/** Held at once, with what they are read into several times as much; at least one batch. */
const chunkBytesMax = 8 * 1024 * 1024;
const chunkBatchesMax = 500;
/** R2 takes so many names in one call. */
const deletedAtOnceMax = 1000;
/** Objects that one chunk becomes, unless a single batch holds more. */
const chunkPartitionsMax = 1000;

export interface SortedChunk {
  /** The last batch that it looked at; null: there is none behind `after`. */
  readonly last: string | null;
  /** Batches that are told apart now. */
  readonly sorted: number;
  /** Somebody else took one of them first; this one did nothing, and may begin again. */
  readonly isOvertaken: boolean;
  /** What stood in the way, each named by its batch, which stays. */
  readonly faults: readonly ArchiveFault[];
}

/**
 *   1. some batches are read             one that somebody else has told apart is left out
 *   2. lines of the forgotten are dropped
 *   3. an object a partition is created  a crash here: nothing names them; they are adopted, and
 *                                        settlement counts each identity once
 *   4. rows for these objects, dirty marks, and the batches hold nothing more: in one transaction,
 *      if all of them still hold it     a crash here or later: who sorts next goes on with 5
 *   5. a batch that holds nothing goes, then its row; where somebody else was first, what was
 *      created here and is not named    a crash here: it is adopted
 */
export async function sortChunk(
  env: ArchiveEnv,
  reach: SortReach,
  after: string | null,
  nowMs: Instant,
): Promise<SortedChunk> {
  const chunk = chunkOf(await nextBatches(env, reach, after, chunkBatchesMax));
  const last = chunk.at(-1)?.object ?? null;
  await dropEmpty(
    env,
    chunk.filter(({ holds }) => holds === holdsNothing).map(({ object }) => object),
  );
  const faults: ArchiveFault[] = [];
  const batches: string[] = [];
  const changes: Change[] = [];
  for (const [object, one] of await readAll(env, chunk))
    if (one instanceof ArchiveFault) faults.push(one);
    else {
      batches.push(object);
      for (const change of one) changes.push(change);
    }
  if (batches.length === 0) return { last, sorted: 0, isOvertaken: false, faults };
  const { sorted, made } = await written(env, await remembered(env, changes));
  if (await tradeBatches(env, batches, sorted, nowMs)) {
    await dropEmpty(env, batches);
    return { last, sorted: batches.length, isOvertaken: false, faults };
  }
  const known = await knownObjects(env, made);
  await deleteAll(
    env,
    made.filter((object) => !known.has(object)),
  );
  return { last, sorted: 0, isOvertaken: true, faults };
}

async function dropEmpty(env: ArchiveEnv, batches: readonly string[]): Promise<void> {
  if (batches.length === 0) return;
  await deleteAll(env, batches);
  await forgetEmpty(env, batches);
}

async function deleteAll({ ARCHIVE }: ArchiveEnv, objects: readonly string[]): Promise<void> {
  for (let from = 0; from < objects.length; from += deletedAtOnceMax)
    await ARCHIVE.delete(objects.slice(from, from + deletedAtOnceMax));
}

/** The first ones, as many as fit. */
function chunkOf(batches: readonly Batch[]): readonly Batch[] {
  let bytes = 0;
  const places = new Set<string>();
  const fits = (batch: Batch): boolean => {
    bytes += batch.bytes;
    for (const place of JSON.parse(batch.holds) as string[]) places.add(`${batch.stream}/${place}`);
    return bytes <= chunkBytesMax && places.size <= chunkPartitionsMax;
  };
  const end = batches.findIndex((batch, nth) => !fits(batch) && nth > 0);
  return end < 0 ? batches : batches.slice(0, end);
}

type Read = readonly Change[] | ArchiveFault;

/** Step 1: what each batch holds, in the order of the batches. */
async function readAll(
  env: ArchiveEnv,
  chunk: readonly Batch[],
): Promise<ReadonlyMap<string, Read>> {
  const held = chunk.filter(({ holds }) => holds !== holdsNothing);
  const read = new Map<string, Read | null>(held.map(({ object }) => [object, null]));
  await eachBounded(held, objectsAtOnceMax, async ({ object, bytes }) => {
    if (bytes > landingBytesMax)
      return void read.set(object, new ArchiveFault("oversized-landing", object));
    const body = await env.ARCHIVE.get(object);
    if (body !== null) read.set(object, changesIn(object, await body.text()));
  });
  const missing = [...read].filter(([, one]) => one === null).map(([object]) => object);
  const wanted = await batchesHolding(env, missing);
  for (const object of missing)
    if (wanted.has(object)) read.set(object, new ArchiveFault("missing-landing", object));
    else read.delete(object);
  return read as ReadonlyMap<string, Read>;
}

/** The changes of a batch; one line that is none makes all of it suspect. */
export function changesIn(object: string, text: string): Read {
  const changes: Change[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    let change: Change | null = null;
    try {
      change = parseChange(JSON.parse(line));
    } catch {
      change = null;
    }
    if (change === null) return new ArchiveFault("malformed-landing", object);
    changes.push(change);
  }
  return changes;
}

/** Step 2. */
async function remembered(
  { WAREHOUSE }: ArchiveEnv,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const forgotten = await forgottenOf(WAREHOUSE, [...new Set(changes.map((c) => c.ledger))]);
  return forgotten.size === 0 ? changes : changes.filter((c) => !forgotten.has(c.ledger));
}

/** Step 3; `made`: those that were not there before. */
async function written({ ARCHIVE }: ArchiveEnv, changes: readonly Change[]) {
  const sorted: SortedObject[] = [];
  const made: string[] = [];
  await eachBounded(groupByPartition(changes), objectsAtOnceMax, async (group) => {
    const { bytes, facts } = encodeChanges(group.changes);
    const object = await objectName(group, bytes);
    const put = await ARCHIVE.put(object, bytes, {
      onlyIf: { etagDoesNotMatch: "*" },
      httpMetadata: { contentType: "application/x-ndjson" },
    });
    if (put !== null) made.push(object);
    const { stream, day, bucket } = group;
    sorted.push({ object, stream, day, bucket, facts, bytes: bytes.length });
  });
  return { sorted, made };
}
