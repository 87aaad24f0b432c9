/**
 * What the archive is bound to. No key but the witness's own, no vault database: it never sees a
 * restricted reading.
 */
import type { AuditPort } from "../../domain/log-ports.ts";
import type { LedgerPort, RunMessage, SealPort } from "../../domain/ports.ts";
import type { ResolvingVault } from "../../domain/stream.ts";

export interface ArchiveEnv {
  /** The edge's objects, bound by script name. */
  readonly LEDGER: DurableObjectNamespace;
  readonly BOARD: DurableObjectNamespace;
  readonly BOARD_ROOT: DurableObjectNamespace;
  readonly WAREHOUSE: D1Database;
  readonly ARCHIVE: R2Bucket;
  /** Closed boards, as the edge shows them. */
  readonly BOARDS: R2Bucket;
  /** Frozen days to learn from, as the edge reads them. */
  readonly SNAPSHOTS: R2Bucket;
  /** A run that goes on sends itself here. */
  readonly RUNS: Queue<RunMessage>;
  /** For an erasure's receipt: whether the vault has destroyed everything. */
  readonly VAULT_SEAL: Pick<SealPort, "isErasing">;
  /** What counts of streams that the vault resolves: open totals, and nothing else of it. */
  readonly VAULT_WORK: ResolvingVault;
  /** The vault's log, for the witness. */
  readonly VAULT_LOG: Pick<AuditPort, "checkpointFor" | "cosigned">;
  readonly WITNESS_NAME: string;
  /** 32 bytes, base64. */
  readonly WITNESS_KEY: string;
  /** Verifier keys of the logs that it may co-sign, separated by blanks. */
  readonly LOG_KEYS: string;
}

/** Of a ledger, only what the archive may say to it: it never records anything. */
export type ArchivedLedger = Pick<
  LedgerPort,
  "confirm" | "nudge" | "report" | "publishAgain" | "replay" | "forgetDays" | "facts"
>;
export const ledgerOf = (env: ArchiveEnv, name: string): ArchivedLedger =>
  env.LEDGER.getByName(name) as unknown as LedgerPort;
