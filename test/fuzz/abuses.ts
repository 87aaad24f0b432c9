/** What bare sockets are abused with, and which answers are right. */
import type { Socket } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import type { Chance } from "../oracle/chance.ts";
import { wildText } from "./values.ts";

export const marker = "QuastenflosserAnDerBuchse";
/** As long as the edge waits for a body, and half of that: what takes longer hangs. */
export const closedWithinMs = 15_000;
/** More than any door takes, and quickly packed. */
const bombBytes = 16 * 1024 * 1024;
const endlessChunks = 4_096;

export interface Abuse {
  readonly name: string;
  /** Writes what it has to say; returns when it is said. */
  say(socket: Socket): Promise<void> | void;
  /** The listener may answer 500 by itself, before there is a request to give to us. */
  readonly isListeners?: true;
  /** Which answers are right; a socket that is closed without one always is. */
  readonly right?: (status: number) => boolean;
}
export const below500 = (status: number) => status < 500;
/** "Not implemented" is right of what is not, and "too large" of headers: neither is a fault. */
const orNotKnown = (status: number) => status < 500 || status === 501 || status === 505;
export const head = (lines: readonly string[]) => `${lines.join("\r\n")}\r\n\r\n`;
export const host = "Host: localhost";

const once = (name: string, text: string | Uint8Array, right = below500): Abuse => ({
  ...{ name, right },
  say: (socket) => {
    socket.write(text);
  },
});

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** One byte at a time, until it is refused or all is said. */
async function slowly(socket: Socket, text: string, eachMs: number): Promise<void> {
  for (const byte of Buffer.from(text)) {
    if (socket.destroyed || socket.writableEnded) return;
    socket.write(Buffer.from([byte]));
    await sleep(eachMs);
  }
}

/** Writes and waits where the other side does not read. */
const pour = (socket: Socket, piece: Uint8Array | string): Promise<void> =>
  new Promise((done) => {
    const isFull = !socket.write(piece, () => done());
    if (isFull) socket.once("close", () => done());
  });

export function lines(token: string): Abuse[] {
  const get = (path: string, ...headers: string[]) =>
    head([`GET ${path} HTTP/1.1`, host, ...headers]);
  const post = (...headers: string[]) =>
    head(["POST /v1/sync HTTP/1.1", host, `Authorization: Bearer ${token}`, ...headers]);
  const paths = [
    ...[
      "/%2e%2e/%2e%2e/etc/passwd",
      "/../../v1/me",
      "//v1//me",
      "/v1/./me",
      "/v1%2fme",
      "/v1/me%00",
    ],
    ...[
      "/%",
      "/%zz",
      "/\\..\\v1",
      "/v1/me;x=y",
      "/v1/me?%",
      `/${"a/".repeat(2_000)}`,
      "/%c0%ae%c0%ae/",
    ],
    ...[`/v1/workouts/${"%41".repeat(5_000)}`, "/healthz#x", `/${marker}?${marker}=${marker}`],
  ];
  const methods = ["TRACE", "OPTIONS", "PROPFIND", "get", "G ET", "A".repeat(200), "\0", ""];
  return [
    ...paths.map((path) => once(`path ${path.slice(0, 24)}`, get(path))),
    // These three are no URL to workerd, or no request that a worker can be given: our code is not asked.
    { ...once("path *", get("*")), isListeners: true },
    { ...once("method CONNECT", head(["CONNECT /healthz HTTP/1.1", host])), isListeners: true },
    { ...once("two hosts", get("/healthz", "Host: elsewhere.example")), isListeners: true },
    ...methods.map((m) =>
      once(
        `method ${JSON.stringify(m.slice(0, 9))}`,
        head([`${m} /healthz HTTP/1.1`, host]),
        orNotKnown,
      ),
    ),
    once("absolute form", head(["GET http://elsewhere.example/v1/me HTTP/1.1", host])),
    once("another scheme", head(["GET gopher://elsewhere.example/ HTTP/1.1", host])),
    once("no host", head(["GET /healthz HTTP/1.1"])),
    once("HTTP/0.9", "GET /healthz\r\n"),
    once("HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n"),
    once("HTTP/9.9", head(["GET /healthz HTTP/9.9", host]), orNotKnown),
    once("HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", orNotKnown),
    once("TLS to a plain door", Buffer.from("160301020001000001fc0303", "hex")),
    once("2,000 headers", get("/healthz", ...Array.from({ length: 2_000 }, (_, i) => `x-${i}: y`))),
    once("a header of 17 KB", get("/healthz", `x-long: ${"y".repeat(17_408)}`)),
    once("a header of 1 MB", get("/healthz", `x-long: ${"y".repeat(1_048_576)}`)),
    once("a header over two lines", get("/healthz", "x-folded: a\r\n b")),
    once("a header without a name", get("/healthz", ": x")),
    once("a header with a space before its colon", get("/healthz", "x-space : y")),
    once("a header of a NUL", get("/healthz", "x-nul: a\0b")),
    once("line feeds alone", "GET /healthz HTTP/1.1\nHost: localhost\n\n"),
    once("two lengths", `${post("Content-Length: 2", "Content-Length: 3")}{}x`),
    once("a length of words", `${post("Content-Length: two")}{}`),
    once("a length below nothing", `${post("Content-Length: -2")}{}`),
    once("a length beyond counting", `${post("Content-Length: 99999999999999999999999")}{}`),
    once(
      "length and chunks",
      `${post("Content-Length: 4", "Transfer-Encoding: chunked")}0\r\n\r\n`,
      orNotKnown,
    ),
    once("chunked twice", `${post("Transfer-Encoding: chunked, chunked")}0\r\n\r\n`, orNotKnown),
    once("an encoding that is none", `${post(`Transfer-Encoding: ${marker}`)}{}`, orNotKnown),
    once(
      "a chunk of no number",
      `${post("Transfer-Encoding: chunked")}${marker}\r\n{}\r\n0\r\n\r\n`,
    ),
    once("a chunk beyond counting", `${post("Transfer-Encoding: chunked")}fffffffffffffffff\r\n{}`),
    once("a second request within the first", `${post("Content-Length: 2")}{}${get(`/${marker}`)}`),
    once(
      "a switch of protocols that is none",
      get("/v1/leaderboards/distance/live", "Upgrade: x", "Connection: upgrade"),
    ),
    once(
      "frames without a mask",
      Buffer.concat([
        Buffer.from(
          get(
            "/v1/leaderboards/distance/live",
            ...["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"],
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          ),
        ),
        Buffer.from("8105aaaaaaaaaaff", "hex"),
      ]),
    ),
  ];
}

/** Packed to a thousandth; the edge opens no such body. */
export function bombs(token: string): Abuse[] {
  const zeros = Buffer.alloc(bombBytes);
  const post = (path: string, encoding: string, bytes: number) =>
    head([
      ...[`POST ${path} HTTP/1.1`, host, `Authorization: Bearer ${token}`],
      ...[`Content-Encoding: ${encoding}`, `Content-Length: ${bytes}`],
    ]);
  const kinds = [
    ...([
      ["gzip", gzipSync(zeros)],
      ["deflate", deflateSync(zeros)],
    ] as const),
    ["br", brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })] as const,
  ];
  return kinds.flatMap(([encoding, packed]) =>
    ["/v1/sync", "/v1/files", "/v1/shares/open"].map((path) =>
      once(
        `a bomb as ${encoding} to ${path}`,
        Buffer.concat([Buffer.from(post(path, encoding, packed.length)), packed]),
        (status) => status === 415,
      ),
    ),
  );
}

export function slow(token: string): Abuse[] {
  const post = (...headers: string[]) =>
    head(["POST /v1/sync HTTP/1.1", host, `Authorization: Bearer ${token}`, ...headers]);
  const isLate = (status: number) => [400, 408, 413].includes(status);
  return [
    {
      name: "headers, a byte each 50 ms",
      say: (s) =>
        slowly(s, `GET /healthz HTTP/1.1\r\n${host}\r\nx-slow: ${"y".repeat(20)}\r\n\r\n`, 50),
    },
    {
      name: "a body, a byte each 100 ms, for ever",
      right: isLate,
      async say(socket) {
        socket.write(post("Content-Length: 100000"));
        await slowly(socket, " ".repeat(closedWithinMs / 100), 100);
      },
    },
    {
      name: "chunks without an end",
      right: (status) => status === 413 || status === 408,
      async say(socket) {
        socket.write(post("Transfer-Encoding: chunked"));
        const piece = `4000\r\n${" ".repeat(0x4000)}\r\n`;
        for (let i = 0; i < endlessChunks && !socket.destroyed; i++) await pour(socket, piece);
      },
    },
    {
      name: "a body shorter than it says",
      right: isLate,
      say(socket) {
        socket.end(`${post("Content-Length: 1000")}{"samples":[]}`);
      },
    },
    { name: "nothing at all", say: (socket) => void socket.end() },
    { name: "gone in the middle of a line", say: (socket) => void socket.end("GET /heal") },
  ];
}

/** Bytes by chance, some behind a line that begins well. */
export const noise = (chance: Chance, n: number): Abuse => {
  const bytes = Buffer.from(wildText(chance, marker, []) + wildText(chance, marker, []));
  const start = chance.pick(["", "GET / HTTP/1.1\r\n", `GET /v1/me HTTP/1.1\r\n${host}\r\n`]);
  return once(
    `noise ${n}`,
    Buffer.concat([Buffer.from(start), bytes, Buffer.from("\r\n\r\n")]),
    orNotKnown,
  );
};
