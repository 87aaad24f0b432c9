/**
 * A stream's boards in memory, of the same parts as the objects: what is kept outlives everything,
 * what ranks is thrown away at will, and any call may fail before its effect, or after it, when only
 * the answer is lost. Calls take their time, so that whatever runs beside each other mixes.
 */
import type { BoardPort, Boards, ScoreRow, Topology } from "../../domain/board-ports.ts";
import { boardShardName } from "../../domain/board-ports.ts";
import { decodeScores } from "../../domain/boards/score-code.ts";
import { type ScoreStore, ShardState } from "../../domain/boards/shard-state.ts";
import { firstTopology } from "../../domain/boards.ts";
import {
  type GrowingPort,
  GrowingRoot,
  GrowingShard,
  type Phase,
  type RootState,
} from "../../kernel/boards/growth.ts";
import type { Chance } from "../oracle/chance.ts";

interface Kept {
  readonly rows: Map<string, { version: number; body: Uint8Array }>;
  phase: Phase;
}
interface Loaded {
  readonly port: GrowingPort;
  calls: number;
}

export class BoardsWorld {
  /** Every call of any object, in the order in which they were made. */
  readonly calls: string[] = [];
  readonly #chance: Chance;
  readonly #kept = new Map<string, Kept>();
  readonly #loaded = new Map<string, Loaded>();
  #rootState: RootState = { topology: firstTopology, next: null };
  /** What becomes of a call. */
  fate: (nth: number, name: string) => "before" | "after" | null = () => null;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  readonly shard = (topology: Topology, number: number): GrowingPort => {
    const name = boardShardName("stream", topology, number);
    return new Proxy({} as GrowingPort, {
      get:
        (_, method: keyof GrowingPort) =>
        (...args: unknown[]) =>
          this.#call(name, method, args),
    });
  };

  get root(): RootState {
    return this.#rootState;
  }

  /** As one isolate knows them. */
  client(): Boards {
    let known: Topology | null = null;
    return {
      shard: this.shard as (topology: Topology, number: number) => BoardPort,
      topology: async (stale) => {
        if (known !== null && known.generation > (stale?.generation ?? 0)) return known;
        const now = await this.#faulty("root topology", async () => this.#rootState.topology);
        if (now.generation > (known?.generation ?? 0)) known = now;
        return now;
      },
    };
  }

  /** The root says that a generation is full, as a shard does. */
  full(generation: number): void {
    this.#growingRoot().full(generation);
  }

  /** As the root's alarm does: until nothing grows, with whatever fails meanwhile. */
  async grow(attemptsMax = 2_000): Promise<void> {
    for (let attempt = 0; this.#rootState.next !== null; attempt++) {
      if (attempt >= attemptsMax) throw new Error("growing never ends");
      await this.#growingRoot()
        .goOn()
        .catch(() => {});
    }
  }

  /** What is not at work may be put out of memory. */
  evict(): void {
    for (const [name, { calls }] of this.#loaded) if (calls === 0) this.#loaded.delete(name);
  }

  /** How many rows stand in a shard, also of those who have nothing. */
  rowsIn(topology: Topology, number: number): number {
    return this.#keptOf(boardShardName("stream", topology, number)).rows.size;
  }

  #growingRoot(): GrowingRoot {
    const world = this;
    const keeping = {
      get state() {
        return world.#rootState;
      },
      keep(state: RootState) {
        world.#rootState = state;
      },
    };
    return new GrowingRoot(keeping, this.shard);
  }

  async #call(name: string, method: keyof GrowingPort, args: unknown[]): Promise<unknown> {
    return this.#faulty(`${name} ${method}`, async () => {
      const loaded = this.#loaded.get(name) ?? this.#load(name);
      loaded.calls++;
      try {
        return await (loaded.port[method] as (...of: unknown[]) => Promise<unknown>)(
          ...structuredClone(args),
        );
      } finally {
        loaded.calls--;
      }
    });
  }

  async #faulty<T>(name: string, effect: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    const fate = this.fate(this.calls.length, name);
    await this.#moment();
    if (fate === "before") throw new Error(`${name} failed`);
    const answer = structuredClone(await effect());
    await this.#moment();
    if (fate === "after") throw new Error(`${name} answered, and the answer was lost`);
    return answer;
  }

  async #moment(): Promise<void> {
    for (let turns = this.#chance.whole(0, 6); turns > 0; turns--) await Promise.resolve();
  }

  #keptOf(name: string): Kept {
    const kept = this.#kept.get(name) ?? { rows: new Map(), phase: { phase: "serving" } };
    this.#kept.set(name, kept);
    return kept;
  }

  #load(name: string): Loaded {
    const kept = this.#keptOf(name);
    const store = storeOf(kept.rows);
    const state = new ShardState(store);
    const growing = new GrowingShard(
      {
        get phase() {
          return kept.phase;
        },
        keep(phase) {
          kept.phase = phase;
        },
        apply: (row) => void state.put(row),
        page: (after, limit) => pageOf(store, after, limit),
      },
      this.shard,
    );
    const read = <T extends object>(answer: () => T) =>
      growing.movedTo === null ? answer() : { moved: growing.movedTo };
    const port: GrowingPort = {
      put: (row) => growing.put(row),
      adopt: (rows) => growing.adopt(rows),
      grow: async (next) => growing.grow(next),
      copy: (next) => growing.copy(next),
      moved: async (next) => growing.moved(next),
      top: async (...of) => read(() => state.top(...of)),
      around: async (...of) => read(() => state.around(...of)),
      scores: async (...of) => read(() => state.scores(...of)),
      ahead: async (...of) => read(() => state.ahead(...of)),
      forTeams: async (...of) => read(() => state.forTeams(...of)),
      rows: async (...of) => read(() => state.rows(...of)),
    };
    const loaded = { port, calls: 0 };
    this.#loaded.set(name, loaded);
    return loaded;
  }
}

function storeOf(rows: Kept["rows"]): ScoreStore {
  return {
    each: (after) =>
      [...rows]
        .filter(([member]) => after === null || member > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([member, row]) => ({ member, ...row })),
    get: (member) => rows.get(member) ?? null,
    put: (member, version, body) => void rows.set(member, { version, body }),
  };
}

function pageOf(store: ScoreStore, after: string | null, limit: number): ScoreRow[] {
  const page = [...store.each(after)].slice(0, limit);
  return page.map(({ member, version, body }) => ({ member, version, ...decodeScores(body) }));
}
