/** `npm run sim -- NAME`: a seeded world over the whole running system, compared with an oracle. */
import { parseArgs } from "node:util";

const help = `npm run sim -- archive [--facts N] [--seed N] [--kill]

  archive    a day of N statements (default 20000): oracle, DuckDB, settled totals and live boards
             --kill: the runtime is killed again and again while it settles

  Ends with "N equal, M different"; fails unless M is 0.
`;

/** Nothing was simulated: one line says why. */
function refuse(why: string): never {
  process.stderr.write(`${why}. --help lists the options.\n`);
  process.exit(2);
}

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        facts: { type: "string", default: "20000" },
        seed: { type: "string", default: "1" },
        kill: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    const [why = ""] = (error as Error).message.split(/\.?\n|\. |\.$/);
    return refuse(why);
  }
}

function wholeOf(option: string, text: string): number {
  const n = Number(text);
  const isWhole = /^\d+$/.test(text) && Number.isSafeInteger(n) && n > 0;
  return isWhole ? n : refuse(`--${option} takes a whole number above 0`);
}

const { positionals, values } = asked();
if (values.help || positionals[0] !== "archive" || positionals.length > 1) {
  process.stdout.write(help);
  process.exit(values.help || positionals.length === 0 ? 0 : 2);
}
const options = {
  facts: wholeOf("facts", values.facts),
  seed: wholeOf("seed", values.seed),
  kill: values.kill,
};
// Only now: the whole system comes with it.
const { archive } = await import("./archive.ts");
const different = await archive(options);
process.exit(different === 0 ? 0 : 1);
