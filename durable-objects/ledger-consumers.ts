/** Whom a ledger publishes to, over its bindings. */
import { boardShardOf } from "../domain/boards.ts";
import { type BoardPort, boardName, type Change, type SealPort } from "../domain/ports.ts";
import type { ResolvingVault } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import type { Consumers } from "../kernel/publish.ts";

export interface LedgerEnv {
  readonly BOARD: DurableObjectNamespace;
  readonly VAULT_SEAL: SealPort;
  /** For streams that the vault resolves. */
  readonly VAULT_WORK: ResolvingVault;
  readonly CHANGES: Queue<Change>;
  readonly WAREHOUSE: D1Database;
}

export function consumersOf(env: LedgerEnv, { name: stream }: AnyStream): Consumers {
  return {
    board: (period, row) => {
      const name = boardName(stream, period, boardShardOf(row.member));
      return (env.BOARD.getByName(name) as unknown as BoardPort).put(row);
    },
    retract: (member, retractions) => env.VAULT_SEAL.retract(member, retractions),
    archive: async (changes) => {
      await env.CHANGES.sendBatch(changes.map((body) => ({ body })));
    },
  };
}
