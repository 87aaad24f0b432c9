/** Calls in the app's own name that prove it by parameters: of the query, or of the form. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Credential } from "../../providers/link.ts";
import type { VaultEnv } from "../../workers/vault/env.ts";
import { type App, askOf } from "../../workers/vault/provider-app.ts";
import { type Fault, instead, startTokenHost, status, type TokenHost } from "./token-host.ts";
import { makeWorld } from "./world.ts";

const path = "/api/v3/push_subscriptions";
const credentials = { clientId: "7", clientSecret: "secret of/the app+" };
const appParameters = { client_id: "clientId", client_secret: "clientSecret" } as const;
const inForm = "client_id=7&client_secret=secret+of%2Fthe+app%2B";

let host: TokenHost;
beforeEach(async () => {
  host = await startTokenHost();
});
afterEach(() => host.close());

const env = (known: object = credentials): VaultEnv => ({
  ...makeWorld().env,
  PROVIDER_HOSTS: JSON.stringify({ made: { api: host.url } }),
  PROVIDER_CREDENTIALS: JSON.stringify({ made: known }),
});
const app = (more: { appHeaders?: Record<string, Credential> } = {}): App => ({
  name: "made",
  subscription: { appPaths: [path] } as unknown as NonNullable<App["subscription"]>,
  appParameters,
  ...more,
});
const answers = (fault: Fault = status(200, [])) => host.page.push(instead(fault));

describe("what proves the app", () => {
  test.each(["GET", "DELETE"] as const)("stands in the query of a %s", async (method) => {
    answers();
    const request = { method, path, query: { per: "a b", client_secret: "theirs" } };
    expect(await askOf(env(), app(), request)).toMatchObject({ status: 200, body: "[]" });
    expect(host.asked).toMatchObject([{ method, path, body: "", authorization: "" }]);
    expect(Object.fromEntries(new URLSearchParams(host.asked[0]?.query))).toEqual({
      per: "a b",
      client_id: "7",
      client_secret: credentials.clientSecret,
    });
  });

  test("stands in the form of a POST, after what is asked, and in no address", async () => {
    answers(status(201, { id: 1 }));
    const form = { callback_url: "https://app.test/w/key", client_id: "theirs" };
    const request = { method: "POST", path, query: { v: "1" }, form } as const;
    expect(await askOf(env(), app(), request)).toMatchObject({ status: 201 });
    expect(host.asked).toMatchObject([
      {
        method: "POST",
        query: "?v=1",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        form: new URLSearchParams({ ...form, client_id: "7", ...secret }),
      },
    ]);
    expect(host.asked[0]?.body).toBe(
      "callback_url=https%3A%2F%2Fapp.test%2Fw%2Fkey&client_id=7&client_secret=secret+of%2Fthe+app%2B",
    );
  });
  const secret = { client_secret: credentials.clientSecret };

  test("is all of the form of a POST that has none", async () => {
    answers();
    await askOf(env(), app(), { method: "POST", path, query: {} });
    expect(host.asked).toMatchObject([{ query: "", body: inForm }]);
  });

  test.each(["POST", "PUT", "PATCH"] as const)("has no place in JSON by %s", async (method) => {
    const request = { method, path, query: {}, json: {} };
    await expect(askOf(env(), app(), request)).rejects.toThrow("not both");
    expect(host.asked).toHaveLength(0);
  });

  test("may be headers as well", async () => {
    answers();
    const both = app({ appHeaders: { "x-app-key": "apiKey" } });
    const known = { ...credentials, apiKey: "key of the app" };
    await askOf(env(known), both, { method: "POST", path, query: {} });
    expect(host.asked[0]?.headers["x-app-key"]).toBe("key of the app");
    expect(host.asked[0]?.body).toBe(inForm);
  });

  test.each([
    ["the secret", { clientId: "7" }],
    ["what is not empty", { ...credentials, clientSecret: "" }],
    ["the id", { clientSecret: "secret" }],
  ])("is missing without %s: then nothing is called", async (_, known) => {
    expect(await askOf(env(known), app(), { method: "GET", path, query: {} })).toBeNull();
    expect(host.asked).toHaveLength(0);
  });

  test("opens no other path", async () => {
    const request = { method: "GET", path: "/api/v3/athlete", query: {} } as const;
    await expect(askOf(env(), app(), request)).rejects.toThrow("leaves");
    expect(host.asked).toHaveLength(0);
  });

  test.each([
    ["the query", ({ query }) => ({ asked: query })],
    ["the form", ({ body }) => ({ asked: body })],
    ["what it was", () => ({ asked: credentials.clientSecret })],
  ] as [string, (asked: { query: string; body: string }) => object][])(
    "never comes back, though the provider repeats %s",
    async (what, repeat) => {
      answers((response, one) => status(400, repeat(one), { "x-id": "7" })(response, one));
      const method = what === "the form" ? "POST" : "GET";
      const reply = await askOf(env(), app(), { method, path, query: {} });
      expect(reply).toMatchObject({ status: 400, body: "", complete: false, fault: "wrong-type" });
    },
  );

  test("may show the app's id, which stands in the open", async () => {
    answers(status(200, { application_id: 7, client_id: "7" }));
    const reply = await askOf(env(), app(), { method: "GET", path, query: {} });
    expect(reply).toMatchObject({ status: 200, complete: true });
  });
});

test("a form goes out as one without parameters too", async () => {
  answers();
  const { appParameters: _, ...plain } = app();
  const request = { method: "POST", path, query: {}, form: { a: "b c" } } as const;
  await askOf(env(), plain, request);
  expect(host.asked).toMatchObject([{ method: "POST", body: "a=b+c" }]);
  expect(host.asked[0]?.authorization).toMatch(/^Basic /);
  const json = { ...request, json: {} };
  await expect(askOf(env(), plain, json)).rejects.toThrow("not both");
});
