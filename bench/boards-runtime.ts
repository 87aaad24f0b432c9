/** Starts the boards and their driver in workerd, and beside them the floor: objects that do nothing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { boardShardName } from "../domain/board-ports.ts";
import { bundle } from "../local/runtime.ts";
import type { DriverCall } from "./boards-calls.ts";

const bytesAPage = 4096;
/**
 * The emulator waits for the disk at every commit, and everything waits with it; the platform's
 * objects wait for their own only. So files are kept in memory where there is such a folder.
 */
const inMemory = "/dev/shm";

export class BoardsRuntime {
  readonly #runtime: Miniflare;
  readonly #folder: string;

  private constructor(runtime: Miniflare, folder: string) {
    this.#runtime = runtime;
    this.#folder = folder;
  }

  static async start(): Promise<BoardsRuntime> {
    const folder = await mkdtemp(
      join(existsSync(inMemory) ? inMemory : tmpdir(), "singlet-boards-"),
    );
    const module = async (file: string) => ({
      type: "ESModule" as const,
      path: `${file.replace(/\W/g, "-")}.mjs`,
      contents: await bundle(join(import.meta.dirname, file)),
    });
    const object = (className: string) => ({ className, useSQLite: true });
    const both = { compatibilityDate: "2026-10-01" };
    const runtime = new Miniflare(
      convertV4MiniflareOptions({
        workers: [
          {
            ...both,
            name: "boards",
            modules: [await module("boards-worker.ts")],
            durableObjects: { BOARD: object("Board"), BOARD_ROOT: object("BoardRoot") },
          },
          {
            ...both,
            name: "floor",
            modules: [await module("floors/boards.ts")],
            durableObjects: { BARE: object("Bare") },
          },
        ],
        host: "127.0.0.1",
        port: 0,
        cf: false,
        log: new Log(LogLevel.NONE),
        handleStructuredLogs: () => {},
        resourcePersistencePath: folder,
        telemetry: { enabled: false },
      }),
    );
    await runtime.ready;
    return new BoardsRuntime(runtime, folder);
  }

  say<T>(call: DriverCall): Promise<T> {
    return this.#ask<T>("boards", call);
  }

  /** Milliseconds of each round: one call of an object that does nothing, then of so many at once. */
  floor(rounds: number, objects: number): Promise<{ times: number[]; meanMs: number }> {
    return this.#ask("floor", { rounds, objects });
  }

  async evict(stream: string, generation: number, shard: number): Promise<void> {
    const name = boardShardName(stream, { generation, shards: 1 }, shard);
    await this.#runtime.unsafeEvictDurableObject("boards", "Board", { name });
  }

  /** Of the runtime's process; whatever it has not given back yet is in it. */
  residentBytes(): number {
    const child = readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .find((pid) => isWorkerd(pid));
    const pages = readFileSync(`/proc/${child}/statm`, "utf8").split(" ")[1];
    return Number(pages) * bytesAPage;
  }

  async end(): Promise<void> {
    await this.#runtime.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ask<T>(worker: string, body: unknown): Promise<T> {
    const { fetch } = await this.#runtime.getWorker(worker);
    const response = await fetch("http://boards/", { method: "POST", body: JSON.stringify(body) });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as T;
  }
}

/** A child of this process by that name. */
function isWorkerd(pid: string): boolean {
  try {
    const [, name, parent] =
      /\((.*)\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name === "workerd" && Number(parent) === process.pid;
  } catch {
    return false;
  }
}
