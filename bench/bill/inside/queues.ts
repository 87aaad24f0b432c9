/**
 * Queues are played by the bench, so that batches are those that the bench's clock makes: a producer
 * leaves its messages here, the bench fetches them and delivers them as the consumer's settings say.
 * An operation is billed for each 64 KB of a message that is written, read or deleted.
 */
import { tally } from "./counters.ts";

const billedBytes = 65_536;
const encoder = new TextEncoder();

export interface Sent {
  readonly queue: string;
  /** JSON. */
  readonly body: string;
  readonly delaySeconds: number;
}

export const operationsOf = (body: string): number =>
  Math.max(1, Math.ceil(encoder.encode(body).length / billedBytes));

const sent: Sent[] = [];
export const takeSent = (): Sent[] => sent.splice(0);

interface Options {
  readonly delaySeconds?: number;
}

export class BilledQueue {
  readonly #queue: string;
  readonly #by: string;

  constructor(queue: string, by: string) {
    this.#queue = queue;
    this.#by = by;
  }

  async send(body: unknown, { delaySeconds = 0 }: Options = {}): Promise<void> {
    const text = JSON.stringify(body);
    tally.add(
      `queue ${this.#queue}`,
      "queue operations",
      operationsOf(text),
      `write by ${this.#by}`,
    );
    sent.push({ queue: this.#queue, body: text, delaySeconds });
  }

  async sendBatch(messages: Iterable<{ readonly body: unknown } & Options>, all: Options = {}) {
    for (const { body, ...own } of messages) await this.send(body, { ...all, ...own });
  }
}

export interface Delivered {
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
  readonly sentMs: number;
}

export interface Verdict {
  readonly id: string;
  /** Null: it is done with. */
  readonly retryAfterSeconds: number | null;
}

/** One batch to a consumer; what it threw is a retry of all that it had not judged. */
export async function consume(
  queue: string,
  delivered: readonly Delivered[],
  consumer: (batch: MessageBatch) => Promise<void>,
): Promise<{ verdicts: Verdict[]; error: string | null }> {
  const judged = new Map<string, number | null>();
  const judge = (id: string, after: number | null) => {
    if (!judged.has(id)) judged.set(id, after);
  };
  const messages = delivered.map(({ id, body, attempts, sentMs }) => ({
    id,
    timestamp: new Date(sentMs),
    body: JSON.parse(body) as unknown,
    attempts,
    ack: () => judge(id, null),
    retry: ({ delaySeconds = 0 }: Options = {}) => judge(id, delaySeconds),
  }));
  const all = (after: number | null) => {
    for (const { id } of delivered) judge(id, after);
  };
  for (const { body } of delivered)
    tally.add(`queue ${queue}`, "queue operations", operationsOf(body), "read");
  let error: string | null = null;
  try {
    await consumer({
      queue,
      messages,
      ackAll: () => all(null),
      retryAll: ({ delaySeconds = 0 }: Options = {}) => all(delaySeconds),
    } as unknown as MessageBatch);
    all(null);
  } catch (thrown) {
    error = String(thrown);
    all(0);
  }
  const verdicts = delivered.map(({ id, body }) => {
    const retryAfterSeconds = judged.get(id) ?? null;
    if (retryAfterSeconds === null)
      tally.add(`queue ${queue}`, "queue operations", operationsOf(body), "delete");
    return { id, retryAfterSeconds };
  });
  return { verdicts, error };
}
