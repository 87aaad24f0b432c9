/**
 * The release before this one, out of the repository's own history: its sources in a folder of their
 * own, and entries by which its workers run under the present configuration. A shallow clone has no
 * such history; what is recorded (recorded.ts) is checked there all the same.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { endFolder, passingFolder } from "../../local/passing.ts";
import type { WorkerName } from "../../local/runtime.ts";

const root = resolve(import.meta.dirname, "../..");
const archiveBytesMax = 256 * 1024 * 1024;

export const isInHistory = (commit: string): boolean =>
  spawnSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: root }).status === 0;

export interface Old {
  readonly folder: string;
  readonly mains: Readonly<Record<WorkerName, string>>;
  end(): Promise<void>;
}

const entryOf = (worker: WorkerName): string => `workers/${worker}/index.ts`;

/** Classes and entrypoints that the present configuration binds, by worker. */
async function boundIn(worker: WorkerName): Promise<string[]> {
  const files = ["wrangler.toml", "workers/vault/wrangler.toml", "workers/archive/wrangler.toml"];
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  if (worker === "edge") return [...(texts[0] ?? "").matchAll(/class_name = "(\w+)"/g)].map(name);
  if (worker === "archive") return [];
  return [...new Set([...texts.join("\n").matchAll(/entrypoint = "(\w+)"/g)].map(name))];
}
const name = ([, found = ""]: RegExpExecArray): string => found;

/** The old worker, with a name for what it did not have yet: nobody who is as old calls it. */
async function shim(folder: string, worker: WorkerName): Promise<string> {
  const entry = join(folder, entryOf(worker));
  const text = await readFile(entry, "utf8");
  const lacking = (await boundIn(worker)).filter((each) => !new RegExp(`\\b${each}\\b`).test(text));
  const base = worker === "edge" ? "DurableObject" : "WorkerEntrypoint";
  const lines = [
    `import { ${base} } from "cloudflare:workers";`,
    `import old from "./index.ts";`,
    `export * from "./index.ts";`,
    ...lacking.map((each) => `export class ${each} extends ${base} {}`),
    "export default old;",
  ];
  const file = join(folder, `workers/${worker}/rolled.ts`);
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

/** Throws when the commit is not in this clone. */
export async function checkOut(commit: string): Promise<Old> {
  const folder = await passingFolder("old");
  const archive = execFileSync("git", ["archive", "--format=tar", commit], {
    ...{ cwd: root, maxBuffer: archiveBytesMax },
  });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "dist/web"), { recursive: true });
  if (!existsSync(join(folder, entryOf("edge")))) throw new Error(`${commit} has no edge worker`);
  return {
    folder,
    mains: {
      edge: await shim(folder, "edge"),
      vault: await shim(folder, "vault"),
      archive: await shim(folder, "archive"),
    },
    end: () => endFolder(folder),
  };
}
