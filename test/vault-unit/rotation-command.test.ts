/** `npm run vault -- rotate` against an edge that says what it was told: what the command asks. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const shard = { shard: 0, open: true, members: 1, bytes: 1, restored: false, missing: false };
const keys = (epochs: readonly number[], changes: object = {}) => ({
  epoch: epochs.at(-1),
  epochMadeAt: "2026-11-21T00:00:00Z",
  epochs,
  underOldRoot: 0,
  shards: [
    { ...shard, left: 0 },
    { ...shard, shard: 1, left: 0, ...changes },
  ],
});

let server: Server | null = null;
afterEach(() => {
  server?.close();
});

/** Every rotation ends with its first step, unless something is left for ever. */
async function rotate(status: object, left = 0) {
  let rotations = 0;
  server = createServer((request, response) => {
    if (request.method === "POST") rotations++;
    const step = { what: "epoch", epoch: 3, rewrapped: 0, left, done: left === 0 };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.method === "POST" ? step : status));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = [resolve(root, "local/vault.ts"), "rotate", "--url", url, "--token", "t"];
  const said = await new Promise<{ code: number; text: string }>((done) => {
    const child = execFile(process.execPath, args, (_, out, err) =>
      done({ code: child.exitCode ?? -1, text: out + err }),
    );
  });
  return { ...said, rotations };
}

describe("the command that rotates", () => {
  it("does one rotation when none is under way", async () => {
    expect(await rotate(keys([2]))).toMatchObject({ code: 0, rotations: 1 });
  });

  it("finishes the one that is under way and does another one, and says so", async () => {
    const { code, rotations, text } = await rotate(keys([2, 3]));
    expect({ code, rotations }).toEqual({ code: 0, rotations: 2 });
    expect(text).toContain("under way");
  });

  it("names the shard whose keys do not open", async () => {
    const { code, text } = await rotate(keys([2, 3], { left: 4 }), 4);
    expect(code).toBe(1);
    expect(text).toContain("4 keys of shard 1");
    expect(text).toContain("restore 1");
  });

  it("names a shard that is missing, and asks for nothing", async () => {
    const { code, rotations, text } = await rotate(keys([2], { missing: true }));
    expect({ code, rotations }).toEqual({ code: 1, rotations: 0 });
    expect(text).toContain("shard 1 is not bound");
  });
});
