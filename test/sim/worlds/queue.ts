/**
 * A queue that keeps few promises: it loses, doubles, delays and reorders messages, splits what came
 * together and puts together what did not. What is not acknowledged comes again, and what came too
 * often becomes a dead letter.
 */
import type { Process, Wire } from "./wire.ts";

interface Waiting {
  readonly id: string;
  readonly body: unknown;
  attempts: number;
  dueMs: number;
}
export interface QueueOptions {
  readonly name: string;
  readonly batchMax: number;
  readonly retriesMax: number;
  consume(batch: MessageBatch): Promise<void>;
  /** What came too often; absent: it is gone. */
  dead?(body: unknown): void;
}

/** An invocation that takes longer is over, whatever it was doing. */
const invocationMsMax = 15 * 60_000;
const delayMsMax = 20_000;
const tickMs = 5_000;

export class SimQueue {
  readonly #wire: Wire;
  readonly #options: QueueOptions;
  #waiting: Waiting[] = [];
  #made = 0;
  #isTicking = false;
  underWay = 0;
  lost = 0;

  constructor(wire: Wire, options: QueueOptions) {
    [this.#wire, this.#options] = [wire, options];
  }

  get left(): number {
    return this.#waiting.length + this.underWay;
  }

  /** What lies in it, for whoever looks. */
  bodies(): unknown[] {
    return this.#waiting.map(({ body }) => body);
  }

  put(body: unknown, delayMs = 0): void {
    const { chance, troubles } = this.#wire;
    if (chance.in100(troubles.loss)) {
      this.lost++;
      return;
    }
    const copies = chance.in100(troubles.replay) ? 2 : 1;
    for (let i = 0; i < copies; i++) this.#add(structuredClone(body), delayMs);
  }

  #add(body: unknown, delayMs: number): void {
    const { chance, clock, troubles } = this.#wire;
    const late = troubles.slow > 0 ? chance.whole(0, delayMsMax) : 0;
    const id = `${this.#options.name}-${++this.#made}`;
    this.#waiting.push({ id, body, attempts: 0, dueMs: clock.now() + delayMs + late });
    this.#tick();
  }

  #tick(): void {
    if (this.#isTicking || this.#waiting.length === 0) return;
    this.#isTicking = true;
    const { clock } = this.#wire;
    const first = Math.min(...this.#waiting.map(({ dueMs }) => dueMs));
    clock.at(Math.max(first, clock.now()) + tickMs, () => {
      this.#isTicking = false;
      this.#deliver();
      this.#tick();
    });
  }

  #deliver(): void {
    const { chance, clock } = this.#wire;
    const isDue = ({ dueMs }: Waiting) => dueMs <= clock.now();
    let due = chance.shuffled(this.#waiting.filter(isDue));
    this.#waiting = this.#waiting.filter((message) => !isDue(message));
    while (due.length > 0) {
      const size = chance.whole(1, Math.min(due.length, this.#options.batchMax));
      void this.#hand(due.slice(0, size));
      due = due.slice(size);
    }
  }

  async #hand(messages: readonly Waiting[]): Promise<void> {
    const { chance, troubles } = this.#wire;
    this.underWay += messages.length;
    const acked = new Set<string>();
    const delays = new Map<string, number>();
    const batch = {
      queue: this.#options.name,
      messages: messages.map((message) => ({
        ...{ id: message.id, body: message.body, attempts: ++message.attempts },
        timestamp: new Date(0),
        ack: () => acked.add(message.id),
        retry: ({ delaySeconds = 0 } = {}) => delays.set(message.id, delaySeconds * 1000),
      })),
    } as unknown as MessageBatch;
    const isOver = await this.#invoke(() => this.#options.consume(batch));
    this.underWay -= messages.length;
    for (const message of messages) {
      // An acknowledgement may be lost as well.
      const isDone = isOver && acked.has(message.id) && !chance.in100(troubles.replay / 4);
      if (isDone) continue;
      if (message.attempts > this.#options.retriesMax) this.#options.dead?.(message.body);
      else {
        message.dueMs = this.#wire.clock.now() + (delays.get(message.id) ?? 0);
        this.#waiting.push(message);
      }
    }
    this.#tick();
  }

  /** False: it was cut off before its end, so that nothing it acknowledged counts. */
  #invoke(work: () => Promise<void>): Promise<boolean> {
    return new Promise((end) => {
      const process: Process = { part: "archive", isAlive: true, die: () => end(false) };
      this.#wire.clock.after(invocationMsMax, () => {
        process.isAlive = false;
        end(false);
      });
      this.#wire.within(process, () => {
        work().then(
          () => end(true),
          () => end(false),
        );
      });
    });
  }
}
