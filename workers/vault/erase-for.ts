/**
 * An operator erases for somebody who asked for it. It is the member's own erasure in everything but
 * who stands in the log, under which role and for what reason.
 */

import type { MemberId } from "../../domain/identity.ts";
import type { ErasureScope, ErasureStep, OrRefusal } from "../../domain/ports.ts";
import { tooMany } from "./audit.ts";
import { type Shards, shardAt } from "./env.ts";
import { eraseScope } from "./erasure.ts";
import { LogFull } from "./erasure-log.ts";
import { Restored } from "./journal.ts";
import { LeaseHeld, LeaseLost } from "./lease.ts";
import type { Actor } from "./principal.ts";
import { forgetName } from "./profile.ts";

const reasonCharsMax = 60;

/** Also for a member who is erased already: an erasure that crashed goes on. */
export async function eraseFor(
  shards: Shards,
  operator: Actor,
  member: MemberId,
  scope: ErasureScope,
  reason: string,
  nowMs: number,
): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>> {
  const purpose = reason.trim();
  if (purpose === "" || purpose.length > reasonCharsMax) return { refused: "invalid" };
  const shard = await shards.directory.shardOf(member);
  if (shard === null) return { refused: "not-found" };
  const by = { among: shards, actor: operator, role: "operator", purpose };
  try {
    const steps = await eraseScope(shardAt(shards, shard), member, scope, nowMs, by);
    if (scope.kind === "member") forgetName(member);
    return { member, steps };
  } catch (error) {
    if (error instanceof LogFull) return tooMany;
    if (error instanceof LeaseHeld || error instanceof LeaseLost || error instanceof Restored)
      return { refused: "busy" };
    throw error;
  }
}
