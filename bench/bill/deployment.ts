/**
 * The system with its three workers in one workerd, each counting what it is billed for; the bench
 * plays its clock and its queues. Time goes only when it is told to: alarms, timers and batches come
 * when they would, and a run is the same again.
 */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";
import type { WorkerName } from "../../local/runtime.ts";
import { type System, startSystem } from "../../local/system.ts";
import { type ConsumerSettings, PlayedQueue } from "./queue.ts";
import { type Counted, Tally } from "./tally.ts";

/** A Wednesday, when what is told lies behind on it and on the day before. */
export const firstMs = Date.UTC(2026, 10, 18, 9);
const keyBytes = 32;
/** All members link their accounts within minutes: no provider's limit is in the way of that. */
const plenty = 1_000_000;
const granted = JSON.stringify({ garmin: { minute: plenty, day: plenty } });
const workers: readonly WorkerName[] = ["edge", "vault", "archive"];
/** The vault and the archive look at their clocks less often than the edge. */
const othersEveryMs = 10_000;
const nightly = "23 2 * * *";

interface Answer {
  /** Of a turn: when an alarm or a timer comes next. */
  readonly nextMs?: number | null;
  readonly sent: readonly { queue: string; body: string; delaySeconds: number }[];
}
interface Told extends Answer {
  readonly verdicts: readonly { id: string; retryAfterSeconds: number | null }[];
  readonly error: string | null;
}

export class Deployment {
  readonly system: System;
  readonly #folder: string;
  readonly #queues: ReadonlyMap<string, PlayedQueue>;
  #nowMs = firstMs;
  #othersMs = firstMs;
  #nextMs: number | null = null;

  private constructor(system: System, folder: string) {
    this.system = system;
    this.#folder = folder;
    this.#queues = new Map(
      consumers().map((settings) => [settings.queue, new PlayedQueue(settings)]),
    );
  }

  static async start(): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), "singlet-bill-"));
    const main = (worker: WorkerName) => join(import.meta.dirname, "inside", `${worker}-main.ts`);
    // The same identities in every run.
    const IDENTITY_KEY = Buffer.alloc(keyBytes, 7).toString("base64");
    const FORGOTTEN_KEY = Buffer.alloc(keyBytes, 9).toString("base64");
    const system = await startSystem({
      state: folder,
      mains: { edge: main("edge"), vault: main("vault"), archive: main("archive") },
      vars: {
        edge: { IDENTITY_KEY, FORGOTTEN_KEY, PROVIDER_BUDGETS: granted },
        vault: { IDENTITY_KEY },
      },
      provider: { requestsPerMinute: plenty },
    });
    const deployment = new Deployment(system, folder);
    for (const worker of workers) await deployment.#tell(worker, "now");
    return deployment;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  async #ask(worker: WorkerName, path: string, body?: unknown): Promise<unknown> {
    const target = await this.system.runtime.mf.getWorker(`singlet-${worker}`);
    const answer = await target.fetch(`http://bill/__bill/${path}`, {
      method: "POST",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) throw new Error(`${worker} ${path}: ${await answer.text()}`);
    return answer.json();
  }

  async #tell(worker: WorkerName, what: string): Promise<void> {
    this.#take((await this.#ask(worker, `${what}?at=${this.#nowMs}`)) as Answer);
  }

  #take({ sent }: Answer): void {
    for (const { queue, body, delaySeconds } of sent)
      this.#queueOf(queue).put(body, this.#nowMs, delaySeconds);
  }

  #queueOf(name: string): PlayedQueue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`nobody consumes the queue ${name}`);
    return queue;
  }

  /** Everything up to then happens: alarms and timers, then the batches that are due. */
  async until(ms: number): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, ms);
    const turn = (await this.#ask("edge", `turn?at=${this.#nowMs}`)) as Answer;
    this.#take(turn);
    this.#nextMs = turn.nextMs ?? null;
    if (this.#nowMs >= this.#othersMs + othersEveryMs) {
      this.#othersMs = this.#nowMs;
      await this.#tell("vault", "turn");
      await this.#tell("archive", "now");
    }
    for (const queue of this.#queues.values())
      for (let batch = queue.due(this.#nowMs); batch.length > 0; batch = queue.due(this.#nowMs)) {
        const body = { queue: queue.name, messages: batch };
        const told = (await this.#ask("archive", `deliver?at=${this.#nowMs}`, body)) as Told;
        if (told.error !== null) throw new Error(`${queue.name}: ${told.error}`);
        queue.judged(batch, told.verdicts, this.#nowMs);
        this.#take(told);
      }
  }

  /** Time goes on, with nothing new, until no message waits and so long nothing came. */
  async rest(stepMs: number, forMs: number): Promise<void> {
    const endMs = this.#nowMs + forMs;
    await this.until(this.#nowMs + stepMs);
    while (this.#nowMs < endMs || this.waiting > 0) {
      const steps = this.#nowMs + stepMs;
      const nextMs = Math.max(steps, Math.min(endMs, this.#nextMs ?? endMs));
      await this.until(this.waiting > 0 ? steps : nextMs);
    }
  }

  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  beginNightly(): Promise<void> {
    return this.duty("archive", nightly);
  }

  /** One turn by the clock, to its end. */
  async duty(worker: WorkerName, cron: string): Promise<void> {
    await this.#tell(worker, "now");
    const target = await this.system.runtime.mf.getWorker(`singlet-${worker}`);
    const { outcome } = await target.scheduled({ cron });
    if (outcome !== "ok") throw new Error(`${worker} at ${cron}: ${outcome}`);
    await this.#tell(worker, "turn");
    await this.until(this.#nowMs);
  }

  /** From here on the edge goes by the machine's clock, and nothing else is played. */
  async follow(): Promise<void> {
    await this.#tell("edge", "follow");
  }

  /** Everything so far; CPU is the whole runtime's, with what plays databases, objects and storage. */
  async counted(): Promise<Counted[]> {
    const tally = new Tally();
    for (const worker of workers) tally.addAll((await this.#ask(worker, "tally")) as Counted[]);
    tally.add("runtime", "CPU ms", runtimeCpuMs());
    return tally.entries();
  }

  async end(): Promise<void> {
    await this.system.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface DeclaredConsumer {
  readonly queue: string;
  readonly max_batch_size?: number | undefined;
  readonly max_batch_timeout?: number | undefined;
  readonly max_retries?: number | undefined;
}

/** Where nothing is declared, the platform's own. */
function consumers(): ConsumerSettings[] {
  const config = join(import.meta.dirname, "../../workers/archive/wrangler.toml");
  const { consumers: declared = [] } = readConfig({ config }, { hideWarnings: true }).queues;
  return declared.map((of: DeclaredConsumer) => ({
    queue: of.queue,
    batchMax: of.max_batch_size ?? 10,
    batchWaitMs: (of.max_batch_timeout ?? 5) * 1000,
    retriesMax: of.max_retries ?? 3,
  }));
}

/** Linux counts in hundredths of a second. */
const msPerTick = 10;

/** User and system time of the runtimes that this process started. */
function runtimeCpuMs(): number {
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const [name, stat] = statOf(pid);
    if (name !== "workerd" || Number(stat[1]) !== process.pid) continue;
    ticks += Number(stat[11]) + Number(stat[12]);
  }
  return ticks * msPerTick;
}

/** Its name, and the fields behind it; a process that is gone has none. */
function statOf(pid: string): [name: string, fields: string[]] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    return [text.slice(text.indexOf("(") + 1, end), text.slice(end + 2).split(" ")];
  } catch {
    return ["", []];
  }
}
