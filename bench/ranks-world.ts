/**
 * A stream's boards in this process: shards as full as production lets them become, each over a
 * SQLite database in memory, with five rankings in order. Every run the same.
 */
import type { BoardPort, Boards, Numbers, Ranking, ScoreRow } from "../domain/board-ports.ts";
import { ShardState } from "../domain/boards/shard-state.ts";
import { shardOf } from "../domain/boards.ts";
import { shardBounds } from "../kernel/boards/load.ts";
import { type Chance, chanceOf } from "../test/oracle/chance.ts";
import { SqliteScores } from "../test/sim/boards/sqlite-scores.ts";

const periods = ["2026-W46", "2026-W47", "2026-10", "2026-11", "all"];
export const rankings = periods.map((period): Ranking => ({ period, key: "all", measure: 0 }));
/** The one whose ranks are asked for. */
export const asked = rankings[1] as Ranking;
const beganMs = 1_763_700_000_000;

/** As long as an id of a member is. */
export const memberOf = (i: number): string =>
  `m_${(Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(36).padStart(10, "0")}${String(i).padStart(10, "0")}`;

/** Five open periods of one family and all: about 270 bytes. */
export function rowOf(member: string, version: number, chance: Chance): ScoreRow {
  const numbers = () => [
    chance.whole(1_000, 80_000_000),
    chance.whole(60_000, 30_000_000),
    chance.whole(10_000, 3_000_000),
    chance.whole(1, 20),
    beganMs + chance.whole(0, 600_000_000),
  ];
  const both = (): Numbers => ({ all: numbers(), ride: numbers() });
  return {
    member,
    version,
    periods: Object.fromEntries(periods.map((period) => [period, both()])),
    unshown: {},
  };
}

export class RanksWorld {
  readonly members: number;
  readonly topology: { readonly generation: number; readonly shards: number };
  readonly boards: Boards;
  readonly #chance: Chance;
  readonly #states: readonly ShardState[];
  #version = 1;

  constructor(members: number) {
    this.members = members;
    this.#chance = chanceOf(members);
    let shards = 1;
    while (members / shards > shardBounds.membersMax) shards *= 2;
    this.topology = { generation: 1, shards };
    this.#states = Array.from({ length: shards }, () => new ShardState(new SqliteScores()));
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

  changed(member: string): ScoreRow {
    return rowOf(member, ++this.#version, this.#chance);
  }

  put(row: ScoreRow): void {
    this.#of(shardOf(row.member, this.topology)).put(row);
  }

  #of(number: number): ShardState {
    const state = this.#states[number];
    if (state === undefined) throw new Error("no such shard");
    return state;
  }
}

const portOf = (state: ShardState) =>
  ({
    top: async (...of) => state.top(...of),
    around: async (...of) => state.around(...of),
    scores: async (...of) => state.scores(...of),
    ahead: async (...of) => state.ahead(...of),
  }) satisfies Partial<BoardPort> as unknown as BoardPort;
