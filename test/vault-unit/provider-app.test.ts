/** Calls in the name of the app itself: by which proof, to which paths, and what of it is shown. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { importSPKI, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { VaultEnv } from "../../workers/vault/env.ts";
import { askAsApp } from "../../workers/vault/provider-app.ts";
import { makeWorld } from "./world.ts";

const name = "google-health";
const keys = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const path = "/v4/projects/7/subscribers";
const look = { method: "GET", path, query: { pageSize: "9" } } as const;
const set = { method: "PATCH", path: `${path}/s`, query: {}, json: { x: 1 } } as const;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly type: string;
  readonly body: string;
}
type Serve = (asked: Asked, response: ServerResponse) => void;

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

let asked: Asked[];
let tokens: string[];
let onToken: Serve;
let onCall: Serve;
let server: ReturnType<typeof createServer>;
let url: string;
/** Tokens are remembered by account: another one for each test. */
let email: string;
beforeEach(async () => {
  [asked, tokens, email] = [[], [], `${randomUUID()}@app.test`];
  onToken = (_, response) => {
    tokens.push(`app-token-${tokens.length}-${randomUUID()}`);
    json(response, 200, { access_token: tokens.at(-1), expires_in: 3600, token_type: "Bearer" });
  };
  onCall = ({ authorization }, response) =>
    json(response, authorization === `Bearer ${tokens.at(-1)}` ? 200 : 401, { found: [] });
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", headers } = request;
    const { authorization = "", "content-type": type = "" } = headers;
    const one = { method, url: request.url ?? "", authorization, type, body };
    asked.push(one);
    (one.url === "/token" ? onToken : onCall)(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const client = { clientId: "id:1", clientSecret: "secret of the app" };
const env = (credentials: object | null): VaultEnv => ({
  ...makeWorld().env,
  PROVIDER_HOSTS: JSON.stringify({ [name]: { api: url, token: url } }),
  PROVIDER_CREDENTIALS: JSON.stringify(credentials === null ? {} : { [name]: credentials }),
});
const scope = "https://scope.test/app";
const account = (more: object = {}) =>
  env({ ...client, serviceAccount: { email, privateKey: keys.privateKey, scope, ...more } });
const calls = () => asked.filter((one) => one.url !== "/token");

describe("by a service account", () => {
  test("it shows a signed assertion and calls with what it gets for it", async () => {
    expect(await askAsApp(account(), name, look)).toMatchObject({ status: 200, complete: true });
    const form = new URLSearchParams(asked[0]?.body);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const key = await importSPKI(keys.publicKey, "RS256");
    const { payload } = await jwtVerify(form.get("assertion") ?? "", key);
    expect(payload).toMatchObject({ iss: email, aud: `${url}/token`, scope });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    expect(calls()).toMatchObject([{ method: "GET", url: `${path}?pageSize=9`, body: "" }]);
  });

  test("it says what is to be set, as JSON", async () => {
    await askAsApp(account(), name, set);
    expect(calls()).toMatchObject([
      { method: "PATCH", url: `${path}/s`, type: "application/json", body: '{"x":1}' },
    ]);
  });

  test("its token is kept until a minute before it ends", async () => {
    const app = account();
    await askAsApp(app, name, look);
    await askAsApp(app, name, look);
    expect(tokens).toHaveLength(1);
    const nowMs = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(nowMs + 3_600_000 - 59_000);
    expect(await askAsApp(app, name, look)).toMatchObject({ status: 200 });
    expect(tokens).toHaveLength(2);
  });

  test("a token that is taken no more is got anew, once", async () => {
    const app = account();
    await askAsApp(app, name, look);
    tokens.push("the old one is void");
    expect(await askAsApp(app, name, look)).toMatchObject({ status: 200 });
    expect(calls()).toHaveLength(3);
    onCall = (_, response) => json(response, 401, {});
    expect(await askAsApp(app, name, look)).toMatchObject({ status: 401 });
    expect(calls()).toHaveLength(5);
  });

  test.each([
    ["is down", 503, { status: 503 }],
    ["is busy", 429, { status: 429 }],
    ["knows no such account", 400, { status: 0, fault: "wrong-type" }],
    ["gives nothing", 200, { status: 0, fault: "wrong-type" }],
  ])("where the host of tokens %s, nothing is called", async (_, status, reply) => {
    onToken = (one, response) => json(response, status, { asked: one.body });
    expect(await askAsApp(account(), name, look)).toMatchObject({
      ...reply,
      complete: false,
      body: "",
    });
    expect(calls()).toHaveLength(0);
  });

  test("its assertion never goes unencrypted to another host", async () => {
    const app = account({ tokenUrl: "http://elsewhere.test/token" });
    await expect(askAsApp(app, name, look)).rejects.toThrow("not encrypted");
    expect(asked).toHaveLength(0);
  });
});

describe("without one", () => {
  test("it proves itself by its own id and secret", async () => {
    onCall = (_, response) => json(response, 200, {});
    expect(await askAsApp(env(client), name, look)).toMatchObject({ status: 200 });
    const [, basic = ""] = (asked[0]?.authorization ?? "").split("Basic ");
    expect(Buffer.from(basic, "base64").toString()).toBe("id%3A1:secret%20of%20the%20app");
    expect(tokens).toHaveLength(0);
  });

  test.each([
    ["of a provider that needs none", "garmin", client],
    ["of a provider that is not known", "nobody", client],
    ["without credentials", name, null],
  ])("no call is made %s", async (_, provider, credentials) => {
    expect(await askAsApp(env(credentials), provider, look)).toBeNull();
    expect(asked).toHaveLength(0);
  });
});

test.each(["/v4/users/me/identity", "/v4/projects/../users/me", "//evil.test/v4/projects/"])(
  "no other path is asked for: %s",
  async (other) => {
    await expect(askAsApp(account(), name, { ...look, path: other })).rejects.toThrow("leaves");
    expect(asked).toHaveLength(0);
  },
);

test("nothing that proves it comes back, whatever the provider repeats", async () => {
  onCall = ({ authorization }, response) => json(response, 200, { authorization });
  for (const app of [account(), env(client)]) {
    const reply = await askAsApp(app, name, look);
    expect(reply).toMatchObject({ body: "", complete: false });
    const said = JSON.stringify(reply);
    for (const secret of [...tokens, client.clientSecret]) expect(said).not.toContain(secret);
  }
});
