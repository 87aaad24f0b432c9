/**
 * One call to a provider's allow-listed host, bounded in time and in bytes. A redirect is not
 * followed: the token would go wherever it points. Neither address nor answer is ever logged.
 */
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { VaultEnv } from "./env.ts";

const timeoutMs = 10_000;
const replyBytesMax = 8 * 1_048_576;
const retryAfterSecondsMax = 86_400;

export interface Hosts {
  readonly api: string;
  readonly token: string;
}
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Undefined when the provider is not in the list: then nothing is called. */
export const hostsOf = (env: VaultEnv, provider: string): Hosts | undefined =>
  entryOf<Hosts>(env.PROVIDER_HOSTS, provider);

export const credentialsOf = (env: VaultEnv, provider: string): Credentials | undefined =>
  entryOf<Credentials>(env.PROVIDER_CREDENTIALS, provider);

function entryOf<T>(json: string, provider: string): T | undefined {
  const list = JSON.parse(json) as Record<string, T>;
  return Object.hasOwn(list, provider) ? list[provider] : undefined;
}

/** Throws when it leads off the host or these paths: our own mistake, never to be sent. */
export function addressOf(
  host: string,
  { path, query }: ProviderRequest,
  paths: readonly string[],
): URL {
  const address = new URL(path, host);
  const isOnHost = path.startsWith("/") && address.origin === new URL(host).origin;
  if (!isOnHost || !paths.some((prefix) => address.pathname.startsWith(prefix)))
    throw new Error("the path leaves what may be asked of the provider");
  for (const [name, value] of Object.entries(query)) address.searchParams.append(name, value);
  return address;
}

export const get = (address: URL, accessToken: string): Promise<ProviderReply> =>
  send(address, {
    method: "GET",
    headers: { authorization: `Bearer ${accessToken}`, accept: "application/json" },
  });

export const postForm = (
  address: URL,
  form: Readonly<Record<string, string>>,
): Promise<ProviderReply> =>
  send(address, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(form),
  });

/** Without a body; what the answer says beyond its status is not read as JSON. */
export const bearer = (
  address: URL,
  method: "POST" | "DELETE",
  accessToken: string,
): Promise<ProviderReply> =>
  send(address, {
    method,
    headers: { authorization: `Bearer ${accessToken}`, accept: "application/json" },
  });

async function send(address: URL, init: RequestInit): Promise<ProviderReply> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(address, { ...init, redirect: "manual", signal });
  const { status, headers } = response;
  const retryAfterMs = retryAfterOf(headers.get("retry-after"));
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return { status, body: "", complete: false, retryAfterMs };
  }
  const { body, whole } = await readBounded(response);
  const complete = whole && (status >= 400 || body === "" || isJson(body));
  return { status, body, complete, retryAfterMs };
}

async function readBounded(response: Response): Promise<{ body: string; whole: boolean }> {
  const decoder = new TextDecoder();
  let body = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > replyBytesMax) return { body: "", whole: false };
      body += decoder.decode(chunk, { stream: true });
    }
  } catch {
    return { body, whole: false };
  }
  const announced = Number(response.headers.get("content-length") ?? bytes);
  const isEncoded = response.headers.has("content-encoding");
  return { body: body + decoder.decode(), whole: isEncoded || announced <= bytes };
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

/** Seconds only (RFC 9110, section 10.2.3); a date says nothing we can trust their clock for. */
function retryAfterOf(header: string | null): number | null {
  if (header === null || !/^\d{1,9}$/.test(header)) return null;
  return Math.min(Number(header), retryAfterSecondsMax) * 1000;
}
