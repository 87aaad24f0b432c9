/**
 * A merchant's customer is forgotten: from then on no token is made for them, and the numbers of
 * their cards are erased as a workout's readings are, by the same steps, keys and journal included.
 * A card that another customer showed there too stays theirs; that it was this one's is gone.
 */
import type { MemberId } from "../../domain/identity.ts";
import { cardRow, holderRow } from "./card-rows.ts";
import type { Vault } from "./env.ts";
import { eraseScope } from "./erasure.ts";

interface Shown {
  readonly token: string;
  /** Whether somebody else showed it too. */
  readonly shared: number;
}

/**
 * Asked again, it goes on, and says how many were left. Throws `LeaseHeld` while something else of
 * the merchant's is being erased, `Restored` and `LogFull`: nothing was forgotten then.
 *
 * 1. their tokens are read                    nothing is changed
 * 2. they and the cards that only they        `eraseScope`: the hourly run does the rest
 *    showed are declared erased, then go
 */
export async function forgetHolder(
  vault: Vault,
  merchant: MemberId,
  person: string,
  nowMs: number,
): Promise<{ tokens: number }> {
  const { results } = await vault.phi
    .prepare(
      `SELECT h.token, EXISTS (SELECT 1 FROM card_holder AS o
         WHERE o.member = ?1 AND o.token = h.token AND o.person <> ?2) AS shared
       FROM card_holder AS h WHERE h.member = ?1 AND h.person = ?2`,
    )
    .bind(merchant, person)
    .all<Shown>();
  const own = results.filter(({ shared }) => shared === 0).map(({ token }) => cardRow(token));
  const by = {
    among: vault,
    actor: { id: merchant, member: merchant, roles: ["member"] },
    role: "member",
    purpose: "erasure",
    deed: "forget-customer",
  } as const;
  await eraseScope(vault, merchant, { kind: "rows", rows: [holderRow(person), ...own] }, nowMs, by);
  return { tokens: results.length };
}
