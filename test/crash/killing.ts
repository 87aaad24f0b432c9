/** Kills the runtime without a warning: when it says that it came to the armed step, or when told. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Runtime } from "../../local/runtime.ts";
import { runtimePids } from "../fakes/runtime-pids.ts";

export interface Killer {
  /** Whom a dying worker tells. */
  readonly url: string;
  /**
   * At the runtime of this process that answers now, once each time that one is started: it dies when
   * it comes to its step so many times from now on. Once dead it is closed: nobody else revives it.
   */
  aim(runtime: Pick<Runtime, "close">, times: number): Promise<void>;
  /** Of the runtime that is aimed at: dead, because it came to the step. */
  readonly reached: Promise<void>;
  strike(): void;
  close(): Promise<void>;
}

export async function startKiller(): Promise<Killer> {
  let pids: readonly number[] = [];
  let close: Runtime["close"] = async () => {};
  let left = 0;
  let tell = () => {};
  let told = new Promise<void>(() => {});
  const strike = () => {
    for (const pid of pids) process.kill(pid, "SIGKILL");
    pids = [];
    close().catch(() => {});
  };
  const server = createServer((_, response) => {
    response.on("error", () => {});
    if (pids.length > 0) left--;
    if (pids.length === 0 || left > 0) return void response.writeHead(204).end();
    // It gets no answer: it is dead by then.
    strike();
    tell();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async aim(runtime, times) {
      [left, close] = [times, runtime.close];
      pids = await runtimePids();
      if (pids.length !== 1) throw new Error(`${pids.length} runtimes are there to be killed`);
      told = new Promise((resolve) => {
        tell = resolve;
      });
    },
    get reached() {
      return told;
    },
    strike,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
