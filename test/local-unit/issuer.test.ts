/** The local issuer as an OpenID provider: who may be signed in, where to, for how long, how often. */
import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audience, type Issuer, issuerName, startIssuer } from "../../local/issuer.ts";
import { clientId } from "../../local/issuer-names.ts";

let issuer: Issuer;
const clock = { nowMs: 0 };
beforeAll(async () => {
  issuer = await startIssuer({ nowMs: () => clock.nowMs });
});
afterAll(() => issuer.close());
beforeEach(() => {
  clock.nowMs = Date.UTC(2026, 10, 22);
});

const back = "http://localhost:8787/signed-in";
const verifier = "v".repeat(43);
const asked = {
  response_type: "code",
  client_id: clientId,
  redirect_uri: back,
  scope: "openid offline_access",
  state: "st",
  nonce: "n",
  code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  code_challenge_method: "S256",
};
type Form = Readonly<Record<string, string>>;
const look = (form: Form = asked) =>
  fetch(`${issuer.url}/authorize?${new URLSearchParams(form)}`, { redirect: "manual" });
const choose = (subject: string, more: Form = {}) =>
  fetch(`${issuer.url}/authorize`, {
    method: "POST",
    body: new URLSearchParams({ ...asked, ...more, subject }),
    redirect: "manual",
  });
const sentTo = (answer: Response) => {
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get("location") ?? "");
};
const codeFor = async (subject: string) =>
  sentTo(await choose(subject)).searchParams.get("code") ?? "";
interface Given {
  readonly status: number;
  readonly error?: string;
  readonly access_token?: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
}
async function token(form: Form, at = issuer): Promise<Given> {
  const body = new URLSearchParams({ client_id: clientId, ...form });
  const answer = await fetch(`${at.url}/token`, { method: "POST", body });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  return { status: answer.status, ...((await answer.json()) as object) };
}
const exchanged = (code: string, more: Form = {}) =>
  token({
    ...{ grant_type: "authorization_code", code, redirect_uri: back, code_verifier: verifier },
    ...more,
  });
const refreshed = (refresh_token = "", at = issuer) =>
  token({ grant_type: "refresh_token", refresh_token }, at);
const claimsOf = async (jwt = "", of = audience) => {
  const held = { issuer: issuerName, audience: of, currentDate: new Date(clock.nowMs) };
  return (await jwtVerify(jwt, createRemoteJWKSet(new URL(issuer.jwksUrl)), held)).payload;
};
const refusal = { status: 400, error: "invalid_grant" };

it("is found by its configuration, and does what that says", async () => {
  const found = await fetch(`${issuer.url}/.well-known/openid-configuration`);
  expect(await found.json()).toMatchObject({
    issuer: issuerName,
    authorization_endpoint: `${issuer.url}/authorize`,
    token_endpoint: `${issuer.url}/token`,
    end_session_endpoint: `${issuer.url}/end-session`,
    jwks_uri: issuer.jwksUrl,
    code_challenge_methods_supported: ["S256"],
  });
});

describe("somebody at a browser", () => {
  it("is asked who they are on a page that runs nothing and carries what was asked", async () => {
    const page = await look({ ...asked, state: `"><script>` });
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const text = await page.text();
    const offered = [...text.matchAll(/<button name="subject" value="(\w+)"/g)].map(([, s]) => s);
    expect(offered).toEqual([
      ...["ada", "ben", "cleo", "coach", "operator", "auditor"],
      ...["artist", "label", "merchandiser", "finance", "scientist"],
    ]);
    expect(text).toContain('<label for="subject">');
    expect(text).toContain("&quot;&gt;&lt;script&gt;");
    expect(text).not.toContain("<script");
  });

  it.each([
    ["ada", "ada", ["member"]],
    ["auditor", "auditor", ["auditor"]],
    ["  Dörte  van Dam ", "dörte van dam", ["member"]],
    ["Operator", "operator", ["operator"]],
  ])("as %j is %s", async (typed, sub, roles) => {
    const to = sentTo(await choose(typed));
    expect(to.origin + to.pathname).toBe(back);
    expect(to.searchParams.get("state")).toBe("st");
    expect(to.searchParams.get("iss")).toBe(issuerName);
    const given = await exchanged(to.searchParams.get("code") ?? "");
    const iat = clock.nowMs / 1000;
    expect(await claimsOf(given.access_token)).toEqual({
      ...{ iss: issuerName, aud: audience, sub, roles, iat, exp: iat + 600 },
    });
    expect(await claimsOf(given.id_token, clientId)).toMatchObject({ sub, nonce: "n" });
  });

  it.each(["", " ", "<b>", "a/b", "x".repeat(65)])(
    "is nobody by %j, and asked again",
    async (name) => {
      const page = await choose(name);
      expect(page.status).toBe(400);
      expect(await page.text()).toContain('role="alert"');
    },
  );

  it.each([
    "https://elsewhere.example/signed-in",
    "http://127.0.0.1.elsewhere.example/signed-in",
    "http://user@localhost/signed-in",
    "http://localhost:8787/other",
    "http://localhost:8787/other#/signed-in",
    "javascript:alert(1)//signed-in",
    "/signed-in",
    "",
  ])("is sent nowhere but to a page on this machine: %j", async (redirect_uri) => {
    for (const answer of [
      await look({ ...asked, redirect_uri }),
      await choose("ada", { redirect_uri }),
    ])
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  it.each<[string, Form]>([
    ["without a proof key", { code_challenge: "" }],
    ["with a plain one", { code_challenge_method: "plain" }],
    ["for a token at once", { response_type: "token" }],
  ])("is sent back %s", async (_, more) => {
    const to = sentTo(await choose("ada", more));
    expect(to.searchParams.get("error")).toBe("invalid_request");
    expect(to.searchParams.get("code")).toBeNull();
  });

  it("of another client is not asked at all", async () => {
    expect((await look({ ...asked, client_id: "another" })).status).toBe(400);
  });

  it("who signs out comes back, or is told so", async () => {
    const leave = (to: string) =>
      fetch(
        `${issuer.url}/end-session?${new URLSearchParams({ post_logout_redirect_uri: to, state: "s" })}`,
        { redirect: "manual" },
      );
    expect(sentTo(await leave("http://localhost:8787/")).href).toBe(
      "http://localhost:8787/?state=s",
    );
    expect((await leave("https://elsewhere.example/")).status).toBe(200);
  });
});

describe("a code", () => {
  it.each<[string, Form]>([
    ["another verifier", { code_verifier: "w".repeat(43) }],
    ["no verifier", { code_verifier: "" }],
    ["another page", { redirect_uri: "http://127.0.0.1:8787/signed-in" }],
  ])("brought with %s is worth nothing, then or later", async (_, more) => {
    const code = await codeFor("ada");
    expect(await exchanged(code, more)).toEqual(refusal);
    expect(await exchanged(code)).toEqual(refusal);
  });

  it("is good once, for a minute", async () => {
    const [first, second, third] = [
      await codeFor("ada"),
      await codeFor("ada"),
      await codeFor("ada"),
    ];
    expect((await exchanged(first)).status).toBe(200);
    expect(await exchanged(first)).toEqual(refusal);
    clock.nowMs += 59_999;
    expect((await exchanged(second)).status).toBe(200);
    clock.nowMs += 1;
    expect(await exchanged(third)).toEqual(refusal);
  });
});

describe("a refresh token", () => {
  it("is given where it was asked for, and replaced with each use", async () => {
    const first = await exchanged(await codeFor("ben"));
    clock.nowMs += 29 * 86_400_000;
    const second = await refreshed(first.refresh_token);
    expect(await claimsOf(second.access_token)).toMatchObject({ sub: "ben", roles: ["member"] });
    expect(await refreshed(first.refresh_token)).toEqual(refusal);
    expect((await refreshed(second.refresh_token)).status).toBe(200);
    const to = sentTo(await choose("ben", { scope: "openid" }));
    const without = await exchanged(to.searchParams.get("code") ?? "");
    expect([without.status, without.refresh_token]).toEqual([200, undefined]);
  });

  it("lasts thirty days, over a restart, and is no token for anything else", async () => {
    const { refresh_token, access_token } = await exchanged(await codeFor("ben"));
    await expect(claimsOf(refresh_token)).rejects.toThrow('"aud"');
    expect(await refreshed(access_token)).toEqual(refusal);
    const { privateJwk } = issuer;
    const again = await startIssuer({ privateJwk, nowMs: () => clock.nowMs });
    clock.nowMs += 30 * 86_400_000 - 1_000;
    expect((await refreshed(refresh_token, again)).status).toBe(200);
    await again.close();
    clock.nowMs += 1_000;
    expect(await refreshed(refresh_token)).toEqual(refusal);
  });
});
