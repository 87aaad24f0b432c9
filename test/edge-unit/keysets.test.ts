/**
 * Key sets as they are fetched: kept for an hour at most, asked for again when a key is unknown,
 * never so often that somebody could have us ask without end. Every test has a key set of its own.
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keysetAt } from "../../workers/edge/keysets.ts";

const minute = 60_000;
const startMs = Date.UTC(2026, 10, 21);

/** What each path answers, and how often it was asked. */
const sets = new Map<string, { status: number; body: string; asked: number }>();
let server: Server;
let origin: string;
let named = 0;

/** More than any key set, a piece each time that somebody takes one. */
const pouredMax = 32 * 1_048_576;
let poured = 0;
function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(65_536, " ");
  const more = () => {
    let isTaken = true;
    while (isTaken && poured < pouredMax) {
      poured += piece.length;
      isTaken = response.write(piece);
    }
    if (isTaken) response.end();
  };
  response.on("drain", more);
  more();
}

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/endless") return pour(response);
    const set = sets.get(request.url ?? "");
    if (set !== undefined) set.asked++;
    const location = `${origin}/elsewhere`;
    response.writeHead(set?.status ?? 404, { location }).end(set?.body ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function entry(keyId: number) {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const coordinate = (field: number, digits: string) => [
    (field << 3) | 2,
    33,
    0,
    ...Buffer.from(digits, "base64url"),
  ];
  const message = [0x12, 6, 8, 3, 0x10, 2, 0x18, 2, ...coordinate(3, x), ...coordinate(4, y)];
  const typeUrl = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey";
  return {
    keyId,
    status: "ENABLED",
    keyData: { typeUrl, value: Buffer.from(message).toString("base64") },
  };
}
const published = (...ids: number[]) => JSON.stringify({ key: ids.map(entry) });

/** A key set at an address of its own, and who asks for it at some time. */
function keyset(...ids: number[]) {
  const path = `/${named++}`;
  const set = { status: 200, body: published(...ids), asked: 0 };
  sets.set(path, set);
  const ask = async (atMs: number, refresh = false) => {
    const keys = await keysetAt(`${origin}${path}`, startMs + atMs)(refresh);
    return keys === "unavailable" ? keys : [...keys.keys()];
  };
  return { set, ask };
}

test("is fetched once and then kept", async () => {
  const { set, ask } = keyset(1, 2);
  for (let i = 0; i < 5; i++) expect(await ask(i * minute)).toEqual([1, 2]);
  expect(set.asked).toBe(1);
});

test("a key that was taken away is not believed an hour later", async () => {
  const { set, ask } = keyset(1, 2);
  await ask(0);
  set.body = published(2);
  expect(await ask(30 * minute)).toEqual([1, 2]);
  expect(await ask(60 * minute)).toEqual([2]);
});

test("an unknown key asks at once, and what was taken away goes with it", async () => {
  const { set, ask } = keyset(1);
  await ask(0);
  set.body = published(2);
  expect(await ask(minute, true)).toEqual([2]);
  expect(await ask(2 * minute)).toEqual([2]);
  expect(set.asked).toBe(2);
});

test.each([
  ["an error", { status: 503, body: "" }],
  ["a redirect", { status: 302, body: published(3) }],
  ["a page for people", { status: 200, body: "<html>" }],
  ["no key at all", { status: 200, body: '{"key":[]}' }],
  ["far too much", { status: 200, body: `${published(3)}${" ".repeat(70_000)}` }],
])(
  "instead of which comes %s: the held ones stand for the rest of their hour",
  async (_, answer) => {
    const { set, ask } = keyset(1);
    await ask(0);
    Object.assign(set, answer);
    expect(await ask(50 * minute)).toEqual([1]);
    expect(await ask(59 * minute)).toEqual([1]);
    expect(await ask(60 * minute)).toBe("unavailable");
    expect(sets.get("/elsewhere")).toBeUndefined();
  },
);

test("one without an end is not read to its end", async () => {
  expect(await keysetAt(`${origin}/endless`, startMs)(false)).toBe("unavailable");
  expect(poured).toBeLessThan(pouredMax / 2);
});

test("an unknown key while they cannot be had is unavailable, never wrong", async () => {
  const { set, ask } = keyset(1);
  await ask(0);
  set.status = 500;
  expect(await ask(minute, true)).toBe("unavailable");
  expect(await ask(minute)).toEqual([1]);
});

test("had for the first time when they can be had again", async () => {
  const { set, ask } = keyset(1);
  set.status = 500;
  expect(await ask(0)).toBe("unavailable");
  set.status = 200;
  expect(await ask(minute)).toEqual([1]);
});

test("unknown keys do not have it fetched without end", async () => {
  const { set, ask } = keyset(1);
  const answers = new Set<unknown>();
  for (let i = 0; i < 100; i++) answers.add(JSON.stringify(await ask(i, true)));
  expect(set.asked).toBe(20);
  expect(answers).toEqual(new Set(["[1]", '"unavailable"']));
  expect(await ask(minute + 100, true)).toEqual([1]);
});

test("a hundred who come at once to an isolate that holds nothing all get it", async () => {
  const { ask } = keyset(7);
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(0)));
  for (const ids of answers) expect(ids).toEqual([7]);
});

test("nor does one that cannot be had", async () => {
  const { set, ask } = keyset(1);
  set.status = 500;
  for (let i = 0; i < 100; i++) expect(await ask(i * 40)).toBe("unavailable");
  expect(set.asked).toBe(20);
});
