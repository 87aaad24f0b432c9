/** `npm run sim -- NAME`: a seeded world over the real code or system, compared with an oracle. */
import { parseArgs } from "node:util";

const help = `npm run sim -- archive [--facts N] [--seed N] [--kill]
npm run sim -- connections [--connections N] [--days N] [--seed N] [--harsh]
                              [--down PROVIDER] [--only PROVIDER] [--workouts N] [--history N]
                              [--flood ACCOUNTS [--a-minute N] [--hours N]]
npm run sim -- signatures [--deliveries N] [--seed N] [--only NUMBER]
npm run sim -- samples [--days N] [--seed N] [--batch N]
npm run sim -- boards [--members N] [--updates N] [--seed N]
npm run sim -- listens [--plays N] [--seed N]

  archive      a day of N statements (default 20000): oracle, DuckDB, settled totals and live boards
               --kill: the runtime is killed again and again while it settles
               Ends with "N equal, M different"; fails unless M is 0.

  connections  N connections (default 1000) for so many days (default 7), in simulated time: faults
               at random, one provider down for six hours, crashes, notices lost; the same seed
               makes the same week
               --down: which one; google-health, like-garmin, strava, like-polar or like-fitbit
               --only: all of them are at this one
               --workouts: so many a day of each member; --history: so many a day in the ninety
               days before (0: none)
               --flood: so many of the accounts at Strava get forged notices, --a-minute of each
               (default 30) for --hours (default 6), from the second day on; the same week is run
               without them as well, to compare with
               --harsh: much more goes wrong, and how fresh the data is does not count
               Ends with a table and "nothing is wrong"; fails unless that is so.

  signatures   N genuine and N mutated deliveries (default 1000000) over every provider's recipe,
               through the verifier; --only repeats the one of that number, of the same seed
               Ends with a table by recipe and RESULT {json}; fails if any verdict is wrong.

  samples      N days (default 7; a year: 365) of one member's watch, phone and scale, late, doubled,
               corrected and taken back, through POST /v1/sync of the running system in batches of
               --batch samples (default 1500); then every hour, day, week and month and the settled
               totals beside DuckDB's own computation
               Ends with "N equal, M different, K answers wrong"; fails unless M and K are 0.

  boards       N members (default 1000000) and so many updates (default 10000000) of boards that grow
               and are put out of memory meanwhile, in this process; sampled ranks are counted out,
               and at checkpoints every board is compared with a sorted array
               Ends with a table and RESULT {json}; fails if anything differs.

  listens      a year of N sittings (default 20000), each play told by several sources, twice, late, taken
               back, forgotten, in this process: DuckDB over the plays as they were, settled totals,
               DuckDB over the archive
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
        connections: { type: "string", default: "1000" },
        days: { type: "string", default: "7" },
        deliveries: { type: "string", default: "1000000" },
        batch: { type: "string", default: "1500" },
        members: { type: "string", default: "1000000" },
        updates: { type: "string", default: "10000000" },
        plays: { type: "string", default: "20000" },
        only: { type: "string" },
        harsh: { type: "boolean", default: false },
        down: { type: "string", default: "google-health" },
        workouts: { type: "string" },
        history: { type: "string" },
        flood: { type: "string" },
        "a-minute": { type: "string", default: "30" },
        hours: { type: "string", default: "6" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    const [why = ""] = (error as Error).message.split(/\.?\n|\. |\.$/);
    return refuse(why);
  }
}

function wholeOf(option: string, text: string, least = 1): number {
  const n = Number(text);
  const isWhole = /^\d+$/.test(text) && Number.isSafeInteger(n) && n >= least;
  return isWhole ? n : refuse(`--${option} takes a whole number of at least ${least}`);
}

const { positionals, values } = asked();
const [name = ""] = positionals;
const names = ["archive", "connections", "signatures", "samples", "boards", "listens"];
const isOne = names.includes(name) && positionals.length === 1;
if (values.help || !isOne) {
  process.stdout.write(help);
  process.exit(values.help || positionals.length === 0 ? 0 : 2);
}
const seed = wholeOf("seed", values.seed);

/** Fewer have no room for where the member goes. */
const daysLeast = 7;

/** Loaded only now: with the archive comes the whole system. */
async function wrongOf(): Promise<number> {
  if (name === "archive") {
    const { archive } = await import("./archive.ts");
    return archive({ facts: wholeOf("facts", values.facts), seed, kill: values.kill });
  }
  if (name === "signatures") {
    const { signatures } = await import("./signatures.ts");
    const { only } = values;
    return signatures({
      deliveries: wholeOf("deliveries", values.deliveries),
      seed,
      ...(only === undefined ? {} : { only: wholeOf("only", only, 0) }),
    });
  }
  if (name === "samples") {
    const { samples } = await import("./samples.ts");
    const days = wholeOf("days", values.days, daysLeast);
    return samples({ days, seed, batch: wholeOf("batch", values.batch) });
  }
  if (name === "boards") {
    const { boards } = await import("./boards.ts");
    const members = wholeOf("members", values.members);
    return boards({ members, updates: wholeOf("updates", values.updates), seed });
  }
  if (name === "listens") {
    const { listens } = await import("./listens.ts");
    return listens({ plays: wholeOf("plays", values.plays), seed });
  }
  const { connections } = await import("./connections.ts");
  const { kinds } = await import("./week/providers.ts");
  const kindOf = (option: "down" | "only", text: string) =>
    kinds.find((kind) => kind === text) ?? refuse(`--${option} takes one of ${kinds.join(", ")}`);
  const { harsh, only, workouts, history, flood } = values;
  return connections({
    connections: wholeOf("connections", values.connections),
    days: wholeOf("days", values.days),
    seed,
    harsh,
    down: kindOf("down", values.down),
    ...(only === undefined ? {} : { only: kindOf("only", only) }),
    ...(workouts === undefined ? {} : { workouts: wholeOf("workouts", workouts) }),
    ...(history === undefined ? {} : { history: wholeOf("history", history, 0) }),
    ...(flood === undefined ? {} : { flood: floodOf(flood) }),
  });
}

const floodOf = (accounts: string) => ({
  accounts: wholeOf("flood", accounts),
  aMinute: wholeOf("a-minute", values["a-minute"]),
  hours: wholeOf("hours", values.hours),
});

process.exit((await wrongOf()) === 0 ? 0 : 1);
