/** What is not known of the vault, because a part of it does not answer. Pure. */
import type { Answer } from "../../api/client.ts";

type Keys = Answer<"GET /v1/ops/keys">;

/** Shards that are not as they should be, in words; null: all are. */
export function shardsMissing({ shards }: Pick<Keys, "shards">): string | null {
  const gone = shards.filter(({ missing }) => missing).map(({ shard }) => shard);
  if (gone.length === 0) return null;
  return `Shard ${gone.join(", ")} did not answer: of the members there nothing is known.`;
}
