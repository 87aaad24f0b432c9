/**
 * The landing's pure part: what a change looks like, which partition it belongs to, and the name
 * and bytes of the object that a set of changes becomes. The same set gives the same object in
 * whatever order and however often its changes came, so a repeated batch writes nothing new.
 */
import { z } from "zod";
import type { FactId } from "../../domain/identity.ts";
import type { Change, Partition } from "../../domain/ports.ts";
import { isLocalDate } from "../../domain/time.ts";

const nameCharsMax = 512;
/** Two digits in an object's name. */
const bucketMax = 99;
const retryDelaySecondsMax = 60;
/** 128 bits of SHA-256. */
const digestHexChars = 32;

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

const addressSchema = z.object({ ledger, seq });

/** Who sent it, of a body that may be no change otherwise. */
export function parseAddress(body: unknown): { ledger: string; seq: number } | null {
  const parsed = addressSchema.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** A change and the message it came in. */
export interface Arrival<M> {
  readonly change: Change;
  readonly message: M;
}
export interface Group<M> extends Partition {
  readonly arrivals: readonly Arrival<M>[];
}

export function groupByPartition<M>(arrivals: readonly Arrival<M>[]): Group<M>[] {
  const groups = new Map<string, Partition & { arrivals: Arrival<M>[] }>();
  for (const arrival of arrivals) {
    const { stream, day, bucket } = arrival.change;
    const key = JSON.stringify([stream, day, bucket]);
    const group = groups.get(key);
    if (group) group.arrivals.push(arrival);
    else groups.set(key, { stream, day, bucket, arrivals: [arrival] });
  }
  return [...groups.values()];
}

export function groupByLedger<M>(arrivals: readonly Arrival<M>[]): Map<string, Arrival<M>[]> {
  const ledgers = new Map<string, Arrival<M>[]>();
  for (const arrival of arrivals) {
    const known = ledgers.get(arrival.change.ledger);
    if (known) known.push(arrival);
    else ledgers.set(arrival.change.ledger, [arrival]);
  }
  return ledgers;
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

/** Where all landing objects of a partition are. */
export const landingFolder = ({ stream, day, bucket }: Partition): string =>
  `land/${stream}/${day}/${String(bucket).padStart(2, "0")}/`;

/** `land/<stream>/<day>/<bucket>/<digest of the content>.ndjson` */
export async function objectName(partition: Partition, bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${landingFolder(partition)}${hex.slice(0, digestHexChars)}.ndjson`;
}

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
