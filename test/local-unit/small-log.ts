/**
 * A small log, published as a real one would be, by a generator of its own: whole trees hashed from
 * the leaves up, nothing shared with what writes logs or verifies them.
 */
import { createHash, createPrivateKey, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Source } from "../../local/audit-verify.ts";
import { coSigns, keyFile, signs, verifierKeyOf } from "../../local/log-keys.ts";

export const origin = "log.test/0";
const witnessName = "witness.test";
const logSeed = Buffer.alloc(32, 7).toString("base64");
const witnessSeed = Buffer.alloc(32, 9).toString("base64");
const startMs = Date.UTC(2026, 10, 1);
const startS = startMs / 1000;

export const keysText = keyFile(
  [verifierKeyOf(origin, logSeed, signs)],
  [verifierKeyOf(witnessName, witnessSeed, coSigns)],
);

export type Files = Map<string, Buffer>;

const sha = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
export const leafOf = (text: string) => sha(Buffer.of(0), Buffer.from(text));

/** RFC 6962's own definition. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha(Buffer.of(1), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

export function pathTo(at: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return at < half
    ? [...pathTo(at, left), rootOf(right)]
    : [...pathTo(at - half, right), rootOf(left)];
}

/** Every fourth entry closes the intent before it. */
export function textsOf(size: number, told = ""): string[] {
  return Array.from({ length: size }, (_, i) => {
    const salt = sha(Buffer.from(`salt ${i}`))
      .subarray(0, 16)
      .toString("base64url");
    const head = { v: 1, salt, at: new Date(startMs + i * 500).toISOString() };
    const came = { outcome: "permitted", ground: "own", rows: i % 7 };
    if (i % 4 === 3) return JSON.stringify({ ...head, closes: i - 1, ...came });
    const said = { deed: "read-readings", action: "view", actor: `m_${i % 5}`, role: "coach" };
    const of = { member: "0".repeat(32), columns: ["heart_rate"], purpose: `coaching${told}` };
    const intent = { outcome: "intended", ground: "", rows: 0 };
    return JSON.stringify({ ...head, ...said, ...of, ...(i % 4 === 2 ? intent : came) });
  });
}

const secretOf = (seed: string) =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from("302e020100300506032b657004220420", "hex"),
      Buffer.from(seed, "base64"),
    ]),
    format: "der",
    type: "pkcs8",
  });

function signatureLine(vkey: string, text: string, seed: string, head = Buffer.alloc(0)): string {
  const [name = "", id = ""] = vkey.split("+");
  const signature = sign(null, Buffer.from(text), secretOf(seed));
  return `— ${name} ${Buffer.concat([Buffer.from(id, "hex"), head, signature]).toString("base64")}\n`;
}

export function checkpointOf(leaves: readonly Buffer[], witnessedS: number | null): Buffer {
  const text = `${origin}\n${leaves.length}\n${rootOf(leaves).toString("base64")}\n`;
  const byLog = signatureLine(verifierKeyOf(origin, logSeed, signs), text, logSeed);
  if (witnessedS === null) return Buffer.from(`${text}\n${byLog}`);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(witnessedS));
  const said = `cosignature/v1\ntime ${witnessedS}\n${text}`;
  const key = verifierKeyOf(witnessName, witnessSeed, coSigns);
  return Buffer.from(`${text}\n${byLog}${signatureLine(key, said, witnessSeed, time)}`);
}

const three = (n: number) => String(n).padStart(3, "0");
const nameOf = (level: number | string, n: number, width: number) =>
  `tile/${level}/${three(n)}${width < 256 ? `.p/${width}` : ""}`;

export function tilesOf(leaves: readonly Buffer[]): Files {
  const files: Files = new Map();
  for (let level = 0; leaves.length >= 256 ** level; level++) {
    const span = 256 ** level;
    const hashes = Array.from({ length: Math.floor(leaves.length / span) }, (_, n) =>
      rootOf(leaves.slice(n * span, (n + 1) * span)),
    );
    for (let n = 0; n * 256 < hashes.length; n++) {
      const some = hashes.slice(n * 256, (n + 1) * 256);
      files.set(nameOf(level, n, some.length), Buffer.concat(some));
    }
  }
  return files;
}

export function bundlesOf(texts: readonly string[]): Files {
  const files: Files = new Map();
  for (let n = 0; n * 256 < texts.length; n++) {
    const some = texts.slice(n * 256, (n + 1) * 256).flatMap((text) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    });
    const width = Math.min(256, texts.length - n * 256);
    files.set(nameOf("entries", n, width), Buffer.concat(some));
  }
  return files;
}

export const witnessedAt = (size: number): number => startS + size;

/** All that is in the folder; the checkpoint is co-signed if the last witnessed size is its own. */
export function logOf(texts: readonly string[], sizes: readonly number[]): Files {
  const leaves = texts.map(leafOf);
  const isLast = sizes.at(-1) === leaves.length;
  const files: Files = new Map([...tilesOf(leaves), ...bundlesOf(texts)]);
  for (const [n, size] of sizes.entries())
    files.set(`witnessed/${three(n)}`, checkpointOf(leaves.slice(0, size), witnessedAt(size)));
  files.set("checkpoint", checkpointOf(leaves, isLast ? witnessedAt(leaves.length) : null));
  return files;
}

export const sourceOf = (files: Files): Source => ({
  read: async (path) => files.get(path) ?? null,
  hasEntries: async () => [...files.keys()].some((path) => path.startsWith("tile/entries/")),
});

export function writeLog(files: Files, folder: string): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

export function proofText(texts: readonly string[], index: number, size: number): string {
  const leaves = texts.slice(0, size).map(leafOf);
  const hashes = pathTo(index, leaves).map((hash) => `${hash.toString("base64")}\n`);
  const extra = Buffer.from(texts[index] ?? "").toString("base64");
  const note = checkpointOf(leaves, witnessedAt(size)).toString("utf8");
  return `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex ${index}\n${hashes.join("")}\n${note}`;
}
