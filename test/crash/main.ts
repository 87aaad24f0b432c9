/** `npm run crash -- --kills N`: the running system, killed again and again; then everything is counted. */
import { asked, refuse, wholeOf } from "../../local/asked.ts";
import { leaveNothing } from "../../local/passing.ts";
import { say } from "../../local/say.ts";

const help = `npm run crash -- [--kills N] [--facts N] [--seed N] [--at STEP]… [--keep]

  The whole system on workerd over one folder. Clients deliver sales, listens, rides and samples by
  several doors at once, correct them, take them back, say 30 of 100 requests again, and write down
  what was answered; somebody reads, settles, leaves, wraps the keys anew. Every other time at any
  moment, and every other time at a named step, workerd is killed with SIGKILL and started anew. In
  the end everything is counted: by the clients' record, the ledgers, the archive's files (DuckDB),
  settled totals, live boards, the log of who looked.

  --kills N   (default 100)
  --facts N   over all lives (default 100000); one sample for every ten comes on top
  --seed N    what is said, by whom, and when it is killed (default 1)
  --at STEP   dies at this one every time, or at each of several in turn; --steps lists them
  --steps     lists the named steps
  --keep      keeps the folder; one of a run that went wrong is kept anyway

  Ends with a table and RESULT {json}; fails if anything of it is wrong, or if the system was away
  for longer than 2 s.
`;

const values = asked({
  options: {
    kills: { type: "string", default: "100" },
    facts: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    at: { type: "string", multiple: true, default: [] },
    steps: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
}).values;
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const [kills, facts, seed] = [
  wholeOf("kills", values.kills),
  wholeOf("facts", values.facts),
  wholeOf("seed", values.seed),
];
const { steps } = await import("./steps.ts");
if (values.steps) {
  for (const { name } of steps) say(name);
  process.exit(0);
}
const at = values.at.map(
  (wanted) => steps.find(({ name }) => name === wanted) ?? refuse("--at takes the name of a step"),
);

leaveNothing();
/** Loaded only now: with it comes the whole system. */
const { crash } = await import("./run.ts");
const { isFine, report } = await import("./report.ts");
say(`seed ${seed}: ${kills} kills, ${facts} facts`);
const startedMs = Date.now();
const crashed = await crash(
  {
    ...{ kills, facts, seed, nowMs: startedMs, say },
    ...(at.length === 0
      ? {}
      : { steps: Array.from({ length: kills }, (_, n) => at[n % at.length]) }),
  },
  (what) => values.keep || !isFine(what),
).catch((error: Error) => {
  say(`WRONG it did not come to an end: ${error.message}`);
  say(`RESULT ${JSON.stringify({ kills, seed, wrong: 1 })}`);
  process.exit(1);
});
const seconds = Math.round((Date.now() - startedMs) / 1000);
process.exit(report(crashed, { seed, seconds }, say) ? 0 : 1);
