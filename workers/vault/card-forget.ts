/**
 * A merchant's customer is forgotten: from then on no token is made for them, and the numbers of
 * their cards are erased as a workout's readings are, by the same steps, keys and journal included.
 * A card that another customer showed there too stays theirs; that it was this one's is gone.
 */
import type { MemberId } from "../../domain/identity.ts";
import { cardRow, holderRow, holderRowOf, isDeclared } from "./card-rows.ts";
import type { Vault } from "./env.ts";
import { eraseScope } from "./erasure.ts";
import type { AskedBy } from "./erasure-log.ts";

/** After the first time nothing new is theirs: the second finds what came while that was declared. */
const timesMax = 3;

interface Shown {
  readonly token: string;
  /** Whether somebody else showed it too, who is not forgotten. */
  readonly shared: number;
}

/**
 * Asked again, it goes on, and says how many were left. Throws `LeaseHeld` while something else of
 * the merchant's is being erased, `Restored` and `LogFull`: then it is to be asked again.
 *
 * 1. their tokens are read                    nothing is changed
 * 2. they and the cards that only they        `eraseScope`: the hourly run does the rest; asked
 *    showed are declared erased, then go      again, it goes on with 3
 * 3. what came between 1 and 2 goes too       what is left is found when it is asked again
 */
export async function forgetHolder(
  vault: Vault,
  merchant: MemberId,
  person: string,
  nowMs: number,
): Promise<{ tokens: number }> {
  let tokens = 0;
  for (let time = 0; time < timesMax; time++) {
    const shown = await shownBy(vault, merchant, person);
    if (time > 0 && shown.length === 0) return { tokens };
    tokens += shown.length;
    const own = shown.filter(({ shared }) => shared === 0).map(({ token }) => cardRow(token));
    const scope = { kind: "rows", rows: [holderRow(person), ...own] } as const;
    await eraseScope(vault, merchant, scope, nowMs, askedBy(vault, merchant));
  }
  throw new Error("cards of somebody forgotten kept coming");
}

async function shownBy({ phi }: Vault, merchant: string, person: string): Promise<Shown[]> {
  const { results } = await phi
    .prepare(
      `SELECT h.token, EXISTS (SELECT 1 FROM card_holder AS o
         WHERE o.member = ?1 AND o.token = h.token AND o.person <> ?2
           AND NOT ${isDeclared(holderRowOf("o.person"))}) AS shared
       FROM card_holder AS h WHERE h.member = ?1 AND h.person = ?2`,
    )
    .bind(merchant, person)
    .all<Shown>();
  return results;
}

const askedBy = (vault: Vault, merchant: MemberId): AskedBy => ({
  among: vault,
  actor: { id: merchant, member: merchant, roles: ["member"] },
  role: "member",
  purpose: "erasure",
  deed: "forget-customer",
});
