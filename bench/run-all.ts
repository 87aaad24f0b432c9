/** Every bench, one after another, each in a process of its own: what one leaves behind costs no other. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { table } from "../local/table.ts";
import { benches } from "./catalogue.ts";
import { progress, type Result } from "./measure.ts";

/** The longest, which counts a hundred thousand facts, takes an hour or two on two cores. */
const longestMs = 6 * 3_600_000;
const main = resolve(import.meta.dirname, "main.ts");
const resultLine = /^RESULT (\{.*\})$/m;

export interface Ran {
  readonly name: string;
  readonly seconds: number;
  /** Null: it failed, and said why itself. */
  readonly result: Result | null;
}

/** `args`: as they were given; all but `--write` are the bill's. Returns 1 when any failed. */
export async function runAll(
  args: readonly string[],
  names: readonly string[] = Object.keys(benches),
  runOne: (name: string, args: readonly string[]) => Promise<Ran> = inChild,
): Promise<number> {
  const ran: Ran[] = [];
  for (const [i, name] of names.entries()) {
    progress(`── ${name} (${i + 1} of ${names.length})`);
    const theirs = name === "bill" ? args : args.filter((arg) => arg === "--write");
    const one = await runOne(name, theirs);
    if (one.result === null) progress(`── ${name} failed after ${one.seconds} s; on to the next`);
    ran.push(one);
  }
  progress(
    table(
      ["bench", "value", "unit", "ratio", "spread", "took"],
      ran.map(({ name, seconds, result: r }) =>
        r === null
          ? [name, "failed", "", "", "", `${seconds} s`]
          : [name, String(r.value), r.unit, String(r.ratio), String(r.spread), `${seconds} s`],
      ),
    ),
  );
  return ran.some(({ result }) => result === null) ? 1 : 0;
}

async function inChild(name: string, args: readonly string[]): Promise<Ran> {
  const startedMs = performance.now();
  const { code, text } = await childOf([main, name, ...args]);
  const found = code === 0 ? resultLine.exec(text)?.[1] : undefined;
  return {
    name,
    seconds: Math.round((performance.now() - startedMs) / 1000),
    result: found === undefined ? null : (JSON.parse(found) as Result),
  };
}

/** What it says is passed on as it comes. */
function childOf(args: readonly string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [...args], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: longestMs,
    });
    let text = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (said: string) => {
      text += said;
      process.stdout.write(said);
    });
    child.on("error", () => done({ code: null, text }));
    child.on("close", (code) => done({ code, text }));
  });
}
