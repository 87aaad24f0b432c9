/** How cards lie in the vault: which rows, sealed under which keys of the merchant's. */
import { spread } from "../../domain/identity.ts";

export const numberColumn = "card_number";

/**
 * A card's number is sealed in such a row. Erased for good, it is declared like any row (erasure.ts),
 * and so is whoever is forgotten, of whom there never was a row.
 */
const [cardRows, belowCardRows] = ["card/", "card0"];
const [holderRows, belowHolderRows] = ["holder/", "holder0"];
export const cardRow = (token: string): string => `${cardRows}${token}`;
export const holderRow = (person: string): string => `${holderRows}${person}`;
/** The same in SQL. */
export const cardRowOf = (token: string): string => `'${cardRows}' || ${token}`;
export const holderRowOf = (person: string): string => `'${holderRows}' || ${person}`;

/** The "connection" whose data key makes fingerprints; it seals nothing, so it is never renewed. */
export const fingerprintConnection = "cards";

const keysOfCards = 16;
/** One of those that seal numbers: of all numbers, a customer's being forgotten touches a part. */
export const cardConnection = (token: string): string =>
  `${fingerprintConnection}-${spread(token) % keysOfCards}`;

/** That this row of the member ?1 is declared erased for good. */
export const isDeclared = (row: string): string =>
  `EXISTS (SELECT 1 FROM retraction AS r WHERE r.member = ?1 AND r.row_id = ${row}
     AND r.revision = ${Number.MAX_SAFE_INTEGER})`;

const declared = (from: string, below: string): string =>
  `SELECT substr(row_id, ${from.length + 1}) FROM retraction WHERE member = ?1
     AND row_id >= '${from}' AND row_id < '${below}' AND revision = ${Number.MAX_SAFE_INTEGER}`;
const forgottenCards = declared(cardRows, belowCardRows);
const forgottenPersons = declared(holderRows, belowHolderRows);

/**
 * Of the member ?1: what told of cards that are declared erased for good, and that somebody forgotten
 * showed a card which stays another's. What was theirs alone and is not declared yet is left, so that
 * whoever forgets them finds it.
 */
export const deleteForgotten: readonly string[] = [
  `DELETE FROM card WHERE member = ?1 AND token IN (${forgottenCards})`,
  `DELETE FROM card_holder WHERE member = ?1 AND token IN (${forgottenCards})`,
  `DELETE FROM card_holder WHERE member = ?1 AND person IN (${forgottenPersons})
     AND EXISTS (SELECT 1 FROM card_holder AS other WHERE other.member = ?1
       AND other.token = card_holder.token AND other.person NOT IN (${forgottenPersons}))`,
];
