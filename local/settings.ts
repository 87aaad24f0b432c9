/**
 * Local secrets and the settings made of them. Secrets are random, made once, and kept in the state
 * folder for their owner's eyes only; without them the folder's ciphertext stays ciphertext.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { audience, issuerName } from "./issuer.ts";
import { coSigns, keyFile, newSeed, signs, verifierKeyOf } from "./log-keys.ts";
import type { RuntimeOptions } from "./runtime.ts";

export interface LocalSecrets {
  readonly rootKey: string;
  /** While root keys are rotated: the one before. */
  readonly rootKeyPrevious?: string;
  readonly identityKey: string;
  readonly forgottenKey: string;
  readonly garminPathKey: string;
  readonly googleAuthorization: string;
  /** What the logs sign with, and what the witness does. */
  readonly logKey: string;
  readonly witnessKey: string;
  issuerKey?: JsonWebKey;
  providerKey?: string;
}

const logs = 2;
const logOrigin = "log.localhost";
const witnessName = "witness.localhost";

const secretsFile = (state: string) => join(state, "secrets.json");

export async function loadSecrets(state: string): Promise<LocalSecrets> {
  await mkdir(state, { recursive: true });
  const file = secretsFile(state);
  try {
    const kept = JSON.parse(await readFile(file, "utf8")) as LocalSecrets;
    return { ...kept, ...logSecrets(kept) };
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new Error(`${file} is damaged; without it nothing opens`);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const random = () => randomBytes(32).toString("base64");
  return {
    rootKey: random(),
    identityKey: random(),
    forgottenKey: random(),
    garminPathKey: randomBytes(24).toString("base64url"),
    googleAuthorization: `Bearer ${randomBytes(24).toString("base64url")}`,
    ...logSecrets({}),
  };
}

/** A folder from before there were logs has none. */
const logSecrets = ({ logKey, witnessKey }: Partial<LocalSecrets>) => ({
  logKey: logKey ?? newSeed(),
  witnessKey: witnessKey ?? newSeed(),
});

export const keepSecrets = (state: string, secrets: LocalSecrets): Promise<void> =>
  writeFile(secretsFile(state), JSON.stringify(secrets, null, 2), { mode: 0o600 });

const logKeysOf = ({ logKey }: LocalSecrets): string[] =>
  Array.from({ length: logs }, (_, n) => verifierKeyOf(`${logOrigin}/${n}`, logKey, signs));
const witnessKeyOf = ({ witnessKey }: LocalSecrets): string =>
  verifierKeyOf(witnessName, witnessKey, coSigns);

/** What `npm run audit` verifies the local logs with. */
export const localKeyFile = (secrets: LocalSecrets): string =>
  keyFile(logKeysOf(secrets), [witnessKeyOf(secrets)]);

/** The workers' vars and secrets, each worker its own. */
export function varsOf(
  secrets: LocalSecrets,
  jwksUrl: string,
  provider: { readonly url: string; readonly keysetUrl: string },
): RuntimeOptions["vars"] {
  const token = {
    ENVIRONMENT: "local",
    TOKEN_ISSUER: issuerName,
    TOKEN_AUDIENCE: audience,
    TOKEN_JWKS_URL: jwksUrl,
  };
  const host = {
    api: provider.url,
    token: provider.url,
    authorise: `${provider.url}/authorize`,
    // What Garmin's pings name lies at the provider that runs here.
    callbacks: { "https://apis.garmin.com": provider.url },
  };
  const credentialsOf = (name: string) => ({ clientId: `local-${name}`, clientSecret: "local" });
  return {
    edge: {
      ...token,
      IDENTITY_KEY: secrets.identityKey,
      FORGOTTEN_KEY: secrets.forgottenKey,
      PROVIDER_KEYSETS: JSON.stringify({ "google-health": provider.keysetUrl }),
      PROVIDER_SECRETS: JSON.stringify({
        garmin: { pathKeys: [secrets.garminPathKey] },
        "google-health": { authorization: [secrets.googleAuthorization] },
      }),
      PUBLIC_URL: "",
      RETURN_TO: "",
      PROVIDER_BUDGETS: "{}",
      PROVIDER_PROJECTS: "{}",
    },
    vault: {
      ...token,
      ROOT_KEY: secrets.rootKey,
      ...(secrets.rootKeyPrevious === undefined
        ? {}
        : { ROOT_KEY_PREVIOUS: secrets.rootKeyPrevious }),
      IDENTITY_KEY: secrets.identityKey,
      PROVIDER_HOSTS: JSON.stringify({ garmin: host, "google-health": host }),
      PROVIDER_CREDENTIALS: JSON.stringify({
        garmin: credentialsOf("garmin"),
        "google-health": credentialsOf("google-health"),
      }),
      LOG_KEY: secrets.logKey,
      LOG_COUNTS: String(logs),
      LOG_ORIGIN: logOrigin,
      LOG_KEEPS_ACTORS: JSON.stringify(["coach", "operator", "auditor"]),
      WITNESS_KEYS: witnessKeyOf(secrets),
    },
    archive: {
      ENVIRONMENT: "local",
      WITNESS_NAME: witnessName,
      WITNESS_KEY: secrets.witnessKey,
      LOG_KEYS: logKeysOf(secrets).join(" "),
    },
  };
}
