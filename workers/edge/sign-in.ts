/**
 * Signing in, for pages that may speak with nobody but us: the edge asks the issuer's token endpoint
 * for them, as a public client (RFC 6749 with proof keys of RFC 7636, by oauth4webapi over a bounded
 * call). Nothing of it is kept or logged, and a token is handed on only where every other route would
 * take it. Whoever gives the code has to know its verifier: the edge adds no right of its own.
 */
import { decodeJwt } from "jose";
import {
  allowInsecureRequests,
  customFetch,
  genericTokenEndpointRequest,
  None,
  processGenericTokenEndpointResponse,
  ResponseBodyError,
  type TokenEndpointRequestOptions,
} from "oauth4webapi";
import * as z from "zod";
import type { Instant } from "../../domain/time.ts";
import { verifyToken } from "../../kernel/token.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { boundedText } from "./bounded-text.ts";
import { rulesOf } from "./caller.ts";
import type { EdgeEnv } from "./env.ts";

const answerWithinMs = 10_000;
const answerBytesMax = 65_536;
const endOfTimeMs = 8.64e15;

/** What the page says for itself, each time anew. */
const pagesOwn = [
  ...["response_type", "client_id", "redirect_uri", "scope", "state", "nonce"],
  ...["code_challenge", "code_challenge_method"],
];
const onThisMachine = ["127.0.0.1", "localhost"];

function isEndpoint(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, hash } = new URL(address);
  if (hash !== "") return false;
  return protocol === "https:" || (protocol === "http:" && onThisMachine.includes(hostname));
}
const endpoint = z.string().refine(isEndpoint);

const settingShape = z.strictObject({
  clientId: z.string().min(1),
  scope: z.string().min(1),
  authorizationEndpoint: endpoint,
  tokenEndpoint: endpoint,
  endSessionEndpoint: endpoint.optional(),
  /** Besides, in the address that the browser is sent to. */
  parameters: z
    .record(z.string(), z.string())
    .refine((of) => pagesOwn.every((name) => !Object.hasOwn(of, name)))
    .default({}),
});
export type SignIn = Readonly<z.output<typeof settingShape>>;

let checked: { readonly text: string; readonly setting: SignIn | null } | null = null;

/** Null: this deployment has none. A setting that is none is our own fault, and throws. */
export function signInOf({ SIGN_IN: text }: Pick<EdgeEnv, "SIGN_IN">): SignIn | null {
  if (text === "") return null;
  if (checked?.text !== text) checked = { text, setting: settingIn(text) };
  if (checked.setting === null) throw new Error("SIGN_IN is not of its form");
  return checked.setting;
}

function settingIn(text: string): SignIn | null {
  try {
    return settingShape.parse(JSON.parse(text));
  } catch {
    logLine({ worker: "edge", event: "setting", outcome: "faulty", reason: "SIGN_IN" });
    return null;
  }
}

/** What the page brings: the code that it was sent back with, or what it was given the last time. */
export type Brought =
  | {
      readonly grant: "code";
      readonly code: string;
      readonly verifier: string;
      readonly redirectUri: string;
    }
  | { readonly grant: "refresh"; readonly refreshToken: string };

export interface Session {
  readonly token: string;
  /** When it ends; null: later than can be said. */
  readonly expiresAtMs: Instant | null;
  /** Null: the issuer gave none. */
  readonly refreshToken: string | null;
}
/** Unauthenticated: the issuer said no, or its token is none of ours. Unavailable: nobody said anything. */
export type NoSession = { readonly failed: "unauthenticated" | "unavailable" };

/**
 *   1. the issuer takes the code, or the refresh token    from here on it is spent: whoever never gets
 *                                                         the answer begins anew
 *   2. its token is held to our own rules                 as on every other route
 */
export async function exchange(
  env: EdgeEnv,
  setting: SignIn,
  brought: Brought,
  nowMs: Instant,
): Promise<Session | NoSession> {
  const given = await askIssuer(setting, brought);
  if ("failed" in given) return given;
  const verdict = await verifyToken(given.token, rulesOf(env), nowMs);
  if (verdict === "unavailable") return noSession("unavailable", "token-keys");
  if (verdict === "refused") return noSession("unauthenticated", "token-refused");
  const expiresAtMs = (decodeJwt(given.token).exp ?? Number.POSITIVE_INFINITY) * 1000;
  return { ...given, expiresAtMs: expiresAtMs <= endOfTimeMs ? expiresAtMs : null };
}

function noSession(failed: NoSession["failed"], reason: string): NoSession {
  logLine({ worker: "edge", event: "sign-in", outcome: failed, reason });
  return { failed };
}

/** Of an issuer that gives no new refresh token the one before goes on (RFC 6749, section 6). */
async function askIssuer(
  { clientId, tokenEndpoint }: SignIn,
  brought: Brought,
): Promise<Pick<Session, "token" | "refreshToken"> | NoSession> {
  const as = { issuer: new URL(tokenEndpoint).origin, token_endpoint: tokenEndpoint };
  const client = { client_id: clientId };
  const options = {
    [customFetch]: post,
    [allowInsecureRequests]: !tokenEndpoint.startsWith("https:"),
  } as TokenEndpointRequestOptions;
  const [grant, form] = formOf(brought);
  try {
    const reply = await genericTokenEndpointRequest(as, client, None(), grant, form, options);
    const said = await processGenericTokenEndpointResponse(as, client, reply);
    const before = brought.grant === "refresh" ? brought.refreshToken : null;
    return { token: said.access_token, refreshToken: said.refresh_token ?? before };
  } catch (error) {
    if (!(error instanceof ResponseBodyError) || error.status === tooMany)
      return noSession("unavailable", "no-answer");
    const reason = refusals.find((name) => name === error.error) ?? "refused";
    // A session that goes on must not end for what a deployment has set up wrongly.
    const isTheirs = brought.grant === "code" || reason === "invalid_grant";
    return noSession(isTheirs ? "unauthenticated" : "unavailable", reason);
  }
}

const tooMany = 429;
/** RFC 6749, section 5.2: words that may stand in a log line. All but the first are the deployment's fault. */
const refusals = [
  ...["invalid_grant", "invalid_request", "invalid_client", "unauthorized_client"],
  ...["unsupported_grant_type", "invalid_scope"],
];

function formOf(brought: Brought): [grant: string, form: Record<string, string>] {
  if (brought.grant === "refresh")
    return ["refresh_token", { refresh_token: brought.refreshToken }];
  const { code, verifier, redirectUri } = brought;
  return ["authorization_code", { code, redirect_uri: redirectUri, code_verifier: verifier }];
}

/** No redirect is followed: the code would go wherever it points. Throws for what is no answer. */
async function post(
  url: string,
  { headers, body }: { readonly headers: Record<string, string>; readonly body: unknown },
): Promise<Response> {
  const signal = AbortSignal.timeout(answerWithinMs);
  const asked = {
    method: "POST",
    headers,
    body: String(body),
    redirect: "manual",
    signal,
  } as const;
  const reply = await fetch(url, asked);
  const said = JSON.parse(await boundedText(reply, answerBytesMax)) as Record<string, unknown>;
  // Who it is says the access token; this one is nobody's to read here.
  delete said.id_token;
  return Response.json(said, { status: reply.status });
}
