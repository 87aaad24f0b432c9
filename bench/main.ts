/** `npm run bench -- NAME`: measures one thing against a floor in the same run. */
import { audit } from "./audit.ts";
import { freshness } from "./freshness.ts";
import { ingest } from "./ingest.ts";
import { ledger } from "./ledger.ts";
import type { Result } from "./measure.ts";
import { samples } from "./samples.ts";
import { settle } from "./settle.ts";
import { vault } from "./vault.ts";

const benches: Readonly<Record<string, { what: string; run: () => Promise<Result> }>> = {
  audit: {
    what: "appends to the log beside one bare object insert; a member's day out of a million entries",
    run: audit,
  },
  freshness: {
    what: "from a webhook's 200 to the new score on the board, under steady load",
    run: freshness,
  },
  ingest: {
    what: "a push with data to its 200, beside a bare worker, object insert, RPC and D1 insert",
    run: ingest,
  },
  ledger: {
    what: "one workout into a ledger that holds 10,000, beside one that holds 10",
    run: ledger,
  },
  samples: {
    what: "batches of samples beside one sealed write of the same bytes; a day's summary; rows written",
    run: samples,
  },
  settle: {
    what: "a million rows of the archive settled beside DuckDB over the same files; peak memory; growth",
    run: settle,
  },
  vault: {
    what: "a restricted read beside an object append and one D1 batch; seal and open beside bare AES-GCM",
    run: vault,
  },
};

const help = `npm run bench -- NAME

${Object.entries(benches)
  .map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`)
  .join("\n")}

  Machines are shared and noisy: compare the ratio to the floor, which was measured in the same run.
  The last line is RESULT {json} with name, value, unit, floor, ratio, spread and level.
`;

const name = process.argv[2] ?? "--help";
const bench = benches[name];
if (bench === undefined) {
  process.stdout.write(help);
  process.exit(name === "--help" ? 0 : 2);
}
const result = await bench.run();
process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
