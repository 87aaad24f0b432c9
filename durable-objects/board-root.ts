/**
 * Knows how a stream's boards are spread, and spreads them further when a shard is full. One for a
 * stream, and named for it. What happens in which order is in kernel/boards/growth.ts; the alarm
 * goes through it, and comes again until nothing grows any more.
 */
import { DurableObject } from "cloudflare:workers";
import { firstTopology } from "../domain/boards.ts";
import type { BoardRootPort, Topology } from "../domain/ports.ts";
import { GrowingRoot, type RootKeeping, type RootState } from "../kernel/boards/growth.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import rootTables from "../migrations/board-root/0001_board_root.sql";
import { type BoardEnv, growingShards } from "./board-shards.ts";
import { Meta } from "./meta.ts";
import { migrate } from "./migrate.ts";

const retryMs = 500;
const retryMsMax = 30_000;

export class BoardRoot extends DurableObject<BoardEnv> implements BoardRootPort {
  readonly #stream: string;
  readonly #root: GrowingRoot;
  #failures = 0;
  #isGoingOn = false;

  constructor(ctx: DurableObjectState, env: BoardEnv) {
    super(ctx, env);
    migrate(ctx.storage, [rootTables]);
    this.#stream = ctx.id.name ?? "";
    this.#root = new GrowingRoot(keepingOf(ctx.storage), growingShards(env, this.#stream));
  }

  async topology(): Promise<Topology> {
    return this.#root.topology;
  }

  /** Kept together with the alarm that goes on with it. */
  async full(generation: number): Promise<void> {
    const wasGrowing = this.#root.isGrowing;
    this.#root.full(generation);
    if (!this.#root.isGrowing || this.#isGoingOn) return;
    if (!wasGrowing || (await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now());
  }

  /** Never throws: an alarm that throws too often is taken away. */
  override async alarm(): Promise<void> {
    this.#isGoingOn = true;
    try {
      await this.#root.goOn();
      this.#failures = 0;
      const { generation, shards } = this.#root.topology;
      logLine({ event: "boards", stream: this.#stream, outcome: `grown/${generation}/${shards}` });
    } catch (error) {
      const waitMs = Math.min(retryMsMax, retryMs * 2 ** this.#failures++);
      logLine({
        event: "boards",
        stream: this.#stream,
        outcome: "failed",
        error: errorClass(error),
      });
      await this.ctx.storage.setAlarm(Date.now() + waitMs);
    } finally {
      this.#isGoingOn = false;
    }
  }
}

function keepingOf(storage: DurableObjectStorage): RootKeeping {
  const meta = new Meta(storage.sql);
  const kept = meta.get("state");
  let state: RootState =
    kept === null ? { topology: firstTopology, next: null } : (JSON.parse(kept) as RootState);
  return {
    get state() {
      return state;
    },
    keep(next) {
      meta.set("state", JSON.stringify(next));
      state = next;
    },
  };
}
