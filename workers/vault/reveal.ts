/** The one way by which a card number comes out. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal, RevealPort } from "../../domain/ports.ts";
import type { VaultEnv } from "./env.ts";

export class Reveal extends WorkerEntrypoint<VaultEnv> implements RevealPort {
  async reveal(
    _token: string,
    _merchant: MemberId,
    _card: string,
    _reason: string,
  ): Promise<OrRefusal<{ number: string }>> {
    throw new Error("unfinished");
  }
}
