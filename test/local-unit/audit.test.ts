/** The commands themselves: what they print, what they exit with, and keys that others agree on. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cosigner, noteSigner } from "../../kernel/tlog/note.ts";
import { coSigns, newSeed, signs, verifierKeyOf } from "../../local/log-keys.ts";
import { keysText, logOf, proofText, textsOf, writeLog } from "./small-log.ts";

const folder = mkdtempSync(join(tmpdir(), "audit-"));
afterAll(() => rmSync(folder, { recursive: true }));
const texts = textsOf(300);
const keyFile = join(folder, "log.keys");
writeFileSync(keyFile, keysText);

function audit(...words: string[]) {
  const command = resolve(import.meta.dirname, "../../local/audit.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, INIT_CWD: folder },
  });
  return { status, stdout, stderr };
}

describe("npm run audit", () => {
  it("verifies a folder, and says the first thing that does not fit once it was touched", () => {
    writeLog(logOf(texts, [100, 300]), join(folder, "log"));
    const words = ["verify", "--tiles", "log", "--key", "log.keys"];
    const good = audit(...words);
    expect(good).toMatchObject({ status: 0, stderr: "" });
    expect(good.stdout).toMatch(/\nOK\n$/);
    const tile = join(folder, "log/tile/0/000");
    const bytes = readFileSync(tile);
    bytes[5] = (bytes[5] as number) ^ 1;
    writeFileSync(tile, bytes);
    const bad = audit(...words);
    expect(bad.status).toBe(1);
    expect(bad.stdout).toBe("WRONG: tile/1/000.p/1 hash 0 is not the hash of tile/0/000\n");
  });

  it("checks a proof and shows what its entry says, without the salt", () => {
    writeFileSync(join(folder, "own.tlog-proof"), proofText(texts, 5, 100));
    const { status, stdout } = audit("proof", "own.tlog-proof", "--key", "log.keys");
    expect(status).toBe(0);
    expect(stdout).toMatch(/read-readings.*entry 5 of the first 100 in log\.test\/0.*OK\n$/s);
    expect(stdout).not.toMatch(/salt/);
  });

  it("prints its help, and exits with 2 for what it does not understand", () => {
    expect(audit("--help")).toMatchObject({ status: 0, stderr: "" });
    for (const words of [["look"], ["verify"], ["proof"], ["fetch", "--log", "x"], ["--why"]])
      expect(audit(...words), words.join(" ")).toMatchObject({ status: 2, stdout: "" });
  });

  it("makes keys that the logs and the witness verify with", async () => {
    const { stdout } = audit("keys", "log.example.com/0");
    const secret = /^secret\s+(\S+)$/m.exec(stdout)?.[1] ?? "";
    const seed = new Uint8Array(Buffer.from(secret, "base64"));
    const { verifierKey } = await noteSigner("log.example.com/0", seed);
    expect(stdout).toContain(verifierKey);
  });
});

it("the keys that local/ writes down are those that the kernel signs with", async () => {
  const secret = newSeed();
  const seed = new Uint8Array(Buffer.from(secret, "base64"));
  const [log, witness] = [await noteSigner("a.b/0", seed), await cosigner("w.b", seed)];
  expect(verifierKeyOf("a.b/0", secret, signs)).toBe(log.verifierKey);
  expect(verifierKeyOf("w.b", secret, coSigns)).toBe(witness.verifierKey);
});
