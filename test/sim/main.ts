/** `npm run sim -- NAME`: a seeded world over the whole running system, compared with an oracle. */
import { parseArgs } from "node:util";
import { archive } from "./archive.ts";

const help = `npm run sim -- archive [--facts N] [--seed N] [--kill]

  archive    a day of N statements (default 20000): oracle, DuckDB, settled totals and live boards
             --kill: the runtime is killed again and again while it settles

  Ends with "N equal, M different"; fails unless M is 0.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    facts: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    kill: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const wholeOf = (text: string): number => {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n <= 0) throw new Error(`not a number: ${text}`);
  return n;
};

if (values.help || positionals[0] !== "archive") {
  process.stdout.write(help);
  process.exit(values.help || positionals.length === 0 ? 0 : 2);
}
const options = { facts: wholeOf(values.facts), seed: wholeOf(values.seed), kill: values.kill };
const different = await archive(options);
process.exit(different === 0 ? 0 : 1);
