/** What a newcomer types: the story is told, told again it adds nothing, and a folder has one owner. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
let state: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "singlet-start-"));
});
afterAll(() => rm(state, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly text: string;
}

function start(...options: string[]): Promise<Run> {
  const child = spawn(process.execPath, ["local/start.ts", "--port", "0", ...options], {
    cwd: root,
    env: { ...process.env, INIT_CWD: root },
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((done) => child.on("close", (code) => done({ code, text })));
}

/** The board as printed: everything between its heading and the next chapter. */
const boardIn = ({ text }: Run) => /6\. The leaderboard[\s\S]*?(?=\n\n)/.exec(text)?.[0];

describe("npm start", () => {
  it("tells the story to its end, and told again it adds nothing", async () => {
    const first = await start("--once", "--state", state);
    expect(first.code, first.text).toBe(0);
    expect(first.text).toContain("folded: 2 records, still one workout");
    expect(boardIn(first)).toMatch(/1 +Ada +43\.05 km/);
    expect(first.text).toMatch(/garmin's cycling and apple-health's walking .+ two activities\./);
    expect(first.text).toMatch(/distance +42\.20 km +garmin: measured with GPS by a device/);
    expect(first.text).toMatch(/split +2 workouts, both count: Ada has 84\.92 km/);
    expect(first.text).toContain("the same workout to the byte, and Ada has 43.05 km");
    expect(first.text).toMatch(/without her consent: +403 not let in/);
    expect(first.text).toMatch(/heart rate: +200 let in/);
    expect(first.text).toMatch(/her track: +403 not let in/);
    const second = await start("--once", "--state", state);
    expect(second.code, second.text).toBe(0);
    expect(second.text).toContain("told here before");
    expect(second.text).toContain("the same workout to the byte, and Ada has 43.05 km");
    expect(boardIn(second)).toBe(boardIn(first));
    const local = JSON.parse(await readFile(join(root, ".singlet/local.json"), "utf8"));
    expect(Object.keys(local)).toEqual(
      expect.arrayContaining(["url", "tokens", "members", "providers"]),
    );
    expect(Object.keys(local.tokens)).toEqual([
      "ada",
      "ben",
      "cleo",
      "coach",
      "operator",
      "auditor",
    ]);
  });

  it("refuses a folder in use, an empty folder name and a port that is none", async () => {
    await writeFile(join(state, "lock.json"), JSON.stringify({ pid: process.pid, runtime: null }));
    expect((await start("--once", "--state", state)).text).toContain("is in use by process");
    expect((await start("--state=")).text).toContain("--state takes a folder");
    expect((await start("--port", "99999", "--state", state)).code).toBe(1);
    expect((await start("--help")).text).toContain("--no-demo");
  });
});
