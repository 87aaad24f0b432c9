/**
 * Write only: nothing comes back but whether it was kept, and whether what was erased is gone. Bound
 * where data comes in, and where erasures end.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ParkedItem, SealedRow, SealOutcome, SealPort } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import { shardsOf, type VaultEnv, vaultOf } from "./env.ts";
import { parkItems } from "./parked-store.ts";
import { retractRows, sealRows } from "./sealed-store.ts";

export class Seal extends WorkerEntrypoint<VaultEnv> implements SealPort {
  async seal(
    member: MemberId,
    connection: ConnectionId,
    rows: readonly SealedRow[],
  ): Promise<SealOutcome> {
    return sealRows(await vaultOf(this.env, member), member, connection, rows, Date.now());
  }

  async retract(member: MemberId, rows: readonly Retraction[]): Promise<void> {
    return retractRows(await vaultOf(this.env, member), member, rows, Date.now());
  }

  park(items: readonly ParkedItem[]): Promise<SealOutcome> {
    return parkItems(shardsOf(this.env), items, Date.now());
  }

  /** Who is asked for has a lease until their erasure is finished (`erasure-finish.ts`). */
  async isErasing(member: MemberId): Promise<boolean> {
    const { phi } = await vaultOf(this.env, member);
    const sql = "SELECT 1 FROM member WHERE id = ? AND lease IS NOT NULL";
    return (await phi.prepare(sql).bind(member).first()) !== null;
  }
}
