/** One call, whatever the provider does: a reply that says what it came to, within its bounds. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callOf } from "../../domain/call.ts";
import { addressOf, send, withoutSecrets } from "../../workers/vault/provider-call.ts";
import { retryAfterOf } from "../../workers/vault/retry-after.ts";

let url: URL;
let answer: (response: ServerResponse) => void;
let asked = 0;
const server = () =>
  createServer((_request, response) => {
    asked++;
    answer(response);
  });
let running: ReturnType<typeof server>;
beforeEach(async () => {
  asked = 0;
  running = server();
  await new Promise<void>((resolve) => running.listen(0, "127.0.0.1", resolve));
  url = new URL(`http://127.0.0.1:${(running.address() as AddressInfo).port}/x`);
});
afterEach(async () => {
  running.closeAllConnections();
  await new Promise((resolve) => running.close(resolve));
});

const json = { "content-type": "application/json; charset=utf-8" };
const get = { method: "GET", headers: { authorization: "Bearer t" } } as const;
const bounds = { timeoutMs: 5_000, bytesMax: 1_000 };
const plain = { status: 200, complete: true, fault: null, retryAfterMs: null, headers: {} };
const nothing = { body: "", complete: false };

type Row = readonly [
  what: string,
  answer: (r: ServerResponse) => void,
  reply: object,
  kind: string,
];
const faults: readonly Row[] = [
  ["JSON", (r) => r.writeHead(200, json).end('{"a":1}'), { ...plain, body: '{"a":1}' }, "ok"],
  ["nothing", (r) => r.writeHead(204).end(), { ...plain, status: 204, body: "" }, "ok"],
  [
    "JSON of its own kind",
    (r) => r.writeHead(200, { "content-type": "application/problem+json" }).end("[]"),
    { ...plain, body: "[]" },
    "ok",
  ],
  ["JSON of no stated type", (r) => r.writeHead(200).end("[]"), { ...plain, body: "[]" }, "ok"],
  [
    "a redirect",
    (r) => r.writeHead(302, { location: "http://127.0.0.1:1/" }).end("go"),
    { status: 302, ...nothing, fault: "redirect" },
    "broken",
  ],
  [
    "a page for people",
    (r) => r.writeHead(200, { "content-type": "text/html" }).end("{}"),
    { status: 200, ...nothing, fault: "wrong-type" },
    "broken",
  ],
  [
    "what only claims to be JSON",
    (r) => r.writeHead(200, json).end('{"a":'),
    { status: 200, ...nothing, fault: "wrong-type" },
    "broken",
  ],
  [
    "half of it",
    (r) => r.writeHead(200, { ...json, "content-length": "9" }).write("[1,2", () => r.destroy()),
    { status: 200, ...nothing, fault: "cut-short" },
    "network",
  ],
  [
    "half of it without a stated length",
    (r) => r.writeHead(200, json).write("[1,2]", () => r.destroy()),
    { status: 200, ...nothing, fault: "cut-short" },
    "network",
  ],
  [
    "more than is taken, as stated",
    (r) => r.writeHead(200, { ...json, "content-length": "5000" }).write("["),
    { status: 200, ...nothing, fault: "too-large" },
    "broken",
  ],
  [
    "more than is taken, unstated",
    (r) => r.writeHead(200, json).end(JSON.stringify("x".repeat(1_001))),
    { status: 200, ...nothing, fault: "too-large" },
    "broken",
  ],
  ["a hang-up", (r) => r.destroy(), { status: 0, ...nothing, fault: "network" }, "network"],
  [
    "an error with a page",
    (r) => r.writeHead(503, { "content-type": "text/html", "retry-after": "30" }).end("<p>"),
    { status: 503, body: "<p>", complete: true, fault: null, retryAfterMs: 30_000 },
    "failed",
  ],
  [
    "429",
    (r) => r.writeHead(429, { ...json, "retry-after": "9999999" }).end("{}"),
    { status: 429, complete: true, fault: null, retryAfterMs: 86_400_000 },
    "throttled",
  ],
  ["401", (r) => r.writeHead(401, json).end("{}"), { status: 401, fault: null }, "denied"],
  ["404", (r) => r.writeHead(404, json).end("{}"), { status: 404, fault: null }, "refused"],
];

describe("a provider that answers", () => {
  test.each(faults)("%s", async (_, how, reply, kind) => {
    answer = how;
    const came = await send(url, get, bounds);
    expect(came).toMatchObject(reply);
    expect(callOf(came, 1).class).toBe(kind);
    expect(asked).toBe(1);
  });

  test.each([
    ["at all", (_: ServerResponse) => {}, 0],
    ["to its end", (r: ServerResponse) => void r.writeHead(200, json).write("["), 200],
  ])("not %s in time", async (_, how, status) => {
    answer = how;
    const reply = await send(url, get, { ...bounds, timeoutMs: 150 });
    expect(reply).toEqual({
      status,
      ...nothing,
      fault: "timeout",
      retryAfterMs: null,
      headers: {},
    });
    expect(callOf(reply, 1).class).toBe("timeout");
  });

  test("nowhere", async () => {
    const port = url.port;
    running.closeAllConnections();
    await new Promise((resolve) => running.close(resolve));
    running = server();
    const reply = await send(new URL(`http://127.0.0.1:${port}/`), get, bounds);
    expect(reply).toMatchObject({ status: 0, fault: "network" });
    await new Promise<void>((resolve) => running.listen(0, "127.0.0.1", resolve));
  });

  test("with headers hands on those that were asked for, and no others", async () => {
    const given = {
      ...json,
      "X-RateLimit-Remaining": "7",
      "x-user": "1",
      "x-long": "y".repeat(999),
    };
    answer = (r) => r.writeHead(200, given).end("{}");
    const keep = ["x-ratelimit-remaining", "x-long", "x-absent"];
    const { headers } = await send(url, { ...get, keep }, bounds);
    expect(headers).toEqual({ "x-ratelimit-remaining": "7", "x-long": "y".repeat(256) });
  });
});

describe("a file", () => {
  const bytes = Uint8Array.from({ length: 900 }, (_, i) => i % 256);
  const file = { ...get, as: "bytes" } as const;

  test("comes as it is", async () => {
    answer = (r) => r.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes);
    const reply = await send(url, file, bounds);
    expect(reply).toMatchObject({ ...plain, body: "" });
    expect([...(reply.bytes ?? [])]).toEqual([...bytes]);
  });

  test("that is a page for people is none", async () => {
    answer = (r) => r.writeHead(200, { "content-type": "Text/HTML; charset=x" }).end(bytes);
    const reply = await send(url, file, bounds);
    expect(reply).toMatchObject({ ...nothing, fault: "wrong-type" });
    expect(reply.bytes).toBeUndefined();
  });

  test("that shows a secret does not come", async () => {
    answer = (r) => r.writeHead(200).end(Buffer.concat([bytes, Buffer.from("..s3cret.."), bytes]));
    const reply = await send(url, file, { ...bounds, bytesMax: 10_000 });
    expect(withoutSecrets(reply, ["another"])).toBe(reply);
    const cleaned = withoutSecrets(reply, ["another", "s3cret"]);
    expect(cleaned).toMatchObject({ ...nothing, fault: "wrong-type" });
    expect(cleaned.bytes).toBeUndefined();
  });
});

describe("a secret that is repeated", () => {
  const shapes: readonly (readonly [string, (secret: string) => string])[] = [
    ["in JSON", (secret) => JSON.stringify({ asked: secret })],
    ["in JSON with its slashes escaped", (s) => JSON.stringify([s]).replaceAll("/", "\\/")],
    ["in a form", (secret) => `a=1&${new URLSearchParams({ token: secret })}&b=2`],
    ["in an address", (secret) => `https://api.test/?token=${encodeURIComponent(secret)}`],
  ];

  test.each(shapes)("%s never comes out", (_, repeat) => {
    const secrets = fc.string({ minLength: 1, unit: "grapheme" });
    fc.assert(
      fc.property(secrets, (secret) => {
        const shown = { ...plain, body: repeat(secret) };
        expect(withoutSecrets(shown, [secret])).toEqual({
          ...shown,
          ...nothing,
          fault: "wrong-type",
        });
        const file = { ...plain, body: "", bytes: new TextEncoder().encode(repeat(secret)) };
        expect(withoutSecrets(file, [secret]).bytes).toBeUndefined();
      }),
    );
  });

  test("is looked for, whatever it is made of", () => {
    expect(withoutSecrets({ ...plain, body: "{}" }, ["\ud800"]).body).toBe("{}");
  });
});

describe("Retry-After", () => {
  const nowMs = Date.UTC(1994, 10, 6, 8, 0, 0);
  const at = "Sun, 06 Nov 1994 08:49:37 GMT";

  test.each([
    ["120", null, 120_000],
    ["0", null, 0],
    ["99999999999999999999", null, 86_400_000],
    [at, null, 2_977_000],
    [at, "Sun, 06 Nov 1994 08:49:07 GMT", 30_000],
    [at, "Sun, 06 Nov 1994 09:49:07 GMT", 0],
    [at, "nonsense", 2_977_000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", null, 2_977_000],
    ["Sun Nov  6 08:49:37 1994", null, 2_977_000],
    ["Sun, 06 Nov 2094 08:49:37 GMT", null, 86_400_000],
    ...["", "-1", "1.5", "soon", "1994-11-06", "Sun, 99 Nov 1994 08:49:37 GMT"].map(
      (text) => [text, null, null] as const,
    ),
  ] as const)("%s (Date: %s) is a wait of %j ms", (header, date, waitMs) => {
    expect(retryAfterOf(header, date, nowMs)).toBe(waitMs);
  });

  test("is never negative, nor more than a day, whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), (header, date) => {
        const waitMs = retryAfterOf(header, date, nowMs) ?? 0;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(86_400_000);
      }),
    );
  });
});

describe("an address", () => {
  const of = (path: string) =>
    addressOf("https://api.test", { path, query: { q: "a b" } }, ["/v1/"]);

  test("is on the host, below what may be asked for", () => {
    expect(of("/v1/items").href).toBe("https://api.test/v1/items?q=a+b");
  });

  test.each([
    "/v2/x",
    "/v1",
    "//evil.test/v1/",
    "https://evil.test/v1/",
    "/v1/../v2",
    "/v1/%2e%2e/v2",
  ])("is never %s", (path) => {
    expect(() => of(path)).toThrow("leaves");
  });
});
