/** What the edge is bound to (wrangler.toml). No data key and none of the vault's databases. */
import type {
  AuditPort,
  Change,
  ConnectPort,
  OpenPort,
  RunMessage,
  SealPort,
  WorkPort,
} from "../../domain/ports.ts";

export interface EdgeEnv {
  readonly ENVIRONMENT: string;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly TOKEN_JWKS_URL: string;
  /** JSON: provider → address of its published keys. */
  readonly PROVIDER_KEYSETS: string;
  /** Secret, JSON: provider → `ProviderSecrets`. */
  readonly PROVIDER_SECRETS: string;
  /** Secret, 32 bytes base64: identities are digested with it. */
  readonly IDENTITY_KEY: string;
  /** Secret, 32 bytes base64: no erasure destroys it. */
  readonly FORGOTTEN_KEY: string;
  readonly VAULT_SEAL: SealPort;
  readonly VAULT_OPEN: OpenPort;
  readonly VAULT_CONNECT: ConnectPort;
  readonly VAULT_WORK: WorkPort;
  readonly VAULT_LOG: AuditPort;
  readonly LEDGER: DurableObjectNamespace;
  readonly CONNECTION: DurableObjectNamespace;
  readonly BOARD: DurableObjectNamespace;
  readonly WAREHOUSE: D1Database;
  readonly CHANGES: Queue<Change>;
  readonly RUNS: Queue<RunMessage>;
}
