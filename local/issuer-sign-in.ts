/**
 * The local issuer as an OpenID provider (authorization code with S256, RFC 6749 and 7636) for pages
 * of this machine alone: it asks who somebody is, believes it, and gives tokens for it. Codes are kept
 * here; refresh tokens are signed, so that they outlive a restart, and each is good once in a run.
 */
import { createHash, randomUUID } from "node:crypto";
import { audience, clientId, issuerName } from "./issuer-names.ts";
import { cannotPage, rolesOf, signedOutPage, subjectOf, whoPage } from "./issuer-pages.ts";
import { pageHeaders } from "./plain-page.ts";

const codeMs = 60_000;
const codesMax = 1_000;
const tokenSeconds = 600;
const refreshSeconds = 30 * 86_400;
/** Of what only we read: no other door takes it. */
const refreshAudience = `${issuerName}/token`;
const challengeForm = /^[A-Za-z0-9_-]{43}$/;
const backPath = "/signed-in";

/** The issuer's key, and the clock. */
export interface Signing {
  /** `iss`, `iat` and `exp` are added. */
  sign(claims: Readonly<Record<string, unknown>>, expiresInSeconds: number): Promise<string>;
  /** The claims of what was signed here for this audience and holds still; null: of nothing else. */
  read(token: string, audience: string): Promise<Readonly<Record<string, unknown>> | null>;
  nowMs(): number;
}
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Code {
  readonly subject: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scope: string;
  readonly nonce: string | null;
  readonly untilMs: number;
}

const page = (status: number, body: string): Reply => ({ status, headers: pageHeaders, body });
const said = (status: number, body: object): Reply => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});
const refused = (error: string): Reply => said(400, { error });

/** 303: a form that was posted is not posted again there. */
function backTo(address: string, more: Readonly<Record<string, string | null>>): Reply {
  const to = new URL(address);
  for (const [name, value] of Object.entries(more))
    if (value !== null) to.searchParams.set(name, value);
  return { status: 303, headers: { location: to.href, "cache-control": "no-store" }, body: "" };
}

function isOnThisMachine(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password, hash } = new URL(address);
  const isPlain = username + password + hash === "" && /^https?:$/.test(protocol);
  return isPlain && ["127.0.0.1", "localhost"].includes(hostname);
}

export class SignIns {
  readonly #signing: Signing;
  readonly #codes = new Map<string, Code>();
  /** Refresh tokens that were used, by their ids. */
  readonly #spent = new Set<unknown>();

  constructor(signing: Signing) {
    this.#signing = signing;
  }

  /**
   * `isChosen`: somebody said who they are. Where the browser may not be sent back it is told why, and
   * sent nowhere (RFC 6749, section 4.1.2.1).
   */
  authorize(asked: URLSearchParams, isChosen: boolean): Reply {
    const redirectUri = asked.get("redirect_uri") ?? "";
    if (!isOnThisMachine(redirectUri) || !new URL(redirectUri).pathname.endsWith(backPath))
      return page(400, cannotPage(`This is no page on this machine that ends in ${backPath}.`));
    if (asked.get("client_id") !== clientId)
      return page(400, cannotPage(`Only ${clientId} is known here.`));
    const challenge = asked.get("code_challenge") ?? "";
    const isProven = asked.get("code_challenge_method") === "S256" && challengeForm.test(challenge);
    const back = { state: asked.get("state"), iss: issuerName };
    if (asked.get("response_type") !== "code" || !isProven)
      return backTo(redirectUri, { error: "invalid_request", ...back });
    const subject = isChosen ? subjectOf(asked.get("subject") ?? "") : null;
    if (subject === null) return page(isChosen ? 400 : 200, whoPage(asked, isChosen));
    const scope = asked.get("scope") ?? "";
    const nonce = asked.get("nonce");
    const code = this.#keep({ subject, redirectUri, challenge, scope, nonce });
    return backTo(redirectUri, { code, ...back });
  }

  #keep(of: Omit<Code, "untilMs">): string {
    const [oldest] = this.#codes.keys();
    if (this.#codes.size >= codesMax && oldest !== undefined) this.#codes.delete(oldest);
    const code = randomUUID();
    this.#codes.set(code, { ...of, untilMs: this.#signing.nowMs() + codeMs });
    return code;
  }

  async token(form: URLSearchParams): Promise<Reply> {
    if (form.get("client_id") !== clientId) return refused("invalid_client");
    if (form.get("grant_type") === "authorization_code") return this.#exchange(form);
    if (form.get("grant_type") === "refresh_token") return this.#refresh(form);
    return refused("unsupported_grant_type");
  }

  /** Whatever comes of it the code is spent. */
  async #exchange(form: URLSearchParams): Promise<Reply> {
    const name = form.get("code") ?? "";
    const code = this.#codes.get(name);
    this.#codes.delete(name);
    if (code === undefined || code.untilMs <= this.#signing.nowMs())
      return refused("invalid_grant");
    const verifier = form.get("code_verifier") ?? "";
    const isProven = createHash("sha256").update(verifier).digest("base64url") === code.challenge;
    if (!isProven || form.get("redirect_uri") !== code.redirectUri) return refused("invalid_grant");
    return this.#tokens(code);
  }

  async #refresh(form: URLSearchParams): Promise<Reply> {
    const claims = await this.#signing.read(form.get("refresh_token") ?? "", refreshAudience);
    if (claims === null || this.#spent.has(claims.jti)) return refused("invalid_grant");
    this.#spent.add(claims.jti);
    return this.#tokens({ subject: String(claims.sub), scope: String(claims.scope), nonce: null });
  }

  async #tokens({ subject, scope, nonce }: Pick<Code, "subject" | "scope" | "nonce">) {
    const { sign } = this.#signing;
    const scopes = scope.split(" ");
    const roles = rolesOf(subject);
    const refresh = { aud: refreshAudience, sub: subject, scope, jti: randomUUID() };
    const named = { aud: clientId, sub: subject, ...(nonce === null ? {} : { nonce }) };
    return said(200, {
      access_token: await sign({ aud: audience, sub: subject, roles }, tokenSeconds),
      token_type: "Bearer",
      expires_in: tokenSeconds,
      scope,
      ...(scopes.includes("openid") ? { id_token: await sign(named, tokenSeconds) } : {}),
      ...(scopes.includes("offline_access")
        ? { refresh_token: await sign(refresh, refreshSeconds) }
        : {}),
    });
  }

  /** Nobody is signed in here, so there is nothing to end but the way back. */
  endSession(asked: URLSearchParams): Reply {
    const back = asked.get("post_logout_redirect_uri") ?? "";
    if (!isOnThisMachine(back)) return page(200, signedOutPage());
    return backTo(back, { state: asked.get("state") });
  }
}
