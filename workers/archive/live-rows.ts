/** Members' rows on the live boards, of one bucket, out of all shards of one generation. */
import type { ScoreRow } from "../../domain/ports.ts";
import { isMoved } from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { boardsOf } from "../../durable-objects/board-shards.ts";
import type { ArchiveEnv } from "./env.ts";

const rowsPerPageMax = 1000;
/** Of one shard; far more than a bucket's members fill. */
const pagesMax = 10_000;

/** False: the boards are being spread further, so all that was read is to be read again, later. */
export async function readLive(
  env: ArchiveEnv,
  stream: AnyStream,
  bucket: number,
  take: (row: ScoreRow) => void,
): Promise<boolean> {
  const boards = boardsOf(env, stream.name);
  const topology = await boards.topology();
  const asked = { number: bucket, of: stream.buckets };
  for (let number = 0; number < topology.shards; number++) {
    const shard = boards.shard(topology, number);
    let after: string | null = null;
    for (let page = 0; page < pagesMax; page++) {
      const answer = await shard.rows(asked, after, rowsPerPageMax);
      if (isMoved(answer)) {
        await boards.topology(topology);
        return false;
      }
      answer.rows.forEach(take);
      after = answer.rows.at(-1)?.member ?? null;
      if (answer.rows.length < rowsPerPageMax) break;
    }
  }
  return true;
}
