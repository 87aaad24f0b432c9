/** What commands say to a reader that leaves, to words that are none, and at their end. */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../local/people.ts";
import { reread } from "../../local/reread.ts";

const root = resolve(import.meta.dirname, "../..");
const range = { from: "2026-10-01T00:00:00Z", to: "2026-10-31T00:00:00Z" };

describe("a command whose reader leaves", () => {
  it.each(["local/erase.ts", "local/vault.ts", "local/audit.ts"])(
    "ends quietly, and not as if it were done: %s",
    (file) => {
      const words = [process.execPath, resolve(root, file), "--help"];
      const script = 'set -o pipefail; "$0" "$@" | true';
      const { status, stderr } = spawnSync("bash", ["-c", script, ...words], { encoding: "utf8" });
      expect([status, stderr]).toEqual([141, ""]);
    },
  );
});

const inOneLine = /^[^\n]+\. --help lists the options\.\n$/;

function refusalOf(file: string, ...words: string[]): string {
  const args = [resolve(root, file), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect([status, stdout]).toEqual([2, ""]);
  return stderr;
}

describe("npm run sim", () => {
  it.each([
    ["--facts", "abc"],
    ["--facts=-5"],
    ["--facts", "-5"],
    ["--facts", "0"],
    ["--seed", "1.5"],
    ["--bogus"],
    ["--facts"],
  ])("says in one line what it does not understand: %s %s", (...words) => {
    expect(refusalOf("test/sim/main.ts", "archive", ...words)).toMatch(inOneLine);
  });

  it("says how a value that begins with a dash is written", () => {
    expect(refusalOf("test/sim/main.ts", "--worlds", "-1")).toContain("--worlds=-");
  });
});

describe("a command of several", () => {
  it.each([
    ["test/sim/main.ts", "nope"],
    ["test/fuzz/main.ts", "nope"],
    ["test/mutation/main.ts", "nope"],
  ])("says that it has none of that name: %s %s", (file, name) => {
    const said = refusalOf(file, name);
    expect(said).toMatch(inOneLine);
    expect(said).toContain(name);
  });

  it("says which there are when none is named", () => {
    expect(refusalOf("test/mutation/main.ts")).toMatch(/all, or of identity, .*\. --help/);
  });
});

describe("npm run vault -- reread", () => {
  const lastWord = async (apply: boolean, ...outcomes: string[]) => {
    const said: string[] = [];
    const items = outcomes.map((outcome) => ({
      ...{ id: "f", member: "m", outcome, fields: {}, columns: [], reason: null },
    }));
    const ask = async () => ({ body: { items, recorded: 0, next: null } }) as unknown as Answer;
    await reread(ask, (text) => said.push(text), "garmin", { ...range, apply });
    return said.at(-1);
  };

  it("offers --apply only where it would change something", async () => {
    expect(await lastWord(false, "same", "changed")).toContain("--apply does it");
    expect(await lastWord(false, "same", "same-edition")).toContain("raise the provider's edition");
    expect(await lastWord(false, "same", "no-raw")).toContain("nothing that --apply would change");
    expect(await lastWord(true, "same-edition")).toBe("0 new editions recorded");
  });

  it("says which field was refused", async () => {
    const server = createServer((_, response) => {
      response.writeHead(400, { "content-type": "application/problem+json" });
      const fields = [{ field: "body.to", rule: "custom" }];
      response.end(JSON.stringify({ title: "Something is not as documented.", fields }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const words = ["reread", "garmin", "--from", range.to, "--to", range.from];
    const args = [resolve(root, "local/vault.ts"), ...words, "--url", url, "--token", "t"];
    const text = await new Promise((done) => {
      execFile(process.execPath, args, (_, out, err) => done(out + err));
    });
    server.close();
    expect(text).toContain("400 Something is not as documented. (body.to custom)");
  });
});
