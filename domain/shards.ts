/** Which ledger serialises what: one a member, or one of so many by the hash of an identity. */
import { type FactId, type MemberId, spread } from "./identity.ts";
import type { Stream } from "./stream.ts";

type Sharded = Pick<Stream, "shards">;

const nameOf = (n: number): string => `s${n}`;

/** Whether its ledgers are its members' own. */
export const isByMember = ({ shards }: Sharded): boolean => shards === "member";

/** The ledger of one fact that a member's account stated. */
export const shardOf = ({ shards }: Sharded, member: MemberId, id: FactId): string =>
  shards === "member" ? member : nameOf(spread(id) % shards);

/** Every ledger that may hold facts of a member's accounts. */
export const shardsOf = ({ shards }: Sharded, member: MemberId): readonly string[] =>
  shards === "member" ? [member] : Array.from({ length: shards }, (_, n) => nameOf(n));
