/**
 * What the vault is bound to, and the few things every part of it works with. No other worker has
 * these bindings. The clock is `Date.now()` at the entrypoints, chance is `random`.
 */
import type { Random } from "./envelope.ts";
import { Keyring } from "./keyring.ts";

export interface VaultEnv {
  readonly ENVIRONMENT: string;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly TOKEN_JWKS_URL: string;
  /** JSON: provider → the hosts that may be called for it. */
  readonly PROVIDER_HOSTS: string;
  /** Secret. JSON: provider → { clientId, clientSecret }. */
  readonly PROVIDER_CREDENTIALS: string;
  /** Secret. 32 bytes in base64. */
  readonly ROOT_KEY: string;
  /** Secret, the edge's: what facts' identities are made with, for replays. */
  readonly IDENTITY_KEY: string;
  readonly PHI_0: D1Database;
  readonly KEYS: D1Database;
  readonly SEALED: R2Bucket;
}

export interface Vault {
  readonly phi: D1Database;
  readonly objects: R2Bucket;
  readonly keyring: Keyring;
  readonly environment: string;
  readonly random: Random;
}

const random: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

export const vaultOf = (env: VaultEnv): Vault => ({
  phi: env.PHI_0,
  objects: env.SEALED,
  keyring: new Keyring(env.KEYS, env.ROOT_KEY, env.ENVIRONMENT, random),
  environment: env.ENVIRONMENT,
  random,
});
