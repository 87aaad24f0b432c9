/**
 * From the queue to create-only objects by event time. A message is acknowledged only when its
 * change is stored, indexed and confirmed to its ledger. Nothing is promised about how many objects
 * hold a change: it may be in several, and settlement counts its identity once.
 */
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { eachBounded } from "./bounded.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import {
  type Arrival,
  backoff,
  encodeChanges,
  type Group,
  groupByLedger,
  groupByPartition,
  objectName,
  parseChange,
} from "./partition.ts";
import { forgottenOf } from "./warehouse.ts";

/** Fewer than the six connections that an invocation may hold open. */
const groupsAtOnceMax = 4;

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
 *   1. each message is parsed            one that is no change is retried, until it is a dead letter
 *   2. changes of the erased are dropped confirmed and acknowledged as if they had landed
 *   3. one object a partition is written a crash here: nothing names it; the same batch finds it
 *                                        there, another mix of messages writes its changes again
 *   4. the index row and the dirty mark, unless somebody in it was erased meanwhile
 *                                        a crash here: it is settled; the ledger sends it again
 *   5. each ledger is told               a crash here: redelivered; telling it again is harmless
 *   6. the messages are acknowledged
 * A partition that fails after any step is retried by itself; so is a ledger that cannot be told.
 */
export async function land(
  batch: MessageBatch,
  env: ArchiveEnv,
  now: () => Instant,
): Promise<void> {
  const startedMs = now();
  const tally: Tally = { malformed: 0, recorded: 0, facts: 0, dropped: 0, retries: 0, error: null };
  const arrivals: Arrival<Message>[] = [];
  for (const message of batch.messages) {
    const change = parseChange(message.body);
    if (change) {
      arrivals.push({ change, message });
    } else {
      tally.malformed++;
      retryLater(message, tally);
    }
  }
  const kept = await keptOf(arrivals, env, tally);
  await eachBounded(groupByPartition(kept), groupsAtOnceMax, async (group) => {
    try {
      const facts = await store(group, env, now());
      tally.facts += facts;
    } catch (error) {
      tally.error = errorClass(error);
      for (const { message } of group.arrivals) retryLater(message, tally);
      return;
    }
    for (const [ledger, told] of groupByLedger(group.arrivals))
      await confirm(ledger, told, env, tally);
  });
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

/** Step 2, in one query for all; when it fails, none of the batch is known to be wanted. */
async function keptOf(
  arrivals: readonly Arrival<Message>[],
  env: ArchiveEnv,
  tally: Tally,
): Promise<readonly Arrival<Message>[]> {
  const byLedger = groupByLedger(arrivals);
  let forgotten: ReadonlySet<string>;
  try {
    forgotten = await forgottenOf(env.WAREHOUSE, [...byLedger.keys()]);
  } catch (error) {
    tally.error = errorClass(error);
    for (const { message } of arrivals) retryLater(message, tally);
    return [];
  }
  for (const [ledger, told] of byLedger)
    if (forgotten.has(ledger)) {
      tally.dropped += told.length;
      await confirm(ledger, told, env, tally);
    }
  return arrivals.filter(({ change }) => !forgotten.has(change.ledger));
}

/** Somebody was erased between step 2 and step 4: what comes again is without them. */
class ErasedMeanwhile extends Error {
  override readonly name = "ErasedMeanwhile";
}

/**
 * Steps 3 and 4; how many distinct changes the object holds. A ledger is named as forgotten before
 * its erasure begins, so what is indexed here while it is not yet named, that erasure finds.
 */
async function store(group: Group<Message>, env: ArchiveEnv, nowMs: Instant): Promise<number> {
  const { stream, day, bucket } = group;
  const { bytes, facts } = encodeChanges(group.arrivals.map((a) => a.change));
  const object = await objectName(group, bytes);
  // Null says that the object was there already; its name is its content, so that is as good.
  const made = await env.ARCHIVE.put(object, bytes, {
    onlyIf: { etagDoesNotMatch: "*" },
    httpMetadata: { contentType: "application/x-ndjson" },
  });
  const ledgers = JSON.stringify([...groupByLedger(group.arrivals).keys()]);
  const results = await env.WAREHOUSE.batch([
    env.WAREHOUSE.prepare(
      `INSERT INTO landed (object, stream, day, bucket, facts, bytes, landed_at)
       SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (${forgottenAmong})
       ON CONFLICT DO NOTHING`,
    ).bind(ledgers, object, stream, day, bucket, facts, bytes.length, nowMs),
    env.WAREHOUSE.prepare(
      `INSERT INTO dirty (stream, day, bucket, since)
       SELECT ?2, ?3, ?4, ?5 WHERE NOT EXISTS (${forgottenAmong}) ON CONFLICT DO NOTHING`,
    ).bind(ledgers, stream, day, bucket, nowMs),
    env.WAREHOUSE.prepare(forgottenAmong).bind(ledgers),
  ]);
  if ((results[2]?.results.length ?? 0) === 0) return facts;
  if (made !== null) await env.ARCHIVE.delete(object);
  throw new ErasedMeanwhile();
}

const forgottenAmong = `SELECT 1 FROM forgotten_ledger
  WHERE ledger IN (SELECT value FROM json_each(?1)) LIMIT 1`;

/** Steps 5 and 6, for one ledger. */
async function confirm(
  ledger: string,
  arrivals: readonly Arrival<Message>[],
  env: ArchiveEnv,
  tally: Tally,
): Promise<void> {
  try {
    const seqs = [...new Set(arrivals.map((a) => a.change.seq))];
    await ledgerOf(env, ledger).confirm("archive", seqs);
  } catch (error) {
    tally.error = errorClass(error);
    for (const { message } of arrivals) retryLater(message, tally);
    return;
  }
  for (const { message } of arrivals) message.ack();
  tally.recorded += arrivals.length;
}
