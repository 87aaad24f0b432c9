/**
 * What takes long to make of files, kept in dist/kept beside how those files were: it is made anew as
 * soon as one of them is otherwise. Nothing breaks where the folder is missing, old or half written.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "dist/kept");

export interface Made {
  readonly text: string;
  /** Paths of every file that it was made of. */
  readonly of: readonly string[];
}

/** A file as it was: its path, when it was written, its bytes. */
type AsItWas = readonly [path: string, writtenMs: number, bytes: number];
interface Kept {
  readonly name: string;
  readonly of: readonly AsItWas[];
  readonly text: string;
}

/** Of every text made here: the libraries' versions. */
const always = join(root, "package-lock.json");

async function asItIs(path: string): Promise<AsItWas> {
  const { mtimeMs, size } = await stat(path);
  return [path, mtimeMs, size];
}

async function isAsItWas([path, writtenMs, bytes]: AsItWas): Promise<boolean> {
  const now = await asItIs(path).catch(() => null);
  return now !== null && now[1] === writtenMs && now[2] === bytes;
}

async function standing(file: string, name: string): Promise<string | null> {
  try {
    const kept = JSON.parse(await readFile(file, "utf8")) as Kept;
    if (kept.name !== name) return null;
    return (await Promise.all(kept.of.map(isAsItWas))).every((is) => is) ? kept.text : null;
  } catch {
    return null;
  }
}

/** A process stays with what it began with: looking whether files changed takes long each time. */
const asked = new Map<string, Promise<string>>();

/** `name` says what it is and how it is made. Rejects where `make` does. */
export function kept(name: string, make: () => Promise<Made>): Promise<string> {
  const before = asked.get(name);
  if (before !== undefined) return before;
  const made = standingOrMade(name, make);
  asked.set(name, made);
  // What failed may be tried again.
  made.catch(() => asked.delete(name));
  return made;
}

async function standingOrMade(name: string, make: () => Promise<Made>): Promise<string> {
  const file = join(folder, `${createHash("sha256").update(name).digest("hex").slice(0, 32)}.json`);
  const before = await standing(file, name);
  if (before !== null) return before;
  const { text, of } = await make();
  const files = await Promise.all([...new Set([always, ...of])].sort().map(asItIs));
  await mkdir(folder, { recursive: true });
  // Written beside and put in its place: somebody else may be doing the same.
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, JSON.stringify({ name, of: files, text } satisfies Kept));
  await rename(fresh, file);
  return text;
}
