/** What the archive is bound to. No key, no vault database: it never sees a restricted reading. */
import type { LedgerPort } from "../../domain/ports.ts";

export interface ArchiveEnv {
  /** The edge's objects, bound by script name. */
  readonly LEDGER: DurableObjectNamespace;
  readonly WAREHOUSE: D1Database;
  readonly ARCHIVE: R2Bucket;
}

/** Of a ledger, only what a consumer of its changes may say to it. */
export type Confirmer = Pick<LedgerPort, "confirm">;

export const ledgerOf = (env: ArchiveEnv, name: string): Confirmer =>
  env.LEDGER.getByName(name) as unknown as LedgerPort;
