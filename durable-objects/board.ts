/**
 * One shard of a stream's boards: one packed row a member, newest version each, and every ranking
 * that is asked for in order in memory. Named "STREAM/GENERATION/SHARD". How a generation gives way
 * to the next is in kernel/boards/growth.ts; this is the object around it and around what ranks
 * (domain/boards/shard-state.ts). What memory holds is made anew from the rows.
 */
import { DurableObject } from "cloudflare:workers";
import { ShardState } from "../domain/boards/shard-state.ts";
import type { Moved, Ranking, Score, ScoreRow, Topology } from "../domain/ports.ts";
import { type GrowingPort, GrowingShard } from "../kernel/boards/growth.ts";
import { type ShardBounds, ShardLoad, shardBounds } from "../kernel/boards/load.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import boardTables from "../migrations/board/0001_board.sql";
import packedTables from "../migrations/board/0002_packed.sql";
import { type BoardEnv, growingShards, rootOf } from "./board-shards.ts";
import { BoardStore } from "./board-store.ts";
import { migrate } from "./migrate.ts";

export class Board extends DurableObject<BoardEnv> implements GrowingPort {
  readonly #stream: string;
  readonly #generation: number;
  readonly #store: BoardStore;
  #state: ShardState;
  readonly #growing: GrowingShard;
  readonly #load: ShardLoad;

  constructor(ctx: DurableObjectState, env: BoardEnv, bounds: ShardBounds = shardBounds) {
    super(ctx, env);
    migrate(ctx.storage, [boardTables, packedTables]);
    const [stream = "", generation = ""] = ctx.id.name?.split("/") ?? [];
    this.#stream = stream;
    this.#generation = Number(generation);
    const store = new BoardStore(ctx.storage);
    const keeping = {
      get phase() {
        return store.phase;
      },
      keep: store.keep.bind(store),
      apply: (row: ScoreRow) => void this.#state.put(row),
      page: store.page.bind(store),
    };
    this.#store = store;
    this.#state = new ShardState(store);
    this.#growing = new GrowingShard(keeping, growingShards(env, stream));
    this.#load = new ShardLoad(bounds);
  }

  async put(row: ScoreRow): Promise<Topology | null> {
    const isFull = this.#load.put(Date.now(), this.#state.count);
    // Also while it grows: the root goes on by its alarm, and sets another where that was lost.
    if (isFull && this.#moved === null) this.#tellRoot();
    return this.#growing.put(row);
  }

  adopt(rows: readonly ScoreRow[]): Promise<void> {
    return this.#growing.adopt(rows);
  }

  async top(ranking: Ranking, after: Score | null, limit: number) {
    return this.#moved ?? this.#state.top(ranking, after, limit);
  }

  async around(ranking: Ranking, than: Score, limit: number) {
    return this.#moved ?? this.#state.around(ranking, than, limit);
  }

  async scores(ranking: Ranking, members: readonly string[]) {
    return this.#moved ?? this.#state.scores(ranking, members);
  }

  async ahead(ranking: Ranking, scores: readonly Score[]) {
    return this.#moved ?? this.#state.ahead(ranking, scores);
  }

  async forTeams(period: string, members: readonly string[]) {
    return this.#moved ?? this.#state.forTeams(period, members);
  }

  async rows(
    bucket: { readonly number: number; readonly of: number },
    after: string | null,
    limit: number,
  ) {
    return this.#moved ?? this.#state.rows(bucket, after, limit);
  }

  async grow(next: Topology): Promise<void> {
    this.#growing.grow(next);
  }

  copy(next: Topology): Promise<boolean> {
    return this.#growing.copy(next);
  }

  async moved(next: Topology): Promise<void> {
    this.#growing.moved(next);
    this.#state = new ShardState(this.#store);
  }

  /** Set when it moved: whoever still asks is told where to, so its rows are nobody's any more. */
  override async alarm(): Promise<void> {
    this.#store.drop();
  }

  get #moved(): Moved | null {
    const moved = this.#growing.movedTo;
    return moved === null ? null : { moved };
  }

  /** Nobody waits for it: a shard that is not heard says it again. */
  #tellRoot(): void {
    rootOf(this.env, this.#stream)
      .full(this.#generation)
      .catch((error: unknown) => {
        const [event, outcome] = ["boards", "not heard"];
        logLine({ event, stream: this.#stream, outcome, error: errorClass(error) });
      });
  }
}
