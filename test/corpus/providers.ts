/**
 * `npm run corpus -- --providers DIR`: every file below a folder laid out like ../shared/fixtures
 * goes through the provider of its folder, and a line says what came of it. What it is, its content
 * decides; no name does. Files that providers-expected.json knows by name and bytes are held
 * against it.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { table } from "../../local/table.ts";
import { providerNamed } from "../../providers/index.ts";
import { fileBytesMax } from "./providers/content.ts";
import { differences, type Expected, expectations } from "./providers/expected.ts";
import { type Folder, type Judged, judge } from "./providers/judge.ts";

/** Folders that go by another name than the provider that reads them. */
const folders: Readonly<Record<string, string>> = {
  "fitbit/web-api": "fitbit",
  "fitbit/google-health": "google-health",
  apple: "apple-health",
  vital: "junction",
};
/** By provider: another one's bodies that are kept in the same folder. */
const alsoThere: Readonly<Record<string, string>> = { "apple-health": "health-auto-export" };

interface Row {
  readonly file: string;
  readonly folder: string;
  readonly judged: Judged;
  /** Null: nothing is expected of it. */
  readonly wrong: readonly string[] | null;
  readonly threw: boolean;
}

/** The exit code: 1 when a verdict is not the expected one, 2 when there was no file. */
export async function runProviders(dir: string): Promise<number> {
  const known = new Map(expectations().map((its) => [its.file, its]));
  const rows: Row[] = [];
  for (const file of filesUnder(dir)) rows.push(await rowOf(dir, file, known.get(file)));
  if (rows.length === 0) {
    process.stderr.write(`There is no file below ${dir}.\n`);
    return 2;
  }
  await written(report(rows));
  return rows.some(({ wrong, threw }) => threw || (wrong?.length ?? 0) > 0) ? 1 : 0;
}

function filesUnder(dir: string): string[] {
  if (!statSync(dir).isDirectory()) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(dir, "/").length))
    .map((path) => path.split(sep).join("/"))
    .sort();
}

/** The longest folder that is known; of files that lie in none, the folder that was asked for. */
export function folderOf(dir: string, file: string): Folder {
  const parts = file.split("/").slice(0, -1);
  if (parts.length === 0) parts.push(basename(resolve(dir)));
  for (let n = Math.min(2, parts.length); n > 0; n--) {
    const path = parts.slice(0, n).join("/").toLowerCase();
    const name = folders[path] ?? path;
    const provider = providerNamed(name);
    const also = Object.hasOwn(alsoThere, name) ? providerNamed(alsoThere[name] ?? "") : undefined;
    if (provider !== undefined) return { name, provider, ...(also && { also }) };
  }
  return { name: file.includes("/") ? (parts[0] ?? "") : "", provider: undefined };
}

async function rowOf(dir: string, file: string, expected: Expected | undefined): Promise<Row> {
  const path = join(dir, file);
  const folder = folderOf(dir, file);
  let judged: Judged;
  let threw = false;
  let digest = "";
  try {
    if (statSync(path).size > fileBytesMax) judged = refusedFor("too-large", "more than 64 MiB");
    else {
      const bytes = new Uint8Array(readFileSync(path));
      digest = createHash("sha256").update(bytes).digest("hex");
      judged = await judge(bytes, folder);
    }
  } catch (error) {
    threw = true;
    judged = refusedFor("threw", error instanceof Error ? error.name : "no error");
  }
  const isKnown = expected !== undefined && expected.sha256 === digest;
  const wrong = isKnown ? differences(judged, expected) : null;
  return {
    file,
    folder: folder.provider?.name ?? `(${folder.name || "none"})`,
    judged,
    wrong,
    threw,
  };
}

const refusedFor = (fault: string, why: string): Judged => ({
  verdict: "refused",
  what: `${fault}: ${why}`,
  workouts: [],
  faults: [fault],
  says: { notices: 0, claims: 0, links: 0, ends: 0, later: 0 },
  metrics: [],
});

/** Whoever calls ends the process, and what a pipe has not taken by then would be lost. */
const written = (text: string): Promise<void> =>
  new Promise((resolve) => {
    // A reader that has seen enough is no fault.
    process.stdout.once("error", () => resolve());
    process.stdout.write(text, () => resolve());
  });

function report(rows: readonly Row[]): string {
  const lines = rows.map(({ file, judged, wrong }) => [
    printable(file),
    `${(wrong?.length ?? 0) > 0 ? "WRONG " : ""}${judged.verdict}`,
    printable(judged.what),
  ]);
  const wrongs = rows.flatMap(({ file, wrong }) =>
    (wrong ?? []).map((difference) => `WRONG ${printable(file)}: ${printable(difference)}\n`),
  );
  const judged = `${table(["file", "verdict", "what"], lines)}\n\n${wrongs.join("")}`;
  return `${judged}${countsOf(rows)}\nRESULT ${JSON.stringify(figuresOf(rows))}\n`;
}

/** A name or a provider's word may hold anything; a line stays a line. */
const printable = (text: string): string => text.replaceAll(/[^\P{C}]/gu, "?").slice(0, 4000);

function figuresOf(rows: readonly Row[]) {
  const of = (verdict: Judged["verdict"]) =>
    rows.filter(({ judged }) => judged.verdict === verdict).length;
  const sum = (n: (row: Row) => number) => rows.reduce((total, row) => total + n(row), 0);
  return {
    files: rows.length,
    accepted: of("accepted"),
    ignored: of("ignored"),
    refused: of("refused"),
    workouts: sum(({ judged }) => judged.workouts.length),
    expected: rows.filter(({ wrong }) => wrong !== null).length,
    met: rows.filter(({ wrong }) => wrong?.length === 0).length,
    threw: rows.filter(({ threw }) => threw).length,
  };
}

function countsOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.map(({ folder }) => folder))].sort();
  const head = ["provider", "files", "accepted", "ignored", "refused", "workouts"];
  const lines = names.map((name) => {
    const figures = figuresOf(rows.filter(({ folder }) => folder === name));
    const { files, accepted, ignored, refused, workouts } = figures;
    return [name, ...[files, accepted, ignored, refused, workouts].map(String)];
  });
  return table(head, lines);
}
