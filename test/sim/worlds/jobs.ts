/** The processes that worlds run in, as the command and the tests ask them. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { OneFault } from "./wire.ts";

export type Asked =
  | {
      readonly kind: "worlds";
      readonly seed: number;
      readonly from: number;
      /** Not included. */
      readonly to: number;
      readonly plant: string | null;
      /** Stops at the first world in which something is wrong. */
      readonly untilFirst: boolean;
    }
  | {
      readonly kind: "one";
      readonly seed: number;
      readonly nth: number;
      readonly plant: string | null;
    }
  | {
      readonly kind: "shrink";
      readonly seed: number;
      readonly nth: number;
      readonly plant: string | null;
      readonly triesMax: number;
    }
  | { readonly kind: "every-call"; readonly scenario: number; readonly one: OneFault | null };

export interface WorldsTold {
  readonly kind: "worlds";
  readonly done: number;
  readonly wrong: readonly { readonly nth: number; readonly violations: readonly string[] }[];
  readonly calls: number;
  readonly crashes: number;
  readonly failures: number;
  readonly cpuMs: number;
}
export type Told =
  | WorldsTold
  | {
      readonly kind: "one";
      readonly lines: readonly string[];
      readonly violations: readonly string[];
    }
  | {
      readonly kind: "shrink";
      readonly script: readonly string[];
      readonly tries: number;
      readonly violations: readonly string[];
    }
  | { readonly kind: "every-call"; readonly violations: readonly string[]; readonly calls: number };

/** A process that says nothing for so long is ended, and what it was asked has failed. */
const silentMsMax = 10 * 60_000;

/** Each has a core: threads that help one of them keep another from working. */
const execArgv = ["--single-threaded"];

/** One process; one question at a time. */
export class Job {
  readonly #process: ChildProcess;

  constructor() {
    const own = join(import.meta.dirname, "job.ts");
    this.#process = fork(own, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  ask<K extends Asked["kind"]>(
    asked: Extract<Asked, { readonly kind: K }>,
  ): Promise<Extract<Told, { readonly kind: K }>> {
    const process = this.#process;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => process.kill(), silentMsMax);
      const done = (end: () => void) => {
        clearTimeout(late);
        process.off("message", answered);
        process.off("exit", ended);
        end();
      };
      const answered = (told: unknown) => done(() => resolve(told as never));
      const ended = () => done(() => reject(new Error(`no answer to ${JSON.stringify(asked)}`)));
      process.on("message", answered);
      process.on("exit", ended);
      process.send(asked);
    });
  }

  end(): void {
    this.#process.kill();
  }
}

/** Every task by whichever process is free; returns when all are done, or `work` says to stop. */
export async function byJobs<T>(
  jobs: number,
  tasks: Iterable<T>,
  work: (job: Job, task: T) => Promise<"more" | "enough">,
): Promise<void> {
  const left = tasks[Symbol.iterator]();
  let isEnough = false;
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const job = new Job();
      try {
        for (let next = left.next(); !next.done && !isEnough; next = left.next())
          if ((await work(job, next.value)) === "enough") isEnough = true;
      } finally {
        job.end();
      }
    }),
  );
}
