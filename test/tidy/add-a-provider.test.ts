/**
 * docs/add-a-provider.md works: its files, taken out of the page, have the types that they should,
 * stay within the house's rules, and go through everything that a real provider goes through. Its
 * shell sends what the door takes.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Provider } from "../../providers/provider.ts";
import { toleranceMs } from "../../providers/signature.ts";
import type { ProviderCases } from "../providers/cases/form.ts";
import { holds } from "../providers/parity/holds.ts";
import { verdictOn } from "../providers/parity/run.ts";
import { shows } from "../providers/parity/shows.ts";
import { doubtsOf, rowOf, tables } from "./provider-rows.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/add-a-provider.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, s = ""]) => s);

/** Its files by path: the first block of TypeScript under a heading that is a path. */
const files = new Map(
  page.split(/^### /m).flatMap((part) => {
    const [, path] = /^`([a-z/-]+(?:\.test)?\.ts)`\n/.exec(part) ?? [];
    const [, code = ""] = /^```ts\n(.*?)^```/ms.exec(part) ?? [];
    return path === undefined ? [] : [[path, code] as const];
  }),
);

/** Written where no file of ours is in the way; what they import of ours is named in full. */
const folder = mkdtempSync(join(tmpdir(), "add-a-provider-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (path: string) => join(folder, path);
for (const [path, code] of files) {
  mkdirSync(dirname(at(path)), { recursive: true });
  const named = code.replaceAll(/ from "(\.[^"]+)"/g, (said, to) => {
    const own = join(dirname(path), to);
    return files.has(own) ? said : ` from "${join(root, own)}"`;
  });
  writeFileSync(at(path), named);
}
symlinkSync(join(root, "node_modules"), at("node_modules"));

const { pacer }: { pacer: Provider } = await import(/* @vite-ignore */ at("providers/pacer.ts"));
const { cases }: { cases: ProviderCases } = await import(
  /* @vite-ignore */ at("test/providers/cases/pacer.ts")
);

/** What the types say of the files in the folder; of ours they are checked elsewhere. */
function complaints(): string[] {
  const tsc = join(root, "node_modules/.bin/tsc");
  try {
    execFileSync(tsc, ["-p", "."], { cwd: folder, encoding: "utf8", stdio: "pipe" });
    return [];
  } catch (error) {
    const { stdout } = error as { readonly stdout: string };
    return stdout.split("\n").filter((line) => /^(providers|test)\//.test(line));
  }
}

describe("its files", () => {
  it("are those that its table names, and a line in the list", () => {
    const [, table = ""] = /^\| what \| where \| \|\n(.*?)\n\n/ms.exec(page) ?? [];
    const paths = [...table.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
    const others = ["providers/index.ts", "docs/providers.md"];
    expect([...files.keys(), ...others].sort()).toEqual(paths.sort());
    const list = readFileSync(join(root, "providers/index.ts"), "utf8");
    const around = (blocks("diff")[0] ?? "").split("\n").filter((line) => line.startsWith(" "));
    for (const line of around) expect(list).toContain(`${line.slice(1)}\n`);
  });

  it("keep the house's rules", () => {
    const code = files.get("providers/pacer.ts") ?? "";
    expect(code.split("\n").length - 1).toBeLessThanOrEqual(350);
    for (const [, path = ""] of code.matchAll(/ from "([^"]+)"/g))
      expect(join("providers", path)).toMatch(/^(providers|domain)\//);
    expect(code).not.toMatch(/Date\.now|new Date\(|Math\.random|crypto/);
  });

  it("have the types that they should", () => {
    const options = { extends: join(root, "test/tsconfig.json"), include: ["."] };
    writeFileSync(at("tsconfig.json"), JSON.stringify({ ...options, exclude: ["node_modules"] }));
    expect(complaints()).toEqual([]);
    const wrong = `${readFileSync(at("providers/pacer.ts"), "utf8")}export const wrong: Provider = {};\n`;
    writeFileSync(at("providers/wrong.ts"), wrong);
    expect(complaints().join()).toMatch(/^providers\/wrong\.ts/);
  });

  it("stand as they would be formatted", () => {
    const biome = join(root, "node_modules/.bin/biome");
    for (const [path, code] of files) {
      const args = ["format", `--stdin-file-path=${path}`];
      expect(execFileSync(biome, args, { cwd: root, input: code, encoding: "utf8" })).toBe(code);
    }
  });
});

describe("Pacer", () => holds(pacer));
describe("Pacer shows", () => shows(pacer, () => cases));
describe("its own test", async () => {
  await import(/* @vite-ignore */ at("test/providers/pacer.test.ts"));
});

it("its rows are those of the page of all providers", () => {
  const rows = tables.map((_, nth) => rowOf(nth, pacer));
  expect(blocks("md")[0]).toBe(`${rows.join("\n")}\n\n${doubtsOf(pacer)}\n`);
});

it("it says how far a time may be off", () => {
  expect(page).toContain(`±${toleranceMs / 1000} s both ways`);
});

describe("its shell", () => {
  const [, script = ""] = blocks("sh");
  const reference = "the-word-of-ours";
  const local = {
    url: "https://singlet.example",
    tokens: { ada: "adas" },
    providers: { pacer: { secret: "its $ecret", verification: "our word" } },
  };

  /** In place of sending: what would be sent, a line each; a link is answered with a word. */
  function sent(): string[][] {
    const stand = `curl() { node -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- "$@" >&3
      case "$*" in */v1/connections/*) echo '{"reference":"${reference}"}';; esac; }\n`;
    mkdirSync(at(".singlet"), { recursive: true });
    writeFileSync(at(".singlet/local.json"), JSON.stringify(local));
    const run = `exec 3> calls\nset -eu\n${stand}${script}`;
    const PATH = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
    execFileSync("bash", ["--norc", "-c", run], { cwd: folder, env: { PATH }, stdio: "pipe" });
    const calls = readFileSync(at("calls"), "utf8").trim().split("\n");
    return calls.map((line) => JSON.parse(line));
  }

  it("sends what the door takes, and once what it does not", async () => {
    const calls = sent();
    const deliveries = calls.filter((words) => words.includes("--data-binary"));
    const verdicts: string[] = [];
    const said: unknown[] = [];
    for (const words of deliveries) {
      const headers = Object.fromEntries(
        words.flatMap((word, i) => (words[i - 1] === "-H" ? [word.split(": ")] : [])),
      );
      const body = words[words.indexOf("--data-binary") + 1] ?? "";
      const nowMs = Number(headers["pacer-time"]) * 1000;
      const secrets = { signing: [local.providers.pacer.secret] };
      const verdict = await verdictOn(pacer, cases, { headers, body, nowMs }, secrets);
      verdicts.push(verdict.is);
      said.push(pacer.parse(body));
    }
    expect(verdicts).toEqual(["genuine", "genuine", "genuine", "refused"]);
    expect(said[0]).toMatchObject({ value: { links: [{ account: "u-7", by: { reference } }] } });
    expect(said[1]).toMatchObject({ value: { items: [{ kind: "workout.saved" }] } });
    expect(said[2]).toMatchObject({ value: { items: [{ kind: "workout.removed" }] } });
    expect(calls[0]?.at(-1)).toBe(`${local.url}/webhooks/pacer?token=our word&echo=hello`);
  });
});
