/** Write only: nothing comes back but whether it was kept. Bound where data comes in. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ParkedItem, SealedRow, SealOutcome, SealPort } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import { type VaultEnv, vaultOf } from "./env.ts";
import { parkItems } from "./parked-store.ts";
import { retractRows, sealRows } from "./sealed-store.ts";

export class Seal extends WorkerEntrypoint<VaultEnv> implements SealPort {
  seal(
    member: MemberId,
    connection: ConnectionId,
    rows: readonly SealedRow[],
  ): Promise<SealOutcome> {
    return sealRows(vaultOf(this.env), member, connection, rows, Date.now());
  }

  retract(member: MemberId, rows: readonly Retraction[]): Promise<void> {
    return retractRows(vaultOf(this.env), member, rows, Date.now());
  }

  park(items: readonly ParkedItem[]): Promise<SealOutcome> {
    return parkItems(vaultOf(this.env), items, Date.now());
  }
}
