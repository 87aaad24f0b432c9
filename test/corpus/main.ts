/** `npm run corpus`: labelled cases, recorded files and bodies, vectors, through our own code. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { NoCases, readCases, runCases } from "./cases.ts";
import { runDsr } from "./dsr.ts";
import { runFiles } from "./files.ts";
import { runFixtures } from "./fixtures.ts";
import { runProviders } from "./providers.ts";
import { runRetail } from "./retail.ts";
import { runVectors } from "./vectors.ts";

const help = `npm run corpus -- --file CASES | --files DIR | --fixtures DIR | --vectors DIR |
                       --providers DIR | --dsr DIR | --retail DIR [--seed N] [--runtime]

  --file CASES    labelled cases, a JSON file or a folder of them: which records are one workout.
                  A record that no label names is expected to be a workout by itself.
                  Without any option: the project's own, test/corpus/cases.
  --files DIR     imports every FIT, TCX and GPX file below DIR and compares with DIR/FACTS.json.
  --fixtures DIR  reads DIR/garmin, DIR/fitbit/google-health: recorded webhook bodies are parsed
                  and every item normalised; signature vectors of these, of DIR/security,
                  standard-webhooks, fitbit/web-api, polar, whoop, oura, suunto, terra and strava
                  through the verifier; callback addresses that may be fetched, and that may not.
  --vectors DIR   reads DIR/wycheproof: chunked encryption through the vault's own code, and what
                  it stands on (AES-GCM, HMAC, HKDF, Ed25519), in the runtime it ships on; and
                  DIR/rfc6962-merkle and DIR/tlog: hashes, proofs, notes, tiles, the witness; and
                  DIR/pan: card numbers in every spelling are found, those of the files and our own,
                  and of what only looks like one at most 0.5 % are.
  --providers DIR reads every file below DIR/<provider> (also fitbit/web-api, fitbit/google-health,
                  apple, files) through that provider and prints what came of it: accepted, with what
                  was understood (a workout: type, start in UTC and its offset, seconds, metres);
                  ignored, with the reason; refused, with the reason. What a file is, its content
                  decides: a delivery, an answer of the API, a record, readings, a FIT, TCX or GPX.
                  A workout is never ignored. Files that providers-expected.json knows by name and
                  SHA-256 are held against it; of others nothing is expected.
  --dsr DIR       reads DIR/BasicAudioProfile-1.2.xsd, a DDEX profile's schema, and holds royalty
                  reports of our own making and the samples in DIR against its cells, its order of
                  records and their footers.
  --retail DIR    days of sales (UCI Online Retail, a CSV file each): an invoice is a sale, each of
                  its lines counts, repeated or not. Every sale comes three times, by itself and in
                  bodies of many, as a till's POSLog or a shop's signed event, all shuffled by --seed
                  (default 1); then every total by store, day and article, three times: DuckDB over
                  DIR, the settled totals, DuckDB over the archive's Parquet by the measures' SQL.
                  --runtime: through the running system, its doors, queue and nightly settling.

  A line for what is wrong, then the figures; the last line is RESULT {json}. Exit code 1 if
  anything is wrong, 2 if nothing could be judged.
`;

const options = {
  file: { type: "string" },
  files: { type: "string" },
  fixtures: { type: "string" },
  vectors: { type: "string" },
  providers: { type: "string" },
  dsr: { type: "string" },
  retail: { type: "string" },
  seed: { type: "string", default: "1" },
  runtime: { type: "boolean", default: false },
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

function seedOf({ seed }: ReturnType<typeof asked>): number {
  const n = Number(seed);
  return Number.isSafeInteger(n) && n >= 0 ? n : refuse("--seed takes a whole number.");
}

const asking = asked();
if (asking.help) {
  process.stdout.write(help);
  process.exit(0);
}
const {
  file = join(import.meta.dirname, "cases"),
  files,
  fixtures,
  vectors,
  providers,
  dsr,
  retail,
} = asking;
const path = files ?? fixtures ?? vectors ?? providers ?? dsr ?? retail ?? file;
if (!existsSync(path)) refuse(`There is no ${path}.`);
async function judged(): Promise<number> {
  if (files !== undefined) return runFiles(files);
  if (providers !== undefined) return runProviders(providers);
  if (vectors !== undefined) return runVectors(vectors);
  if (dsr !== undefined) return runDsr(dsr);
  if (retail !== undefined)
    return runRetail({ dir: retail, seed: seedOf(asking), isRuntime: asking.runtime });
  return fixtures !== undefined ? runFixtures(fixtures) : runCases(casesAt(file));
}

const code = await judged();
// What goes into a pipe is not written yet when it is handed over.
process.stdout.write("", () => process.exit(code));
