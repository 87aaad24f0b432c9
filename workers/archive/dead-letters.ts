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
 *   1. the message is written down       a crash here: parked already; written once however often.
 *                                        Of a forgotten ledger nothing is kept
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
      const letter = address ?? { ledger: nobody, seq: seqOfNobody(message.id) };
      const isKept = await park(message, letter, env, now());
      if (address)
        await ledgerOf(env, address.ledger).confirm(
          "archive",
          [address.seq],
          isKept ? "parked" : "landed",
        );
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

/** Whether it is kept. */
async function park(
  message: Message,
  { ledger, seq }: { ledger: string; seq: number },
  env: ArchiveEnv,
  nowMs: Instant,
): Promise<boolean> {
  const change = parseChange(message.body);
  const [, kept] = await env.WAREHOUSE.batch<{ n: number }>([
    env.WAREHOUSE.prepare(
      `INSERT INTO parked_change (ledger, seq, stream, day, bucket, body, reason, parked_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
       WHERE NOT EXISTS (SELECT 1 FROM forgotten_ledger WHERE ledger = ?1) ON CONFLICT DO NOTHING`,
    ).bind(
      ledger,
      seq,
      change?.stream ?? null,
      change?.day ?? null,
      change?.bucket ?? null,
      JSON.stringify(message.body) ?? "null",
      change ? "kept-failing" : "malformed",
      nowMs,
    ),
    env.WAREHOUSE.prepare(
      "SELECT count(*) AS n FROM parked_change WHERE ledger = ? AND seq = ?",
    ).bind(ledger, seq),
  ]);
  return kept?.results[0]?.n === 1;
}

/** 52 bits of the message's id: the same at every delivery, and too many for two to meet. */
const seqOfNobody = (messageId: string): number =>
  spread(messageId) * 2 ** 20 + (spread(`${messageId}#`) % 2 ** 20);
