/**
 * From the queue to create-only objects: one for a batch and stream, whatever partitions it is of,
 * for objects and rows are what landing costs. A message is acknowledged only when all its changes
 * are stored, indexed and confirmed to its ledger. Nothing is promised about how many objects hold a
 * change: it may be in several, and settlement counts its identity once.
 */
import type { Change } from "../../domain/ports.ts";
import { grouped } from "../../domain/samples/grouped.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { eachBounded } from "./bounded.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import {
  backoff,
  batchName,
  encodeChanges,
  groupByPartition,
  holdsOf,
  parseMessage,
} from "./partition.ts";
import { forgottenOf } from "./warehouse.ts";

/** Fewer than the six connections that an invocation may hold open. */
const ledgersAtOnceMax = 4;

/** A message and what it says. */
interface Arrival {
  readonly ledger: string;
  readonly stream: string;
  readonly changes: readonly Change[];
  readonly message: Message;
}

interface Tally {
  malformed: number;
  recorded: number;
  facts: number;
  dropped: number;
  retries: number;
  error: string | null;
}

const retryLater = (message: Message, tally: Tally): void => {
  message.retry({ delaySeconds: backoff(message.attempts) });
  tally.retries++;
};

/**
 *   1. each message is parsed            one that is none is retried, until it is a dead letter
 *   2. changes of the erased are dropped confirmed and acknowledged as if they had landed
 *   3. one object a stream is written    a crash here: nothing names it; it is adopted when it is old
 *                                        enough, and what comes again is in another one too
 *   4. the index row and the dirty marks, unless somebody in it was erased meanwhile
 *                                        a crash here: it is settled; the ledger sends it again
 *   5. each ledger is told once          a crash here: redelivered; telling it again is harmless
 *   6. the messages are acknowledged
 * A stream that fails after any step is retried by itself; so is a ledger that cannot be told.
 */
export async function land(
  batch: MessageBatch,
  env: ArchiveEnv,
  now: () => Instant,
): Promise<void> {
  const startedMs = now();
  const tally: Tally = { malformed: 0, recorded: 0, facts: 0, dropped: 0, retries: 0, error: null };
  const arrivals = parsed(batch, tally);
  const { kept, dropped } = await sifted(arrivals, env, tally);
  const stored = [...dropped];
  for (const [stream, some] of grouped(kept, (arrival) => arrival.stream))
    stored.push(...(await storedOf(stream, some, env, tally, now())));
  const told = grouped(stored, ({ ledger }) => ledger);
  await eachBounded([...told], ledgersAtOnceMax, ([ledger, some]) =>
    confirm(ledger, some, env, tally),
  );
  logLine({
    worker: "archive",
    event: "landing",
    outcome: tally.retries === 0 ? "landed" : "partial",
    reason: tally.malformed > 0 ? "malformed" : null,
    items: batch.messages.length,
    recorded: tally.recorded,
    facts: tally.facts,
    dropped: tally.dropped,
    retries: tally.retries,
    error: tally.error,
    durationMs: now() - startedMs,
  });
}

/** Step 1. */
function parsed(batch: MessageBatch, tally: Tally): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  for (const message of batch.messages) {
    const changes = parseMessage(message.body);
    if (changes === null) {
      tally.malformed++;
      retryLater(message, tally);
    } else {
      const [{ ledger, stream }] = changes;
      arrivals.push({ ledger, stream, changes, message });
    }
  }
  return arrivals;
}

/** Step 2, in one query for all; when it fails, none of the batch is known to be wanted. */
async function sifted(
  arrivals: readonly Arrival[],
  env: ArchiveEnv,
  tally: Tally,
): Promise<{ kept: readonly Arrival[]; dropped: readonly Arrival[] }> {
  const ledgers = [...new Set(arrivals.map(({ ledger }) => ledger))];
  let forgotten: ReadonlySet<string>;
  try {
    forgotten = await forgottenOf(env.WAREHOUSE, ledgers);
  } catch (error) {
    tally.error = errorClass(error);
    for (const { message } of arrivals) retryLater(message, tally);
    return { kept: [], dropped: [] };
  }
  const dropped = arrivals.filter(({ ledger }) => forgotten.has(ledger));
  for (const { changes } of dropped) tally.dropped += changes.length;
  return { kept: arrivals.filter(({ ledger }) => !forgotten.has(ledger)), dropped };
}

/** Those whose changes are stored; the others are to come again. */
async function storedOf(
  stream: string,
  arrivals: readonly Arrival[],
  env: ArchiveEnv,
  tally: Tally,
  nowMs: Instant,
): Promise<readonly Arrival[]> {
  try {
    const ledgers = [...new Set(arrivals.map(({ ledger }) => ledger))];
    const changes = arrivals.flatMap((arrival) => arrival.changes);
    tally.facts += await store(stream, ledgers, changes, env, nowMs);
    return arrivals;
  } catch (error) {
    tally.error = errorClass(error);
    for (const { message } of arrivals) retryLater(message, tally);
    return [];
  }
}

/** Somebody was erased between step 2 and step 4: what comes again is without them. */
class ErasedMeanwhile extends Error {
  override readonly name = "ErasedMeanwhile";
}

/**
 * Steps 3 and 4; how many distinct changes the object holds. A ledger is named as forgotten before
 * its erasure begins, so what is indexed here while it is not yet named, that erasure finds.
 */
async function store(
  stream: string,
  ledgers: readonly string[],
  changes: readonly Change[],
  env: ArchiveEnv,
  nowMs: Instant,
): Promise<number> {
  const { bytes, facts } = encodeChanges(changes);
  const object = await batchName(stream, bytes, nowMs);
  // Null says that the very same came in the same millisecond; its name is its content too.
  const made = await env.ARCHIVE.put(object, bytes, {
    onlyIf: { etagDoesNotMatch: "*" },
    httpMetadata: { contentType: "application/x-ndjson" },
  });
  const partitions = groupByPartition(changes);
  const marks = partitions.map(({ day, bucket }) => ({ day, bucket }));
  const whose = JSON.stringify(ledgers);
  const results = await env.WAREHOUSE.batch([
    env.WAREHOUSE.prepare(
      `INSERT INTO landed (object, stream, facts, bytes, landed_at, holds)
       SELECT ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (${forgottenAmong}) ON CONFLICT DO NOTHING`,
    ).bind(whose, object, stream, facts, bytes.length, nowMs, holdsOf(partitions)),
    env.WAREHOUSE.prepare(
      `INSERT INTO dirty (stream, day, bucket, since)
       SELECT ?2, value->>'day', value->>'bucket', ?4 FROM json_each(?3)
       WHERE NOT EXISTS (${forgottenAmong}) ON CONFLICT DO NOTHING`,
    ).bind(whose, stream, JSON.stringify(marks), nowMs),
    env.WAREHOUSE.prepare(forgottenAmong).bind(whose),
  ]);
  if ((results[2]?.results.length ?? 0) === 0) return facts;
  if (made !== null) await env.ARCHIVE.delete(object);
  throw new ErasedMeanwhile();
}

const forgottenAmong = `SELECT 1 FROM forgotten_ledger
  WHERE ledger IN (SELECT value FROM json_each(?1)) LIMIT 1`;

/** Steps 5 and 6, for one ledger and all that the batch holds of it. */
async function confirm(
  ledger: string,
  arrivals: readonly Arrival[],
  env: ArchiveEnv,
  tally: Tally,
): Promise<void> {
  const seqs = [...new Set(arrivals.flatMap(({ changes }) => changes.map(({ seq }) => seq)))];
  try {
    await ledgerOf(env, ledger).confirm("archive", seqs);
  } catch (error) {
    tally.error = errorClass(error);
    for (const { message } of arrivals) retryLater(message, tally);
    return;
  }
  for (const { message } of arrivals) message.ack();
  tally.recorded += arrivals.length;
}
