/**
 * Tokens for card numbers. A token is random and says nothing; the same card of the same merchant
 * finds its token again by a fingerprint, an HMAC under a key that is derived from a data key of the
 * merchant's and dies with it. Whoever has no such key learns nothing from fingerprints, and cannot
 * tell which of them belongs to the digits that are shown of a card (PCI DSS 4.0.1, 3.5.1.1).
 */
import { factsOf, isCardNumber } from "../../domain/cards/card.ts";
import { cardsMax, type GivenCard, type SealedRow } from "../../domain/ports.ts";
import type { CardRef } from "../../domain/sales/schema.ts";
import { base64Url } from "../../kernel/hmac.ts";
import {
  cardConnection,
  cardRow,
  cardRowOf,
  fingerprintConnection,
  holderRowOf,
  isDeclared,
  numberColumn,
} from "./card-rows.ts";
import { digestText } from "./cell.ts";
import type { Vault } from "./env.ts";
import { sealRows, underKey } from "./sealed-store.ts";

const tokenBytes = 16;
const onlyRevision = 1;

/** As it goes into the database: nothing of the number but its fingerprint. */
interface Asked {
  readonly fingerprint: string;
  /** Used if the card has none. */
  readonly token: string;
  readonly person: string | null;
}
interface Held {
  /** Null: it was shown by somebody forgotten, or the merchant is gone. */
  readonly token: string | null;
  readonly sealed: number;
}

/**
 * In the cards' order. Throws `Restored`.
 *
 * 1. one batch gives each new card a token, unless its holder is    a token that opens nothing: the
 *    forgotten; of several at once the first one's stands           next time it is sealed after all
 * 2. numbers that are not sealed yet are sealed                     the same, of those that are left
 * 3. the tokens are told
 */
export async function tokenise(
  vault: Vault,
  merchant: string,
  cards: readonly GivenCard[],
  nowMs: number,
): Promise<CardRef[]> {
  if (cards.length > cardsMax || !cards.every(({ number }) => isCardNumber(number)))
    throw new Error("these are no card numbers, or too many");
  if (cards.length === 0) return [];
  const under = await underKey(vault, merchant, fingerprintConnection, nowMs);
  if (under === null) return cards.map(({ number }) => ({ token: null, ...factsOf(number) }));
  const place = { table: "card", member: merchant, column: "fingerprint", row: "" } as const;
  const asked = await Promise.all(
    cards.map(
      async ({ number, person }): Promise<Asked> => ({
        fingerprint: await digestText(vault, under.key, place, number),
        token: `card_${base64Url(vault.random(tokenBytes))}`,
        person,
      }),
    ),
  );
  const held = await keep(vault, merchant, asked);
  await sealNew(vault, merchant, cards, held, nowMs);
  return cards.map(({ number }, i) => ({ token: held[i]?.token ?? null, ...factsOf(number) }));
}

const isLiving = "EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)";
const isForgotten = isDeclared(holderRowOf("(asked.value ->> 'person')"));
const isWelcome = `${isLiving} AND NOT ${isForgotten}`;

async function keep({ phi }: Vault, merchant: string, asked: readonly Asked[]): Promise<Held[]> {
  const bound = [merchant, JSON.stringify(asked)] as const;
  const results = await phi.batch<Held>([
    // What is declared forgotten goes a moment later; until then it must not be found again.
    phi
      .prepare(
        `DELETE FROM card WHERE member = ?1 AND ${isDeclared(cardRowOf("card.token"))}
           AND fingerprint IN (SELECT value ->> 'fingerprint' FROM json_each(?2))`,
      )
      .bind(...bound),
    phi
      .prepare(
        `INSERT OR IGNORE INTO card (member, fingerprint, token)
         SELECT ?1, asked.value ->> 'fingerprint', asked.value ->> 'token'
         FROM json_each(?2) AS asked WHERE ${isWelcome}`,
      )
      .bind(...bound),
    phi
      .prepare(
        `INSERT OR IGNORE INTO card_holder (member, person, token)
         SELECT ?1, asked.value ->> 'person', card.token FROM json_each(?2) AS asked
         JOIN card ON card.member = ?1 AND card.fingerprint = asked.value ->> 'fingerprint'
         WHERE asked.value ->> 'person' IS NOT NULL AND ${isWelcome}`,
      )
      .bind(...bound),
    phi
      .prepare(
        `SELECT iif(${isWelcome}, card.token, NULL) AS token, EXISTS (SELECT 1 FROM sealed
           WHERE sealed.member = ?1 AND sealed.row_id = ${cardRowOf("card.token")}
             AND sealed.bytes > 0) AS sealed
         FROM json_each(?2) AS asked LEFT JOIN card
           ON card.member = ?1 AND card.fingerprint = asked.value ->> 'fingerprint'
         ORDER BY asked.key`,
      )
      .bind(...bound),
  ]);
  return results.at(-1)?.results ?? [];
}

async function sealNew(
  vault: Vault,
  merchant: string,
  cards: readonly GivenCard[],
  held: readonly Held[],
  nowMs: number,
): Promise<void> {
  const rows = new Map<string, SealedRow[]>();
  cards.forEach(({ number }, i) => {
    const { token, sealed } = held[i] ?? {};
    if (token == null || sealed !== 0) return;
    const columns = { [numberColumn]: JSON.stringify(number) };
    const row = { row: cardRow(token), revision: onlyRevision, columns };
    const connection = cardConnection(token);
    rows.set(connection, [...(rows.get(connection) ?? []), row]);
  });
  for (const [connection, some] of rows) await sealRows(vault, merchant, connection, some, nowMs);
}
