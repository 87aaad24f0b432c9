/**
 * How the pages are built: one entry, each page a part of its own that is loaded when it is opened,
 * and the worker that keeps the shell for when there is no network. Nothing is written into the
 * document but the places of its script and its style, so that the policy can forbid the rest.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type Rolldown } from "vite";

type Bundle = Rolldown.OutputBundle;

/** Of the public folder: what the frame shows. */
const shellFiles = ["icon.svg", "manifest.webmanifest"];

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Files that the document and its script are made of, whatever page is opened. */
function shellOf(bundle: Bundle): string[] {
  const entry = Object.values(bundle).find((part) => part.type === "chunk" && part.name === "main");
  const found = new Set<string>();
  const walk = (name: string) => {
    const part = bundle[name];
    if (part?.type !== "chunk" || found.has(name)) return;
    found.add(name);
    for (const style of part.viteMetadata?.importedCss ?? []) found.add(style);
    for (const next of part.imports) walk(next);
  };
  walk(entry?.fileName ?? "");
  return [...found];
}

const workerName = "service-worker.js";

/** Tells the worker which files there are; when any of them changes it is another worker. */
function buildList(): Plugin {
  return {
    name: "build-list",
    apply: "build",
    async writeBundle({ dir = "" }, bundle) {
      const hash = createHash("sha256");
      const written = (await readdir(dir, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && entry.name !== workerName)
        .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
        .sort();
      for (const name of written) hash.update(name).update(await readFile(join(dir, name)));
      const shell = [...shellOf(bundle), ...shellFiles];
      const rest = written.filter((name) => name.startsWith("assets/") && !shell.includes(name));
      const build = {
        name: hash.digest("hex").slice(0, 16),
        shell: ["/", ...shell.map((name) => `/${name}`)],
        rest: rest.map((name) => `/${name}`),
      };
      const worker = await readFile(join(dir, workerName), "utf8");
      const text = JSON.stringify(JSON.stringify(build));
      await writeFile(
        join(dir, workerName),
        worker.replace(/["'`]__BUILD__["'`]/, () => text),
      );
    },
  };
}

/** Without charts, files and their readers: those come with the pages that have them. */
const isShell = (id: string): boolean =>
  /\/web\/(api|session|offline)\//.test(id)
    ? !/service-worker|add-entry|entry-fields|upload/.test(id)
    : (/\/web\/design\/[\w-]+\.tsx?$/.test(id) && !/chart-drawing|dropzone/.test(id)) ||
      /\/domain\/time\.ts|preload-helper/.test(id) ||
      /\/node_modules\/(react|react-dom|scheduler|wouter|@tanstack)\//.test(id);

export default defineConfig({
  root: at("."),
  publicDir: at("./public"),
  plugins: [buildList()],
  build: {
    outDir: at("../dist/web"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Libraries mark what runs in a browser; here everything does.
      onLog: (level, log, say) => {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") say(level, log);
      },
      input: { main: at("./index.html"), "service-worker": at("./offline/service-worker.ts") },
      output: {
        // What every page needs comes in one piece; what one page needs, with that page.
        codeSplitting: { groups: [{ name: "shell", test: isShell }] },
        entryFileNames: ({ name }) =>
          name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js",
      },
    },
  },
});
