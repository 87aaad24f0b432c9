/** What the commands say to words that are none. Nothing is looked at before they are understood. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const run = (file: string, ...words: readonly string[]) =>
  spawnSync(process.execPath, [resolve(root, file), ...words], { encoding: "utf8" });

it.each([
  ["local/deploy.ts", "--env", "staging"],
  ["local/deploy.ts", "--plan", "--rollback"],
  ["local/deploy.ts", "--plan", "--settings", "nowhere.json"],
  ["local/supply.ts", "--offline", "--demand-audit"],
  ["local/supply.ts", "--registry", "nowhere"],
  ["test/rollout/main.ts", "--from", "0".repeat(40)],
  ["test/fuzz/main.ts", "sockets", "--requests", "4"],
  ["test/fuzz/main.ts", "files", "--only", "sync"],
])("say in one line what they do not understand: %s %s %s", (file, ...words) => {
  const { status, stdout, stderr } = run(file, ...words);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^[^\n]+\. --help lists the options\.\n$/);
});

it("say that nobody is there to agree, instead of changing something", () => {
  const { status, stderr } = run("local/deploy.ts");
  expect(status).toBe(2);
  expect(stderr).toContain("add --yes, or --plan");
});
