/**
 * Empty databases with every migration applied, made once and copied by each system that a test
 * starts: applying them anew takes longer than all else of a start.
 */
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { declaredDatabases, startRuntime } from "../../local/runtime.ts";

const root = resolve(import.meta.dirname, "../..");
const kept = join(root, "dist/kept");
const nothingSaid = { edge: {}, vault: {}, archive: {} };

/** By what every migration says, and how folders of storage are laid out. */
async function folderNow(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(root, "package-lock.json")));
  for (const { worker, binding, migrations } of await declaredDatabases()) {
    hash.update(`${worker} ${binding} ${relative(root, migrations)}`);
    for (const file of (await readdir(migrations)).sort())
      hash.update(file).update(await readFile(join(migrations, file)));
  }
  return join(kept, `migrated-${hash.digest("hex").slice(0, 32)}`);
}

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );

/** Once, before any test. */
export async function makeMigrated(): Promise<void> {
  const folder = await folderNow();
  if (await isThere(folder)) return;
  const fresh = await mkdtemp(join(tmpdir(), "singlet-migrated-"));
  const runtime = await startRuntime({ folder: fresh, port: 0, vars: nothingSaid });
  await runtime.close();
  const beside = `${folder}.${process.pid}`;
  await cp(fresh, beside, { recursive: true });
  await rm(fresh, { recursive: true, force: true });
  // Somebody else may have made it meanwhile: theirs stands.
  await rename(beside, folder).catch(() => rm(beside, { recursive: true, force: true }));
}

let found: Promise<string> | null = null;

/** Where a system's storage shall be. False: none was made before, so it begins with nothing. */
export async function copyMigrated(to: string): Promise<boolean> {
  found ??= folderNow();
  const folder = await found;
  const isMade = await isThere(folder);
  if (isMade) await cp(folder, to, { recursive: true });
  return isMade;
}
