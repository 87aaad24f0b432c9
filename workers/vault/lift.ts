/**
 * Rows that were erased for good may be sealed again, at their own member's word. The word is not
 * written into the journal: a shard that is restored from a copy goes through its erasures once more,
 * so it refuses these rows again, and what was sealed of them since goes, until they are lifted anew.
 * Forgetting too much is mended by asking; the other way round nothing would mend it.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal } from "../../domain/ports.ts";
import type { Vault } from "./env.ts";
import { assertWhole, Restored } from "./journal.ts";

const rowsMax = 5_000;

/**
 * One batch, so that there is nothing in between. It lands only while the member lives and no
 * erasure of theirs is under way: one that a crash left still counts on its declarations. Throws
 * `Restored` from an old copy.
 */
export async function liftRows(
  vault: Vault,
  member: MemberId,
  rows: readonly string[],
  nowMs: number,
): Promise<OrRefusal<{ lifted: number }>> {
  if (rows.length > rowsMax) return { refused: "invalid" };
  try {
    await assertWhole(vault, nowMs);
  } catch (error) {
    if (error instanceof Restored) return { refused: "busy" };
    throw error;
  }
  const bound = [member, JSON.stringify(rows)] as const;
  const [state, lifted, freed] = await vault.phi.batch<{ free: number }>([
    vault.phi.prepare(`SELECT EXISTS (${isFree}) AS free`).bind(member),
    vault.phi.prepare(`DELETE FROM retraction WHERE ${isLiftable} AND keys = '[]'`).bind(...bound),
    vault.phi.prepare(`UPDATE retraction SET revision = -1 WHERE ${isLiftable}`).bind(...bound),
  ]);
  if (state?.results[0]?.free !== 1) return { refused: "busy" };
  return { lifted: (lifted?.meta.changes ?? 0) + (freed?.meta.changes ?? 0) };
}

const isFree = "SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL AND lease IS NULL";
/** One that still names keys stays, below every revision: they are to go with the next erasure. */
const isLiftable = `member = ?1 AND revision = ${Number.MAX_SAFE_INTEGER}
  AND row_id IN (SELECT value FROM json_each(?2)) AND EXISTS (${isFree})`;
