/** `npm run mutate -- PART`: changes the code a little at a time and looks whether a test notices. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asked, refuse, wholeOf } from "../../local/asked.ts";
import { isPartName, type PartName, partNames, parts } from "./parts.ts";
import { pageWith, type Score, scoreOf, survivorsOf, tableOf } from "./score.ts";

/** Per cent of a part's mutants that have to be noticed. */
const scoreLeast = 90;
const concurrencyMost = 16;
const page = join(import.meta.dirname, "../../docs/mutation.md");

const help = `npm run mutate -- PART… | all [--files PATH,PATH] [--concurrency N] [--again] [--write]

  PART           ${partNames.join(", ")}; all: every one of them
  --files        only these of the parts' files
  --concurrency  so many mutants at once (default 2)
  --again        only what a former run does not know yet, by the text of the code and the names of
                 its tests (.singlet/mutation); a figure comes from a run without
  --write        puts the figures of whole parts into docs/mutation.md

  What was changed and not noticed is listed: path:line:column, and what stood there instead; why it
  may stand is in docs/mutation.md. Ends with a table by part and RESULT {json}; fails when a part
  has less than ${scoreLeast} % noticed.
`;

const { positionals, values } = asked({
  allowPositionals: true,
  options: {
    files: { type: "string" },
    concurrency: { type: "string", default: "2" },
    again: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (positionals.length === 0) refuse(`A part is wanted: all, or of ${partNames.join(", ")}`);
const chosen: readonly PartName[] = positionals.includes("all")
  ? partNames
  : positionals.map((name) => (isPartName(name) ? name : refuse(`There is no part ${name}`)));
const concurrency = wholeOf("concurrency", values.concurrency, 1, concurrencyMost);
const only = values.files?.split(",");
for (const file of only ?? []) {
  const isOfOne = chosen.some((name) => parts[name].files.includes(file));
  if (!isOfOne) refuse(`${file} is in none of ${chosen.join(", ")}`);
}

if (values.write && only !== undefined) refuse("--write takes whole parts, without --files");

/** Stryker is loaded only now: it takes its time, and says what it finds missing. */
const { mutate } = await import("./mutate.ts");
const startedMs = Date.now();
const scores: Score[] = [];
for (const name of chosen) {
  const files = parts[name].files.filter((file) => only?.includes(file) ?? true);
  if (files.length === 0) continue;
  process.stdout.write(`\n${name}: ${files.length} files\n`);
  const mutants = await mutate(name, { files, concurrency, isAgain: values.again });
  for (const survivor of survivorsOf(mutants)) process.stdout.write(`${survivor}\n`);
  scores.push(scoreOf(name, mutants));
}
const isEnough = scores.every(({ score }) => score >= scoreLeast);
const seconds = Math.round((Date.now() - startedMs) / 1000);
if (values.write) writeFileSync(page, pageWith(readFileSync(page, "utf8"), scores));
process.stdout.write(`\n${tableOf(scores)}\n`);
process.stdout.write(
  `RESULT ${JSON.stringify({ parts: scores, scoreLeast, isEnough, seconds })}\n`,
);
process.exitCode = isEnough ? 0 : 1;
