/** Linking an account: what the member's browser is sent with, and what the provider's answer makes. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authoriseAddress, verifierOf } from "../../workers/vault/oauth.ts";
import { type Door, type Hosts, type Line, openTokens } from "../../workers/vault/provider-line.ts";
import { linkAccount } from "../../workers/vault/provider-link.ts";
import { usableTokens } from "../../workers/vault/token-refresh.ts";
import {
  doorTo,
  hangUp,
  instead,
  lineTo,
  startTokenHost,
  status,
  type TokenHost,
  tokenPath,
} from "./token-host.ts";
import { connectionNamed, makeWorld, random } from "./world.ts";

const connection = connectionNamed("one");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const rootKey = base64(random(32));
const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");

describe("the verifier of a state", () => {
  test("is the same each time, of the form that RFC 7636 asks for, and shows no state", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (state) => {
        const verifier = await verifierOf(rootKey, state);
        expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
        expect(await verifierOf(rootKey, state)).toBe(verifier);
        if (state.length > 8) expect(verifier).not.toContain(state);
      }),
    );
  });

  test("is another one for another state, and under another root key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (one, other) => {
        const verifier = await verifierOf(rootKey, one);
        expect(verifier === (await verifierOf(rootKey, other))).toBe(one === other);
        expect(await verifierOf(base64(random(32)), one)).not.toBe(verifier);
      }),
    );
  });
});

describe("the address where members grant", () => {
  const of = { state: "st&te", redirectUri: "https://app.test/oauth/x/callback" };
  const scopes = ["read", "https://scope.test/all"].map((scope) => ({
    ...{ scope, why: "", needed: true },
  }));

  test("is the deployment's page with what RFC 6749 and 7636 ask for", async () => {
    const link = { scopes, authorise: { access_type: "offline" } };
    const verifier = await verifierOf(rootKey, of.state);
    const address = await authoriseAddress(doorTo("https://id.test", link), of, verifier);
    const { origin, pathname, searchParams } = new URL(address ?? "");
    expect([origin, pathname]).toEqual(["https://id.test", "/grant"]);
    expect(Object.fromEntries(searchParams)).toEqual({
      prompt: "always",
      access_type: "offline",
      response_type: "code",
      client_id: "client-1",
      redirect_uri: of.redirectUri,
      scope: "read https://scope.test/all",
      state: of.state,
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
    });
    expect(address).not.toContain(verifier);
    expect(address).not.toContain("secret");
  });

  test("says of itself what no provider file can say otherwise", async () => {
    const authorise = {
      state: "theirs",
      redirect_uri: "https://evil.test",
      response_type: "token",
    };
    const door = doorTo("https://id.test", { authorise });
    const { searchParams } = new URL((await authoriseAddress(door, of, "v")) ?? "");
    expect(searchParams.getAll("state")).toEqual([of.state]);
    expect(searchParams.getAll("redirect_uri")).toEqual([of.redirectUri]);
    expect(searchParams.get("response_type")).toBe("code");
    expect(searchParams.has("scope")).toBe(false);
  });

  test("has between scopes what the provider reads there", async () => {
    const door = doorTo("https://id.test", { scopes, scopesBy: "," });
    const { searchParams } = new URL((await authoriseAddress(door, of, "v")) ?? "");
    expect(searchParams.getAll("scope")).toEqual(["read,https://scope.test/all"]);
  });

  test("is none where the deployment names none", async () => {
    const door = doorTo("https://id.test");
    const { api, token } = door.hosts;
    expect(await authoriseAddress({ ...door, hosts: { api, token } }, of, "v")).toBeNull();
  });
});

test("the deployment's hosts are whole and encrypted", () => {
  const toml = readFileSync(
    resolve(import.meta.dirname, "../../workers/vault/wrangler.toml"),
    "utf8",
  );
  const json = /PROVIDER_HOSTS = '''\n([\s\S]*?)'''/.exec(toml)?.[1] ?? "";
  const hosts = Object.entries(JSON.parse(json) as Record<string, Hosts>);
  expect(hosts.map(([name]) => name)).toEqual(expect.arrayContaining(["garmin", "google-health"]));
  for (const [name, { api, token, authorise, callbacks = {}, pages = [] }] of hosts) {
    const called = [...Object.entries(callbacks).flat(), ...pages];
    for (const origin of [api, ...(token === undefined ? [] : [token]), ...called])
      expect(new URL(origin), name).toMatchObject({ protocol: "https:", origin });
    expect(authorise === undefined, name).toBe(token === undefined);
    expect(new URL(authorise ?? api).protocol, name).toBe("https:");
  }
});

describe("linking", () => {
  const grant = { code: "good", state: "state-1", redirectUri: "https://app.test/back" };
  const verifier = "v".repeat(43);
  const words = { verifier, enrol: "word-of-this-connection" };
  let host: TokenHost;
  beforeEach(async () => {
    host = await startTokenHost();
  });
  afterEach(() => host.close());

  async function home(link: Partial<Door["link"]> = {}): Promise<Line> {
    const { member, vault } = await makeWorld().enrol("ada", Date.now());
    return lineTo(doorTo(host.url, link), { vault, member, connection });
  }
  const nothingSealed = { failed: "grant-ended" };

  test("keeps when the refresh token lapses, as long as it stays the same one", async () => {
    const line = await home();
    const beganMs = Date.now();
    const keptMs = async () => {
      const held = await openTokens(line);
      return "failed" in held ? null : held.refreshExpiresAtMs;
    };
    host.extra = { refresh_token_expires_in: 7_776_000 };
    await linkAccount(line, grant, words);
    const stated = await keptMs();
    expect(stated).toBeGreaterThanOrEqual(beganMs + 7_776_000_000);
    expect(stated).toBeLessThanOrEqual(Date.now() + 7_776_000_000);
    for (const [extra, expected] of [
      [{ refresh_token: undefined }, stated],
      [{}, undefined],
      [{ refresh_token_expires_in: "soon" }, undefined],
    ] as const) {
      host.extra = extra;
      const { revision } = (await openTokens(line)) as { revision: number };
      expect(await usableTokens(line, revision)).toMatchObject({ isNew: true });
      expect(await keptMs()).toBe(expected);
      if ("refresh_token" in extra) host.refresh = host.given[1] ?? null;
    }
  });

  test("seals the tokens and tells the account, and no secret", async () => {
    const line = await home();
    const linked = await linkAccount(line, grant, words);
    expect(linked).toEqual({ account: "account-1", formerly: null, scopes: null });
    expect(await openTokens(line)).toMatchObject({ access: host.given[0], refresh: host.given[1] });
    const { form, authorization } = host.asked[0] ?? { form: new URLSearchParams() };
    expect(Object.fromEntries(form)).toEqual({
      grant_type: "authorization_code",
      code: grant.code,
      redirect_uri: grant.redirectUri,
      code_verifier: verifier,
      client_id: "client-1",
      client_secret: "secret of the client",
    });
    expect(authorization).toBe("");
  });

  test("proves the app by HTTP Basic where the provider wants that", async () => {
    await linkAccount(await home({ client: "basic" }), grant, words);
    const { form, authorization = "" } = host.asked[0] ?? {};
    expect(Buffer.from(authorization.slice("Basic ".length), "base64").toString()).toBe(
      "client%2D1:secret+of+the+client",
    );
    expect(form?.has("client_secret")).toBe(false);
  });

  test("tells what was granted, by the provider's own words", async () => {
    host.extra = { scope: "read  write read" };
    const line = await home();
    expect(await linkAccount(line, grant, words)).toMatchObject({ scopes: ["read", "write"] });
    host.extra = { scope: "read,,write, read" };
    const other = await home({ scopesBy: "," });
    expect(await linkAccount(other, grant, words)).toMatchObject({ scopes: ["read", "write"] });
  });

  test("tells what the account permits, where the provider can be asked", async () => {
    host.extra = { scope: "read" };
    const request = { path: "/api/permissions", query: {} };
    const granted = ({ status }: { status: number }) => (status === 200 ? ["EXPORT"] : null);
    const line = await home({ permissions: { request, granted, needed: [] } });
    expect(await linkAccount(line, grant, words)).toMatchObject({ scopes: ["EXPORT"] });
    host.page.push({ done: true, fault: status(200, { page: 1 }) }, instead(status(500)));
    expect(await linkAccount(line, grant, words)).toMatchObject({ scopes: ["read"] });
  });

  test("tells the account that it took the place of", async () => {
    const formerly = () => ({ provider: "fitbit", account: "AB12" });
    expect(await linkAccount(await home({ formerly }), grant, words)).toMatchObject({
      formerly: { provider: "fitbit", account: "AB12" },
    });
  });

  test("with a code that is no good is the member's to try again", async () => {
    const line = await home();
    const linked = await linkAccount(line, { ...grant, code: "bad" }, words);
    expect(linked).toEqual({ failed: "code" });
    expect(await openTokens(line)).toEqual(nothingSealed);
  });

  test.each([
    ["the app is refused", instead(status(401, { error: "invalid_client" }))],
    ["nothing is understood", instead(status(400, { message: "?" }))],
    ["it is down", instead(status(503))],
    ["it hangs up", instead(hangUp)],
    ["it leads elsewhere", instead(status(302, {}, { location: "https://evil.test/" }))],
    ["its tokens are of a kind that we cannot use", instead(status(200, { access_token: "a" }))],
  ])("is the provider's fault where %s", async (_, next) => {
    const line = await home();
    host.token.push(next);
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(await openTokens(line)).toEqual(nothingSealed);
    expect(host.asked.map(({ path }) => path)).toEqual([tokenPath]);
  });

  test.each([
    ["says nothing", status(500)],
    ["says it of nobody", status(200, { page: 2 })],
    ["breaks off", hangUp],
  ])("leaves nothing where the provider %s of whose account it is", async (_, fault) => {
    const line = await home();
    host.page.push(instead(fault));
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(await openTokens(line)).toEqual(nothingSealed);
  });

  test("asks nobody for a member who is not there any more", async () => {
    const line = { ...(await home()), member: "m_nobody" as Line["member"] };
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "forgotten" });
    expect(host.asked).toHaveLength(0);
  });

  test("keeps nothing for a connection that ended meanwhile", async () => {
    const line = await home();
    await line.vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(line.member, connection)
      .run();
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "forgotten" });
  });
});
