/**
 * What the release before left behind, kept in the repository so that every clone can check against
 * it: its whole storage after one stage of days.ts, as the local runtime keeps it, in one zip. The
 * secrets in it opened a system that existed for a minute on one machine.
 * `node test/rollout/main.ts --from COMMIT --record` makes it anew.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type Unzipped, unzipSync, zipSync } from "fflate";

const zipFile = join(import.meta.dirname, "recorded.zip");
const aboutFile = join(import.meta.dirname, "recorded.json");

interface About {
  readonly commit: string;
  /** Digests (SHA-256, hex) of its migrations, by file under migrations/. */
  readonly migrations: Readonly<Record<string, string>>;
}
const about = async (): Promise<About> => JSON.parse(await readFile(aboutFile, "utf8"));

export const recordedCommit = async (): Promise<string> => (await about()).commit;
export const releasedMigrations = async () => (await about()).migrations;

async function migrationsAt(folder: string): Promise<About["migrations"]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.name.endsWith(".sql"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digests = files.map(async (file) => {
    const digest = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    return [relative(folder, file).replaceAll("\\", "/"), digest] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

/** Of the runtime's folder what is no storage: it is made anew at each start. */
const isKept = (name: string): boolean => !/\/cache\/|-shm$/.test(name);
/** One moment for every file, so that the same storage is the same zip. */
const mtime = new Date(Date.UTC(2026, 0, 1));

/** Bytes of the zip. `folder`: the release's own sources. */
export async function keep(state: string, commit: string, folder: string): Promise<number> {
  const entries = await readdir(state, { recursive: true, withFileTypes: true });
  const files: Record<string, Uint8Array> = {};
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const name = relative(state, file).replaceAll("\\", "/");
    if (isKept(name)) files[name] = new Uint8Array(await readFile(file));
  }
  const said: About = { commit, migrations: await migrationsAt(join(folder, "migrations")) };
  const zip = zipSync(files, { level: 9, mtime });
  await writeFile(zipFile, zip);
  await writeFile(aboutFile, `${JSON.stringify(said, null, 2)}\n`);
  return zip.length;
}

export const isRecorded = (): boolean => existsSync(zipFile);

export async function unpack(state: string): Promise<void> {
  const files: Unzipped = unzipSync(new Uint8Array(await readFile(zipFile)));
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(state, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
