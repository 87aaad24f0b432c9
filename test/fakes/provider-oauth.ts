/**
 * The fake provider as an OAuth 2 server (RFC 6749, 7636, 7009): consents at once for the account
 * that the driver names, binds a code to its client, its redirect and its challenge, takes it once,
 * rotates refresh tokens, and knows which grants have ended. One for all providers: a code belongs
 * to the client that asked for it, and the token path says whose tokens come of it (provider-tokens.ts).
 */
import { randomUUID } from "node:crypto";
import { type Answer, type Asked, answer, formOf } from "./provider-answer.ts";
import type { FakedProvider } from "./provider-data.ts";
import { type Claims, challengeOf, seal, unseal } from "./provider-keys.ts";
import { askedAt, isTokenPath, mannerOf } from "./provider-tokens.ts";

/** How tokens are given; may be changed at any time. */
export interface TokenHabits {
  tokenSeconds: number;
  /** A used refresh token works once more, for whoever never got the answer. */
  graceRefresh: boolean;
}

const codeMs = 600_000;
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const grantOf = ({ provider, account }: Pick<Claims, "provider" | "account">) =>
  JSON.stringify([provider, account]);
const isBasic = /^Basic (\S+)$/i;

export class Grants {
  readonly habits: TokenHabits;
  /** Every access and refresh token that was ever issued, spent ones included. */
  readonly everyToken: string[] = [];
  readonly #secret: string;
  /** How often each code and refresh token was taken, by its id. */
  readonly #taken = new Map<string, number>();
  readonly #refreshes = new Map<string, number>();
  /** What members let through at most, of what is asked for. */
  readonly #allowed = new Map<string, readonly string[]>();
  /** Those of which the access token lives on: until when, and at which count of what was issued. */
  readonly #renewed = new Map<string, { readonly untilMs: number; readonly at: number }>();
  /** Grants that ended: none of what was issued up to then opens anything. */
  readonly #ended = new Map<string, number>();
  #expiredUpTo = 0;
  #issued = 0;

  constructor(secret: string, habits: TokenHabits) {
    this.#secret = secret;
    this.habits = habits;
  }

  /** The page where a member grants; `account` and `deny` are the driver's, no provider has them. */
  authorise(url: URL): Answer {
    const { searchParams: query } = url;
    const account = query.get("account");
    const client = query.get("client_id");
    const redirectUri = query.get("redirect_uri");
    if (account === null || client === null || redirectUri === null || !URL.canParse(redirectUri))
      return answer(400, "Who are you? Add account=… to this address.");
    const back = new URL(redirectUri);
    const state = query.get("state");
    if (state !== null) back.searchParams.set("state", state);
    const challenge = query.get("code_challenge");
    const isPlain = challenge !== null && query.get("code_challenge_method") !== "S256";
    if (query.get("response_type") !== "code" || isPlain)
      back.searchParams.set("error", "invalid_request");
    else if (query.get("deny") === "1") back.searchParams.set("error", "access_denied");
    else {
      const offline = query.get("access_type") === "offline";
      const terms = { redirectUri, challenge, offline };
      const scope = this.#granted(account, query.get("scope") ?? "");
      const code = this.#seal({ use: "code", provider: null, client, account, scope, terms });
      back.searchParams.set("code", code);
    }
    return { ...answer(302, ""), headers: { location: back.href } };
  }

  #granted(account: string, scope: string): string {
    const allowed = this.#allowed.get(account);
    const asked = scope.split(" ").filter((one) => one !== "");
    return asked.filter((one) => allowed?.includes(one) ?? true).join(" ");
  }

  /** At most these scopes, from the next consent on. */
  allow(account: string, scopes: readonly string[]): void {
    this.#allowed.set(account, scopes);
  }

  /** Tokens without the member's browser: for tests of what comes after. */
  issue(provider: FakedProvider, account: string, client: string | null = null) {
    const { access_token: access, refresh_token: refresh } = this.#tokens(
      { use: "refresh", provider, client, account, id: "", untilMs: 0, scope: "" },
      true,
    );
    return { access, refresh: refresh ?? "" };
  }

  token(asked: Asked): Answer {
    const form = formOf(asked);
    if (asked.body === null) return answer(413, { error: "invalid_request" });
    const grant = form.get("grant_type");
    if (grant === jwtBearer) return this.#serviceAccount(form.get("assertion") ?? "");
    const client = clientOf(asked.authorization, form);
    const provider = askedAt(asked.url.pathname, client ?? "");
    const said = this.#asked(asked, form, client, provider);
    return mannerOf(provider).words?.(said, grant === "refresh_token") ?? said;
  }

  #asked(
    { authorization }: Asked,
    form: URLSearchParams,
    client: string | null,
    provider: FakedProvider | null,
  ): Answer {
    const { basicOnly, form: demanded = {} } = mannerOf(provider);
    if (client === null || (basicOnly && !isBasic.test(authorization)))
      return answer(401, { error: "invalid_client" });
    if (Object.entries(demanded).some(([name, value]) => form.get(name) !== value))
      return answer(400, { error: "invalid_request" });
    const grant = form.get("grant_type");
    if (grant === "authorization_code") return this.#exchange(form, client, provider);
    if (grant === "refresh_token") return this.#refresh(form, client, provider);
    return answer(400, { error: "unsupported_grant_type" });
  }

  #exchange(form: URLSearchParams, client: string, provider: FakedProvider | null): Answer {
    const given = unseal(form.get("code") ?? "", "code", this.#secret);
    const terms = given?.terms;
    if (given?.client !== client || terms === undefined || given.untilMs < Date.now())
      return answer(400, { error: "invalid_grant" });
    const verifier = form.get("code_verifier");
    const isProven = terms.challenge === (verifier === null ? null : challengeOf(verifier));
    if (terms.redirectUri !== form.get("redirect_uri") || !isProven || !this.#take(given.id, 1))
      return answer(400, { error: "invalid_grant" });
    const offline = provider !== "google-health" || terms.offline;
    return answer(200, this.#tokens({ ...given, provider, client }, offline));
  }

  #refresh(form: URLSearchParams, client: string, provider: FakedProvider | null): Answer {
    const given = unseal(form.get("refresh_token") ?? "", "refresh", this.#secret);
    if (given === null || given.provider !== provider || ![null, client].includes(given.client))
      return answer(400, { error: "invalid_grant" });
    if (this.#hasEnded(given)) return answer(400, { error: "invalid_grant" });
    if (mannerOf(provider).renewsInPlace) return this.#renew(given);
    if (!this.#take(given.id, this.habits.graceRefresh ? 2 : 1))
      return answer(400, { error: "invalid_grant" });
    this.#refreshes.set(given.account, this.refreshes(given.account) + 1);
    return answer(200, this.#tokens(given, true));
  }

  #renew(given: Claims): Answer {
    this.#refreshes.set(given.account, this.refreshes(given.account) + 1);
    const untilMs = Date.now() + this.habits.tokenSeconds * 1000;
    this.#renewed.set(grantOf(given), { untilMs, at: this.#issued });
    return answer(200, {});
  }

  /** False: it was taken often enough. */
  #take(id: string, times: number): boolean {
    const taken = this.#taken.get(id) ?? 0;
    this.#taken.set(id, taken + 1);
    return taken < times;
  }

  #tokens({ provider, client, account, scope }: Claims, withRefresh: boolean) {
    const make = (use: Claims["use"]) => {
      const token = this.#seal({ use, provider, client, account, scope });
      this.everyToken.push(token);
      return token;
    };
    const { noRefresh, says } = mannerOf(provider);
    return {
      access_token: make("access"),
      ...(withRefresh && !noRefresh ? { refresh_token: make("refresh") } : {}),
      expires_in: this.habits.tokenSeconds,
      token_type: "Bearer",
      ...says(account, scope),
    };
  }

  #seal(of: Omit<Claims, "id" | "untilMs">): string {
    const id = `${this.#issued++}-${randomUUID()}`;
    const livesMs = of.use === "code" ? codeMs : this.habits.tokenSeconds * 1000;
    return seal({ ...of, id, untilMs: Date.now() + livesMs }, this.#secret);
  }

  /** RFC 7523. Whose key signed it is not looked at: the fake knows nobody's. */
  #serviceAccount(assertion: string): Answer {
    const claims = assertion.split(".")[1] ?? "";
    const { iss, scope } = JSON.parse(Buffer.from(claims, "base64url").toString() || "{}");
    if (typeof iss !== "string" || typeof scope !== "string")
      return answer(400, { error: "invalid_grant" });
    const app = this.#seal({ use: "app", provider: null, client: null, account: iss, scope });
    this.everyToken.push(app);
    const expires_in = this.habits.tokenSeconds;
    return answer(200, { access_token: app, expires_in, token_type: "Bearer" });
  }

  isApp(authorization: string): boolean {
    const claims = unseal(bearerOf(authorization), "app", this.#secret);
    return claims !== null && claims.untilMs > Date.now();
  }

  /** As RFC 7009 and Google: the token itself, of whatever use. */
  revoke(asked: Asked): Answer {
    const token = formOf(asked).get("token") ?? "";
    const given = unseal(token, "refresh", this.#secret) ?? unseal(token, "access", this.#secret);
    if (given === null || this.#hasEnded(given)) return answer(400, { error: "invalid_token" });
    this.#ended.set(grantOf(given), this.#issued);
    return answer(200, {});
  }

  /** Whose token this is, and whether it opens anything now; null: it opens nothing. */
  accountOf(authorization: string, provider: FakedProvider): string | null {
    const claims = unseal(bearerOf(authorization), "access", this.#secret);
    if (claims?.provider !== provider || this.#hasEnded(claims)) return null;
    const renewed = this.#renewed.get(grantOf(claims));
    const at = Math.max(Number.parseInt(claims.id, 10), renewed?.at ?? 0);
    if (at < this.#expiredUpTo) return null;
    return Math.max(claims.untilMs, renewed?.untilMs ?? 0) > Date.now() ? claims.account : null;
  }

  /** Whom a request is about, whether or not it is let in. */
  about(asked: Asked): string | null {
    if (!isTokenPath(asked.url.pathname))
      return unseal(bearerOf(asked.authorization), "access", this.#secret)?.account ?? null;
    const form = formOf(asked);
    const refresh = unseal(form.get("refresh_token") ?? "", "refresh", this.#secret);
    return (refresh ?? unseal(form.get("code") ?? "", "code", this.#secret))?.account ?? null;
  }

  refreshes(account: string): number {
    return this.#refreshes.get(account) ?? 0;
  }

  expireAccessTokens(): void {
    this.#expiredUpTo = this.#issued;
  }

  end(provider: FakedProvider, account: string): void {
    this.#ended.set(grantOf({ provider, account }), this.#issued);
  }

  has(provider: FakedProvider, account: string): boolean {
    return !this.#ended.has(grantOf({ provider, account }));
  }

  #hasEnded(claims: Claims): boolean {
    return Number.parseInt(claims.id, 10) < (this.#ended.get(grantOf(claims)) ?? 0);
  }
}

const bearerOf = (authorization: string) => authorization.replace(/^Bearer /i, "");

/** client_secret_basic and client_secret_post (RFC 6749, section 2.3.1); null: neither. */
function clientOf(authorization: string, form: URLSearchParams): string | null {
  const [, basic] = isBasic.exec(authorization) ?? [];
  if (basic === undefined) return form.get("client_id");
  const [id = ""] = Buffer.from(basic, "base64").toString().split(":");
  return decodeURIComponent(id.replaceAll("+", " ")) || null;
}
