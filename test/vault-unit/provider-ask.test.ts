/** How a call carries a member's token and what it asks, and what its answer stands for. */
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import { ask } from "../../workers/vault/provider-ask.ts";
import { revokeAt } from "../../workers/vault/provider-end.ts";
import { type Door, type Line, openTokens, sealTokens } from "../../workers/vault/provider-line.ts";
import { linkAccount } from "../../workers/vault/provider-link.ts";
import { requestOf } from "../../workers/vault/provider-request.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { connection, grant, home, host, hostEach, words } from "./account-line.ts";
import {
  type Fault,
  instead,
  pagePath,
  pageRequest,
  startTokenHost,
  status,
  tokenPath,
  withTokens,
} from "./token-host.ts";

const row = "f_1" as FactId;
const hourMs = 3_600_000;
const shown = { status: 200, body: "", complete: false, fault: "wrong-type" };

hostEach();

/** With tokens that live, of this account. */
async function living(
  link: Partial<Door["link"]>,
  access: string,
  account?: string,
): Promise<Line> {
  const line = await home(link);
  const of = { access, refresh: "refresh-0/=", expiresAtMs: Date.now() + hourMs, account };
  await sealTokens(line, of, Date.now());
  return line;
}
const asked = () => host.asked.map(({ method, path, query }) => `${method} ${path}${query}`);

describe("a form", () => {
  const form = { action: "getworkouts", data_fields: "a,b c&d=é+~", lastupdate: "0", none: "" };
  const request = { path: pagePath, query: { page: "2" }, form };
  const encoded = "action=getworkouts&data_fields=a%2Cb+c%26d%3D%C3%A9%2B%7E&lastupdate=0&none=";

  test("is posted, encoded as forms are, with the token and the query", async () => {
    const line = await living({}, "access-0");
    expect(await requestOf(line, request)).toMatchObject({ status: 200, body: '{"page":1}' });
    expect(host.asked).toMatchObject([
      {
        method: "POST",
        path: pagePath,
        query: "?page=2",
        body: encoded,
        authorization: "Bearer access-0",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
    ]);
  });

  test("that is empty is posted all the same", async () => {
    const line = await living({}, "access-0");
    await requestOf(line, { ...request, form: {} });
    expect(host.asked).toMatchObject([{ method: "POST", body: "" }]);
  });

  test("goes to no other path than what is got", async () => {
    const line = await living({}, "access-0");
    for (const path of ["/oauth/token", "//evil.test/api/", "/api/../oauth/token"])
      await expect(requestOf(line, { ...request, path })).rejects.toThrow("leaves");
    expect(host.asked).toHaveLength(0);
  });

  test("may be asked for a file", async () => {
    const line = await living({}, "access-0");
    const file: Fault = (r) => r.writeHead(200, { "content-type": "x/fit" }).end("file");
    host.page.push(instead(file));
    const reply = await requestOf(line, { ...request, as: "bytes" });
    expect(new TextDecoder().decode("bytes" in reply ? reply.bytes : undefined)).toBe("file");
    expect(host.asked).toMatchObject([{ method: "POST", headers: { accept: "*/*" } }]);
  });

  test("asks who the account is, and what it permits", async () => {
    const permissions = { request, granted: () => ["all"], needed: [] };
    const line = await home({ identity: request, permissions });
    expect(await linkAccount(line, grant, words)).toMatchObject({
      account: "account-1",
      scopes: ["all"],
    });
    const page = `POST ${pagePath}?page=2`;
    expect(asked()).toEqual([`POST ${tokenPath}`, page, page]);
    for (const one of host.asked.slice(1)) expect(one.body).toBe(encoded);
  });

  test("asks for one record by its own id, which is known here alone", async () => {
    const line = await living({}, "access-0");
    const { vault, member } = line;
    const columns = { source_id: '"id&77"' };
    await sealRows(vault, member, connection, [{ row, revision: 1, columns }], Date.now());
    const one = (_: string, id: string) => ({ path: pagePath, query: {}, form: { id } });
    const pull = { one } as unknown as Line["pull"];
    const reply = await requestOf({ ...line, pull }, { record: row, collection: "all" });
    expect(reply).toMatchObject({ status: 200, complete: true });
    expect(host.asked).toMatchObject([{ method: "POST", body: "id=id%2677" }]);
  });
});

describe("the media type that a provider has for JSON", () => {
  const accept = "application/vnd.c2logbook.v1+json";
  const vendor: Fault = (r) =>
    r.writeHead(200, { "content-type": `${accept}; charset=utf-8` }).end('{"data":[]}');

  test("is asked for, and taken", async () => {
    const line = await living({ accept }, "access-0");
    host.page.push(instead(vendor));
    expect(await requestOf(line, pageRequest)).toMatchObject({ complete: true, status: 200 });
    expect(host.asked[0]?.headers.accept).toBe(accept);
  });

  test("is not asked for where the answer is a file, or there is none such", async () => {
    await requestOf(await living({ accept }, "access-0"), { ...pageRequest, as: "bytes" });
    await requestOf(await living({}, "access-0"), pageRequest);
    expect(host.asked.map(({ headers }) => headers.accept)).toEqual(["*/*", "application/json"]);
  });
});

describe("a token that the query carries", () => {
  const bearer = { token: "token", account: "openId" };
  const access = "acc/ess+0=";
  const carried = "token=acc%2Fess%2B0%3D&openId=open+1";

  test("stands there with the account, beside what is asked, and nowhere else", async () => {
    const line = await living({ bearer }, access, "open 1");
    host.page.push(instead(status(200, { data: [] })), instead(status(200, {})));
    const query = { startDate: "20261101", openId: "another", token: "theirs" };
    const reply = await requestOf(line, { path: pagePath, query });
    expect(reply).toMatchObject({ status: 200, body: '{"data":[]}', complete: true });
    await requestOf(line, { path: pagePath, query: {}, form: { a: "1" } });
    const one = new URLSearchParams(host.asked[0]?.query);
    expect([...one]).toEqual([
      ["startDate", "20261101"],
      ["openId", "open 1"],
      ["token", access],
    ]);
    expect(host.asked[1]).toMatchObject({ method: "POST", query: `?${carried}`, body: "a=1" });
    for (const { authorization } of host.asked) expect(authorization).toBe("");
  });

  test.each([undefined, ""])("asks nothing without one: %j", async (account) => {
    const line = await living({ bearer }, access, account);
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
    const held = (await openTokens(line)) as Parameters<typeof ask>[2];
    expect(await ask(line, pageRequest, held)).toMatchObject({ status: 0, fault: "wrong-type" });
    expect(host.asked).toHaveLength(0);
  });

  test.each([
    ["as it is", access],
    ["as the address has it", "/api/page?token=acc%2Fess%2B0%3D&openId=1"],
    ["as JSON may have it", String.raw`acc\/ess+0=`],
    ["of what renews it", "refresh-0%2F%3D"],
  ])("does not come out when it is repeated %s", async (_, text) => {
    const line = await living({ bearer }, access, "open 1");
    const json = { "content-type": "application/json" };
    const repeats: Fault = (r) => r.writeHead(200, json).end(`{"asked":"${text}"}`);
    const missing: Fault = (r) => r.writeHead(404, json).end(`{"asked":"${text}"}`);
    host.page.push(instead(repeats), instead(missing));
    expect(await requestOf(line, pageRequest)).toMatchObject(shown);
    expect(await requestOf(line, pageRequest)).toMatchObject({ ...shown, status: 404 });
    host.page.push(instead(repeats));
    const bytes = await requestOf(line, { ...pageRequest, as: "bytes" });
    expect(bytes).toMatchObject(shown);
    expect("bytes" in bytes).toBe(false);
  });

  test("leads nowhere else", async () => {
    const line = await living({ bearer }, access, "open 1");
    const other = await startTokenHost();
    const location = `${other.url}/api/page`;
    host.page.push(instead(status(302, {}, { location })));
    const reply = await requestOf(line, pageRequest);
    expect(reply).toMatchObject({ status: 302, fault: "redirect", body: "" });
    expect(JSON.stringify(reply)).not.toContain("ess");
    expect(other.asked).toHaveLength(0);
    await other.close();
  });

  test("is of the account that came with it, from the first call on", async () => {
    const permissions = { request: pageRequest, granted: () => ["all"], needed: [] };
    const enrol = { path: "/api/enrolments", json: () => ({ a: 1 }), already: [] };
    const line = await home({ bearer, permissions, enrol, accountIn: () => "open-7" });
    host.page.push(instead(status(200)), instead(status(200)));
    expect(await linkAccount(line, grant, words)).toMatchObject({ account: "open-7" });
    const query = `?token=${host.given[0]}&openId=open-7`;
    const calls = [`POST /api/enrolments${query}`, `GET ${pagePath}${query}`];
    expect(asked()).toEqual([`POST ${tokenPath}`, ...calls]);
  });

  test("tells nobody where only a call with it would say whose it is", async () => {
    const line = await home({ bearer });
    expect(await linkAccount(line, grant, words)).toEqual({ failed: "provider" });
    expect(asked()).toEqual([`POST ${tokenPath}`]);
  });

  test("says so too that the consent has ended", async () => {
    const revoke = { method: "POST", path: "/oauth/deauthorize" } as const;
    host.page.push(instead(status(200, { result: "0000" })));
    expect(await revokeAt(await living({ bearer, revoke }, access, "open 1"))).toBe("revoked");
    expect(asked()).toEqual([`POST /oauth/deauthorize?${carried}`]);
    expect(await revokeAt(await living({ bearer, revoke }, access))).toBe("nothing");
    expect(host.asked).toHaveLength(1);
  });
});

describe("a provider that answers 200 to everything", () => {
  const statusIn = (said: unknown) => {
    const { status: code = 0 } = (said ?? {}) as { status?: number };
    return code === 0 ? null : code;
  };
  const says = (code: number, more: object = {}, headers: Record<string, string> = {}) =>
    instead(status(200, { status: code, ...more }, headers));

  test("is taken at its word where it says that all is well", async () => {
    const line = await living({ statusIn }, "access-0");
    host.page.push(says(0, { body: { series: [] } }));
    expect(await requestOf(line, pageRequest)).toMatchObject({
      status: 200,
      body: '{"status":0,"body":{"series":[]}}',
      complete: true,
    });
  });

  test("has the token renewed by its 401, though it shows the old one", async () => {
    const line = await home({ statusIn });
    await withTokens(line, host, true);
    const refuses: Fault = (response, one) => {
      const isOld = one.authorization === "Bearer access-0";
      const said = isOld ? { status: 401, error: "access-0 is not valid" } : { page: 1 };
      status(200, said)(response, one);
    };
    host.page.push(...Array.from({ length: 20 }, () => instead(refuses)));
    const refused = { status: 401, renewed: true, body: "", complete: true };
    expect(await requestOf(line, pageRequest)).toMatchObject(refused);
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => requestOf(line, pageRequest)),
    );
    for (const reply of replies) expect(reply).toMatchObject({ status: 200, body: '{"page":1}' });
    expect(host.refreshes).toBe(1);
  });

  test("ends the connection where it takes the token and the grant no more", async () => {
    const line = await living({ statusIn }, "access-0");
    host.refresh = null;
    host.page.push(says(401));
    expect(await requestOf(line, pageRequest)).toEqual({ failed: "grant-ended" });
  });

  test("is busy when it says so, for as long as it says", async () => {
    const line = await living({ statusIn }, "access-0");
    host.page.push(says(429, { who: "ada" }, { "retry-after": "60", "x-left": "0" }));
    expect(await requestOf({ ...line, keep: ["x-left"] }, pageRequest)).toEqual({
      status: 429,
      body: "",
      complete: true,
      fault: null,
      retryAfterMs: 60_000,
      headers: { "x-left": "0" },
    });
  });

  test("says so instead of a file too", async () => {
    const line = await living({ statusIn }, "access-0");
    const file: Fault = (r) => r.writeHead(200).end('{"status":404}');
    host.page.push(instead(file));
    const reply = await requestOf(line, { ...pageRequest, as: "bytes" });
    expect(reply).toMatchObject({ status: 404, body: "", complete: true });
    expect("bytes" in reply).toBe(false);
    host.page.push(instead((r) => r.writeHead(200).end(Buffer.alloc(200_000, 0x20))));
    const long = await requestOf(line, { ...pageRequest, as: "bytes" });
    expect("bytes" in long && long.bytes?.length).toBe(200_000);
  });

  test.each([
    ["another status", status(503, { status: 404 }), { status: 503, body: '{"status":404}' }],
    ["no JSON", (r) => r.writeHead(200, { "content-type": "text/html" }).end("{}"), shown],
    ["nothing", (r) => r.writeHead(200).end(), { status: 200, body: "", complete: true }],
  ] as [string, Fault, object][])("is not asked what stands under %s", async (_, fault, said) => {
    const judge = () => 404;
    const line = await living({ statusIn: judge }, "access-0");
    host.page.push(instead(fault));
    expect(await requestOf(line, pageRequest)).toMatchObject(said);
  });

  test("names nobody, enrols nobody and revokes nothing by an answer that is a refusal", async () => {
    const enrol = { path: "/api/enrolments", json: () => ({}), already: [409] };
    const page = instead(status(200, { page: 1 }));
    host.page.push(says(500));
    expect(await linkAccount(await home({ statusIn, enrol }), grant, words)).toEqual({
      failed: "provider",
    });
    host.page.push(page, says(400));
    expect(await linkAccount(await home({ statusIn, enrol }), grant, words)).toEqual({
      failed: "provider",
    });
    host.page.push(page, says(409));
    expect(await linkAccount(await home({ statusIn, enrol }), grant, words)).toMatchObject({
      account: "account-1",
    });
    const revoke = { method: "POST", path: "/revoke" } as const;
    host.page.push(says(401), says(500), says(0));
    const outcomes: string[] = [];
    for (let i = 0; i < 3; i++)
      outcomes.push(await revokeAt(await living({ statusIn, revoke }, "access-0")));
    expect(outcomes).toEqual(["gone", "failed", "revoked"]);
  });
});
