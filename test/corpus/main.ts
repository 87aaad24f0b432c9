/** `npm run corpus`: labelled cases, recorded files and recorded bodies, through our own code. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCases } from "./cases.ts";
import { runFiles } from "./files.ts";
import { runFixtures } from "./fixtures.ts";

const help = `npm run corpus -- --file CASES | --files DIR | --fixtures DIR

  --file CASES    labelled cases, a JSON file or a folder of them: which records are one workout.
                  Without any option: the project's own, test/corpus/cases.
  --files DIR     imports every FIT, TCX and GPX file below DIR and compares with DIR/FACTS.json.
  --fixtures DIR  reads DIR/garmin, DIR/fitbit/google-health: recorded webhook bodies are parsed
                  and every item normalised; signature vectors and key sets go through the verifier.

  A line for what is wrong, then the figures; the last line is RESULT {json}. Exit code 1 if
  anything is wrong.
`;

const { values } = parseArgs({
  options: {
    file: { type: "string" },
    files: { type: "string" },
    fixtures: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (values.files !== undefined) process.exit(await runFiles(values.files));
const { file = join(import.meta.dirname, "cases"), files, fixtures } = values;
const path = files ?? fixtures ?? file;
if (!existsSync(path)) {
  process.stderr.write(`There is no ${path}.\n`);
  process.exit(2);
}
if (files !== undefined) process.exit(await runFiles(files));
process.exit(fixtures !== undefined ? await runFixtures(fixtures) : runCases(file));
