/**
 * Where a provider sends the member's browser once they have granted access, or have not. Only the
 * browser that began the link ends it here: it carries a cookie that nobody else has. Any other, as
 * that of a phone's app, is sent on with what it brought, for the app to end it with its member's
 * token. Nothing of what was sent is ever said back on a page.
 */
import { AuthorizationResponseError, validateAuthResponse } from "oauth4webapi";
import * as z from "zod";
import { errorClass } from "../../../kernel/wide-event.ts";
import { providerNamed } from "../../../providers/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import {
  authorisationMs,
  type Begun,
  findAuthorisation,
  hashOf,
  newSecret,
  stateCharsMax,
  takeAuthorisation,
} from "../authorisation.ts";
import { type Outcome, outcomeOf, pageOf } from "../link-page.ts";
import { endLink, redirectUriOf } from "../linking.ts";
import { type Call, type Route, route } from "../route.ts";

const params = z.object({ provider: z.string() });
type BackCall = Call<z.output<typeof params>, undefined, undefined>;

const codeCharsMax = 2_048;
const cookieName = "__Host-link";
const cookieFlags = "Path=/; Secure; HttpOnly; SameSite=Lax";
const secretForm = /^[A-Za-z0-9_-]{43}$/;

export const browserCookie = (secret: string): string =>
  `${cookieName}=${secret}; Max-Age=${authorisationMs / 1_000}; ${cookieFlags}`;

/** One that this browser has already stays: it may have begun another link with it. */
export const browserSecret = (request: Request): string => {
  const held = secretOf(request);
  return held !== null && secretForm.test(held) ? held : newSecret();
};

function secretOf(request: Request): string | null {
  const cookies = (request.headers.get("cookie") ?? "").split(/;\s*/);
  const [own, ...others] = cookies.filter((cookie) => cookie.startsWith(`${cookieName}=`));
  if (own === undefined || others.length > 0) return null;
  return own.slice(cookieName.length + 1);
}

/** `allowed`: origins, separated by blanks. */
export function isReturnTo(allowed: string, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, origin, username, password } = new URL(address);
  const isWeb = protocol === "https:" || protocol === "http:";
  return isWeb && username + password === "" && allowed.split(/\s+/).includes(origin);
}

const page = (description: string) => ({ description, type: "text/html" });

export const oauthRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/oauth/:provider/callback",
    tag: "providers",
    access: "public",
    audit: { deed: "connect", by: "handler" },
    summary: "Where a provider sends the browser back to; HEAD looks and changes nothing",
    params,
    answers: {
      200: page("Linked, or to be ended by the app that began it: a page that says so."),
      303: {
        description:
          "To where the link was begun, with `connection`, or `code` and `state` for an app to end " +
          "it with, or `error`.",
      },
      409: page("A page that says why."),
      422: page("A page that says why."),
      429: page("A page that says why."),
      503: page("A page that says why."),
    },
    problems: [
      "not-found",
      "conflict",
      "provider-refused",
      "link-expired",
      "too-many",
      "unavailable",
    ],
    handle: comeBack,
  }),
];

/**
 *   1. the link that was begun is looked up     none: nothing can be said of it but that
 *   2. the provider's answer is checked         a refusal ends the link, if its own browser brings it
 *   3. without the browser's cookie             sent on; the link stays for the app to end
 *   4. with it: linked                          see `endLink`; once the provider may be called the
 *                                               link is used up, whatever comes of it
 */
async function comeBack(call: BackCall): Promise<Response> {
  const provider = providerNamed(call.params.provider);
  if (provider?.link === undefined) return call.fail("not-found");
  const said = new URL(call.request.url).searchParams;
  const state = said.get("state") ?? "";
  const begun =
    state.length > stateCharsMax
      ? null
      : await findAuthorisation(call.ports, provider.name, state, call.nowMs);
  if (begun === null) return pageOf("link-expired");
  const isOwn = call.request.method !== "HEAD" && (await isBrowserOf(call.request, begun));
  const code = await codeOf(call, provider, said, state);
  if (!isOwn)
    return typeof code === "string" ? sentOn(begun, code, state) : told(begun, code.failed);
  const outcome = await ended(call, provider, begun, code, state);
  return typeof outcome === "string" ? told(begun, outcome) : linkedAs(begun, outcome.id);
}

async function isBrowserOf(request: Request, begun: Begun): Promise<boolean> {
  const secret = secretOf(request);
  return secret !== null && (await hashOf(secret)) === begun.browser;
}

type Refused = { readonly failed: "denied" | "provider-refused" };

/** The code, if this is the answer of whom the browser was sent to (RFC 6749, 4.1.2; RFC 9207). */
async function codeOf(
  call: BackCall,
  provider: Provider,
  said: URLSearchParams,
  state: string,
): Promise<string | Refused> {
  const redirectUri = redirectUriOf(call.env, call.request, provider);
  const asked = await call.ports.connect.begin(provider.name, state, redirectUri);
  if (asked === null) return { failed: "provider-refused" };
  const { origin, searchParams } = new URL(asked);
  const client = { client_id: searchParams.get("client_id") ?? provider.name };
  try {
    validateAuthResponse({ issuer: issuerAt(origin, said.get("iss")) }, client, said, state);
  } catch (error) {
    const isDenied = error instanceof AuthorizationResponseError && error.error === "access_denied";
    return { failed: isDenied ? "denied" : "provider-refused" };
  }
  const codes = said.getAll("code");
  const [code = ""] = codes;
  if (codes.length !== 1 || code === "" || code.length > codeCharsMax)
    return { failed: "provider-refused" };
  return code;
}

/** Whoever gives grants at an origin may call itself by any address there; by none elsewhere. */
const issuerAt = (origin: string, said: string | null): string =>
  said !== null && URL.canParse(said) && new URL(said).origin === origin ? said : origin;

/** What came of it, by the browser that began it. */
async function ended(
  call: BackCall,
  provider: Provider,
  { member, browser }: Begun,
  code: string | Refused,
  state: string,
): Promise<{ readonly id: string } | Outcome> {
  const { ports, env, requestId, nowMs } = call;
  if (typeof code !== "string") {
    await takeAuthorisation(ports, provider.name, state, { browser }, nowMs);
    return code.failed;
  }
  const redirectUri = redirectUriOf(env, call.request, provider);
  const linking = { ports, requestId, nowMs, member, provider, code, state, redirectUri };
  try {
    const linked = await endLink(linking, { browser }, () => ports.log.beginLink(member));
    return "failed" in linked ? outcomeOf(linked.failed) : linked;
  } catch (error) {
    // A browser is told so in words; what happened stands in the log of who looked as failed.
    if (errorClass(error) === "Unavailable") return "unavailable";
    throw error;
  }
}

const told = async ({ returnTo }: Begun, outcome: Outcome): Promise<Response> =>
  returnTo === null ? pageOf(outcome) : backTo(returnTo, { error: outcome });

const linkedAs = async ({ returnTo }: Begun, connection: string): Promise<Response> =>
  returnTo === null ? pageOf("linked") : backTo(returnTo, { connection });

/** Without an address to go to the app finds both in the address of this page. */
const sentOn = async ({ returnTo }: Begun, code: string, state: string): Promise<Response> =>
  returnTo === null ? pageOf("finish") : backTo(returnTo, { code, state });

function backTo(returnTo: string, said: Readonly<Record<string, string>>): Response {
  const address = new URL(returnTo);
  for (const [name, value] of Object.entries(said)) address.searchParams.set(name, value);
  return new Response(null, {
    status: 303,
    headers: { location: address.href, "cache-control": "no-store" },
  });
}
