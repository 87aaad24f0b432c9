/**
 * Local secrets and the settings made of them. Secrets are random, made once, and kept in the state
 * folder for their owner's eyes only; without them the folder's ciphertext stays ciphertext.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProviderName, providerNamed, providers } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";
import { audience, issuerName, paths, signInAt } from "./issuer-names.ts";
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
  /** Unguessable parts of the path, by provider. */
  readonly pathKeys: Readonly<Record<PathKeyed, string>>;
  /** What deliveries carry as it stands, by provider. */
  readonly shared: Readonly<Record<Sharing, string>>;
  /** What deliveries are signed with, by provider. */
  readonly signing: Readonly<Record<Signing, string>>;
  /** What a provider proves itself by when it greets the address. */
  readonly verification: Readonly<Record<Verified, string>>;
  /** What the logs sign with, and what the witness does. */
  readonly logKey: string;
  readonly witnessKey: string;
  issuerKey?: JsonWebKey;
  providerKey?: string;
}

type Listed = typeof providers;
/** Those that sign with a secret that a deployment shares with them. */
type Signing = {
  [N in ProviderName]: Listed[N] extends
    | { signature: { kind: "hmac" } }
    | { signature: { besides: object } }
    ? N
    : never;
}[ProviderName];
/** Those that share a secret which each delivery carries. */
type Sharing = {
  [N in ProviderName]: Listed[N] extends { signature: { kind: "shared" } } ? N : never;
}[ProviderName];
/** Those whose address is all the proof that there is, or a part of it. */
type PathKeyed =
  | Sharing
  | {
      [N in ProviderName]: Listed[N] extends { signature: { kind: "path-secret" } } ? N : never;
    }[ProviderName];
/** Those that greet an address by a word that the deployment chose. */
type Verified = {
  [N in ProviderName]: Listed[N] extends { greeting: { kind: "word" | "challenge" } } ? N : never;
}[ProviderName];

const all = Object.values<Provider>(providers);
const namesOf = <Name extends string>(isOne: (provider: Provider) => boolean) =>
  all.filter(isOne).map(({ name }) => name as Name);
const signing = namesOf<Signing>(({ signature: of }) => of.kind === "hmac" || "besides" in of);
const sharing = namesOf<Sharing>(({ signature }) => signature.kind === "shared");
const pathKeyed = namesOf<PathKeyed>(({ signature: { kind } }) =>
  ["path-secret", "shared"].includes(kind),
);
const verified = namesOf<Verified>(
  ({ greeting }) => greeting?.kind === "word" || greeting?.kind === "challenge",
);
/** Keys in the form of the Standard Webhooks specification: marked, and base64. */
const marked: ReadonlySet<string> = new Set(
  namesOf(({ signature: of }) => of.kind === "hmac" && of.key === "standard-webhooks"),
);
/** Keys that are written in hex. */
const inHex: ReadonlySet<string> = new Set(
  namesOf(({ signature: of }) => of.kind === "member-key" && of.besides?.key === "hex"),
);
/** What the vault calls. */
const called = namesOf(({ link, reference }) => (link ?? reference?.session) !== undefined);

const logs = 2;
const logOrigin = "log.localhost";
const witnessName = "witness.localhost";

const secretsFile = (state: string) => join(state, "secrets.json");

export async function loadSecrets(state: string): Promise<LocalSecrets> {
  await mkdir(state, { recursive: true });
  const file = secretsFile(state);
  try {
    const kept = JSON.parse(await readFile(file, "utf8")) as LocalSecrets;
    return { ...kept, ...laterSecrets(kept) };
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new Error(`${file} is damaged; without it nothing opens`);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const random = () => randomBytes(32).toString("base64");
  const garminPathKey = word();
  return {
    rootKey: random(),
    identityKey: random(),
    forgottenKey: random(),
    garminPathKey,
    googleAuthorization: `Bearer ${word()}`,
    ...laterSecrets({ garminPathKey }),
  };
}

/** A folder from before there were logs, or some provider, has none of these. */
const laterSecrets = (kept: Partial<LocalSecrets>) => ({
  logKey: kept.logKey ?? newSeed(),
  witnessKey: kept.witnessKey ?? newSeed(),
  signing: filled(signing, kept.signing, signingKey),
  shared: filled(sharing, kept.shared, sharedValue),
  // Garmin's was there before there were others.
  pathKeys: {
    ...filled(pathKeyed, kept.pathKeys, word),
    ...(kept.garminPathKey === undefined ? {} : { garmin: kept.garminPathKey }),
  },
  verification: filled(verified, kept.verification, word),
});

const word = () => randomBytes(24).toString("base64url");
function signingKey(name: Signing): string {
  if (marked.has(name)) return `whsec_${randomBytes(32).toString("base64")}`;
  return inHex.has(name) ? randomBytes(32).toString("hex") : word();
}

/** Of several headers, a part for each. */
function sharedValue(name: Sharing): string {
  const recipe = providerNamed(name)?.signature;
  const headers = recipe?.kind === "shared" && "headers" in recipe ? recipe.headers : [name];
  return headers.map(word).join(":");
}

const filled = <Name extends string>(
  names: readonly Name[],
  kept: Partial<Readonly<Record<Name, string>>> = {},
  make: (name: Name) => string,
) =>
  Object.fromEntries(names.map((name) => [name, kept[name] ?? make(name)])) as Record<Name, string>;

export const keepSecrets = (state: string, secrets: LocalSecrets): Promise<void> =>
  writeFile(secretsFile(state), JSON.stringify(secrets, null, 2), { mode: 0o600 });

const logKeysOf = ({ logKey }: LocalSecrets): string[] =>
  Array.from({ length: logs }, (_, n) => verifierKeyOf(`${logOrigin}/${n}`, logKey, signs));
const witnessKeyOf = ({ witnessKey }: LocalSecrets): string =>
  verifierKeyOf(witnessName, witnessKey, coSigns);

/** What `npm run audit` verifies the local logs with. */
export const localKeyFile = (secrets: LocalSecrets): string =>
  keyFile(logKeysOf(secrets), [witnessKeyOf(secrets)]);

/** What one provider's door is told, of every kind that it needs; each is a list of one. */
function doorSecrets(secrets: LocalSecrets, name: string): Record<string, readonly string[]> {
  const { pathKeys, shared, signing: signs, verification } = secrets;
  const kinds: Record<string, Readonly<Record<string, string>>> = {
    ...{ pathKeys, shared, signing: signs, verification },
    authorization: { "google-health": secrets.googleAuthorization },
  };
  const stated = Object.entries(kinds).flatMap(([kind, by]) => {
    const secret = by[name];
    return secret === undefined ? [] : [[kind, [secret]] as const];
  });
  return Object.fromEntries(stated);
}

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
  const issuerUrl = jwksUrl.slice(0, -paths.jwks.length);
  const host = {
    api: provider.url,
    token: provider.url,
    authorise: `${provider.url}/authorize`,
    // What Garmin's pings name lies at the provider that runs here.
    callbacks: { "https://apis.garmin.com": provider.url },
    // The pages that it names are of the providers' own form, and lead nowhere.
    pages: [provider.url, "https://widget.tryterra.co", "https://link.tryvital.io"],
  };
  const credentialsOf = (name: string) => ({
    clientId: `local-${name}`,
    clientSecret: `local-${name}-secret`,
    apiKey: `local-${name}-key`,
  });
  return {
    edge: {
      ...token,
      IDENTITY_KEY: secrets.identityKey,
      FORGOTTEN_KEY: secrets.forgottenKey,
      PROVIDER_KEYSETS: JSON.stringify({ "google-health": provider.keysetUrl }),
      PROVIDER_SECRETS: JSON.stringify(
        Object.fromEntries(
          all
            .map(({ name }) => [name, doorSecrets(secrets, name)] as const)
            .filter(([, kinds]) => Object.keys(kinds).length > 0),
        ),
      ),
      PUBLIC_URL: "",
      RETURN_TO: "",
      SIGN_IN: JSON.stringify(signInAt(issuerUrl)),
      PROVIDER_BUDGETS: "{}",
      PROVIDER_PROJECTS: "{}",
      // A machine that is busy with others is slow: nobody is sent away for it.
      IN_HAND: '{"narrows":false}',
      DSR_SENDER: '{"id":"PADPIDALOCAL","name":"Singlet"}',
    },
    vault: {
      ...token,
      ROOT_KEY: secrets.rootKey,
      ...(secrets.rootKeyPrevious === undefined
        ? {}
        : { ROOT_KEY_PREVIOUS: secrets.rootKeyPrevious }),
      IDENTITY_KEY: secrets.identityKey,
      PROVIDER_HOSTS: JSON.stringify(Object.fromEntries(called.map((name) => [name, host]))),
      PROVIDER_CREDENTIALS: JSON.stringify(
        Object.fromEntries(called.map((name) => [name, credentialsOf(name)])),
      ),
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
