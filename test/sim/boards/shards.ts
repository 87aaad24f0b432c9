/**
 * A stream's boards in this process: what ranks, reads and grows is the real thing, each shard's rows
 * are in a SQLite database of its own, and what a shard holds in memory may be thrown away between
 * any two calls. A growing board takes one step each time it is let.
 */
import type { Boards, Ranking, ScoreRow, Topology } from "../../../domain/board-ports.ts";
import { boardShardName } from "../../../domain/board-ports.ts";
import { ShardState } from "../../../domain/boards/shard-state.ts";
import { firstTopology, shardOf } from "../../../domain/boards.ts";
import {
  type GrowingPort,
  GrowingRoot,
  GrowingShard,
  type Phase,
  type RootState,
} from "../../../kernel/boards/growth.ts";
import { SqliteScores } from "./sqlite-scores.ts";

export interface ShardsBounds {
  /** A shard with more members than this asks for more shards. */
  readonly membersMax: number;
  /** How many entries a shard's rankings may hold in memory. */
  readonly entriesMax: number;
}

interface Shard {
  readonly rows: SqliteScores;
  readonly growing: GrowingShard;
  phase: Phase;
  /** Null: out of memory. */
  state: ShardState | null;
}

export class Shards implements Boards {
  readonly #bounds: ShardsBounds;
  readonly #shards = new Map<string, Shard>();
  readonly #root: GrowingRoot;
  #rootState: RootState = { topology: firstTopology, next: null };
  #growing: Promise<void> | null = null;
  /** Calls of a growing board that wait to be let. */
  #waiting: (() => void)[] = [];
  #dropped = 0;
  evictions = 0;

  constructor(bounds: ShardsBounds) {
    this.#bounds = bounds;
    const shards = this;
    const keeping = {
      get state() {
        return shards.#rootState;
      },
      keep(state: RootState) {
        shards.#rootState = state;
      },
    };
    this.#root = new GrowingRoot(keeping, this.#slowShard);
  }

  get serving(): Topology {
    return this.#rootState.topology;
  }

  get isGrowing(): boolean {
    return this.#growing !== null;
  }

  get writes(): number {
    return [...this.#shards.values()].reduce((n, { rows }) => n + rows.writes, this.#dropped);
  }

  async topology(): Promise<Topology> {
    return this.#rootState.topology;
  }

  async put(row: ScoreRow, topology: Topology = this.serving): Promise<void> {
    await this.shard(topology, shardOf(row.member, topology)).put(row);
  }

  /** As a shard says to the root when it is full. */
  full(generation: number): void {
    this.#root.full(generation);
    this.#growing ??= this.#root.goOn().finally(() => {
      this.#growing = null;
    });
  }

  /** Lets every call that waits go on. */
  letGrow(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  async grown(): Promise<void> {
    while (this.#growing !== null) {
      this.letGrow();
      await new Promise((resume) => setImmediate(resume));
    }
  }

  /** Throws away what one shard that serves holds in memory. */
  evict(number: number): void {
    const shard = this.#shards.get(boardShardName("", this.serving, number));
    if (shard === undefined || shard.state === null) return;
    shard.state = null;
    this.evictions++;
  }

  readonly shard = (topology: Topology, number: number): GrowingPort => {
    const shard = this.#shardOf(boardShardName("", topology, number));
    const { rows, growing } = shard;
    const state = () => {
      shard.state ??= new ShardState(rows, this.#bounds);
      return shard.state;
    };
    const read = async <T extends object>(ask: (state: ShardState) => T) =>
      growing.movedTo === null ? ask(state()) : { moved: growing.movedTo };
    return {
      put: (row) => {
        if ((shard.state?.count ?? 0) > this.#bounds.membersMax) this.full(topology.generation);
        return growing.put(row);
      },
      adopt: (some) => growing.adopt(some),
      top: (ranking, after, limit) => read((s) => s.top(ranking, after, limit)),
      around: (ranking, than, limit) => read((s) => s.around(ranking, than, limit)),
      scores: (ranking: Ranking, members) => read((s) => s.scores(ranking, members)),
      ahead: (ranking, scores) => read((s) => s.ahead(ranking, scores)),
      forTeams: (period, members) => read((s) => s.forTeams(period, members)),
      rows: (bucket, after, limit) => read((s) => s.rows(bucket, after, limit)),
      grow: async (next) => growing.grow(next),
      copy: (next) => growing.copy(next),
      moved: async (next) => {
        growing.moved(next);
        shard.state = null;
      },
    };
  };

  /** How a growing board reaches shards; puts that are handed on wait for nothing. */
  readonly #slowShard = (topology: Topology, number: number): GrowingPort => {
    const port = this.shard(topology, number);
    const later = <T>(call: () => Promise<T>): Promise<T> =>
      new Promise<void>((go) => this.#waiting.push(go)).then(call);
    return {
      ...port,
      adopt: (rows) => later(() => port.adopt(rows)),
      grow: (next) => later(() => port.grow(next)),
      copy: (next) => later(() => port.copy(next)),
      moved: (next) => later(() => port.moved(next)),
    };
  };

  #shardOf(name: string): Shard {
    const held = this.#shards.get(name);
    if (held !== undefined) return held;
    const rows = new SqliteScores();
    const bounds = this.#bounds;
    const keeping = {
      get phase() {
        return shard.phase;
      },
      keep(phase: Phase) {
        shard.phase = phase;
      },
      apply(row: ScoreRow) {
        shard.state ??= new ShardState(rows, bounds);
        shard.state.put(row);
      },
      page: (after: string | null, limit: number) => rows.page(after, limit),
    };
    const growing = new GrowingShard(keeping, this.#slowShard);
    const shard: Shard = { rows, growing, phase: { phase: "serving" }, state: null };
    this.#shards.set(name, shard);
    return shard;
  }

  /** Rows of generations that nobody reads any more. */
  drop(): void {
    for (const [name, { rows }] of this.#shards) {
      if (Number(name.split("/")[1]) >= this.serving.generation - 1) continue;
      this.#dropped += rows.writes;
      rows.drop();
      this.#shards.delete(name);
    }
  }
}
