/**
 * How a stream's board shards are reached over their bindings. What is known of how they are spread
 * is kept by the isolate: the root is asked once, and again by whoever was told that it is out of
 * date.
 */
import { shardOf } from "../domain/boards.ts";
import {
  type BoardRootPort,
  type Boards,
  boardRootName,
  boardShardName,
  type ScoreRow,
  type Topology,
} from "../domain/ports.ts";
import type { GrowingPort, ShardsOf } from "../kernel/boards/growth.ts";

export interface BoardEnv {
  readonly BOARD: DurableObjectNamespace;
  readonly BOARD_ROOT: DurableObjectNamespace;
}

/** By binding and stream; an isolate has each binding once. */
const known = new WeakMap<DurableObjectNamespace, Map<string, Topology>>();

export function boardsOf(env: BoardEnv, stream: string): Boards {
  const shard = growingShards(env, stream);
  return {
    async topology(stale) {
      const held = knownTo(env).get(stream);
      if (held !== undefined && held.generation > (stale?.generation ?? 0)) return held;
      const now = await rootOf(env, stream).topology();
      learn(env, stream, now);
      return now;
    },
    shard,
  };
}

/** All that shards answer, to whoever has a part in their growing too. */
export const growingShards =
  (env: BoardEnv, stream: string): ShardsOf =>
  (topology, number) =>
    env.BOARD.getByName(boardShardName(stream, topology, number)) as unknown as GrowingPort;

export const rootOf = (env: BoardEnv, stream: string): BoardRootPort =>
  env.BOARD_ROOT.getByName(boardRootName(stream)) as unknown as BoardRootPort;

function knownTo({ BOARD_ROOT }: BoardEnv): Map<string, Topology> {
  const held = known.get(BOARD_ROOT) ?? new Map<string, Topology>();
  known.set(BOARD_ROOT, held);
  return held;
}

/** Two may ask at once, and the older answer may come last. */
function learn(env: BoardEnv, stream: string, { generation, shards }: Topology): void {
  const held = knownTo(env);
  if (generation > (held.get(stream)?.generation ?? 0)) held.set(stream, { generation, shards });
}

/** Whoever holds an older picture still reaches the row: shards hand on what is theirs no more. */
export async function putScores(boards: Boards, row: ScoreRow): Promise<void> {
  const topology = await boards.topology();
  const moved = await boards.shard(topology, shardOf(row.member, topology)).put(row);
  if (moved !== null) await boards.topology(topology);
}
