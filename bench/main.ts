/** `npm run bench -- NAME`: measures one thing against a floor in the same run. */
import { audit } from "./audit.ts";
import { bill } from "./bill.ts";
import { boardReads } from "./board-reads.ts";
import { freshness } from "./freshness.ts";
import { hotBoard } from "./hot-board.ts";
import { ingest } from "./ingest.ts";
import { ledger } from "./ledger.ts";
import type { Result } from "./measure.ts";
import { polls } from "./polls.ts";
import { ranks } from "./ranks.ts";
import { samples } from "./samples.ts";
import { settle } from "./settle.ts";
import { vault } from "./vault.ts";

const benches: Readonly<Record<string, { what: string; run: () => Promise<Result> }>> = {
  audit: {
    what: "appends to the log beside one bare object insert; a member's day out of a million entries",
    run: audit,
  },
  bill: {
    what: "a deployment's day, everything billed counted at the bindings: dollars for a million of each",
    run: bill,
  },
  "board-reads": {
    what: "a rank around a member of a million in workerd, beside calls of objects that do nothing; wake",
    run: boardReads,
  },
  freshness: {
    what: "from a webhook's 200 to the new score on the board, under steady load",
    run: freshness,
  },
  "hot-board": {
    what: "a thousand changes of score a second for a minute into boards that grow meanwhile",
    run: hotBoard,
  },
  ingest: {
    what: "a push with data to its 200, beside a bare worker, object insert, RPC and D1 insert",
    run: ingest,
  },
  ledger: {
    what: "one workout into a ledger that holds 10,000, beside one that holds 10",
    run: ledger,
  },
  polls: {
    what: "ten thousand clients that poll a board, beside a worker that says 304 at once; a new score",
    run: polls,
  },
  ranks: {
    what: "a rank around a member and a change of score, 1 k to 1 M members, beside a sorted array",
    run: ranks,
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
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
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
