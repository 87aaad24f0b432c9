/** Whom a ledger publishes to, over its bindings. */
import { type ChangesMessage, type LivePort, liveName, type SealPort } from "../domain/ports.ts";
import type { ResolvingVault } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import type { Consumers } from "../kernel/publish.ts";
import { type BoardEnv, boardsOf, putScores } from "./board-shards.ts";

export interface LedgerEnv extends BoardEnv {
  readonly VAULT_SEAL: SealPort;
  /** For streams that the vault resolves. */
  readonly VAULT_WORK: ResolvingVault;
  readonly LIVE: DurableObjectNamespace;
  readonly CHANGES: Queue<ChangesMessage>;
  readonly WAREHOUSE: D1Database;
}

export function consumersOf(env: LedgerEnv, { name: stream }: AnyStream): Consumers {
  const boards = boardsOf(env, stream);
  return {
    board: (row) => putScores(boards, row),
    retract: (member, retractions) => env.VAULT_SEAL.retract(member, retractions),
    live: (watch, rows) => {
      const object = env.LIVE.getByName(liveName(stream, watch)) as unknown as LivePort;
      return object.put(stream, rows);
    },
    archive: async (changes) => {
      await env.CHANGES.send(changes);
    },
  };
}
