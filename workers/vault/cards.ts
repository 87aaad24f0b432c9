/** Card numbers come in here, in memory, before anything is written; tokens go out. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberId, PersonId } from "../../domain/identity.ts";
import type { CardPort, GivenCard } from "../../domain/ports.ts";
import type { CardRef } from "../../domain/sales/schema.ts";
import { forgetHolder } from "./card-forget.ts";
import { tokenise } from "./card-tokens.ts";
import { type VaultEnv, vaultOf } from "./env.ts";

export class Cards extends WorkerEntrypoint<VaultEnv> implements CardPort {
  async tokenise(merchant: MemberId, cards: readonly GivenCard[]): Promise<CardRef[]> {
    return tokenise(await vaultOf(this.env, merchant), merchant, cards, Date.now());
  }

  async forgetHolder(merchant: MemberId, person: PersonId): Promise<{ tokens: number }> {
    return forgetHolder(await vaultOf(this.env, merchant), merchant, person, Date.now());
  }
}
