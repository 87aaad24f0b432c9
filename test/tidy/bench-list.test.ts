/** What `npm run bench` says and does before it measures anything. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { benches } from "../../bench/catalogue.ts";
import { type Ran, runAll } from "../../bench/run-all.ts";

const run = promisify(execFile);
const bench = (...args: readonly string[]) =>
  run(process.execPath, [resolve(import.meta.dirname, "../../bench/main.ts"), ...args]);
const asked =
  "ingest freshness ledger ranks polls vault audit settle samples bill board-reads hot-board listens sales";

describe("the harness", () => {
  it("has the benches that were asked for, in this order", () => {
    expect(Object.keys(benches).join(" ")).toBe(asked);
  });

  it("lists them without a name, each with what it measures", async () => {
    const { stdout } = await bench();
    const lines = stdout.split("\n").map((line) => line.trim().replace(/ +/g, " "));
    for (const [name, { what }] of Object.entries(benches))
      expect(lines).toContain(`${name} ${what}`);
    expect((await bench("--help")).stdout).toBe(stdout);
  });

  it("refuses a name that it does not have", async () => {
    await expect(bench("speed")).rejects.toMatchObject({ code: 2 });
  });

  it("reckons capacity without measuring anything", async () => {
    expect((await bench("capacity")).stdout).toContain("| members | 10,000 |");
  });
});

describe("all of them", () => {
  const ran = (name: string, isWell: boolean): Ran => ({
    ...{ name, seconds: 1 },
    result: isWell
      ? { name, value: 1, unit: "ms", floor: 1, ratio: 1, spread: 1, level: "emulator" }
      : null,
  });

  it("run one after another, and go on after one that fails", async () => {
    const seen: string[] = [];
    const one = async (name: string, args: readonly string[]) => {
      seen.push([name, ...args].join(" "));
      return ran(name, name !== "b");
    };
    expect(await runAll(["--write", "--facts", "9"], ["a", "b", "bill"], one)).toBe(1);
    expect(seen).toEqual(["a --write", "b --write", "bill --write --facts 9"]);
    expect(await runAll([], ["a"], one)).toBe(0);
  });
});
