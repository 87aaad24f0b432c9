/** Addresses that a provider named: sealed, checked again, read with the token, and gone. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import type { Pull } from "../../providers/provider.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { calledAt, drop, keep } from "../../workers/vault/kept.ts";
import type { Line } from "../../workers/vault/provider-line.ts";
import { requestOf } from "../../workers/vault/provider-request.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import {
  doorTo,
  instead,
  lineTo,
  startTokenHost,
  status,
  type TokenHost,
  withTokens,
} from "./token-host.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

const connection = connectionNamed("one");
const about = { summaryId: "s1", fileType: "FIT" };
const secret = "token-of-the-callback";
const url = `https://files.provider.test/api/page?from=1&token=${secret}`;
const dayMs = 86_400_000;

let host: TokenHost;
let world: World;
let line: Line;
beforeEach(async () => {
  host = await startTokenHost();
  world = makeWorld();
  const { member, vault } = await world.enrol("ada", Date.now());
  const door = doorTo(host.url);
  const callbacks = { "https://files.provider.test": host.url };
  line = lineTo({ ...door, hosts: { ...door.hosts, callbacks } }, { vault, member, connection });
});
afterEach(async () => {
  vi.useRealTimers();
  await host.close();
});

const keepAt = (row: string, at = url) =>
  keep(line.vault, line.member, connection, row, { url: at, about });
const dump = () => Buffer.from(world.stores.phi.map((db) => db.snapshot()).flatMap((b) => [...b]));
const rows = async () => {
  const { results } = await line.vault.phi
    .prepare("SELECT row_id, version FROM sealed WHERE group_name = 'callback' ORDER BY row_id")
    .all<{ row_id: string; version: number }>();
  return results;
};

describe("a kept address", () => {
  test("is read where its host is called, with the member's token, and says what it is about", async () => {
    await withTokens(line, host, true);
    expect(await keepAt("k1")).toBe("kept");
    const reply = await requestOf(line, { kept: "k1" });
    expect(reply).toMatchObject({ status: 200, complete: true, body: '{"page":1}', about });
    expect(host.asked).toMatchObject([
      { path: "/api/page", query: `?from=1&token=${secret}`, authorization: "Bearer access-0" },
    ]);
  });

  test("is in no database in the clear", async () => {
    await keepAt("k1");
    expect(dump().includes(secret)).toBe(false);
    expect(dump().includes("files.provider.test")).toBe(false);
  });

  test("kept again changes nothing", async () => {
    await keepAt("k1");
    const before = await rows();
    expect(await keepAt("k1")).toBe("kept");
    expect(await rows()).toEqual(before);
  });

  test("renews the token as any request does", async () => {
    await withTokens(line, host);
    await keepAt("k1");
    expect(await requestOf(line, { kept: "k1" })).toMatchObject({ status: 200, about });
    expect(host.refreshes).toBe(1);
  });

  test("gives a file as bytes", async () => {
    await withTokens(line, host, true);
    await keepAt("k1");
    host.page.push(instead((r) => r.writeHead(200).end(Buffer.from([1, 2, 250]))));
    const reply = await requestOf(line, { kept: "k1", as: "bytes" });
    expect("bytes" in reply && [...(reply.bytes ?? [])]).toEqual([1, 2, 250]);
  });

  test("is not shown by an answer that repeats it", async () => {
    await withTokens(line, host, true);
    await keepAt("k1");
    host.page.push(instead((r, { query }) => status(400, { query })(r, {} as never)));
    const reply = await requestOf(line, { kept: "k1" });
    expect(reply).toMatchObject({ status: 400, complete: false, body: "" });
    expect(JSON.stringify(reply)).not.toContain(secret);
  });

  test("is gone once it is dropped, and no other row with it", async () => {
    await withTokens(line, host, true);
    await Promise.all([keepAt("k1"), keepAt("k2")]);
    const fact = { row: "f_1", revision: 1, columns: { notes: '"n"' } };
    await sealRows(line.vault, line.member, connection, [fact], Date.now());
    await drop(line.vault, line.member, ["k1", "f_1", connection]);
    await drop(line.vault, line.member, ["k1"]);
    await drop(line.vault, line.member, []);
    expect((await rows()).map(({ row_id }) => row_id)).toEqual(["k2"]);
    expect(await requestOf(line, { kept: "k1" })).toMatchObject({ status: 410, complete: true });
    const left = "SELECT count(*) AS n FROM sealed WHERE group_name IN ('words', 'token')";
    expect(await line.vault.phi.prepare(left).first("n")).toBe(2);
    expect(host.asked).toHaveLength(0);
  });

  test("that nobody read goes after days, when another one comes", async () => {
    await keepAt("k1");
    const nowMs = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(nowMs + 7 * dayMs);
    await keepAt("k2");
    expect((await rows()).map(({ row_id }) => row_id)).toEqual(["k1", "k2"]);
    vi.setSystemTime(nowMs + 9 * dayMs);
    await keepAt("k3");
    expect((await rows()).map(({ row_id }) => row_id)).toEqual(["k2", "k3"]);
  });

  test("larger than any that is taken is refused", async () => {
    await expect(keepAt("k1", `${url}${"x".repeat(2_100)}`)).rejects.toThrow("larger");
    expect(await rows()).toEqual([]);
  });

  test("goes with its connection, and none is kept for it any more", async () => {
    await keepAt("k1");
    await eraseScope(line.vault, line.member, { kind: "connection", connection }, Date.now());
    expect(await rows()).toEqual([]);
    expect(await keepAt("k2")).toBe("forgotten");
  });

  test("outlives the erasure of a row that shares its key", async () => {
    await withTokens(line, host, true);
    await keepAt("k1");
    const fact = { row: "f_1", revision: 1, columns: { notes: '"n"' } };
    await sealRows(line.vault, line.member, connection, [fact], Date.now());
    await eraseScope(line.vault, line.member, { kind: "rows", rows: ["f_1"] }, Date.now());
    expect(await requestOf(line, { kept: "k1" })).toMatchObject({ status: 200, about });
  });
});

describe("an address is called", () => {
  const hosts = {
    api: "https://apis.provider.test",
    token: "https://token.provider.test",
    callbacks: {
      "https://apis.provider.test": "https://apis.provider.test",
      "https://files.provider.test": "http://127.0.0.1:9",
      "http://plain.provider.test": "http://plain.provider.test",
    },
  };
  const { link } = doorTo("https://x.test", { paths: ["/api/rest/"] });
  const at = (raw: string) => calledAt({ hosts, link }, raw)?.href ?? null;

  test.each([
    [
      "https://apis.provider.test/api/rest/a?x=1&token=X",
      "https://apis.provider.test/api/rest/a?x=1&token=X",
    ],
    ["https://files.provider.test/api/rest/b.fit", "http://127.0.0.1:9/api/rest/b.fit"],
  ])("%s at %s", (raw, called) => {
    expect(at(raw)).toBe(called);
  });

  const path = "/api/rest/a";
  test.each([
    "",
    path,
    `//apis.provider.test${path}`,
    `https:apis.provider.test${path}`,
    `https:///apis.provider.test${path}`,
    `http://apis.provider.test${path}`,
    `http://plain.provider.test${path}`,
    `ftp://apis.provider.test${path}`,
    "javascript:alert(1)",
    "data:application/json,{}",
    "file:///etc/passwd",
    `https://apis.provider.test.evil.test${path}`,
    `https://evil.test${path}`,
    `https://evil.apis.provider.test${path}`,
    `https://apisprovider.test${path}`,
    `https://apis.provider.test@evil.test${path}`,
    `https://u:p@apis.provider.test${path}`,
    `https://u@apis.provider.test${path}`,
    `https://:@apis.provider.test${path}`,
    `https://apis.provider.test:8443${path}`,
    `https://apis.provider.test:443${path}`,
    `https://apis.provider.test.${path}`,
    `https://APIS.provider.test${path}`,
    `https://\u24d0pis.provider.test${path}`,
    `https://apis\u3002provider.test${path}`,
    `https://evil.test\\@apis.provider.test${path}`,
    `https://evil.test/#apis.provider.test${path}`,
    `https://apis.provider.test${path}#x`,
    `https://apis.provider.test${path}#`,
    `https://apis.provider.test\t.evil.test${path}`,
    `https://apis.provider.test%00.evil.test${path}`,
    ` https://apis.provider.test${path}`,
    `https://apis.provider.test${path}\r\nHost: evil.test`,
    `https://apis.provider.test${path} `,
    "https://apis.provider.test/",
    "https://apis.provider.test/api/rest",
    "https://apis.provider.test/api/rest/",
    "https://apis.provider.test/api/restless/a",
    "https://apis.provider.test/API/REST/a",
    "https://apis.provider.test/api/rest/../../vault",
    "https://apis.provider.test/api/rest/%2e%2e/%2e%2e/vault",
    "https://apis.provider.test/api/rest/..%2f..%2fvault",
    "https://apis.provider.test/api/rest/..%5cvault",
    "https://apis.provider.test/api/rest/..;/vault",
    "https://apis.provider.test/api\\rest\\a",
    "https://apis.provider.test/redirect?to=/api/rest/a",
    "https://127.0.0.1/api/rest/a",
    "https://127.1/api/rest/a",
    "https://2130706433/api/rest/a",
    "https://0x7f000001/api/rest/a",
    "https://[::1]/api/rest/a",
    "https://[::ffff:127.0.0.1]/api/rest/a",
    "https://169.254.169.254/api/rest/a",
    "https://metadata.google.internal/api/rest/a",
    "https://localhost/api/rest/a",
    `https://apis.provider.test${path}?x=${"y".repeat(2_100)}`,
  ])("never as %j", (raw) => {
    expect(at(raw)).toBeNull();
  });

  test("nowhere where the deployment names no such hosts", () => {
    const { api, token } = hosts;
    expect(calledAt({ hosts: { api, token }, link }, `${api}${path}`)).toBeNull();
  });

  test("not even when it was kept before the list was another", async () => {
    await withTokens(line, host, true);
    await keepAt("k1", "https://elsewhere.test/api/page");
    const reply = await requestOf(line, { kept: "k1" });
    expect(reply).toMatchObject({ status: 0, fault: "redirect", about });
    expect(host.asked).toHaveLength(0);
  });
});

describe("a record that was had before", () => {
  const record = "f_one" as FactId;
  const pull = {
    one: (collection: string, id: string) => ({ path: `/api/${collection}/${id}`, query: {} }),
  } as Pull;

  test("is asked for by its own id, which nobody else knows", async () => {
    await withTokens(line, host, true);
    const columns = { source_id: '"the-providers-own-id"', title: '"mine"' };
    await sealRows(line.vault, line.member, connection, [{ row: record, revision: 1, columns }], 1);
    const reply = await requestOf({ ...line, pull }, { record, collection: "rides" });
    expect(host.asked).toMatchObject([{ path: "/api/rides/the-providers-own-id" }]);
    expect(JSON.stringify(reply)).not.toContain("the-providers-own-id");
  });

  test("that the vault does not know, or of a provider without a way to ask, is not asked for", async () => {
    await withTokens(line, host, true);
    const asked = { record, collection: "rides" };
    expect(await requestOf({ ...line, pull }, asked)).toEqual({ failed: "no-record" });
    const columns = { source_id: '"the-providers-own-id"' };
    await sealRows(line.vault, line.member, connection, [{ row: record, revision: 1, columns }], 1);
    expect(await requestOf(line, asked)).toEqual({ failed: "no-record" });
    expect(host.asked).toEqual([]);
  });
});
