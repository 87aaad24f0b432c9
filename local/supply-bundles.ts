/** What runs in production, by package: the bytes of each in the three workers and in the pages. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
const wrangler = join(dirname(manifest), "bin/wrangler.js");

export const bundles = ["vault", "edge", "archive", "pages"] as const;
export type Bundle = (typeof bundles)[number];

/** Bytes by package and bundle; Singlet's own stand under `singlet`. */
export type Weights = ReadonlyMap<string, Readonly<Partial<Record<Bundle, number>>>>;

const ours = "singlet";
/** Files of a bundler's own, and the platform's stand-ins for Node. */
const byTool = /^(\0|<|node-built-in-modules:|.*unenv|.*rolldown\/runtime)/;

export function packageOf(file: string): string {
  const inside = file.split(/node_modules\//).at(-1) ?? "";
  if (file.includes("node_modules/"))
    return inside
      .split("/")
      .slice(0, inside.startsWith("@") ? 2 : 1)
      .join("/");
  return byTool.test(file) ? "what the bundler adds" : ours;
}

function add(to: Map<string, number>, file: string, bytes: number): void {
  const name = packageOf(file);
  to.set(name, (to.get(name) ?? 0) + bytes);
}

interface Meta {
  readonly outputs: Readonly<
    Record<
      string,
      { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }
    >
  >;
}

/** Throws when it does not build. */
function workerWeights(worker: Exclude<Bundle, "pages">): Map<string, number> {
  const config = worker === "edge" ? "wrangler.toml" : `workers/${worker}/wrangler.toml`;
  const outdir = mkdtempSync(join(tmpdir(), "singlet-supply-"));
  const file = join(outdir, "meta.json");
  const words = ["deploy", "--dry-run", "--outdir", outdir, "--metafile", file, "-c", config];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
  const { status, stderr } = spawnSync(process.execPath, [wrangler, ...words], {
    ...{ cwd: root, encoding: "utf8", env },
  });
  const weights = new Map<string, number>();
  if (status === 0) {
    const { outputs } = JSON.parse(readFileSync(file, "utf8")) as Meta;
    for (const { inputs } of Object.values(outputs))
      for (const [input, { bytesInOutput }] of Object.entries(inputs))
        if (bytesInOutput > 0) add(weights, input, bytesInOutput);
  }
  rmSync(outdir, { recursive: true, force: true });
  if (status !== 0) throw new Error(`${config} does not build: ${stderr}`);
  return weights;
}

async function pageWeights(): Promise<Map<string, number>> {
  const configFile = join(root, "web/vite.config.ts");
  const former = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  const outDir = mkdtempSync(join(tmpdir(), "singlet-supply-"));
  const made = await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
  if (former === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = former;
  rmSync(outDir, { recursive: true, force: true });
  const weights = new Map<string, number>();
  for (const { output } of [made].flat() as { output: readonly object[] }[])
    for (const part of output)
      if ("modules" in part)
        for (const [file, { renderedLength }] of Object.entries(
          part.modules as Record<string, { readonly renderedLength: number }>,
        ))
          if (renderedLength > 0) add(weights, file, renderedLength);
  return weights;
}

export async function weigh(): Promise<Weights> {
  const all = new Map<string, Partial<Record<Bundle, number>>>();
  for (const bundle of bundles) {
    const weights = bundle === "pages" ? await pageWeights() : workerWeights(bundle);
    for (const [name, bytes] of weights) all.set(name, { ...all.get(name), [bundle]: bytes });
  }
  return all;
}
