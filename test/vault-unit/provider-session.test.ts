/** The page of a provider's own that a member is sent to: whose it is, and what it costs to get. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AppRequest, ProviderReply } from "../../domain/ports.ts";
import type { VaultEnv } from "../../workers/vault/env.ts";
import { type App, askAsApp, askOf } from "../../workers/vault/provider-app.ts";
import { sessionAt } from "../../workers/vault/provider-session.ts";
import { makeWorld } from "./world.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let asked: Asked[];
let serve: (response: ServerResponse, asked: Asked) => void;
let server: ReturnType<typeof createServer>;
let url: string;
beforeEach(async () => {
  asked = [];
  serve = (response) => json(response, 200, {});
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", url: path = "", headers } = request;
    asked.push({ method, path, headers, body });
    serve(response, { method, path, headers, body });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

const page = "https://pages.test/link?token=abc";
const step: AppRequest = { method: "POST", path: "/v2/session", query: {} };
type Next = NonNullable<NonNullable<App["reference"]>["session"]>["next"];
const appHeaders = { "x-app-id": "clientId", "x-app-key": "apiKey" } as const;
const credentials = { clientId: "our-id", apiKey: "key of the app 0123456789" };

const made = (next: Next, more: Partial<App> = {}): App => ({
  name: "made",
  appHeaders,
  reference: { how: "", session: { paths: ["/v2/"], next } },
  ...more,
});
const env = (hosts: object = {}, known: object = credentials): VaultEnv => ({
  ...makeWorld().env,
  PROVIDER_HOSTS: JSON.stringify({
    made: { api: url, pages: ["https://pages.test", url], ...hosts },
  }),
  PROVIDER_CREDENTIALS: JSON.stringify({ made: known }),
});
const sessionOf = (next: Next, hosts: object = {}) =>
  sessionAt(env(hosts), made(next), "reference-1", null);
const bodyOf = (reply: ProviderReply | undefined) => JSON.parse(reply?.body ?? "{}");

describe("a session", () => {
  test("is had step by step, as the provider's file says", async () => {
    serve = (response, { path }) =>
      path === "/v2/user" ? json(response, 400, { user_id: "u7" }) : json(response, 200, { page });
    const seen: unknown[] = [];
    const next: Next = (reference, returnTo, replies) => {
      seen.push([reference, returnTo, replies.length]);
      const [user, link] = replies;
      if (user === undefined) return { ...step, path: "/v2/user", json: { reference } };
      const json = { user: bodyOf(user).user_id, returnTo };
      return link === undefined ? { ...step, json } : { page: bodyOf(link).page };
    };
    expect(await sessionAt(env(), made(next), "word-1", "https://app.test/")).toBe(page);
    expect(seen).toEqual([0, 1, 2].map((n) => ["word-1", "https://app.test/", n]));
    expect(asked).toMatchObject([
      { method: "POST", path: "/v2/user", body: '{"reference":"word-1"}' },
      { path: "/v2/session", body: '{"user":"u7","returnTo":"https://app.test/"}' },
    ]);
    for (const { headers } of asked)
      expect(headers).toMatchObject({ "x-app-id": "our-id", "x-app-key": credentials.apiKey });
  });

  test.each([0, 4])("may cost %i requests", async (requests) => {
    const next: Next = (_, __, { length }) => (length === requests ? { page } : step);
    expect(await sessionOf(next)).toBe(page);
    expect(asked).toHaveLength(requests);
  });

  test("costs no more than four, whatever the provider says", async () => {
    expect(await sessionOf((_, __, { length }) => (length === 5 ? { page } : step))).toBeNull();
    expect(asked).toHaveLength(4);
  });

  test("is none when the provider's file says that it cannot be had", async () => {
    serve = (response) => json(response, 403, {});
    const next: Next = (_, __, [reply]) => (reply?.status === 403 ? null : step);
    expect(await sessionOf(next)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["hangs up", (r) => r.destroy()],
    ["answers in no JSON", (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>")],
    ["leads elsewhere", (r) => r.writeHead(302, { location: page }).end()],
    ["says our key", (r) => json(r, 200, { key: credentials.apiKey })],
  ] as [string, (r: ServerResponse) => void][])("is none where it %s", async (_, fault) => {
    serve = fault;
    expect(await sessionOf((_, __, { length }) => (length === 0 ? step : { page }))).toBeNull();
    expect(asked).toHaveLength(1);
  });

  test.each(["/v1/users", "/v2/../v1/users", "//evil.test/v2/"])(
    "asks for nothing else, though an answer made the path: %s",
    async (path) => {
      const next: Next = (_, __, { length }) => (length === 0 ? step : { ...step, path });
      expect(await sessionOf(next)).toBeNull();
      expect(asked).toHaveLength(1);
    },
  );

  test.each([
    ["has no such page", { reference: { how: "in the app" } }],
    ["names no accounts by a word", { reference: undefined }],
    ["is not known to the deployment", { name: "other" }],
    ["is proven by what the deployment lacks", { appHeaders: { "x-secret": "clientSecret" } }],
  ] as [string, Partial<App>][])("is none of a provider that %s", async (_, more) => {
    const next: Next = (_, __, { length }) => (length === 0 ? step : { page });
    expect(await sessionAt(env(), made(next, more), "reference-1", null)).toBeNull();
    expect(asked).toHaveLength(0);
  });
});

describe("the page that it comes to", () => {
  const of = (address: string, hosts: object = {}) => sessionOf(() => ({ page: address }), hosts);

  test("may lie beside the local API, unencrypted", async () => {
    expect(await of(`${url}/link?token=abc`)).toBe(`${url}/link?token=abc`);
  });

  test.each([
    "https://evil.test/link",
    "https://pages.test.evil.test/",
    "https://pages.test@evil.test/",
    "https://user:secret@pages.test/link",
    "https://pages.test:8443/link",
    "http://pages.test/link",
    "javascript:alert(1)//https://pages.test",
    "data:text/html,x",
    "//pages.test/link",
    "/link",
    "",
    `${page}${"x".repeat(5_000)}`,
  ])("is nobody else's: %s", async (address) => {
    expect(await of(address)).toBeNull();
  });

  test("is none where the deployment lists none, or not unencrypted, though it lists it", async () => {
    expect(await of(page, { pages: undefined })).toBeNull();
    expect(await of(`${url}/link`, { pages: ["https://pages.test"] })).toBeNull();
    expect(await of("http://pages.test/x", { pages: ["http://pages.test"] })).toBeNull();
  });

  test("is on a listed origin, whatever is named", async () => {
    const known = env();
    const listed = fc.webPath().map((path) => `https://pages.test${path}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.webUrl(), fc.string(), listed), async (address) => {
        const got = await sessionAt(
          known,
          made(() => ({ page: address })),
          "reference-1",
          null,
        );
        if (got !== null) expect(["https://pages.test", url]).toContain(new URL(got).origin);
      }),
    );
  });
});

describe("a call in the name of the app", () => {
  const request = { ...step, path: "/v2/webhooks" };
  const subscription = { appPaths: ["/v2/webhooks"] } as unknown as NonNullable<
    App["subscription"]
  >;

  test("is proven by the headers that the provider names, and by no HTTP Basic", async () => {
    const provider: App = { name: "made", appHeaders, subscription };
    const known = { ...credentials, clientSecret: "secret of the app" };
    expect(await askOf(env({}, known), provider, request)).toMatchObject({ status: 200 });
    expect(asked[0]?.headers).toMatchObject({ "x-app-id": "our-id" });
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  test("needs no host of tokens, no page and no link", async () => {
    const known = env({ pages: undefined }, { apiKey: credentials.apiKey });
    const provider = made(() => null, { appHeaders: { "x-app-key": "apiKey" } });
    expect(await askOf(known, provider, step)).toMatchObject({ status: 200 });
  });

  test("may say the app's id again, but not what proves it", async () => {
    const provider: App = { name: "made", appHeaders, subscription };
    serve = (response) => json(response, 200, { app: "our-id" });
    expect(await askOf(env(), provider, request)).toMatchObject({ complete: true });
    serve = (response, { headers }) => json(response, 200, { key: headers["x-app-key"] });
    const shown = await askOf(env(), provider, request);
    expect(shown).toMatchObject({ body: "", complete: false });
    expect(JSON.stringify(shown)).not.toContain(credentials.apiKey);
  });

  test.each([
    ["a header's credential", { clientId: "our-id" }, { appHeaders }],
    ["the secret for HTTP Basic", { clientId: "our-id" }, {}],
    ["a host of tokens", { serviceAccount: { email: "", privateKey: "", scope: "" } }, {}],
  ])("is not made without %s", async (_, known, more) => {
    const provider: App = { name: "made", subscription, ...more };
    expect(await askOf(env({}, known), provider, request)).toBeNull();
    expect(asked).toHaveLength(0);
  });

  test("asks for what its subscription or its sessions need, and for nothing else", async () => {
    const session = { paths: ["/v2/session"], next: () => null };
    const provider: App = { ...made(() => null), subscription, reference: { how: "", session } };
    for (const path of ["/v2/webhooks/7", "/v2/session"])
      expect(await askOf(env(), provider, { ...step, path })).toMatchObject({ status: 200 });
    await expect(askOf(env(), provider, { ...step, path: "/v2/users" })).rejects.toThrow("leaves");
    const { reference: _, subscription: __, ...bare } = provider;
    expect(await askOf(env(), bare, request)).toBeNull();
    expect(await askAsApp(env(), "made", request), "in no list of providers").toBeNull();
    expect(asked).toHaveLength(2);
  });
});
