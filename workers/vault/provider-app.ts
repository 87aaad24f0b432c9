/**
 * A call in the name of the app itself, to see to its subscription or to send a member to the
 * provider's page: by headers or parameters of the provider's own, by a service account (RFC 7523),
 * or by the client's own id and secret. A token for it lives in memory, and as little of what proves
 * the app comes out as of a member's tokens.
 */
import { importPKCS8, SignJWT } from "jose";
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { VaultEnv } from "./env.ts";
import { addressOf, basic, encoded, faulty, send, withoutSecrets } from "./provider-call.ts";
import {
  type AppDoor,
  appDoorOf,
  carriedFrom,
  carriedSecrets,
  type Hosts,
  type ServiceAccount,
} from "./provider-line.ts";

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const assertionSeconds = 600;
const lifetimeSecondsDefault = 600;
const renewAheadMs = 60_000;
const triesMax = 2;

interface AppToken {
  readonly token: string;
  readonly renewAtMs: number;
}
/** By account and by whom it was got from: as many as there are providers. */
const held = new Map<string, AppToken>();

export type App = Pick<
  Provider,
  "name" | "budget" | "link" | "subscription" | "reference" | "appHeaders" | "appParameters"
>;

/** Null when the deployment has nothing to prove itself by, or the provider needs no such calls. */
export async function askAsApp(
  env: VaultEnv,
  name: string,
  request: AppRequest,
): Promise<ProviderReply | null> {
  const provider = providerNamed(name);
  return provider === undefined ? null : askOf(env, provider, request);
}

export async function askOf(
  env: VaultEnv,
  provider: App,
  request: AppRequest,
): Promise<ProviderReply | null> {
  const door = appDoorOf(env, provider);
  const paths = pathsOf(provider);
  if (door === null || paths.length === 0) return null;
  const { credentials, keep } = door;
  const address = addressOf(door.hosts.api, request, paths);
  if (provider.appHeaders !== undefined || provider.appParameters !== undefined)
    return askByOwn(provider, door, address, request);
  if (credentials.serviceAccount !== undefined)
    return askByAccount(env, provider, door, credentials.serviceAccount, address, request);
  const { clientId, clientSecret } = credentials;
  if (clientId === undefined || clientSecret === undefined) return null;
  const authorization = basic({ clientId, clientSecret });
  return sendWith(address, request, keep, { authorization }, [clientSecret, authorization]);
}

const pathsOf = ({ subscription, reference }: App): readonly string[] => [
  ...(subscription?.appPaths ?? []),
  ...(reference?.session?.paths ?? []),
];

/** Parameters never stand in an address but where nothing else can carry them. */
async function askByOwn(
  { appHeaders, appParameters }: App,
  { credentials, keep }: AppDoor,
  address: URL,
  request: AppRequest,
): Promise<ProviderReply | null> {
  const headers = carriedFrom(credentials, appHeaders);
  const parameters = carriedFrom(credentials, appParameters);
  if (headers === null || parameters === null) return null;
  const secrets = [appHeaders, appParameters].flatMap((one) => carriedSecrets(credentials, one));
  if (appParameters === undefined) return sendWith(address, request, keep, headers, secrets);
  const to = inQuery.has(request.method) ? withQuery(address, parameters) : address;
  const said = inQuery.has(request.method) ? request : withForm(request, parameters);
  return sendWith(to, said, keep, headers, secrets);
}

const inQuery: ReadonlySet<AppRequest["method"]> = new Set(["GET", "DELETE"]);

/** What the request itself says under these names gives way, here and in a form. */
function withQuery(address: URL, parameters: Readonly<Record<string, string>>): URL {
  const to = new URL(address);
  for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value);
  return to;
}

const withForm = (
  request: AppRequest,
  parameters: Readonly<Record<string, string>>,
): AppRequest => ({ ...request, form: { ...request.form, ...parameters } });

/** A token that is taken no more is got anew, once. */
async function askByAccount(
  env: VaultEnv,
  { name, link }: App,
  { hosts, keep }: AppDoor,
  account: ServiceAccount,
  address: URL,
  request: AppRequest,
): Promise<ProviderReply | null> {
  const tokenUrl = tokenAddress(hosts, link?.tokenPath, account);
  if (tokenUrl === null) return null;
  const key = JSON.stringify([env.ENVIRONMENT, name, account.email, tokenUrl.href]);
  for (let tries = 1; ; tries++) {
    const known = held.get(key);
    const isKnown = known !== undefined && Date.now() < known.renewAtMs;
    const token = isKnown ? known.token : await newToken(key, account, tokenUrl);
    if (typeof token !== "string") return token;
    const authorization = `Bearer ${token}`;
    const reply = await sendWith(address, request, keep, { authorization }, [token]);
    if (reply.status !== 401) return reply;
    held.delete(key);
    if (!isKnown || tries === triesMax) return reply;
  }
}

async function sendWith(
  address: URL,
  { method, json, form }: AppRequest,
  keep: readonly string[],
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Promise<ProviderReply> {
  const body = encoded({ json, form });
  const said = { ...body, method, keep, headers: { ...headers, ...body.headers } };
  return withoutSecrets(await send(address, said), secrets);
}

/**
 * What a deployment names must be encrypted, unless it is the host of tokens itself (local). Null:
 * there is none.
 */
function tokenAddress(
  hosts: Hosts,
  tokenPath: string | undefined,
  { tokenUrl }: ServiceAccount,
): URL | null {
  const host = hosts.token ?? null;
  if (tokenUrl === undefined)
    return host === null || tokenPath === undefined
      ? null
      : addressOf(host, { path: tokenPath, query: {} }, [tokenPath]);
  const address = new URL(tokenUrl);
  if (address.protocol !== "https:" && (host === null || address.origin !== new URL(host).origin))
    throw new Error("the service account's host of tokens is not encrypted");
  return address;
}

/** The reply that held no token: whatever it said is about us, and nobody else's. */
async function newToken(
  name: string,
  account: ServiceAccount,
  address: URL,
): Promise<string | ProviderReply> {
  const askedAtMs = Date.now();
  const assertion = await assertionOf(account, address, askedAtMs);
  const reply = await send(address, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: grantType, assertion }).toString(),
  });
  const isTheirs = reply.fault !== null || reply.status === 429 || reply.status >= 500;
  if (isTheirs) return { ...reply, body: "", complete: false };
  const given = reply.status === 200 && reply.body !== "" ? JSON.parse(reply.body) : null;
  const { access_token: token, expires_in } = (given ?? {}) as Record<string, unknown>;
  if (typeof token !== "string" || token === "") return faulty("wrong-type");
  const seconds = typeof expires_in === "number" ? expires_in : lifetimeSecondsDefault;
  held.set(name, { token, renewAtMs: askedAtMs + seconds * 1000 - renewAheadMs });
  return token;
}

async function assertionOf(
  { email, privateKey, scope }: ServiceAccount,
  address: URL,
  nowMs: number,
): Promise<string> {
  const seconds = Math.floor(nowMs / 1000);
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(email)
    .setAudience(address.href)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + assertionSeconds)
    .sign(await importPKCS8(privateKey, "RS256"));
}
