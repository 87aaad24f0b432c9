/**
 * Messages that could not land are parked: each change is kept whole, listed, and replayed by a
 * person under a new number. Their ledger is told, so that its mark moves on and it stops sending
 * them.
 */
import { spread } from "../../domain/identity.ts";
import { grouped } from "../../domain/samples/grouped.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { eachBounded } from "./bounded.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import { backoff, parseAddress, parseChange } from "./partition.ts";

const lettersAtOnceMax = 4;
const nobody = "?";

/** What is kept of one change of a message. */
interface Letter {
  readonly ledger: string;
  readonly seq: number;
  readonly stream: string | null;
  readonly day: string | null;
  readonly bucket: number | null;
  readonly body: string;
  readonly reason: "kept-failing" | "malformed";
}

/**
 *   1. its changes are written down      a crash here: parked already; written once however often.
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
      const letters = lettersOf(message);
      await tell(letters, await park(letters, env, now()), env);
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

/** One for each change; what is none by itself is a letter all the same. */
function lettersOf(message: Message): readonly Letter[] {
  const bodies: readonly unknown[] = Array.isArray(message.body) ? message.body : [message.body];
  return bodies.map((body, nth) => {
    const { ledger, seq } = parseAddress(body) ?? {
      ledger: nobody,
      seq: seqOfNobody(nth === 0 ? message.id : `${message.id}/${nth}`),
    };
    const change = parseChange(body);
    const { stream = null, day = null, bucket = null } = change ?? {};
    const reason = change ? "kept-failing" : "malformed";
    return { ledger, seq, stream, day, bucket, body: JSON.stringify(body) ?? "null", reason };
  });
}

/** Step 1; which of them are kept. */
async function park(
  letters: readonly Letter[],
  { WAREHOUSE }: ArchiveEnv,
  nowMs: Instant,
): Promise<(letter: Letter) => boolean> {
  const rows = JSON.stringify(letters);
  const [, kept] = await WAREHOUSE.batch<{ ledger: string; seq: number }>([
    WAREHOUSE.prepare(
      `INSERT INTO parked_change (ledger, seq, stream, day, bucket, body, reason, parked_at)
       SELECT value->>'ledger', value->>'seq', value->>'stream', value->>'day', value->>'bucket',
         value->>'body', value->>'reason', ?2 FROM json_each(?1)
       WHERE value->>'ledger' NOT IN (SELECT ledger FROM forgotten_ledger)
       ON CONFLICT DO NOTHING`,
    ).bind(rows, nowMs),
    WAREHOUSE.prepare(
      `SELECT ledger, seq FROM parked_change WHERE (ledger, seq) IN
       (SELECT value->>'ledger', value->>'seq' FROM json_each(?))`,
    ).bind(rows),
  ]);
  const keyOf = ({ ledger, seq }: { ledger: string; seq: number }) => JSON.stringify([ledger, seq]);
  const keys = new Set(kept?.results.map(keyOf));
  return (letter) => keys.has(keyOf(letter));
}

/** Step 2: a ledger hears which of its changes are parked, and which nobody waits for. */
async function tell(
  letters: readonly Letter[],
  isKept: (letter: Letter) => boolean,
  env: ArchiveEnv,
): Promise<void> {
  const addressed = letters.filter(({ ledger }) => ledger !== nobody);
  for (const [ledger, some] of grouped(addressed, (letter) => letter.ledger))
    for (const how of ["parked", "landed"] as const) {
      const these = some.filter((letter) => isKept(letter) === (how === "parked"));
      const seqs = these.map(({ seq }) => seq);
      if (seqs.length > 0) await ledgerOf(env, ledger).confirm("archive", seqs, how);
    }
}

/** 52 bits of the message's id: the same at every delivery, and too many for two to meet. */
const seqOfNobody = (messageId: string): number =>
  spread(messageId) * 2 ** 20 + (spread(`${messageId}#`) % 2 ** 20);
