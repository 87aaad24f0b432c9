/** `npm run fuzz`: the running system and its parsers asked what nobody would ask. */
import { existsSync } from "node:fs";
import { asked, onlyOf, refuse, wholeOf } from "../../local/asked.ts";
import { leaveNothing } from "../../local/passing.ts";
import { fixturesIn, noFixtures } from "./fixtures.ts";

const help = `npm run fuzz -- [--requests N] [--seed N] [--only ROUTE] [--number N] [--fixtures DIR] [--keep]
npm run fuzz -- sockets [--seed N]
npm run fuzz -- files [--cases N] [--seed N] [--number N]

  Without a name: a system of its own is started, with members, staff, readers and a member whose
  every restricted value is a canary; then N requests (default 100000), 32 at a time, through every
  route of /openapi.json and every provider's door: half as described, the others wrong in one way,
  by all kinds of callers; then the sockets as below. Every answer is held to what is promised.
  --only: routes with this in their name; --number: the one of this number alone, of the same seed;
  --fixtures: a folder with recorded bodies, naughty strings and JSON that parsers disagree on;
  --keep: the folder of the system stays.
  Ends with a table by route and status, memory, and RESULT {json}; fails if anything is wrong.

  sockets      what no client sends, over bare sockets: headers, methods, paths, lengths, slow and
               endless bodies, packed bombs, a thousand connections at once
               Ends with a table and RESULT {json}; fails if anything is wrong.

  files        N files (default 100000) made by the grammars of FIT, TCX, GPX, POSLog and ZIP, most
               of them then broken, through the parsers in this process: sessions or a word of the
               list, within a time and a memory
               Ends with a table and RESULT {json}; fails if anything is wrong.
`;

const { positionals, values } = asked({
  allowPositionals: true,
  options: {
    requests: { type: "string" },
    cases: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
    number: { type: "string" },
    fixtures: { type: "string" },
    keep: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const [name = ""] = positionals;
const options: Readonly<Record<string, readonly string[]>> = {
  "": ["requests", "seed", "only", "number", "fixtures", "keep"],
  sockets: ["seed"],
  files: ["cases", "seed", "number"],
};
const its = options[name];
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (positionals.length > 1 || its === undefined)
  refuse(`There is no part called ${positionals.join(" ")}`);
onlyOf(name === "" ? "the whole system" : name, values, its);
const seed = wholeOf("seed", values.seed ?? "1", 0);
const number = values.number === undefined ? {} : { number: wholeOf("number", values.number, 0) };
const requests = wholeOf("requests", values.requests ?? "100000");
const cases = wholeOf("cases", values.cases ?? "100000");

function fixtures() {
  if (values.fixtures === undefined) return noFixtures;
  return existsSync(values.fixtures)
    ? fixturesIn(values.fixtures)
    : refuse(`There is no ${values.fixtures}`);
}

leaveNothing();
/** Loaded only now: with the routes comes the whole system. */
async function wrongOf(): Promise<number> {
  if (name === "files") return (await import("./files.ts")).fuzzFiles({ cases, seed, ...number });
  if (name === "sockets") return (await import("./sockets.ts")).fuzzSockets(seed);
  const { run } = await import("./run.ts");
  const { report } = await import("./report.ts");
  const { abuseAll } = await import("./sockets.ts");
  const { only, keep = false } = values;
  const isAll = only === undefined && values.number === undefined;
  const ran = await run({
    ...{ requests, seed, keep, fixtures: fixtures(), ...number },
    ...(only === undefined ? {} : { only }),
    ...(isAll ? { afterwards: (system) => abuseAll(system, seed) } : {}),
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  return report(ran, seed);
}

process.exitCode = (await wrongOf()) === 0 ? 0 : 1;
