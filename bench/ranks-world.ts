/**
 * A stream's boards in this process: shards as full as production lets them become, each over a
 * SQLite database in memory, with five rankings in order. What goes in and comes out is copied, as
 * between a worker and an object. Every run the same.
 */
import type { BoardPort, Boards, Numbers, Ranking, ScoreRow } from "../domain/board-ports.ts";
import { decodeScores } from "../domain/boards/score-code.ts";
import { ShardState } from "../domain/boards/shard-state.ts";
import { shardOf } from "../domain/boards.ts";
import { shardBounds } from "../kernel/boards/load.ts";
import { type Chance, chanceOf } from "../test/oracle/chance.ts";
import { SqliteScores } from "../test/sim/boards/sqlite-scores.ts";
import { beganMs, memberOf, periods, rowOf } from "./board-rows.ts";

/** A workout of today counts in these, and no more in those that went before. */
const current = ["2026-W47", "2026-11", "all"];
export const rankings = periods.map((period): Ranking => ({ period, key: "all", measure: 0 }));
/** The one whose ranks are asked for. */
export const asked: Ranking = { period: "2026-W47", key: "all", measure: 0 };

/** The row after one more ride. */
function withRide(row: ScoreRow, version: number, chance: Chance): ScoreRow {
  const ride = [chance.whole(3_000, 20_000_000), chance.whole(600, 9_000_000), 500_000, 1];
  const atMs = beganMs + 600_000_000 + version;
  const more = (numbers: readonly number[]) => [...ride.map((n, i) => n + (numbers[i] ?? 0)), atMs];
  const counted = (numbers: Numbers = {}): Numbers =>
    Object.fromEntries(Object.entries(numbers).map(([key, some]) => [key, more(some)]));
  const changed = current.map((period) => [period, counted(row.periods[period])]);
  return { ...row, version, periods: { ...row.periods, ...Object.fromEntries(changed) } };
}

export class RanksWorld {
  readonly members: number;
  readonly topology: { readonly generation: number; readonly shards: number };
  readonly boards: Boards;
  readonly #chance: Chance;
  readonly #stores: readonly SqliteScores[];
  readonly #states: readonly ShardState[];
  #version = 1;

  constructor(members: number) {
    this.members = members;
    this.#chance = chanceOf(members);
    let shards = 1;
    while (members / shards > shardBounds.membersMax) shards *= 2;
    this.topology = { generation: 1, shards };
    this.#stores = Array.from({ length: shards }, () => new SqliteScores());
    this.#states = this.#stores.map((store) => new ShardState(store));
    for (let i = 0; i < members; i++) this.put(rowOf(memberOf(i), 1, this.#chance));
    for (const state of this.#states) for (const ranking of rankings) state.top(ranking, null, 1);
    this.boards = {
      topology: async () => this.topology,
      shard: (_, number) => portOf(this.#of(number)),
    };
  }

  get someone(): string {
    return memberOf(this.#chance.whole(0, this.members - 1));
  }

  ridden(member: string): ScoreRow {
    const held = this.#stores[shardOf(member, this.topology)]?.get(member);
    if (!held) throw new Error("nobody by that id");
    const row = { member, version: held.version, ...decodeScores(held.body) };
    return withRide(row, ++this.#version, this.#chance);
  }

  put(row: ScoreRow): void {
    this.#of(shardOf(row.member, this.topology)).put(structuredClone(row));
  }

  #of(number: number): ShardState {
    const state = this.#states[number];
    if (state === undefined) throw new Error("no such shard");
    return state;
  }
}

const portOf = (state: ShardState) =>
  ({
    top: async (...of) => structuredClone(state.top(...of)),
    around: async (...of) => structuredClone(state.around(...of)),
    scores: async (...of) => structuredClone(state.scores(...of)),
    ahead: async (...of) => structuredClone(state.ahead(...of)),
  }) satisfies Partial<BoardPort> as unknown as BoardPort;
