/**
 * The provider as an OAuth 2 server (RFC 6749, with proof keys of RFC 7636), by oauth4webapi over our
 * own bounded call. What it answers is tokens, its word that the grant is no good, or anything else:
 * nothing is thrown for it, and no error that quotes it leaves this file.
 */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  customFetch,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  ResponseBodyError,
  refreshTokenGrantRequest,
  type TokenEndpointRequestOptions,
  type TokenEndpointResponse,
  validateAuthResponse,
} from "oauth4webapi";
import type { ConnectionId } from "../../domain/identity.ts";
import type { Grant, ProviderReply } from "../../domain/ports.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { utf8 } from "./cell.ts";
import { expand, importKey, keyBytes } from "./chunked.ts";
import { lengthPrefixed } from "./envelope.ts";
import { addressOf, faulty, send } from "./provider-call.ts";
import type { Door, Tokens } from "./provider-line.ts";
import { type Before, inTokenWords } from "./token-words.ts";

/** What a provider that states no lifetime is taken to mean. */
const lifetimeSecondsDefault = 3_600;
/** New tokens are asked for so long before the end, or half of a shorter life before it. */
export const renewAheadMs = 60_000;

export type Asked =
  | {
      readonly kind: "tokens";
      readonly tokens: Tokens;
      readonly scope: string | null;
      /** The whole answer but for what must not come out. */
      readonly said: Readonly<Record<string, unknown>>;
    }
  /** `invalid_grant` (RFC 6749, section 5.2): this very code, or refresh token, is no good. */
  | { readonly kind: "refused" }
  /**
   * No tokens, and nothing said of the grant. Lost: the provider may have given some all the same,
   * and taken the old ones away. `heard`: what it said to us, which `reply` keeps from whoever would
   * take it for word of the member.
   */
  | {
      readonly kind: "reply";
      readonly reply: ProviderReply;
      readonly isLost: boolean;
      readonly heard: Pick<ProviderReply, "status" | "fault">;
    };

/** The same for the same state, and for nobody without the root key: nothing is kept for it. */
export const verifierOf = (rootKey: string, state: string): Promise<string> =>
  derived(rootKey, "singlet/pkce/v1", state);

/** What a connection is called where a provider wants a word for it; a retry says the same. */
export const enrolWordOf = (rootKey: string, connection: ConnectionId): Promise<string> =>
  derived(rootKey, "singlet/enrol/v1", connection);

async function derived(rootKey: string, use: string, text: string): Promise<string> {
  const root = Uint8Array.from(atob(rootKey), (c) => c.charCodeAt(0));
  const secret = await expand(await importKey(root), lengthPrefixed(use), keyBytes);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return base64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text))));
}

/** RFC 6749, section 4.1.1; null when the deployment names no such page. */
export async function authoriseAddress(
  { hosts, credentials, link }: Pick<Door, "hosts" | "credentials" | "link">,
  { state, redirectUri }: Pick<Grant, "state" | "redirectUri">,
  verifier: string,
): Promise<string | null> {
  if (hosts.authorise === undefined) return null;
  const address = new URL(hosts.authorise);
  const scope = link.scopes.map((one) => one.scope).join(link.scopesBy ?? " ");
  const asked = {
    ...link.authorise,
    response_type: "code",
    client_id: credentials.clientId,
    redirect_uri: redirectUri,
    ...(scope === "" ? {} : { scope }),
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return address.href;
}

export const exchangeCode = (
  door: Door,
  { code, state, redirectUri }: Grant,
  verifier: string,
): Promise<Asked> =>
  asked(door, null, {
    request: (as, client, auth, options) => {
      const back = new URLSearchParams({ code, state });
      const checked = validateAuthResponse(as, client, back, state);
      return authorizationCodeGrantRequest(
        as,
        client,
        auth,
        checked,
        redirectUri,
        verifier,
        options,
      );
    },
    read: processAuthorizationCodeResponse,
  });

/** A provider that gives no new refresh token means the old one to go on, as long as it would have. */
export const askRefresh = (door: Door, before: Before): Promise<Asked> =>
  asked(door, before, {
    request: (as, client, auth, options) =>
      refreshTokenGrantRequest(as, client, auth, before.refresh, options),
    read: processRefreshTokenResponse,
  });

type Auth = ReturnType<typeof ClientSecretPost>;
interface Flow {
  readonly request: (
    as: AuthorizationServer,
    client: Client,
    auth: Auth,
    options: TokenEndpointRequestOptions,
  ) => Promise<Response>;
  readonly read: (
    as: AuthorizationServer,
    client: Client,
    response: Response,
  ) => Promise<TokenEndpointResponse>;
}

async function asked(door: Door, before: Before | null, flow: Flow): Promise<Asked> {
  const { hosts, credentials, link } = door;
  const words = link.tokens;
  const path = (before === null ? undefined : words?.renewPath) ?? link.tokenPath;
  const endpoint = addressOf(hosts.token, { path, query: {} }, [path]);
  const as = {
    issuer: new URL(hosts.authorise ?? hosts.token).origin,
    token_endpoint: endpoint.href,
  };
  const client = { client_id: credentials.clientId };
  const proof = link.client === "basic" ? ClientSecretBasic : ClientSecretPost;
  const askedAtMs = Date.now();
  let reply = faulty("network");
  const call = async (url: string, init: { headers: Record<string, string>; body: unknown }) => {
    const body = String(init.body);
    reply = await send(new URL(url), { method: "POST", headers: init.headers, body });
    reply = inTokenWords(words, reply, before);
    return responseOf(reply);
  };
  const options = {
    [customFetch]: call,
    [allowInsecureRequests]: endpoint.protocol === "http:",
    additionalParameters: { ...words?.form },
  } as TokenEndpointRequestOptions;
  try {
    const response = await flow.request(as, client, proof(credentials.clientSecret), options);
    const given = await flow.read(as, client, response);
    return { kind: "tokens", ...tokensIn(given, before, askedAtMs) };
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === "invalid_grant")
      return { kind: "refused" };
    return { kind: "reply", reply: passedOn(reply), isLost: isLost(reply), heard: reply };
  }
}

/** As the library reads one; what is no answer is none, and it is not asked to judge it. */
function responseOf({ status, body, fault }: ProviderReply): Response {
  if (fault !== null) throw new Error("no answer");
  const headers = { "content-type": "application/json" };
  return new Response(body === "" ? null : body, { status, headers });
}

/**
 * Only 3xx, 4xx say that nothing was given. A server that broke down, or whose answer did, may have
 * given tokens before.
 */
const isLost = ({ status }: ProviderReply): boolean => status < 300 || status >= 500;

/**
 * For whoever asked for something else: that the provider is busy or down is what its host of tokens
 * says for all of it. That it refuses us there is our own fault, and nothing about the member: no
 * status of it may be taken for one.
 */
function passedOn(reply: ProviderReply): ProviderReply {
  const isItsOwn = reply.fault !== null || reply.status === 429 || reply.status >= 500;
  return isItsOwn ? { ...reply, body: "", complete: false } : faulty("wrong-type");
}

function tokensIn(given: TokenEndpointResponse, before: Before | null, askedAtMs: number) {
  const lifetimeMs = (given.expires_in ?? lifetimeSecondsDefault) * 1000;
  const expiresAtMs = askedAtMs + lifetimeMs;
  const tokens: Tokens = {
    access: given.access_token,
    refresh: given.refresh_token ?? before?.refresh ?? null,
    expiresAtMs,
    renewAtMs: expiresAtMs - Math.min(renewAheadMs, lifetimeMs / 2),
    refreshExpiresAtMs: refreshExpiryIn(given, before, askedAtMs),
  };
  const { access_token: _, refresh_token: __, id_token: ___, ...said } = given;
  return { tokens, scope: given.scope ?? null, said };
}

/** No part of RFC 6749, but said by many; of the same token what was said before still holds. */
function refreshExpiryIn(
  given: TokenEndpointResponse,
  before: Before | null,
  askedAtMs: number,
): number | undefined {
  const seconds = given.refresh_token_expires_in;
  if (typeof seconds === "number" && seconds > 0) return askedAtMs + seconds * 1000;
  const isSame = given.refresh_token === undefined || given.refresh_token === before?.refresh;
  return isSame ? before?.refreshExpiresAtMs : undefined;
}
