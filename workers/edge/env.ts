/** What the edge is bound to (wrangler.toml). No data key and none of the vault's databases. */
import type {
  AuditPort,
  CardPort,
  Change,
  ConnectPort,
  OpenPort,
  RevealPort,
  RunMessage,
  SealPort,
  WorkPort,
} from "../../domain/ports.ts";
import type { LimitBindings } from "./limits.ts";

export interface EdgeEnv extends LimitBindings {
  readonly ENVIRONMENT: string;
  /** What `npm run deploy` calls that which it deployed; absent where nothing was. */
  readonly RELEASE?: string;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly TOKEN_JWKS_URL: string;
  /** JSON: provider → address of its published keys. */
  readonly PROVIDER_KEYSETS: string;
  /**
   * Secret, JSON: provider → `ProviderSecrets` (providers/recipe.ts): `pathKeys`, `authorization`,
   * `signing`, `verification`, `shared`, each a list of one, or of two while one takes the other's
   * place, and `signatureDemanded`. A secret is its text, or `{ kid, secret, notBefore?, notAfter? }`:
   * `kid` stands in log lines and figures, times are RFC 3339.
   * `{ "polar": { "signing": [{ "kid": "2026-11", "secret": "…" }, "…"] } }`
   */
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
  readonly VAULT_CARDS: CardPort;
  readonly VAULT_REVEAL: RevealPort;
  readonly LEDGER: DurableObjectNamespace;
  readonly CONNECTION: DurableObjectNamespace;
  readonly BOARD: DurableObjectNamespace;
  readonly BOARD_ROOT: DurableObjectNamespace;
  readonly BOARD_LIVE: DurableObjectNamespace;
  readonly LIVE: DurableObjectNamespace;
  readonly WAREHOUSE: D1Database;
  /** Closed boards: read here, written by the archive. */
  readonly BOARDS: Pick<R2Bucket, "get">;
  /** Frozen days to learn from: read here, written by the archive. */
  readonly SNAPSHOTS: Pick<R2Bucket, "get">;
  readonly GATE: DurableObjectNamespace;
  /** Absent where there is no Analytics Engine. */
  readonly METER?: AnalyticsEngineDataset;
  /** Empty: wherever the request came to. */
  readonly PUBLIC_URL: string;
  /** Origins, separated by blanks. */
  readonly RETURN_TO: string;
  /** JSON: where pages sign in (sign-in.ts); empty: nowhere. */
  readonly SIGN_IN: string;
  /** JSON: provider → window by name → calls. */
  readonly PROVIDER_BUDGETS: string;
  /** JSON: provider → the deployment's name there. */
  readonly PROVIDER_PROJECTS: string;
  /** JSON: who sends royalty reports, `{ id, name }`, id a DDEX party id; empty: nobody. */
  readonly DSR_SENDER?: string;
  /** Secret: where alerts are sent; absent: nowhere. */
  readonly ALERT_URL?: string;
  /** Secret: what they are signed with (Standard Webhooks). */
  readonly ALERT_SECRET?: string;
  /** JSON: how much an isolate has in hand at once, where it is not what shed.ts says. */
  readonly IN_HAND?: string;
  readonly CHANGES: Queue<Change>;
  readonly RUNS: Queue<RunMessage>;
}
