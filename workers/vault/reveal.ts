/** The one way by which a card number comes out. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal, RevealPort } from "../../domain/ports.ts";
import { revealCard } from "./card-reveal.ts";
import { shardsOf, type VaultEnv } from "./env.ts";
import { actorOf } from "./principal.ts";

export class Reveal extends WorkerEntrypoint<VaultEnv> implements RevealPort {
  async reveal(
    token: string,
    merchant: MemberId,
    card: string,
    reason: string,
  ): Promise<OrRefusal<{ number: string }>> {
    const actor = await actorOf(this.env, token, Date.now());
    if (actor === null) return { refused: "unauthenticated" };
    return revealCard(shardsOf(this.env), actor, merchant, card, reason, Date.now);
  }
}
