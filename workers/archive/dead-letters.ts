/**
 * Messages that could not land are parked: kept whole, listed, and replayed by a person under a new
 * number. Their ledger is told, so that its mark moves on and it stops sending them.
 */
import { spread } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { eachBounded } from "./bounded.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import { backoff, parseAddress, parseChange } from "./partition.ts";

const lettersAtOnceMax = 4;
const nobody = "?";

/**
 *   1. the message is written down       a crash here: parked already; written once however often
 *   2. its ledger is told                a crash here: redelivered, told again. One that can never
 *                                        be told runs out of deliveries and stays listed
 *   3. the message is acknowledged
 */
export async function parkDeadLetters(
  batch: MessageBatch,
  env: ArchiveEnv,
  now: () => Instant,
): Promise<void> {
  const startedMs = now();
  let [parked, retries] = [0, 0];
  let failed: string | null = null;
  await eachBounded(batch.messages, lettersAtOnceMax, async (message) => {
    try {
      const address = parseAddress(message.body);
      await park(message, address ?? { ledger: nobody, seq: seqOfNobody(message.id) }, env, now());
      if (address) await ledgerOf(env, address.ledger).confirm("archive", [address.seq]);
      message.ack();
      parked++;
    } catch (error) {
      failed = errorClass(error);
      message.retry({ delaySeconds: backoff(message.attempts) });
      retries++;
    }
  });
  logLine({
    worker: "archive",
    event: "dead-letters",
    outcome: retries === 0 ? "parked" : "partial",
    items: batch.messages.length,
    parked,
    retries,
    error: failed,
    durationMs: now() - startedMs,
  });
}

async function park(
  message: Message,
  { ledger, seq }: { ledger: string; seq: number },
  env: ArchiveEnv,
  nowMs: Instant,
): Promise<void> {
  const change = parseChange(message.body);
  await env.WAREHOUSE.prepare(
    `INSERT INTO parked_change (ledger, seq, stream, day, bucket, body, reason, parked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
    .bind(
      ledger,
      seq,
      change?.stream ?? null,
      change?.day ?? null,
      change?.bucket ?? null,
      JSON.stringify(message.body) ?? "null",
      change ? "kept-failing" : "malformed",
      nowMs,
    )
    .run();
}

/** 52 bits of the message's id: the same at every delivery, and too many for two to meet. */
const seqOfNobody = (messageId: string): number =>
  spread(messageId) * 2 ** 20 + (spread(`${messageId}#`) % 2 ** 20);
