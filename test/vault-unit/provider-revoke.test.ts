/** How a provider is told that a consent has ended: by which call, to which host, with what proof. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { revokeAt } from "../../workers/vault/provider-end.ts";
import { type Door, type Line, sealTokens } from "../../workers/vault/provider-line.ts";
import { doorTo, instead, lineTo, startTokenHost, status, type TokenHost } from "./token-host.ts";
import { connectionNamed, makeWorld } from "./world.ts";

const connection = connectionNamed("one");
const hourMs = 3_600_000;

let api: TokenHost;
let tokenHost: TokenHost;
beforeEach(async () => {
  [api, tokenHost] = await Promise.all([startTokenHost(), startTokenHost()]);
});
afterEach(() => Promise.all([api.close(), tokenHost.close()]));

type Revoke = NonNullable<Door["link"]["revoke"]>;

/** With tokens that live, of this account. */
async function home(
  revoke: Revoke,
  account?: string,
  link: Partial<Door["link"]> = {},
): Promise<Line> {
  const { member, vault } = await makeWorld().enrol("ada", Date.now());
  const door = doorTo(api.url, { revoke, ...link });
  const hosts = { ...door.hosts, token: tokenHost.url };
  const credentials = { ...door.credentials, apiKey: "key of the app" };
  const line = lineTo({ ...door, hosts, credentials }, { vault, member, connection });
  const of = { access: "access-0", refresh: "refresh-0", expiresAtMs: Date.now() + hourMs };
  await sealTokens(line, { ...of, account }, Date.now());
  return line;
}
const answers = (host: TokenHost, code: number) => host.page.push(instead(status(code)));

describe("as the bearer", () => {
  test.each(["GET", "POST", "DELETE"] as const)("by %s, to the API", async (method) => {
    const line = await home({ method, path: "/user/access" });
    answers(api, 204);
    expect(await revokeAt(line)).toBe("revoked");
    const told = { method, path: "/user/access", query: "", body: "" };
    expect(api.asked).toMatchObject([{ ...told, authorization: "Bearer access-0" }]);
    expect(tokenHost.asked).toHaveLength(0);
  });

  test("to the host of tokens, with the app's id and key, where the provider says so", async () => {
    const revoke = { method: "GET", path: "/deauthorize", on: "token", clientIdAs: "id" } as const;
    const line = await home(revoke, "ada", { headers: { "x-app-key": "apiKey" } });
    answers(tokenHost, 200);
    expect(await revokeAt(line)).toBe("revoked");
    expect(tokenHost.asked).toMatchObject([
      { method: "GET", path: "/deauthorize", query: "?id=client-1" },
    ]);
    const { authorization, headers } = tokenHost.asked[0] ?? {};
    expect([authorization, headers?.["x-app-key"]]).toEqual(["Bearer access-0", "key of the app"]);
    expect(api.asked).toHaveLength(0);
  });

  test.each([
    [401, "gone"],
    [400, "failed"],
    [503, "failed"],
  ])("%i is said to be: %s", async (code, outcome) => {
    const line = await home({ method: "DELETE", path: "/user/access" });
    answers(api, code);
    expect(await revokeAt(line)).toBe(outcome);
  });
});

describe("of an account that the path names", () => {
  const revoke = { method: "DELETE", path: "/v3/users/{account}" } as const;

  test.each([
    ["12345", "/v3/users/12345"],
    ["a/../b?c#d e", "/v3/users/a%2F..%2Fb%3Fc%23d%20e"],
    ["$&", "/v3/users/%24%26"],
    ["...", "/v3/users/..."],
  ])("%s it is that one and no other", async (account, path) => {
    const line = await home(revoke, account);
    answers(api, 204);
    expect(await revokeAt(line)).toBe("revoked");
    expect(api.asked).toMatchObject([{ method: "DELETE", path, query: "" }]);
  });

  test.each([
    ["is not known, since the tokens are from before it was kept", undefined],
    ["is empty", ""],
    ["leads elsewhere", ".."],
    ["leads nowhere", "."],
  ])("that %s, nobody is told", async (_, account) => {
    const line = await home(revoke, account);
    expect(await revokeAt(line)).toBe("nothing");
    expect(api.asked).toHaveLength(0);
  });

  test("which was not kept is not needed where the path does not name it", async () => {
    const line = await home({ method: "DELETE", path: "/v3/users" });
    answers(api, 204);
    expect(await revokeAt(line)).toBe("revoked");
  });
});

describe("as the token itself, to the host of tokens", () => {
  const revoke = { method: "POST", path: "/revoke", form: "token" } as const;

  test("with the app's proof where it proves itself by HTTP Basic for tokens", async () => {
    const line = await home(revoke, "ada", { client: "basic" });
    answers(tokenHost, 200);
    expect(await revokeAt(line)).toBe("revoked");
    const { method, form, authorization = "" } = tokenHost.asked[0] ?? {};
    expect([method, form?.toString()]).toEqual(["POST", "token=refresh-0"]);
    const [, proof = ""] = authorization.split("Basic ");
    expect(Buffer.from(proof, "base64").toString()).toBe("client-1:secret%20of%20the%20client");
    expect(api.asked).toHaveLength(0);
  });

  test("without any where it does so in the form", async () => {
    const line = await home(revoke, "ada", { client: "form" });
    answers(tokenHost, 200);
    await revokeAt(line);
    expect(tokenHost.asked).toMatchObject([{ authorization: "", body: "token=refresh-0" }]);
  });

  test("with the app's id beside it where that is wanted", async () => {
    const line = await home({ ...revoke, clientIdAs: "client_id" });
    answers(tokenHost, 200);
    await revokeAt(line);
    expect(tokenHost.asked[0]?.query).toBe("");
    expect(Object.fromEntries(tokenHost.asked[0]?.form ?? [])).toEqual({
      client_id: "client-1",
      token: "refresh-0",
    });
  });

  test.each([
    [400, "gone"],
    [401, "failed"],
    [500, "failed"],
  ])("%i is said to be: %s", async (code, outcome) => {
    const line = await home(revoke, "ada", { client: "basic" });
    answers(tokenHost, code);
    expect(await revokeAt(line)).toBe(outcome);
  });
});
