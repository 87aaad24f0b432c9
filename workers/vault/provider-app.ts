/**
 * A call in the name of the app itself, to see to its subscription: by a service account (RFC 7523)
 * or by the client's own id and secret. Its token lives in memory, and as little of it comes out as
 * of a member's.
 */
import { importPKCS8, SignJWT } from "jose";
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { VaultEnv } from "./env.ts";
import { addressOf, faulty, type Sending, send, withoutSecrets } from "./provider-call.ts";
import { type Credentials, doorOf, type Hosts, type ServiceAccount } from "./provider-line.ts";

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const assertionSeconds = 600;
const lifetimeSecondsDefault = 600;
const renewAheadMs = 60_000;

interface AppToken {
  readonly token: string;
  readonly renewAtMs: number;
}
/** By account and by whom it was got from: as many as there are providers. */
const held = new Map<string, AppToken>();

/** Null when the deployment has nothing to prove itself by, or the provider needs no such calls. */
export async function askAsApp(
  env: VaultEnv,
  provider: string,
  request: AppRequest,
): Promise<ProviderReply | null> {
  const door = doorOf(env, provider);
  const subscription = providerNamed(provider)?.subscription;
  if (door === null || subscription === undefined) return null;
  const { hosts, credentials, link, keep } = door;
  const address = addressOf(hosts.api, request, subscription.appPaths);
  const { serviceAccount } = credentials;
  if (serviceAccount === undefined)
    return sendWith(address, request, keep, basic(credentials), [credentials.clientSecret]);
  const tokenUrl = tokenAddress(hosts, link.tokenPath, serviceAccount);
  const name = JSON.stringify([env.ENVIRONMENT, provider, serviceAccount.email, tokenUrl.href]);
  const known = held.get(name);
  const isKnown = known !== undefined && Date.now() < known.renewAtMs;
  const token = isKnown ? known.token : await newToken(name, serviceAccount, tokenUrl);
  if (typeof token !== "string") return token;
  const reply = await sendWith(address, request, keep, `Bearer ${token}`, [token]);
  if (reply.status !== 401) return reply;
  held.delete(name);
  return isKnown ? askAsApp(env, provider, request) : reply;
}

const basic = ({ clientId, clientSecret }: Credentials): string =>
  `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`;

async function sendWith(
  address: URL,
  { method, json }: AppRequest,
  keep: readonly string[],
  authorization: string,
  secrets: readonly string[],
): Promise<ProviderReply> {
  const said: Pick<Sending, "headers" | "body"> =
    json === undefined
      ? { headers: { authorization } }
      : {
          headers: { authorization, "content-type": "application/json" },
          body: JSON.stringify(json),
        };
  const reply = await send(address, { method, keep, ...said });
  return withoutSecrets(reply, [...secrets, authorization]);
}

/** What a deployment names must be encrypted, unless it is the host of tokens itself (local). */
function tokenAddress(hosts: Hosts, tokenPath: string, { tokenUrl }: ServiceAccount): URL {
  if (tokenUrl === undefined)
    return addressOf(hosts.token, { path: tokenPath, query: {} }, [tokenPath]);
  const address = new URL(tokenUrl);
  if (address.protocol !== "https:" && address.origin !== new URL(hosts.token).origin)
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
