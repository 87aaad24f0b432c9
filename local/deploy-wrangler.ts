/**
 * Cloudflare's own command line, as the deploy speaks to it: words in, what it said out. Nothing here
 * calls the API beside it, so that whoever reads a log of a deploy can repeat every step by hand.
 */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Said {
  /** 0: done. */
  readonly status: number;
  /** Without colours. */
  readonly out: string;
  readonly err: string;
}

export type Wrangler = (words: readonly string[]) => Promise<Said>;

/** One command: the longest uploads a few megabytes. */
const commandMsMax = 300_000;
const outputBytesMax = 64 * 1024 * 1024;
const killed = 124;

const escapeCode = String.fromCharCode(27);
const colours = new RegExp(`${escapeCode}\\[[0-9;]*m`, "g");
const plain = (text: string): string => text.replaceAll(colours, "");

const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
const program = join(dirname(manifest), "bin/wrangler.js");

/** The wrangler of this repository, never another one that a machine may have. */
export const wranglerHere =
  (folder: string, env: NodeJS.ProcessEnv = process.env): Wrangler =>
  (words) =>
    new Promise((done) => {
      const options = {
        cwd: folder,
        timeout: commandMsMax,
        maxBuffer: outputBytesMax,
        env: {
          ...env,
          CI: "true",
          NO_COLOR: "1",
          // With it goes the question whether there is a newer one.
          WRANGLER_HIDE_BANNER: "true",
          WRANGLER_SEND_METRICS: "false",
          CLOUDFLARE_CF_FETCH_ENABLED: "false",
        },
      };
      execFile(process.execPath, [program, ...words], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        const status = typeof code === "number" ? code : killed;
        done({ status, out: plain(stdout), err: plain(stderr) });
      });
    });

/** What a command that failed gives as its reason, on one line. */
export function reasonOf({ out, err }: Said): string {
  const lines = `${err}\n${out}`.split("\n").map((line) => line.trim());
  const at = lines.findIndex((line) => line.includes("[ERROR]"));
  const [first = "no answer"] = lines.slice(Math.max(0, at)).filter((line) => line !== "");
  const code = /\[code: \d+\]/.exec(lines.join(" "))?.[0];
  const reason = first.replace(/^.*\[ERROR\]\s*/, "");
  return code === undefined || reason.includes(code) ? reason : `${reason} ${code}`;
}
