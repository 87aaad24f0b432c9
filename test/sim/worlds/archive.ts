/** The archive of a world: its real landing, dead letters, runs and settling over stores in memory. */
import type { StatementSync } from "node:sqlite";
import { parkDeadLetters } from "../../../workers/archive/dead-letters.ts";
import type { ArchiveEnv } from "../../../workers/archive/env.ts";
import { land } from "../../../workers/archive/landing.ts";
import { type Letter, replayParked } from "../../../workers/archive/parked-changes.ts";
import { beginNightly, goOnWithRuns, wakeRuns } from "../../../workers/archive/run.ts";
import { RunStore } from "../../../workers/archive/run-store.ts";
import { memoryR2 } from "../../fakes/memory-r2.ts";
import { type SqliteD1, sqliteD1 } from "../../fakes/sqlite-d1.ts";
import { SimQueue } from "./queue.ts";
import type { Process, Wire } from "./wire.ts";

/** As `workers/archive/wrangler.toml` says. */
const batchMax = 100;
const retriesMax = 5;
const deadRetriesMax = 100;
const runRetriesMax = 3;
const minuteMs = 60_000;

export class SimArchive {
  readonly warehouse;
  readonly bucket;
  readonly boards;
  readonly snapshots;
  readonly env: ArchiveEnv;
  readonly changes: SimQueue;
  readonly dead: SimQueue;
  readonly runs: SimQueue;
  readonly #wire: Wire;
  #tokens = 0;

  constructor(
    wire: Wire,
    bound: Pick<ArchiveEnv, "LEDGER" | "BOARD" | "BOARD_ROOT" | "VAULT_SEAL">,
  ) {
    this.#wire = wire;
    const at = (port: string) => ({ gate: () => wire.gate(port), fail: () => wire.draw(port) });
    const nowMs = () => wire.clock.now();
    this.warehouse = emptied(wire);
    this.bucket = memoryR2({ ...at("archive"), nowMs });
    this.boards = memoryR2({ ...at("closed"), nowMs });
    this.snapshots = memoryR2({ ...at("snapshots"), nowMs });
    const now = () => wire.nowMs();
    const queue = { ...{ batchMax, retriesMax }, name: "changes" };
    this.dead = new SimQueue(wire, {
      ...{ ...queue, name: "changes-dead", retriesMax: deadRetriesMax },
      consume: (batch) => parkDeadLetters(batch, this.env, now),
    });
    this.changes = new SimQueue(wire, {
      ...queue,
      consume: (batch) => land(batch, this.env, now),
      dead: (body) => this.dead.put(body),
    });
    this.runs = new SimQueue(wire, {
      ...{ name: "runs", batchMax: 1, retriesMax: runRetriesMax },
      consume: (batch) => goOnWithRuns(batch, this.env, now, () => `t${++this.#tokens}`),
    });
    this.env = {
      ...bound,
      ARCHIVE: this.bucket,
      WAREHOUSE: this.warehouse,
      BOARDS: this.boards,
      SNAPSHOTS: this.snapshots,
      VAULT_WORK: { resolveSamples: async () => [] },
      RUNS: {
        send: (body: unknown, { delaySeconds = 0 } = {}) =>
          wire.call("runs.send", () => this.runs.put(body, delaySeconds * 1000)),
      },
    } as unknown as ArchiveEnv;
  }

  /** A cron, or an operator's hand: a process of its own that may fail and is not repeated. */
  async #duty(work: () => Promise<unknown>): Promise<void> {
    await new Promise<void>((end) => {
      const process: Process = { part: "archive", isAlive: true, die: end };
      this.#wire.within(process, () => {
        work().then(
          () => end(),
          () => end(),
        );
      });
    });
  }

  /** Each minute, for as long as there is a run to wake. */
  tick(untilMs: number): void {
    const { clock } = this.#wire;
    if (clock.now() + minuteMs > untilMs) return;
    clock.after(minuteMs, () => {
      if (this.open() > 0) void this.#duty(() => wakeRuns(this.env, () => this.#wire.nowMs()));
      this.tick(untilMs);
    });
  }

  night(): Promise<void> {
    return this.#duty(() => beginNightly(this.env, () => this.#wire.nowMs()));
  }

  /** Somebody asks for a run over everything. */
  settle(nth: string): Promise<void> {
    const id = `asked-${nth}`;
    return this.#duty(async () => {
      await new RunStore(this.env.WAREHOUSE).begin(id, "settle", {}, this.#wire.nowMs());
      await this.env.RUNS.send({ run: id });
    });
  }

  /** An operator has what was parked said again. */
  replay(): Promise<void> {
    const letters = this.rows<Letter>("SELECT ledger, seq, body FROM parked_change");
    const known = letters.filter(({ ledger }) => ledger !== "?");
    return this.#duty(async () => {
      await replayParked(this.env, known);
      await this.env.WAREHOUSE.prepare("DELETE FROM parked_change WHERE ledger = '?'").run();
    });
  }

  open(): number {
    return Number(
      this.rows<{ n: number }>("SELECT count(*) AS n FROM run WHERE finished_at IS NULL")[0]?.n,
    );
  }

  /** As they are, asked past the wire. */
  rows<T>(sql: string): T[] {
    const asked = prepared.get(sql) ?? this.warehouse.raw.prepare(sql);
    prepared.set(sql, asked);
    return asked.all() as unknown as T[];
  }
}

/**
 * One database for all worlds of this process, so that its statements are prepared once: a world
 * begins by emptying it.
 */
let warehouse: SqliteD1 | null = null;
let current: Wire | null = null;
const prepared = new Map<string, StatementSync>();

function emptied(wire: Wire): SqliteD1 {
  current = wire;
  const port = "warehouse";
  warehouse ??= sqliteD1("migrations/warehouse", {
    gate: async () => current?.gate(port),
    fail: () => current?.draw(port) ?? null,
  });
  const { raw } = warehouse;
  const tables = raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  for (const { name } of tables) raw.exec(`DELETE FROM "${String(name)}"`);
  return warehouse;
}
