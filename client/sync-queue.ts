/**
 * Samples and workouts wait here until Singlet has answered for them: what is offered is stored before
 * it is sent, goes out in the order it came, and leaves the store only on a final answer. A batch's key is its
 * content's hash, so that one whose answer was lost is answered again and counts once. Clock, chance,
 * network and store are given: the same code runs in a browser, on a phone and on a command line.
 */
import {
  type Batch,
  batchOf,
  type SyncAnswer,
  type SyncBody,
  type SyncSample,
} from "./sync-body.ts";

/** Samples in one batch, unless told otherwise; the server takes ten thousand. */
export const batchSamples = 1_500;
export const triesMax = 8;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/** Where batches outlive the program. Each call is durable when it returns. */
export interface BatchStore {
  /** In the order in which they were put; one that is there already stays where it is. */
  put(batch: Batch): Promise<void>;
  next(): Promise<Batch | null>;
  remove(key: string): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Of `Retry-After`; null: not said. */
  readonly retryAfterMs: number | null;
}

export interface QueuePorts {
  readonly store: BatchStore;
  /** Rejects when there is no network. */
  send(batch: Batch): Promise<Reply>;
  sleep(ms: number): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

/** sent: nothing waits any more. offline: what waits is kept, try later. signed-out: likewise. */
export type Flushed = "sent" | "offline" | "signed-out";

export interface Told {
  readonly batch: Batch;
  /** Null: the server refused the batch as a whole, and saying it again would change nothing. */
  readonly answer: SyncAnswer | null;
  readonly status: number;
  readonly text: string;
}

export class SyncQueue {
  readonly #ports: QueuePorts;
  readonly #told: (told: Told) => unknown;
  #flushing: Promise<Flushed> | null = null;

  /** `told`: what became of each batch, once; a batch is let go of when that was noted. */
  constructor(ports: QueuePorts, told: (told: Told) => unknown) {
    this.#ports = ports;
    this.#told = told;
  }

  /** Stores them, in batches; sends nothing yet. */
  async offer(samples: readonly SyncSample[], perBatch = batchSamples): Promise<void> {
    for (let at = 0; at < samples.length; at += perBatch)
      await this.add({ samples: samples.slice(at, at + perBatch) });
  }

  /** Stores one batch as it is said, of workouts as well. */
  async add(said: SyncBody): Promise<void> {
    await this.#ports.store.put(await batchOf(said));
  }

  /** One at a time: who asks meanwhile waits for the same end. */
  flush(): Promise<Flushed> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  /** Looks into the store before every try: what was thrown away meanwhile is not said again. */
  async #flush(): Promise<Flushed> {
    let [key, tried] = ["", 0];
    for (;;) {
      const batch = await this.#ports.store.next();
      if (batch === null) return "sent";
      [key, tried] = [batch.key, batch.key === key ? tried : 0];
      const reply = await this.#ports.send(batch).catch(() => null);
      if (reply === null || isLater(reply)) {
        if (++tried === triesMax) return "offline";
        await this.#ports.sleep(this.#waitMs(tried - 1, reply));
        continue;
      }
      if (reply.status === 401 || reply.status === 403) return "signed-out";
      const { status, text } = reply;
      await this.#told({ batch, answer: answerOf(reply), status, text });
      await this.#ports.store.remove(batch.key);
    }
  }

  /** Half of it by chance, so that a thousand phones do not come back at once. */
  #waitMs(tried: number, reply: Reply | null): number {
    const grown = Math.min(longestWaitMs, firstWaitMs * 2 ** tried);
    const waitMs = grown / 2 + (grown / 2) * this.#ports.random();
    return Math.round(Math.max(waitMs, Math.min(reply?.retryAfterMs ?? 0, longestWaitMs)));
  }
}

/** Of a 200 without an account somebody else said it, such as a hotel's network: that takes nothing. */
const isLater = (reply: Reply): boolean =>
  reply.status === 200
    ? answerOf(reply) === null
    : reply.status === 408 || reply.status === 429 || reply.status >= 500;

function answerOf({ status, text }: Reply): SyncAnswer | null {
  if (status !== 200) return null;
  try {
    const answer = JSON.parse(text) as SyncAnswer | null;
    return Array.isArray(answer?.errorDetails) ? answer : null;
  } catch {
    return null;
  }
}
