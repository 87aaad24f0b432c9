/**
 * How a stream's board shards are reached over their bindings. What is known of how they are spread
 * is kept by the isolate: the root is asked once, and again by whoever was told that it is out of
 * date.
 */
import { shardOf } from "../domain/boards.ts";
import {
  type BoardPort,
  type BoardRootPort,
  type Boards,
  boardRootName,
  boardShardName,
  type ScoreRow,
  type Topology,
} from "../domain/ports.ts";

export interface BoardEnv {
  readonly BOARD: DurableObjectNamespace;
  readonly BOARD_ROOT: DurableObjectNamespace;
}

const known = new Map<string, Topology>();

export function boardsOf(env: BoardEnv, stream: string): Boards {
  const root = () => env.BOARD_ROOT.getByName(boardRootName(stream)) as unknown as BoardRootPort;
  return {
    async topology(stale) {
      const held = known.get(stream);
      if (held !== undefined && held.generation > (stale?.generation ?? 0)) return held;
      const now = await root().topology();
      learn(stream, now);
      return now;
    },
    shard: (topology, number) =>
      env.BOARD.getByName(boardShardName(stream, topology, number)) as unknown as BoardPort,
  };
}

function learn(stream: string, topology: Topology): void {
  if (topology.generation > (known.get(stream)?.generation ?? 0)) known.set(stream, topology);
}

/** Whoever holds an older picture still reaches the row: shards hand on what is theirs no more. */
export async function putScores(boards: Boards, row: ScoreRow): Promise<void> {
  const topology = await boards.topology();
  const moved = await boards.shard(topology, shardOf(row.member, topology)).put(row);
  if (moved !== null) await boards.topology(topology);
}
