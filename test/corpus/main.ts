/** `npm run corpus`: labelled cases, recorded files and bodies, vectors, through our own code. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { NoCases, readCases, runCases } from "./cases.ts";
import { runFiles } from "./files.ts";
import { runFixtures } from "./fixtures.ts";
import { runVectors } from "./vectors.ts";

const help = `npm run corpus -- --file CASES | --files DIR | --fixtures DIR | --vectors DIR

  --file CASES    labelled cases, a JSON file or a folder of them: which records are one workout.
                  A record that no label names is expected to be a workout by itself.
                  Without any option: the project's own, test/corpus/cases.
  --files DIR     imports every FIT, TCX and GPX file below DIR and compares with DIR/FACTS.json.
  --fixtures DIR  reads DIR/garmin, DIR/fitbit/google-health: recorded webhook bodies are parsed
                  and every item normalised; signature vectors and key sets go through the verifier;
                  and DIR/security: callback addresses that may be fetched, and that may not.
  --vectors DIR   reads DIR/wycheproof: chunked encryption through the vault's own code, and what
                  it stands on (AES-GCM, HMAC, HKDF, Ed25519), in the runtime it ships on; and
                  DIR/rfc6962-merkle and DIR/tlog: hashes, proofs, notes, tiles, the witness.

  A line for what is wrong, then the figures; the last line is RESULT {json}. Exit code 1 if
  anything is wrong, 2 if nothing could be judged.
`;

const options = {
  file: { type: "string" },
  files: { type: "string" },
  fixtures: { type: "string" },
  vectors: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** Nothing was judged: one line says why. */
function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

function asked() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const [why] = (error as Error).message.split(/\. |\n/);
    return refuse(`${why}. --help lists the options.`);
  }
}

function casesAt(path: string): unknown[] {
  try {
    return readCases(path);
  } catch (error) {
    if (error instanceof NoCases) return refuse(error.message);
    throw error;
  }
}

const asking = asked();
if (asking.help) {
  process.stdout.write(help);
  process.exit(0);
}
const { file = join(import.meta.dirname, "cases"), files, fixtures, vectors } = asking;
const path = files ?? fixtures ?? vectors ?? file;
if (!existsSync(path)) refuse(`There is no ${path}.`);
if (files !== undefined) process.exit(await runFiles(files));
if (vectors !== undefined) process.exit(await runVectors(vectors));
process.exit(fixtures !== undefined ? await runFixtures(fixtures) : runCases(casesAt(file)));
