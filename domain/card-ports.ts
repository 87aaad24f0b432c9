/**
 * Card numbers: what the door hands to the vault before anything is written, and what comes back.
 * The number itself comes back by `reveal` alone. Part of `ports.ts`.
 */
import type { MemberId, PersonId } from "./identity.ts";
import type { CardRef } from "./sales/schema.ts";
import type { OrRefusal } from "./vault-ports.ts";

export type { CardRef };

export interface GivenCard {
  /** 12 to 19 digits that satisfy Luhn, and nothing else. */
  readonly number: string;
  /** Whose it is; null: nobody is named. */
  readonly person: PersonId | null;
}

/** Cards of one call at most. */
export const cardsMax = 200;

export interface CardPort {
  /**
   * The same card of the same merchant has the same token, whoever shows it; of another merchant
   * another. Of somebody forgotten there, no token.
   */
  tokenise(merchant: MemberId, cards: readonly GivenCard[]): Promise<CardRef[]>;
  /** Their tokens mean nothing from now on, and no later one is made. Returns how many there were. */
  forgetHolder(merchant: MemberId, person: PersonId): Promise<{ readonly tokens: number }>;
}

/** An entrypoint of its own: nobody who may tokenise may also do this. */
export interface RevealPort {
  /** By a caller of the role `finance`; in the log before it is opened, and after. */
  reveal(
    token: string,
    merchant: MemberId,
    card: string,
    reason: string,
  ): Promise<OrRefusal<{ readonly number: string }>>;
}
