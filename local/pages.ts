/**
 * `npm run pages`: builds the pages into dist/web, from which the edge worker serves them. What is as
 * it was is not built again: a stamp beside them says what they were made of.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";

const root = resolve(import.meta.dirname, "..");
/** Where wrangler.toml has them served from. */
export const pagesFolder = join(root, "dist/web");
const stampFile = join(root, "dist/web.stamp");
/** What they are made of: themselves, what they import, and the libraries' versions. */
const sources = ["web", "client", "domain", "package-lock.json", "local/pages.ts"];
const placingsMax = 5;

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  if (entries === null) return [path];
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

async function stampNow(): Promise<string> {
  const files = (await Promise.all(sources.map((name) => filesUnder(join(root, name))))).flat();
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(file).update(await readFile(file));
  return hash.digest("hex");
}

/** True: they were built; false: they were as they would be. Throws when they cannot be built. */
export async function buildPages(): Promise<boolean> {
  const stamp = await stampNow();
  const former = await readFile(stampFile, "utf8").catch(() => "");
  if (former === stamp && existsSync(join(pagesFolder, "index.html"))) return false;
  // Built beside and put in its place: whoever serves the former is not left with half.
  const fresh = `${pagesFolder}.${process.pid}`;
  await buildInto(fresh);
  await mkdir(join(root, "dist"), { recursive: true });
  await putInPlace(fresh);
  await writeFile(stampFile, stamp);
  return true;
}

/** As they are deployed, whoever asks: by this variable libraries choose what they are made of. */
export async function buildInto(folder: string): Promise<void> {
  const former = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  try {
    await build({
      configFile: join(root, "web/vite.config.ts"),
      logLevel: "error",
      build: { outDir: folder },
    });
  } finally {
    if (former === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = former;
  }
}

/** Somebody else may be doing the same: the last one stands. */
async function putInPlace(fresh: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    await rm(pagesFolder, { recursive: true, force: true });
    try {
      return await rename(fresh, pagesFolder);
    } catch (error) {
      if (tried === placingsMax) throw error;
    }
  }
}

const help = `npm run pages -- [options]

  Builds the pages into dist/web, from which the edge worker serves them. What is as it was is not
  built again.

  --screenshots   then starts a system of its own, tells it some weeks, and writes docs/screenshots
  --icons         draws web/public's PNGs from icon.svg
  --help          this text

  Both drive Debian's Chromium; CHROMIUM_PATH names another.
`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      screenshots: { type: "boolean", default: false },
      icons: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(help);
  // What drives a browser is loaded for these alone.
  if (values.icons) {
    const { drawIcons } = await import("../test/web/icons.ts");
    say(`drew ${(await drawIcons()).join(", ")}`);
  }
  say((await buildPages()) ? "built the pages: dist/web" : "the pages are as they were");
  if (values.screenshots) {
    const { takeScreenshots } = await import("../test/web/screenshots.ts");
    await takeScreenshots(say);
  }
}

// Not awaited here: what it loads wants this module whole.
if (import.meta.main) void main();
