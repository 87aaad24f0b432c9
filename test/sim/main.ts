/** `npm run sim -- NAME`: a seeded world over the real code or system, compared with an oracle. */
import { parseArgs } from "node:util";

const help = `npm run sim -- archive [--facts N] [--seed N] [--kill]
npm run sim -- connections [--connections N] [--days N] [--seed N] [--harsh]
                              [--down PROVIDER]

  archive      a day of N statements (default 20000): oracle, DuckDB, settled totals and live boards
               --kill: the runtime is killed again and again while it settles
               Ends with "N equal, M different"; fails unless M is 0.

  connections  N connections (default 1000) for so many days (default 7), in simulated time: faults
               at random, one provider down for six hours, crashes, notices lost; the same seed
               makes the same week
               --down: which one; google-health, like-garmin, like-strava or like-fitbit
               --harsh: much more goes wrong, and how fresh the data is does not count
               Ends with a table and "nothing is wrong"; fails unless that is so.
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
        connections: { type: "string", default: "1000" },
        days: { type: "string", default: "7" },
        harsh: { type: "boolean", default: false },
        down: { type: "string", default: "google-health" },
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
const [name = ""] = positionals;
if (values.help || !["archive", "connections"].includes(name) || positionals.length > 1) {
  process.stdout.write(help);
  process.exit(values.help || positionals.length === 0 ? 0 : 2);
}
const seed = wholeOf("seed", values.seed);

/** Loaded only now: with the archive comes the whole system. */
async function wrongOf(): Promise<number> {
  if (name === "archive") {
    const { archive } = await import("./archive.ts");
    return archive({ facts: wholeOf("facts", values.facts), seed, kill: values.kill });
  }
  const { connections } = await import("./connections.ts");
  const { kinds } = await import("./week/providers.ts");
  const down = kinds.find((kind) => kind === values.down);
  if (down === undefined) return refuse(`--down takes one of ${kinds.join(", ")}`);
  const days = wholeOf("days", values.days);
  const { harsh } = values;
  return connections({
    connections: wholeOf("connections", values.connections),
    days,
    seed,
    harsh,
    down,
  });
}
process.exit((await wrongOf()) === 0 ? 0 : 1);
