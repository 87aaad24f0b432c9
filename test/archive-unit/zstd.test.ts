/** What the platform's own Zstandard gives back, in the runtime that it ships in. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ours = resolve(import.meta.dirname, "../../workers/archive/zstd.ts");
const worker = `
import { zstd } from ${JSON.stringify(ours)};
const refused = (work) => { try { work(); return false; } catch { return true; } };
export default {
  fetch() {
    const wrong = [];
    for (let length = 1; length < 3_000_000; length += Math.ceil(length / 40)) {
      const bytes = new Uint8Array(length).map((_, i) => 48 + (i % 7));
      const packed = zstd.compress(bytes);
      if (refused(() => zstd.decompress(packed, length))) wrong.push(length);
    }
    let seed = 1;
    const drawn = () => (seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 24;
    const loose = new Uint8Array(400_000).map((_, i) => (i % 3 === 0 ? 65 : drawn()));
    const lost = [];
    for (let length = 1; length < loose.length; length += Math.ceil(length / 20)) {
      const bytes = loose.subarray(0, length);
      const back = zstd.decompress(zstd.compress(bytes), length);
      if (back.some((byte, i) => byte !== bytes[i])) lost.push(length);
    }
    const long = zstd.compress(new Uint8Array(5_000_000));
    const short = zstd.compress(new Uint8Array(10));
    const lies = [[long, 10], [long, 4_999_999], [short, 9], [short, 11]];
    return Response.json({ wrong, lost, seen: lies.map(([b, n]) => refused(() => zstd.decompress(b, n))) });
  },
};`;

let runtime: Miniflare;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "singlet-zstd-"));
  const { outputFiles } = await build({
    stdin: { contents: worker, resolveDir: import.meta.dirname, loader: "js" },
    ...{ bundle: true, write: false, format: "esm", target: "es2023", logLevel: "error" },
    external: ["node:*", "cloudflare:*"],
  });
  runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "zstd",
      modules: [{ type: "ESModule", path: "z.mjs", contents: outputFiles[0]?.text ?? "" }],
      ...{ compatibilityDate: "2026-10-01", compatibilityFlags: ["nodejs_compat"] },
      ...{ host: "127.0.0.1", port: 0, cf: false, log: new Log(LogLevel.NONE) },
      ...{ resourcePersistencePath: folder, telemetry: { enabled: false } },
    }),
  );
});
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe("the runtime's Zstandard", () => {
  test("gives a page of any length and looseness back, and none that is not as long as its header says", async () => {
    const answer = await fetch(await runtime.ready);
    expect(await answer.json()).toEqual({ wrong: [], lost: [], seen: [true, true, true, true] });
  });
});
