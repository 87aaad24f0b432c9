/**
 * `npm run erase`: proves an erasure. Before it, `trace` gathers what the member can be known by;
 * after it, `verify` searches everything that is kept for any of it. It asks nobody and trusts no
 * answer: it reads the stores themselves, and changes nothing in them.
 */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { allowedAs } from "./erase-allowed.ts";
import { everything, type Kept } from "./erase-stores.ts";
import { needleCharsMin, type Trace, traceOf } from "./erase-trace.ts";
import { say } from "./say.ts";
import { table } from "./table.ts";

const help = `npm run erase -- COMMAND MEMBER [options]

  trace MEMBER --out FILE     before an erasure: writes down what the member can be known by (ids,
                              connections, account hashes, facts, keys), to be looked for afterwards
  verify MEMBER               afterwards: searches every store for it

  --trace FILE   what trace wrote; without it only the member's internal id is looked for
  --also TEXT    one more thing to look for, such as a provider's account id; may be repeated
  --state DIR    the folder of a local system, the same --state as its \`npm start\` (default
                 .singlet), or one of exports: SQLite files, copies of buckets (a folder each),
                 SQL dumps. Without a database in it, nothing is verified
  --help         this text

  Every SQLite file is read table by table, every object of every bucket opened: Parquet, gzip, JSON.
  Not read: pages that SQLite or the platform keeps of what is deleted (docs/privacy.md).
  Somebody who came back as a new member has the same hash, and after a lift records of the same
  ids: verify with the old trace finds those, which are the new member's.

  Exit code 0: nothing but what is meant to stay. 1: something else was found. 2: not understood,
  or no database to read.
`;

const shownMax = 20;

class Misused extends Error {}
/** Nothing was judged: no database was there. */
class NothingRead extends Error {}
const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
/** As the caller's shell means it: npm runs scripts elsewhere. */
const pathOf = (path: string): string => resolve(process.env.INIT_CWD ?? ".", path);

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ out: text, trace: text, state: text },
      also: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  const [command, member, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(help);
    return 0;
  }
  if (member === undefined || rest.length > 0) throw new Misused(`${command} takes one member`);
  if (!/^m_[0-9a-f]{32}$/.test(member)) throw new Misused("a member is an internal id, m_…");
  const short = values.also.find((needle) => needle.length < needleCharsMin);
  if (short !== undefined)
    throw new Misused(`"${short}" is shorter than ${needleCharsMin}: it would be found by chance`);
  const folder = await storageOf(values.state);
  if (command === "trace") return trace(folder, member, values.also, values.out);
  if (command === "verify") return verify(folder, member, values.also, values.trace);
  throw new Misused(`there is no command ${command}`);
}

/** What a system keeps; its secrets and tokens beside it are not its stores. */
async function storageOf(state: string | undefined): Promise<string> {
  const folder = state === undefined ? resolve(import.meta.dirname, "../.singlet") : pathOf(state);
  const inside = join(folder, "storage");
  const found = (path: string) =>
    stat(path)
      .then((s) => s.isDirectory())
      .catch(() => false);
  if (await found(inside)) return inside;
  if (await found(folder)) return folder;
  throw new Error(`there is no folder ${folder}`);
}

async function trace(
  folder: string,
  member: string,
  also: readonly string[],
  out: string | undefined,
): Promise<number> {
  if (out === undefined) throw new Misused("trace takes --out");
  const found = await traceOf(folder, member, also);
  if (found.needles.length <= 1 + also.length) throw new Error(`nothing is kept of ${member}`);
  await writeFile(pathOf(out), JSON.stringify(found, null, 2), { mode: 0o600 });
  say(`${found.needles.length} things to look for, written to ${pathOf(out)}`);
  say("It is as private as what it names: destroy it once the erasure is verified.");
  return 0;
}

async function readTrace(file: string, member: string): Promise<readonly string[]> {
  const text = await readFile(pathOf(file), "utf8");
  let read: Partial<Trace> | null;
  try {
    read = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not what trace wrote`);
  }
  if (read?.member !== member) throw new Error(`${file} is not this member's trace`);
  const needles = Array.isArray(read.needles) ? read.needles : [];
  if (!needles.every((needle) => typeof needle === "string" && needle.length >= needleCharsMin))
    throw new Error(`${file} is not what trace wrote`);
  return needles;
}

interface Found {
  readonly kept: Kept;
  readonly why: string | null;
}

/** A row of SQLite, or a dump of SQL. */
const isOfDatabase = ({ row, name }: Kept): boolean => row !== null || /\.sql(\.gz)?$/.test(name);

async function verify(
  folder: string,
  member: string,
  also: readonly string[],
  file: string | undefined,
): Promise<number> {
  const traced = file === undefined ? [] : await readTrace(file, member);
  const needles = [...new Set([member, ...also, ...traced])];
  const looked = new Map<string, { kept: number; allowed: number; found: number }>();
  const left: Found[] = [];
  const reasons = new Set<string>();
  let gone = 0;
  let hasDatabase = false;
  const everyOne = everything(folder, () => {
    gone++;
  });
  for await (const kept of everyOne) {
    hasDatabase ||= isOfDatabase(kept);
    const count = looked.get(kept.store) ?? { kept: 0, allowed: 0, found: 0 };
    looked.set(kept.store, count);
    count.kept++;
    if (!needles.some((needle) => kept.text.includes(needle))) continue;
    const why = allowedAs(kept, member, needles);
    if (why === null) left.push({ kept, why });
    else reasons.add(`${kept.store}: ${why}`);
    count[why === null ? "found" : "allowed"]++;
  }
  if (!hasDatabase)
    throw new NothingRead(
      `there is no database in ${folder}, so nothing was verified: give the --state of npm start`,
    );
  const rows = [...looked]
    .sort()
    .map(([store, { kept, allowed, found }]) => [
      ...[store, String(kept)],
      ...[String(allowed), String(found)],
    ]);
  say(table(["store", "read", "meant to stay", "found"], rows));
  say(`looked for ${needles.length} of ${member}${file === undefined ? " (no --trace)" : ""}`);
  if (gone > 0) say(`came and went meanwhile, not read: ${gone} of the files`);
  for (const reason of [...reasons].sort()) say(`stays: ${reason}`);
  for (const { kept } of left.slice(0, shownMax)) say(`FOUND in ${kept.store}, ${kept.name}`);
  if (left.length > shownMax) say(`and ${left.length - shownMax} more`);
  say(left.length === 0 ? "OK: no trace" : "WRONG: not all of it is gone");
  return left.length === 0 ? 0 : 1;
}

main()
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: Error) => {
    process.stderr.write(`erase: ${error.message}\n`);
    const isMisused = error instanceof Misused || /^ERR_PARSE_ARGS/.test(codeOf(error));
    if (isMisused) process.stderr.write(`\n${help}`);
    process.exit(isMisused || error instanceof NothingRead ? 2 : 1);
  });
