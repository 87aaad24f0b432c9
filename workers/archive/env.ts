/**
 * What the archive is bound to. No key but the witness's own, no vault database: it never sees a
 * restricted reading.
 */
import type { AuditPort } from "../../domain/log-ports.ts";
import type { LedgerPort } from "../../domain/ports.ts";

export interface ArchiveEnv {
  /** The edge's objects, bound by script name. */
  readonly LEDGER: DurableObjectNamespace;
  readonly WAREHOUSE: D1Database;
  readonly ARCHIVE: R2Bucket;
  /** The vault's log, for the witness. */
  readonly VAULT_LOG: Pick<AuditPort, "checkpointFor" | "cosigned">;
  readonly WITNESS_NAME: string;
  /** 32 bytes, base64. */
  readonly WITNESS_KEY: string;
  /** Verifier keys of the logs that it may co-sign, separated by blanks. */
  readonly LOG_KEYS: string;
}

/** Of a ledger, only what a consumer of its changes may say to it. */
export type Confirmer = Pick<LedgerPort, "confirm">;

export const ledgerOf = (env: ArchiveEnv, name: string): Confirmer =>
  env.LEDGER.getByName(name) as unknown as LedgerPort;
