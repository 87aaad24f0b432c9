/** What some providers want beside a grant: the account in the answer, a word, a key of the app's. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { enrolWordOf, verifierOf } from "../../workers/vault/oauth.ts";
import { doorTo as doorIn, openTokens } from "../../workers/vault/provider-line.ts";
import { linkAccount } from "../../workers/vault/provider-link.ts";
import { requestOf } from "../../workers/vault/provider-request.ts";
import { asked, connection, grant, home, host, hostEach, words } from "./account-line.ts";
import {
  doorTo,
  type Fault,
  hangUp,
  instead,
  pagePath,
  pageRequest,
  status,
  tokenPath,
  withTokens,
} from "./token-host.ts";
import { connectionNamed, makeWorld, random } from "./world.ts";

const nothingSealed = { failed: "grant-ended" };

hostEach();

describe("a link that fails", () => {
  const lines: Record<string, unknown>[] = [];
  beforeEach(() => {
    lines.length = 0;
    vi.spyOn(console, "log").mockImplementation((line) => void lines.push(JSON.parse(line)));
  });
  afterEach(() => void vi.restoreAllMocks());
  const enrol = { path: "/api/enrolments", json: () => ({}), already: [409] } as const;
  const asWho = { done: true, fault: status(200, { page: 1 }) };

  test.each([
    ["tokens", [instead(status(400, { error: "invalid_grant" }))], [], null, "invalid_grant"],
    ["tokens", [instead(status(401, { error: "invalid_client" }))], [], 401, "refused"],
    ["tokens", [instead(status(503))], [], 503, "refused"],
    ["tokens", [instead(hangUp)], [], 0, "network"],
    ["tokens", [instead(status(200, { token_type: "mac" }))], [], 200, "not usable"],
    ["identity", [], [instead(status(403))], 403, "refused"],
    ["identity", [], [instead(hangUp)], 0, "network"],
    ["identity", [], [instead(status(200, { page: 2 }))], null, "no account"],
    ["enrolment", [], [asWho, instead(status(412))], 412, "refused"],
  ] as const)(
    "at the step of %s says which, and why, in one line",
    async (at, token, page, said, why) => {
      host.token.push(...token);
      host.page.push(...page);
      expect(await linkAccount(await home({ enrol }), grant, words)).toEqual({
        failed: why === "invalid_grant" ? "code" : "provider",
      });
      expect(lines).toEqual([
        {
          ...{ worker: "vault", event: "link", provider: "google-health", outcome: "failed" },
          ...(said === null ? {} : { status: said }),
          reason: `${at}: ${why}`,
        },
      ]);
    },
  );
});

describe("an account that the answer with the tokens names", () => {
  const accountIn = (given: unknown) => {
    const { user } = given as { user?: string };
    return user === undefined ? null : `named ${user}`;
  };

  test("is linked, and nobody is asked who it is", async () => {
    host.extra = { user: "ada", id_token: undefined };
    const line = await home({ accountIn });
    expect(await linkAccount(line, grant, words)).toMatchObject({ account: "named ada" });
    expect(asked()).toEqual([`POST ${tokenPath}`]);
    expect(await openTokens(line)).toMatchObject({ access: host.given[0], account: "named ada" });
  });

  test("is read from all of the answer but the tokens", async () => {
    const seen: unknown[] = [];
    host.extra = { user: 7, scope: "read" };
    const spy = (given: unknown) => {
      seen.push(given);
      return "7";
    };
    await linkAccount(await home({ accountIn: spy }), grant, words);
    expect(seen).toEqual([{ user: 7, scope: "read", token_type: "bearer", expires_in: 3600 }]);
    for (const token of host.given) expect(JSON.stringify(seen)).not.toContain(token);
  });

  test("tells the account that it took the place of too", async () => {
    host.extra = { user: "ada", before: "AB12" };
    const formerly = (said: unknown) => ({
      provider: "fitbit",
      account: (said as { before: string }).before,
    });
    expect(await linkAccount(await home({ accountIn, formerly }), grant, words)).toMatchObject({
      formerly: { provider: "fitbit", account: "AB12" },
    });
  });

  test("is missing: then nothing is kept, and the page that would say it is not asked", async () => {
    const line = await home({ accountIn });
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(await openTokens(line)).toEqual(nothingSealed);
    expect(asked()).toEqual([`POST ${tokenPath}`]);
  });
});

describe("a provider that sends nothing until it is told to", () => {
  const path = "/api/enrolments";
  const enrol = {
    path,
    json: (word: string) => ({ "member-id": word }),
    already: [409],
  } as const;
  const enrolments = () => host.asked.filter((one) => one.path === path);

  test("is told the word as the member, before the tokens count", async () => {
    const line = await home({ enrol });
    let before: unknown;
    const look: Fault = (response) => {
      openTokens(line).then((held) => {
        before = held;
        status(201)(response, {} as never);
      });
    };
    host.page.push({ done: true, fault: status(200, { page: 1 }) }, instead(look));
    expect(await linkAccount(line, grant, words)).toMatchObject({ account: "account-1" });
    expect(enrolments()).toMatchObject([
      {
        method: "POST",
        authorization: `Bearer ${host.given[0]}`,
        body: '{"member-id":"word-of-this-connection"}',
        headers: { "content-type": "application/json" },
      },
    ]);
    expect(before).toEqual(nothingSealed);
    expect(await openTokens(line)).toMatchObject({ access: host.given[0] });
  });

  test.each([
    ["200", status(200, { "polar-user-id": 1 })],
    ["204", status(204)],
    ["200 in no JSON", (r) => r.writeHead(200, { "content-type": "text/xml" }).end("<user/>")],
    ["that it was told before", status(409, { error: "registered" })],
  ] as [string, Fault][])("is linked where it answers %s", async (_, fault) => {
    const line = await home({ enrol });
    host.page.push({ done: true, fault: status(200, { page: 1 }) }, instead(fault));
    expect(await linkAccount(line, grant, words)).toMatchObject({ account: "account-1" });
    expect(await openTokens(line)).toMatchObject({ account: "account-1" });
  });

  test.each([
    ["that the consent is missing", status(403)],
    ["that it is down", status(503)],
    ["with another place", status(302, {}, { location: "https://evil.test/" })],
    ["a conflict of another kind", status(412)],
    ["nothing", hangUp],
  ] as [string, Fault][])("leaves nothing where it answers %s", async (_, fault) => {
    const line = await home({ enrol });
    host.page.push({ done: true, fault: status(200, { page: 1 }) }, instead(fault));
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(enrolments()).toHaveLength(1);
    expect(await openTokens(line)).toEqual(nothingSealed);
  });

  test("is told nothing of an account that it does not name", async () => {
    const line = await home({ enrol });
    host.page.push(instead(status(500)));
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(enrolments()).toHaveLength(0);
  });

  test("hears one word of a connection, which names neither it nor its proof key", async () => {
    const rootKey = Buffer.from(random(32)).toString("base64");
    const word = await enrolWordOf(rootKey, connection);
    expect(word).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await enrolWordOf(rootKey, connection)).toBe(word);
    expect(await enrolWordOf(rootKey, connectionNamed("two"))).not.toBe(word);
    const otherKey = Buffer.from(random(32)).toString("base64");
    expect(await enrolWordOf(otherKey, connection)).not.toBe(word);
    expect(await verifierOf(rootKey, connection)).not.toBe(word);
  });
});

describe("a provider that wants the app's key with each call of a member's", () => {
  const headers = { "x-app-key": "apiKey", "x-app": "clientId" } as const;
  const apiKey = "key of the app 0123456789";

  test("gets it when the account is linked and when it is read", async () => {
    const enrol = { path: "/api/enrolments", json: () => ({}), already: [200] };
    const line = await home({ headers, enrol }, { apiKey });
    await linkAccount(line, grant, words);
    expect(await requestOf(line, pageRequest)).toMatchObject({ status: 200 });
    const calls = host.asked.filter((one) => one.path !== tokenPath);
    expect(calls.map((one) => one.path)).toContain("/api/enrolments");
    for (const one of calls) {
      expect(one.headers).toMatchObject({ "x-app-key": apiKey, "x-app": "client-1" });
      expect(one.authorization).toBe(`Bearer ${host.given[0]}`);
    }
    expect(host.asked[0]?.path).toBe(tokenPath);
    expect(host.asked[0]?.headers["x-app-key"]).toBeUndefined();
  });

  test("cannot have its answer believed when that shows the key", async () => {
    const line = await home({ headers }, { apiKey });
    await withTokens(line, host, true);
    host.page.push(instead(status(200, { you: apiKey })));
    const shown = await requestOf(line, pageRequest);
    expect(shown).toMatchObject({ body: "", complete: false, fault: "wrong-type" });
    host.page.push(instead(status(200, { app: "client-1" })));
    expect(await requestOf(line, pageRequest)).toMatchObject({ complete: true });
  });

  const env = (credentials: object, hosts: object = { token: "https://t.test" }) => ({
    ...makeWorld().env,
    PROVIDER_HOSTS: JSON.stringify({ made: { api: "https://a.test", ...hosts } }),
    PROVIDER_CREDENTIALS: JSON.stringify({ made: credentials }),
  });
  const link = { ...doorTo("https://a.test").link, headers };
  const app = { clientId: "id", clientSecret: "secret" };

  test.each([
    ["it is there", { ...app, apiKey }, {}, true],
    ["it is not", app, {}, false],
    ["it is empty", { ...app, apiKey: "" }, {}, false],
    ["the secret is not", { clientId: "id", apiKey }, {}, false],
    ["there is no host of tokens", { ...app, apiKey }, { token: undefined }, false],
  ])("may be called where %s: %j", (_, credentials, hosts, isCalled) => {
    const known = { token: "https://t.test", ...hosts };
    const door = doorIn(env(credentials, known), { name: "made", link });
    expect(door !== null).toBe(isCalled);
  });

  test("may be called without it where it asks for none", () => {
    const { headers: _, ...plain } = link;
    expect(doorIn(env(app), { name: "made", link: plain })).not.toBeNull();
    expect(doorIn(env(app), { name: "other", link: plain })).toBeNull();
    expect(doorIn(env(app), { name: "made" })).toBeNull();
  });
});

test("the identity is what shows if a token opens anything, wherever the account was named", async () => {
  const line = await home({ accountIn: () => "ada" });
  await linkAccount(line, grant, words);
  expect(await requestOf(line, line.link.identity)).toMatchObject({ status: 200 });
  expect(asked()).toEqual([`POST ${tokenPath}`, `GET ${pagePath}`]);
});
