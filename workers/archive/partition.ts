/**
 * The landing's pure part: what a message looks like, which partition a change belongs to, and the
 * names and bytes of the objects that changes become: a batch as it came, and what is in one
 * partition. The same set gives the same bytes in whatever order and however often its changes came.
 */
import * as z from "zod";
import type { FactId } from "../../domain/identity.ts";
import type { Change, Partition } from "../../domain/ports.ts";
import { grouped } from "../../domain/samples/grouped.ts";
import { type Instant, isLocalDate, type LocalDate, localDate } from "../../domain/time.ts";

const nameCharsMax = 512;
/** Two digits in an object's name. */
const bucketMax = 99;
const retryDelaySecondsMax = 60;
/** 128 bits of SHA-256. */
const digestHexChars = 32;
/** Of a time in a name, so that names are in the order of their times for centuries. */
const msDigits = 15;
/** A message holds 128 KB; no change is as short as this many of them would have to be. */
const changesOfMessageMax = 4000;

const id = z
  .string()
  .min(1)
  .max(nameCharsMax)
  .transform((text) => text as FactId);
const revision = z.int();
/** No slash and no dot: a stream's name becomes part of a key. */
const streamName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);
const ledger = z
  .string()
  .max(nameCharsMax)
  .regex(/^[a-z][a-z0-9-]{0,63}\/./);
const seq = z.int().nonnegative();

const retraction = z.strictObject({ id, revision, retracted: z.literal(true) });
/** Fields beyond these are the stream's own; one that is half a retraction is neither. */
const fact = z
  .looseObject({ id, revision, at: z.int() })
  .refine((statement) => !("retracted" in statement));

const changeSchema = z
  .strictObject({
    ledger,
    seq,
    stream: streamName,
    day: z.string().refine(isLocalDate),
    bucket: z.int().min(0).max(bucketMax),
    statement: z.union([retraction, fact]),
  })
  .refine((change) => change.ledger.startsWith(`${change.stream}/`));

/** Null for anything that is not exactly a change. */
export function parseChange(body: unknown): Change | null {
  const parsed = changeSchema.safeParse(body);
  return parsed.success ? parsed.data : null;
}

const messageSchema = z.array(changeSchema).min(1).max(changesOfMessageMax);

/** The changes of a message, all of one ledger; null for anything that is not exactly that. */
export function parseMessage(body: unknown): readonly [Change, ...Change[]] | null {
  const parsed = messageSchema.safeParse(Array.isArray(body) ? body : [body]);
  if (!parsed.success) return null;
  const [first, ...rest] = parsed.data;
  if (first === undefined || rest.some(({ ledger: of }) => of !== first.ledger)) return null;
  return [first, ...rest];
}

const addressSchema = z.object({ ledger, seq });

/** Who sent it, of a body that may be no change otherwise. */
export function parseAddress(body: unknown): { ledger: string; seq: number } | null {
  const parsed = addressSchema.safeParse(body);
  return parsed.success ? parsed.data : null;
}

export interface Group extends Partition {
  readonly changes: readonly Change[];
}

export function groupByPartition(changes: readonly Change[]): Group[] {
  const keyOf = ({ stream, day, bucket }: Partition) => JSON.stringify([stream, day, bucket]);
  return [...grouped(changes, keyOf)].map(([key, some]) => {
    const [stream, day, bucket] = JSON.parse(key) as [string, LocalDate, number];
    return { stream, day, bucket, changes: some };
  });
}

type Bytes = ReturnType<TextEncoder["encode"]>;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * NDJSON, sorted by (ledger, sequence). Only lines that are equal to the byte are merged: should a
 * ledger ever use a number twice, both contents are kept.
 */
export function encodeChanges(changes: readonly Change[]): {
  bytes: Bytes;
  facts: number;
} {
  const lines = changes
    .map((change) => ({ change, line: `${JSON.stringify(change)}\n` }))
    .sort(
      (a, b) =>
        compare(a.change.ledger, b.change.ledger) ||
        a.change.seq - b.change.seq ||
        compare(a.line, b.line),
    )
    .map(({ line }) => line)
    .filter((line, i, sorted) => line !== sorted[i - 1]);
  return { bytes: new TextEncoder().encode(lines.join("")), facts: lines.length };
}

async function digestOf(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.slice(0, digestHexChars);
}

const bucketDigits = (bucket: number): string => String(bucket).padStart(2, "0");

/** Where all landing objects of a partition are. */
export const landingFolder = ({ stream, day, bucket }: Partition): string =>
  `land/${stream}/${day}/${bucketDigits(bucket)}/`;

/** `land/<stream>/<day>/<bucket>/<digest of the content>.ndjson` */
export const objectName = async (partition: Partition, bytes: Bytes): Promise<string> =>
  `${landingFolder(partition)}${await digestOf(bytes)}.ndjson`;

/** Where a stream's batches are as they came. */
export const batchFolder = (stream: string): string => `land/${stream}/batch/`;

/**
 * `land/<stream>/batch/<day it came>/<ms it came>-<digest of the content>.ndjson`: in the order of
 * their coming. A name that is gone is not given again, unless the same comes in the same millisecond.
 */
export const batchName = async (stream: string, bytes: Bytes, nowMs: Instant): Promise<string> => {
  const at = String(nowMs).padStart(msDigits, "0");
  return `${batchFolder(stream)}${localDate(nowMs, 0)}/${at}-${await digestOf(bytes)}.ndjson`;
};

const batchNamed = /^land\/([a-z][a-z0-9-]{0,63})\/batch\/[\d-]{10}\/\d{15}-[0-9a-f]{32}\.ndjson$/;

/** The stream of a batch; null for any other object. */
export const streamOfBatch = (object: string): string | null =>
  batchNamed.exec(object)?.[1] ?? null;

/** A partition in the list of those that a batch holds. */
const placeOf = ({ day, bucket }: Partition): string => `${day}/${bucketDigits(bucket)}`;

/** What a batch holds, as its row says it. */
export const holdsOf = (partitions: readonly Partition[]): string =>
  JSON.stringify(partitions.map(placeOf).sort());

/** And back. */
export function partitionsHeld(stream: string, holds: string): Partition[] {
  const places = z.array(z.string()).parse(JSON.parse(holds));
  return places.map((place) => {
    const [day = "", bucket = ""] = place.split("/");
    return { stream, day, bucket: Number(bucket) };
  });
}

/** What `holds` contains of a batch that holds this partition, and of no other. */
export const heldText = (partition: Partition): string => `"${placeOf(partition)}"`;
/** Likewise for any day of a bucket. */
export const heldBucketText = (bucket: number): string => `/${bucketDigits(bucket)}"`;

const named =
  /^(?:(?:land|facts|resolved)\/([a-z][a-z0-9-]{0,63})\/([\d-]{10})\/(\d\d)\/|manifest\/([a-z][a-z0-9-]{0,63})\/([\d-]{10})\/(\d\d)\.json$)/;

/** Whose object this is; null for a name that the archive never gave. */
export function partitionOf(object: string): Partition | null {
  const found = named.exec(object);
  if (found === null) return null;
  const stream = found[1] ?? found[4] ?? "";
  const day = found[2] ?? found[5] ?? "";
  const bucket = Number(found[3] ?? found[6]);
  return isLocalDate(day) ? { stream, day, bucket } : null;
}

/** Seconds until a message that was delivered `attempts` times comes again: 1, 2, 4 … 60. */
export const backoff = (attempts: number): number =>
  Math.min(retryDelaySecondsMax, 2 ** Math.max(0, attempts - 1));
