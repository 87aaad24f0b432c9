/**
 * Signing in at issuers that do not behave: whatever their token endpoint says, nobody is handed
 * anything but a token that every other route would take, and nothing that was brought is logged.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { audience, type Issuer, issuerName, startIssuer } from "../../local/issuer.ts";
import { problem } from "../../workers/edge/problem.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const address = new URL("../../workers/edge/routes/sign-in.ts", import.meta.url).href;
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const { signInRoutes } = (await import(/* @vite-ignore */ address)) as { signInRoutes: any[] };

const origin = "https://edge.example";
const verifier = "v".repeat(43);
const brought = {
  ...{ grant: "code", code: "KanarienCode", verifier, redirectUri: `${origin}/signed-in` },
};
const renewal = { grant: "refresh", refreshToken: "KanarienRefresh" };

let issuer: Issuer;
let strange: Server;
let at: string;
/** What the endpoint does next, and the form that it was sent. */
let says: (response: ServerResponse) => void;
let form: Record<string, string>;
let method: string;
const lines: string[] = [];

async function heard(request: IncomingMessage): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  form = Object.fromEntries(new URLSearchParams(Buffer.concat(pieces).toString()));
  method = `${request.method} ${request.url}`;
}

beforeAll(async () => {
  issuer = await startIssuer();
  strange = createServer((request, response) => {
    heard(request).then(() => says(response));
  });
  await new Promise<void>((done) => strange.listen(0, "127.0.0.1", done));
  at = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await issuer.close();
  strange.closeAllConnections();
  strange.close();
});
beforeEach(() => {
  lines.length = 0;
  form = {};
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
});
afterEach(() => {
  expect(lines.join()).not.toMatch(/Kanarien|vvvv|eyJ/);
  vi.restoreAllMocks();
});

const setting = () => ({
  clientId: "pages",
  scope: "openid",
  authorizationEndpoint: "https://id.example/authorize?tenant=1",
  tokenEndpoint: `${at}/token`,
});

async function ask(method: "get" | "post", body: unknown, more: object = {}) {
  const route = signInRoutes.find((one) => one.method === method);
  const env = {
    ...{ TOKEN_ISSUER: issuerName, TOKEN_AUDIENCE: audience, TOKEN_JWKS_URL: issuer.jwksUrl },
    ...{ PUBLIC_URL: "", SIGN_IN: JSON.stringify(setting()), ...more },
  };
  const shaped = route.body?.safeParse(body);
  const fail = (name: Parameters<typeof problem>[0], extra = {}) => problem(name, "r", extra);
  const request = new Request(`${origin}/v1/sign-in`);
  const answer: Response =
    shaped?.success === false
      ? fail("invalid-request")
      : await route.handle({ env, request, body: shaped?.data, nowMs: Date.now(), fail });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const said = (await answer.json()) as Record<string, string>;
  const type = said.type?.replace("urn:singlet:problem:", "");
  if (type === undefined) expect(route.answers[200].schema.safeParse(said).success).toBe(true);
  else expect([...route.problems, "invalid-request"]).toContain(type);
  return { status: answer.status, type, said };
}

const answers =
  (body: object | string, status = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
const tokenFor = (extra: Record<string, unknown> = {}) =>
  issuer.token("somebody", ["member"], { issuedAtMs: Date.now(), expiresInSeconds: 600, extra });
const bearer = { token_type: "Bearer", expires_in: 600 };

describe("where to sign in", () => {
  it("is said with what the page has to ask for, and nothing of the exchange", async () => {
    const { tokenEndpoint: _, ...shown } = setting();
    const parameters = { audience: "singlet" };
    const SIGN_IN = JSON.stringify({ ...setting(), parameters });
    const { said } = await ask("get", undefined, { SIGN_IN });
    const endSessionEndpoint = null;
    expect(said).toEqual({ issuer: issuerName, ...shown, parameters, endSessionEndpoint });
  });

  it("is nowhere, where the deployment says so", async () => {
    expect((await ask("get", undefined, { SIGN_IN: "" })).type).toBe("not-found");
    expect((await ask("post", brought, { SIGN_IN: "" })).type).toBe("not-found");
  });

  it.each<[string, object]>([
    ["no JSON", {}],
    ["an endpoint without encryption", { tokenEndpoint: "http://id.example/token" }],
    ["an endpoint that is none", { authorizationEndpoint: "/authorize" }],
    ["a script for a page", { endSessionEndpoint: "javascript:alert(1)" }],
    ["a word that it does not know", { clientSecret: "Kanarien" }],
    ["what the page says itself", { parameters: { state: "1" } }],
    ["no name for the pages", { clientId: "" }],
  ])("is our own fault when the setting has %s, and said in the log", async (what, more) => {
    const SIGN_IN = what === "no JSON" ? "{" : JSON.stringify({ ...setting(), ...more });
    for (const method of ["get", "post"] as const)
      await expect(ask(method, brought, { SIGN_IN })).rejects.toThrow("SIGN_IN");
    expect(lines.join()).toContain('"event":"setting"');
  });
});

describe("what is brought", () => {
  it("reaches the issuer as a public client's form, and its token comes back", async () => {
    const access_token = await tokenFor();
    says = answers({ ...bearer, access_token, refresh_token: "KanarienNeu", id_token: "not one" });
    const { said } = await ask("post", brought);
    expect(method).toBe("POST /token");
    expect(form).toEqual({
      ...{ grant_type: "authorization_code", client_id: "pages", code: brought.code },
      ...{ redirect_uri: brought.redirectUri, code_verifier: verifier },
    });
    const { exp } = JSON.parse(Buffer.from(access_token.split(".")[1] ?? "", "base64").toString());
    expect(Date.parse(said.expires ?? "")).toBe(exp * 1000);
    expect(said).toMatchObject({ token: access_token, refreshToken: "KanarienNeu" });
    expect(lines).toEqual([]);
  });

  it("to go on with stays what it was, where the issuer gives no other", async () => {
    says = answers({ ...bearer, access_token: await tokenFor({ exp: 1e12 }) });
    const { said } = await ask("post", renewal);
    expect(form).toMatchObject({ grant_type: "refresh_token", refresh_token: "KanarienRefresh" });
    expect(said).toMatchObject({ refreshToken: "KanarienRefresh" });
    says = answers({ ...bearer, access_token: await tokenFor({ exp: 1e13 }) });
    expect((await ask("post", brought)).said).toMatchObject({ refreshToken: null, expires: null });
  });

  it.each<[string, unknown]>([
    ["for another origin", { ...brought, redirectUri: "https://elsewhere.example/signed-in" }],
    ["for another page", { ...brought, redirectUri: `${origin}/signed-in/` }],
    ["for a longer address", { ...brought, redirectUri: `${origin}/signed-in?next=/` }],
    ["without a verifier", { ...brought, verifier: undefined }],
    ["with a short verifier", { ...brought, verifier: "v".repeat(42) }],
    ["with a verifier that has other signs", { ...brought, verifier: `${"v".repeat(42)}+` }],
    ["with both at once", { ...brought, refreshToken: "x" }],
    ["by another grant", { grant: "password", username: "x", password: "y" }],
    ["with a code beyond all measure", { ...brought, code: "c".repeat(4_097) }],
    ["without anything", {}],
  ])("%s goes nowhere", async (_, body) => {
    says = answers({ ...bearer, access_token: await tokenFor() });
    expect((await ask("post", body)).type).toBe("invalid-request");
    expect(form).toEqual({});
  });

  it("has come back to the public address, wherever the request came to", async () => {
    says = answers({ ...bearer, access_token: await tokenFor() });
    const more = { PUBLIC_URL: "https://singlet.example/" };
    expect((await ask("post", brought, more)).type).toBe("invalid-request");
    const there = { ...brought, redirectUri: "https://singlet.example/signed-in" };
    expect((await ask("post", there, more)).status).toBe(200);
  });
});

describe("a token that is none of ours is handed to nobody", () => {
  it.each<[string, Record<string, unknown>]>([
    ["for another audience", { aud: "another" }],
    ["by another issuer", { iss: "https://elsewhere.example" }],
    ["that is over", { iat: 1_700_000_000, exp: 1_700_000_600 }],
    ["of nobody", { sub: "" }],
  ])("%s", async (_, extra) => {
    says = answers({ ...bearer, access_token: await tokenFor(extra), refresh_token: "Kanarien" });
    const { type, said } = await ask("post", brought);
    expect(type).toBe("unauthenticated");
    expect(JSON.stringify(said)).not.toContain("Kanarien");
    expect(lines.join()).toContain('"reason":"token-refused"');
  });

  it("that cannot be read, though the token beside it could", async () => {
    says = answers({ ...bearer, access_token: "opaque", id_token: await tokenFor() });
    expect((await ask("post", brought)).type).toBe("unauthenticated");
  });

  it("whose keys cannot be had is not judged", async () => {
    says = answers({ ...bearer, access_token: await tokenFor() });
    const TOKEN_JWKS_URL = `${at}/none`;
    const isKeys = says;
    says = (response) => (method === "POST /token" ? isKeys : answers("", 500))(response);
    expect((await ask("post", brought, { TOKEN_JWKS_URL })).type).toBe("unavailable");
  });
});

describe("an issuer that", () => {
  it.each([
    ["invalid_grant", 400, "invalid_grant"],
    ["invalid_client", 401, "invalid_client"],
    ["KanarienWort", 403, "refused"],
  ])("says no (%s) is believed, and the log says why", async (error, status, reason) => {
    const challenge = { "www-authenticate": 'Basic realm="x"' };
    says = answers({ error, error_description: "Kanarien" }, status, challenge);
    expect((await ask("post", brought)).type).toBe("unauthenticated");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { worker: "edge", event: "sign-in", outcome: "unauthenticated", reason },
    ]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["is down", answers({ error: "server_error" }, 503)],
    ["has too much to do", answers({ error: "slow_down" }, 429)],
    ["answers with a page", answers("<html>Kanarien", 200, { "content-type": "text/html" })],
    ["refuses with a page", answers("<html>Kanarien", 403, { "content-type": "text/html" })],
    ["answers with a list", answers([])],
    ["answers with nothing", answers("")],
    ["gives no token", answers({ ...bearer })],
    ["gives a token of another type", answers({ access_token: "x", token_type: "mac" })],
    ["sends elsewhere", answers({}, 307, { location: "http://127.0.0.1:9/" })],
    ["says more than an answer", answers({ ...bearer, access_token: "x".repeat(70_000) })],
    ["hangs up", (response) => void response.destroy()],
  ])("%s is unavailable", async (_, how) => {
    says = how;
    expect((await ask("post", brought)).type).toBe("unavailable");
    expect(lines.join()).toContain('"reason":"no-answer"');
  });
});
