/** One queue as its consumer is set up: a batch goes when it is full, or its oldest has waited enough. */
export interface ConsumerSettings {
  readonly queue: string;
  readonly batchMax: number;
  readonly batchWaitMs: number;
  readonly retriesMax: number;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
  readonly sentMs: number;
  readonly readyMs: number;
}

interface Verdict {
  readonly id: string;
  readonly retryAfterSeconds: number | null;
}

export class PlayedQueue {
  readonly #settings: ConsumerSettings;
  #messages: Message[] = [];
  #last = 0;

  constructor(settings: ConsumerSettings) {
    this.#settings = settings;
  }

  get name(): string {
    return this.#settings.queue;
  }
  get size(): number {
    return this.#messages.length;
  }

  put(body: string, nowMs: number, delaySeconds: number): void {
    const readyMs = nowMs + delaySeconds * 1000;
    const id = `${this.name}-${++this.#last}`;
    this.#messages.push({ id, body, attempts: 1, sentMs: nowMs, readyMs });
  }

  /** The next batch, taken out; empty: none is due yet. */
  due(nowMs: number): Message[] {
    const { batchMax, batchWaitMs } = this.#settings;
    const ready = this.#messages.filter(({ readyMs }) => readyMs <= nowMs);
    const oldestMs = ready.reduce((least, { readyMs }) => Math.min(least, readyMs), nowMs);
    if (ready.length === 0 || (ready.length < batchMax && nowMs - oldestMs < batchWaitMs))
      return [];
    const batch = ready.slice(0, batchMax);
    const taken = new Set(batch);
    this.#messages = this.#messages.filter((message) => !taken.has(message));
    return batch;
  }

  /** What is to be retried waits again. Throws where a message would become a dead letter. */
  judged(batch: readonly Message[], verdicts: readonly Verdict[], nowMs: number): void {
    const after = new Map(verdicts.map(({ id, retryAfterSeconds }) => [id, retryAfterSeconds]));
    for (const message of batch) {
      const seconds = after.get(message.id) ?? null;
      if (seconds === null) continue;
      if (message.attempts > this.#settings.retriesMax)
        throw new Error(`a message of ${this.name} would be a dead letter`);
      const readyMs = nowMs + seconds * 1000;
      this.#messages.push({ ...message, attempts: message.attempts + 1, readyMs });
    }
  }
}
