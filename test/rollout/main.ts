/**
 * `node test/rollout/main.ts`: a roll-out and its way back on one folder, worker by worker in the order
 * of `npm run deploy`, with the code of an earlier commit and this one's. The schema is this one's
 * from the first step on, as it is in a deploy. At each step a member delivers by three doors, and
 * all that they ever delivered must stand: once, readable, on the board, in the archive.
 */
import { cp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asked, refuse } from "../../local/asked.ts";
import { endFolder, leaveNothing, passingFolder } from "../../local/passing.ts";
import type { WorkerName } from "../../local/runtime.ts";
import { say } from "../../local/say.ts";
import type { startSystem as StartSystem } from "../../local/system.ts";
import { table } from "../../local/table.ts";
import type { Standing } from "./days.ts";
import { checkOut, isInHistory } from "./old.ts";
import { keep, recordedCommit } from "./recorded.ts";

const help = `node test/rollout/main.ts [options]

  Rolls an earlier commit's workers forward to this tree's and back, over one folder, and delivers at
  each step. Needs that commit in this clone.

  --from COMMIT   the release before (default: the one that test/rollout/recorded.json names)
  --record        then keep what that release left of the first step for test/rollout
  --help          this text

  Ends with a table and RESULT {json}; exit code 1 if anything is lost, doubled or unreadable.
`;

const values = asked({
  options: {
    from: { type: "string" },
    record: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
}).values;
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const commit = values.from ?? (await recordedCommit());
if (!isInHistory(commit)) refuse(`--from ${commit}: this clone does not have it`);

/** Loaded only now: with them comes the whole system. */
const { startSystem } = await import("../../local/system.ts");
const { deliver, expectedOf, memberIn, standingAfter } = await import("./days.ts");

interface Step {
  readonly what: string;
  /** Who runs the old code. */
  readonly old: readonly WorkerName[];
}
/** A deploy goes vault, edge, archive; putting back goes archive, edge, vault. */
const steps: readonly Step[] = [
  { what: "old code, new schema", old: ["vault", "edge", "archive"] },
  { what: "the vault is new", old: ["edge", "archive"] },
  { what: "and the edge", old: ["archive"] },
  { what: "all is new", old: [] },
  { what: "the archive is put back", old: ["archive"] },
  { what: "and the edge", old: ["edge", "archive"] },
  { what: "and the vault", old: ["vault", "edge", "archive"] },
  { what: "all is new again", old: [] },
];

const startedMs = performance.now();
const seconds = () => Math.round((performance.now() - startedMs) / 1000);
leaveNothing();
const old = await checkOut(commit);
const state = await passingFolder("rollout");
const rows: string[][] = [];
let wrong = 0;

const count = ({ workouts, readings, landed }: Standing) => `${workouts} ${readings} ${landed}`;

function judge(what: string, stage: number, standing: Standing): void {
  const wanted = expectedOf(stage);
  const isRight = JSON.stringify(standing) === JSON.stringify(wanted);
  if (!isRight) wrong++;
  say(`[${seconds()} s] ${isRight ? "ok   " : "WRONG"} ${what}`);
  if (!isRight) say(`wanted ${JSON.stringify(wanted)}\nfound  ${JSON.stringify(standing)}`);
  rows.push([
    what,
    count(wanted),
    count(standing),
    String(standing.parked),
    isRight ? "" : "WRONG",
  ]);
}

/** The release before, whole: its own configuration, its own schema. */
async function before(): Promise<void> {
  const { startSystem: startOld }: { startSystem: typeof StartSystem } = await import(
    join(old.folder, "local/system.ts")
  );
  const system = await startOld({ state });
  const person = await memberIn(system);
  await deliver(system, person, 0);
  judge("the release before", 1, await standingAfter(system, person, 1));
  await system.close();
}

try {
  await before();
  if (values.record) {
    const copy = await passingFolder("recorded");
    await cp(state, copy, { recursive: true });
    say(`kept ${await keep(copy, commit, old.folder)} bytes of it`);
    await endFolder(copy);
  }
  for (const [at, { what, old: which }] of steps.entries()) {
    const mains = Object.fromEntries(which.map((worker) => [worker, old.mains[worker]]));
    const lines: string[] = [];
    const system = await startSystem({ state, mains, onLog: (line) => lines.push(line) });
    const wrongBefore = wrong;
    try {
      const person = await memberIn(system);
      await deliver(system, person, at + 1);
      judge(what, at + 2, await standingAfter(system, person, at + 2));
    } catch (error) {
      wrong++;
      say(`[${seconds()} s] WRONG ${what}: ${(error as Error).message}`);
    }
    await system.close();
    if (wrong > wrongBefore) {
      await writeFile(join(tmpdir(), "singlet-rollout.log"), lines.join("\n"));
      say(`its log is in ${join(tmpdir(), "singlet-rollout.log")}`);
      break;
    }
  }
} finally {
  await old.end();
  await endFolder(state);
}
say(`\n${table(["workouts, readings, archived", "wanted", "found", "parked", ""], rows)}`);
const result = { name: "rollout", from: commit, steps: rows.length, wrong, seconds: seconds() };
say(`RESULT ${JSON.stringify(result)}`);
process.exit(wrong === 0 ? 0 : 1);
