/**
 * `npm run corpus -- --files DIR`: every FIT, TCX and GPX under a folder goes through the project's
 * own import and is held against DIR/FACTS.json: start and durations within a second, distance
 * within half a percent. Where a file states less, the line says so; what is refused, says why.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { table } from "../../local/table.ts";
import { readFile } from "../../providers/files/read.ts";
import { type FileRead, type FileSession, refusals } from "../../providers/files/session.ts";
import { unpack, unpackBudget } from "../../providers/files/unpack.ts";
import { fileItem, files } from "../../providers/files.ts";

const withinS = 1;
const withinPart = 0.005;
const cappedFromS = 8 * 86_400;
const heapMbAllowed = 64;
/** Later than anything recorded. */
const receivedMs = 4_000_000_000_000;

/** What another reader found; a time that counts from switching on is a number. */
interface Stated {
  readonly start_time: string | number | null;
  readonly sport?: string | null;
  readonly total_elapsed_time: number | null;
  readonly total_timer_time: number | null;
  readonly total_distance: number | null;
}
interface Facts {
  readonly sess?: readonly Stated[];
  readonly first?: string | number | null;
  readonly last?: string | number | null;
}

interface Verdict {
  readonly right: boolean;
  readonly said: string;
}

/** The exit code: 0 when every file came out as it states and none took too much memory. */
export async function runFiles(dir: string): Promise<number> {
  const listed = join(dir, "FACTS.json");
  const facts: Record<string, Facts> = existsSync(listed)
    ? JSON.parse(readFileSync(listed, "utf8"))
    : {};
  const counts = { files: 0, imported: 0, refused: 0, right: 0, wrong: 0 };
  let heapMbMax = 0;
  const rows: string[][] = [];
  for (const path of pathsUnder(dir)) {
    counts.files++;
    const { result: read, mb } = measured(() => imported(join(dir, path)));
    heapMbMax = Math.max(heapMbMax, mb);
    const { right, said } = judge(read, facts[path]);
    counts[read.refused === null ? "imported" : "refused"]++;
    counts[right ? "right" : "wrong"]++;
    rows.push([path, right ? outcome(read) : "WRONG", `${mb.toFixed(1)} MB`, said]);
  }
  process.stdout.write(`${table(["file", "verdict", "heap", "compared"], rows)}\n`);
  const result = { ...counts, heapMbMax: Number(heapMbMax.toFixed(1)) };
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  return counts.files > 0 && counts.wrong === 0 && heapMbMax <= heapMbAllowed ? 0 : 1;
}

const outcome = ({ refused, sessions }: FileRead): string =>
  refused === null ? `right, ${sessions.length}` : `refused: ${refused}`;

const pathsUnder = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(fit|tcx|gpx)$/i.test(path))
    .sort();

/** The whole way of a body: unpacked, read, and each session made a draft. */
function imported(path: string): FileRead {
  const [unpacked] = unpack(readFileSync(path), unpackBudget());
  if (unpacked === undefined) return { format: null, refused: "empty", sessions: [], notes: [] };
  if ("refused" in unpacked)
    return { format: null, refused: unpacked.refused, sessions: [], notes: [] };
  const read = readFile(unpacked.bytes);
  for (const session of read.sessions) {
    const { kind, body } = fileItem("corpus", session);
    const draft = files.normalise(kind, body, receivedMs);
    if (!draft.ok) throw new Error(`${path}: ${draft.error}`);
  }
  return read;
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** By how much memory grew over a run, garbage that it left included. */
function measured<T>(run: () => T): { result: T; mb: number } {
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  collectGarbage();
  const before = used();
  const result = run();
  return { result, mb: Math.max(0, used() - before) / 2 ** 20 };
}

function judge(read: FileRead, facts: Facts | undefined): Verdict {
  if (read.refused !== null) {
    const begins = facts?.sess?.map((its) => its.start_time) ?? [facts?.first];
    const hasTime = begins.some((time) => typeof time === "string");
    return { right: !hasTime, said: refusals[read.refused] };
  }
  if (facts === undefined) return { right: true, said: "nothing is stated of it" };
  if (facts.sess === undefined) return judgeSpan(read.sessions, facts);
  const transitions = facts.sess.filter(({ sport }) => sport === "transition").length;
  const stated = facts.sess.filter(({ sport }) => sport !== "transition");
  if (facts.sess.length === 0) return judgeSpan(read.sessions, facts);
  if (stated.length !== read.sessions.length)
    return { right: false, said: `${read.sessions.length} sessions, not ${stated.length}` };
  // Said with their number already.
  const notes = read.notes.filter((note) => note !== "transitions-left-out");
  const wrong: string[] = [];
  const silent = new Set<string>();
  stated.forEach((its, i) => {
    wrong.push(...compare(read.sessions[i] as FileSession, its, silent));
  });
  const compared = ["start", "distance", "elapsed", "moving"].filter((what) => !silent.has(what));
  const parts = [
    compared.join(", "),
    ...(silent.size > 0 ? [`states no ${[...silent].join(", no ")}`] : []),
    ...(transitions > 0 ? [`${transitions} transitions left out`] : []),
    ...(notes.length > 0 ? [`noted: ${notes.join(", ")}`] : []),
  ];
  return wrong.length > 0
    ? { right: false, said: wrong.join("; ") }
    : { right: true, said: parts.join("; ") };
}

/** What differs; what is not stated goes into `silent`. */
function compare(session: FileSession, stated: Stated, silent: Set<string>): string[] {
  const wrong: string[] = [];
  const near = (what: string, is: number | null, should: number | null, within: number): void => {
    if (should === null) silent.add(what);
    else if (is === null || Math.abs(is - should) > within)
      wrong.push(`${what} ${is}, not ${should}`);
  };
  const { start_time, total_distance, total_elapsed_time, total_timer_time } = stated;
  near("start", session.startMs / 1000, secondsOf(start_time), withinS);
  const metres = session.distanceMm === null ? null : session.distanceMm / 1000;
  near("distance", metres, total_distance, (total_distance ?? 0) * withinPart);
  const moving = session.movingMs === null ? null : session.movingMs / 1000;
  near("moving", moving, total_timer_time, withinS);
  // Less than was moved cannot have passed, and more than eight days is a device left on.
  const elapsed = Math.max(total_elapsed_time ?? 0, total_timer_time ?? 0);
  if (elapsed > cappedFromS) silent.add("elapsed below eight days");
  else
    near(
      "elapsed",
      session.elapsedMs / 1000,
      total_elapsed_time === null ? null : elapsed,
      withinS,
    );
  return wrong;
}

/** A file without summaries: its first and last moment are all it states. */
function judgeSpan(sessions: readonly FileSession[], { first, last }: Facts): Verdict {
  const from = secondsOf(first ?? null);
  const to = secondsOf(last ?? null);
  if (from === null) return { right: true, said: "states neither summary nor time" };
  const startS = Math.min(...sessions.map((s) => s.startMs)) / 1000;
  const endS = Math.max(...sessions.map((s) => s.startMs + s.elapsedMs)) / 1000;
  const right = Math.abs(startS - from) <= withinS && (to === null || endS >= to - withinS);
  return { right, said: `${right ? "" : "not its "}first and last moment; states no summary` };
}

const secondsOf = (time: string | number | null): number | null => {
  const ms = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : ms / 1000;
};
