/**
 * Tokens that are given in a provider's own words: wrapped in a body that always comes with 200, or
 * prolonged instead of renewed. What is made of them is what RFC 6749 would have said.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TokenWords } from "../../providers/link.ts";
import { type Line, openTokens, sealTokens } from "../../workers/vault/provider-line.ts";
import { linkAccount } from "../../workers/vault/provider-link.ts";
import { requestOf } from "../../workers/vault/provider-request.ts";
import { usableTokens } from "../../workers/vault/token-refresh.ts";
import { inTokenWords } from "../../workers/vault/token-words.ts";
import { asked, grant, home, host, hostEach, words } from "./account-line.ts";
import { instead, lost, pageRequest, status, tokenPath, withTokens } from "./token-host.ts";

const hourMs = 3_600_000;

hostEach();

describe("wrapped, and with the status in the body", () => {
  const tokens: TokenWords = {
    form: { action: "request token", grant_type: "theirs", client_secret: "theirs" },
    read: (said) => {
      const { status: code, body } = said as { status: number; body?: Record<string, unknown> };
      if (code === 0) return { status: 200, json: { ...body, token_type: "Bearer" } };
      if (code === 601) return { status: 429, json: {} };
      if (code === 500) return { status: 502, json: {} };
      return { status: 400, json: { error: code === 503 ? "invalid_grant" : "invalid_request" } };
    },
  };
  const accountIn = (given: unknown) => {
    const { userid } = given as { userid?: number };
    return userid === undefined ? null : String(userid);
  };
  const given = (more: object = {}) => ({
    status: 0,
    body: {
      userid: 363,
      access_token: "wrapped access 1",
      refresh_token: "wrapped refresh 1",
      expires_in: 10_800,
      scope: "user.info,user.metrics",
      ...more,
    },
  });
  const linked = () => home({ tokens, accountIn, scopesBy: "," });

  test("they are an account's, and sealed", async () => {
    const line = await linked();
    host.token.push(instead(status(200, given())));
    expect(await linkAccount(line, grant, words)).toEqual({
      account: "363",
      formerly: null,
      scopes: ["user.info", "user.metrics"],
    });
    expect(await openTokens(line)).toMatchObject({
      access: "wrapped access 1",
      refresh: "wrapped refresh 1",
      account: "363",
    });
    expect(asked()).toEqual([`POST ${tokenPath}`]);
  });

  test("they are asked for with the provider's own field, and with none of ours replaced", async () => {
    const line = await linked();
    host.token.push(instead(status(200, given())));
    await linkAccount(line, grant, words);
    const { revision } = (await openTokens(line)) as { revision: number };
    host.token.push(instead(status(200, given({ access_token: "wrapped access 2" }))));
    await usableTokens(line, revision);
    const forms = host.asked.map(({ form }) => Object.fromEntries(form));
    const app = { client_id: "client-1", client_secret: "secret of the client" };
    expect(forms).toEqual([
      {
        ...app,
        action: "request token",
        grant_type: "authorization_code",
        code: grant.code,
        redirect_uri: grant.redirectUri,
        code_verifier: words.verifier,
      },
      {
        ...app,
        action: "request token",
        grant_type: "refresh_token",
        refresh_token: "wrapped refresh 1",
      },
    ]);
    expect(host.asked[0]?.body).toContain("action=request+token");
    for (const { form } of host.asked) expect(form.getAll("client_secret")).toHaveLength(1);
  });

  test("the account is read from all of it but the tokens", async () => {
    const seen: unknown[] = [];
    const line = await home({ tokens, accountIn: (said) => String(seen.push(said)) });
    host.token.push(instead(status(200, given())));
    await linkAccount(line, grant, words);
    expect(seen).toEqual([
      { userid: 363, expires_in: 10_800, scope: "user.info,user.metrics", token_type: "bearer" },
    ]);
  });

  test("a code that is no good is the member's to try again", async () => {
    const line = await linked();
    host.token.push(instead(status(200, { status: 503, error: "invalid code" })));
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "code" });
  });

  test.each([
    ["the app is refused", status(200, { status: 100 })],
    ["there is nothing in it", status(200, { status: 0 })],
    ["it is no JSON object", status(200, [])],
    ["it is none of its words, and an error", status(400, { message: "?" })],
  ])("it is the provider's fault where %s", async (_, fault) => {
    const line = await linked();
    host.token.push(instead(fault));
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(await openTokens(line)).toEqual({ failed: "grant-ended" });
  });

  test("a refusal of the refresh token ends the grant", async () => {
    const line = await linked();
    await withTokens(line, host);
    host.token.push(instead(status(200, { status: 503 })));
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
    expect(asked()).toEqual([`POST ${tokenPath}`]);
  });

  test("a busy host of tokens is told as busy, and loses nothing", async () => {
    const line = await linked();
    await withTokens(line, host);
    const wait = { "retry-after": "7" };
    host.token.push(instead(status(200, { status: 601, token: host.refresh }, wait)));
    const reply = await requestOf(line, pageRequest);
    expect(reply).toMatchObject({ status: 429, body: "", complete: false, retryAfterMs: 7_000 });
    host.token.push(instead(status(200, { status: 503 })));
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  });

  test("one that broke down may have given tokens before it did", async () => {
    const line = await linked();
    await withTokens(line, host);
    host.token.push(lost(status(200, { status: 500 })));
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 502, complete: false });
    host.token.push(instead(status(200, { status: 503 })));
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "refresh-lost" });
  });
});

describe("prolonged instead of renewed", () => {
  const renewPath = "/oauth/prolong";
  const tokens: TokenWords = {
    renewPath,
    read: (said, before) => {
      const { result = "0000", ...given } = said as Record<string, unknown>;
      if (result !== "0000") return { status: 400, json: { error: "invalid_grant" } };
      const json = before === null ? given : { access_token: before.access, expires_in: 2_592_000 };
      return { status: 200, json: { ...json, token_type: "bearer" } };
    },
  };
  const prolongs = instead(status(200, { result: "0000", message: "OK" }));
  const expired = async (line: Line) => {
    const of = { access: "access-0", refresh: "refresh-0", account: "open-1" };
    await sealTokens(line, { ...of, expiresAtMs: Date.now() - hourMs }, Date.now());
  };

  test("the same tokens live on, at the path for that, and open what they opened", async () => {
    const line = await home({ tokens });
    await expired(line);
    const beganMs = Date.now();
    host.page.push(prolongs);
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 200, complete: true });
    expect(asked()).toEqual([`POST ${renewPath}`, `GET ${pageRequest.path}`]);
    expect(host.asked[1]?.authorization).toBe("Bearer access-0");
    const held = await openTokens(line);
    expect(held).toMatchObject({ access: "access-0", refresh: "refresh-0", account: "open-1" });
    expect("access" in held && held.expiresAtMs).toBeGreaterThanOrEqual(beganMs + 2_592_000_000);
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 200 });
    expect(host.asked).toHaveLength(3);
  });

  test("a refusal ends the grant, and nothing is asked with what is left", async () => {
    const line = await home({ tokens });
    await expired(line);
    host.page.push(instead(status(200, { result: "5006" })));
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
    expect(asked()).toEqual([`POST ${renewPath}`]);
  });

  test("a code is exchanged at the other path", async () => {
    const line = await home({ tokens, accountIn: () => "open-1" });
    await linkAccount(line, grant, words);
    expect(asked()).toEqual([`POST ${tokenPath}`]);
    expect(await openTokens(line)).toMatchObject({ access: host.given[0] });
  });
});

describe("what HTTP itself says", () => {
  const plain = { complete: true, fault: null, retryAfterMs: null, headers: {} } as const;
  const gives: TokenWords = {
    read: () => ({ status: 200, json: { access_token: "a", token_type: "bearer" } }),
  };
  const refuses: TokenWords = {
    read: () => ({ status: 400, json: { error: "invalid_grant" } }),
  };

  test.each([429, 500, 503])("%i is no refusal, whatever stands under it", (code) => {
    const reply = { ...plain, status: code, body: '{"status":503}' };
    expect(inTokenWords(refuses, reply, null)).toBe(reply);
  });

  test.each([400, 401, 403])("%i gives no tokens, whatever stands under it", (code) => {
    const reply = { ...plain, status: code, body: '{"status":0}' };
    expect(inTokenWords(gives, reply, null)).toBe(reply);
    expect(inTokenWords(refuses, reply, null)).toMatchObject({ status: 400 });
  });

  test("without words of the provider's own, or JSON, is all of it", () => {
    const json = { ...plain, status: 200, body: "{}" };
    expect(inTokenWords(undefined, json, null)).toBe(json);
    for (const body of ["", "<p>", "{"]) {
      const reply = { ...plain, status: 400, body };
      expect(inTokenWords(refuses, reply, null)).toBe(reply);
    }
    const cut = { ...json, complete: false, fault: "cut-short" } as const;
    expect(inTokenWords(gives, cut, null)).toBe(cut);
  });

  test("goes to the words as it came, with what is renewed and no more", () => {
    const before = { access: "a", refresh: "r", refreshExpiresAtMs: 7 };
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(before, null), (said, renewed) => {
        const seen: unknown[] = [];
        const read: TokenWords["read"] = (...all) => {
          seen.push(all);
          return { status: 200, json: { all: 1, none: undefined } };
        };
        const body = JSON.stringify(said);
        const reply = inTokenWords({ read }, { ...plain, status: 200, body }, renewed);
        expect(seen).toEqual([[JSON.parse(body), renewed && { access: "a", refresh: "r" }]]);
        expect(reply).toEqual({ ...plain, status: 200, body: '{"all":1}' });
      }),
    );
  });
});
