/** `npm run sim -- NAME`: a seeded world over the real code or system, compared with an oracle. */
import { asked, onlyOf, refuse, wholeOf } from "../../local/asked.ts";
import { leaveNothing } from "../../local/passing.ts";
import { plants } from "./worlds/plants.ts";
import { everyCall, isPlant, oneWorld, planted, plantNames, worlds } from "./worlds.ts";

const help = `npm run sim -- [--worlds N] [--seed N] [--jobs N] [--only WORLD] [--plant BUG] [--every-call]
npm run sim -- archive [--facts N] [--seed N] [--kill]
npm run sim -- connections [--connections N] [--days N] [--seed N] [--harsh]
                              [--down PROVIDER] [--only PROVIDER] [--workouts N] [--history N]
                              [--flood ACCOUNTS [--a-minute N] [--hours N]]
npm run sim -- signatures [--deliveries N] [--seed N] [--only NUMBER]
npm run sim -- samples [--days N] [--seed N] [--batch N]
npm run sim -- boards [--members N] [--updates N] [--seed N]
npm run sim -- listens [--plays N] [--seed N]

  (no name)    N worlds (default 10000) of members, devices and providers, each in one process and in
               virtual time, while anything fails; then faults stop and each has to come to rest,
               and to be what an oracle says. In --jobs processes (default 2).
               --only: that one of them, line by line; --every-call: fixed scenarios in which
               exactly the Nth call of all fails, before, after or for good, for every N
               --plant: a bug is put in, to be found; one of
               ${plantNames},
               or all. Ends with a table and RESULT {json}; fails if any world is wrong, or a
               planted bug is not found within 1000.

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

const { positionals, values } = asked({
  allowPositionals: true,
  options: {
    facts: { type: "string" },
    seed: { type: "string" },
    kill: { type: "boolean" },
    connections: { type: "string" },
    days: { type: "string" },
    deliveries: { type: "string" },
    batch: { type: "string" },
    members: { type: "string" },
    updates: { type: "string" },
    plays: { type: "string" },
    only: { type: "string" },
    worlds: { type: "string" },
    jobs: { type: "string" },
    plant: { type: "string" },
    "every-call": { type: "boolean" },
    harsh: { type: "boolean" },
    down: { type: "string" },
    workouts: { type: "string" },
    history: { type: "string" },
    flood: { type: "string" },
    "a-minute": { type: "string" },
    hours: { type: "string" },
    help: { type: "boolean" },
  },
});
const [name = ""] = positionals;
const flooding = ["flood", "a-minute", "hours"];
const options: Readonly<Record<string, readonly string[]>> = {
  "": ["worlds", "seed", "jobs", "only", "plant", "every-call"],
  archive: ["facts", "seed", "kill"],
  connections: [
    ...["connections", "days", "seed", "harsh", "down", "only", "workouts", "history"],
    ...flooding,
  ],
  signatures: ["deliveries", "seed", "only"],
  samples: ["days", "seed", "batch"],
  boards: ["members", "updates", "seed"],
  listens: ["plays", "seed"],
};
const its = options[name];
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (positionals.length > 1 || its === undefined)
  refuse(`There is no simulation called ${positionals.join(" ")}`);
onlyOf(name === "" ? "worlds" : name, values, its);
leaveNothing();
const seed = wholeOf("seed", values.seed ?? "1");

/** Fewer have no room for where the member goes. */
const daysLeast = 7;
/** A process each. */
const jobsMost = 64;

async function wrongWorlds(): Promise<number> {
  const { only, plant } = values;
  const jobs = wholeOf("jobs", values.jobs ?? "2", 1, jobsMost);
  if (values["every-call"]) {
    onlyOf("--every-call", values, ["every-call", "jobs"]);
    return everyCall(jobs);
  }
  if (plant !== undefined && plant !== "all" && !isPlant(plant))
    return refuse(`--plant takes all or one of ${plantNames}`);
  const options = { seed, worlds: wholeOf("worlds", values.worlds ?? "10000"), jobs, plants: [] };
  if (only !== undefined) {
    if (plant === "all") return refuse("--only takes one planted bug");
    return oneWorld(seed, wholeOf("only", only, 0), plant ?? null);
  }
  if (plant === undefined) return worlds(options);
  return planted({ ...options, plants: plant === "all" ? plants : [plant] });
}

/** Loaded only now: with the archive comes the whole system. */
async function wrongOf(): Promise<number> {
  if (name === "") return wrongWorlds();
  if (name === "archive") {
    const { archive } = await import("./archive.ts");
    return archive({
      facts: wholeOf("facts", values.facts ?? "20000"),
      seed,
      kill: values.kill === true,
    });
  }
  if (name === "signatures") {
    const { signatures } = await import("./signatures.ts");
    const { only } = values;
    return signatures({
      deliveries: wholeOf("deliveries", values.deliveries ?? "1000000"),
      seed,
      ...(only === undefined ? {} : { only: wholeOf("only", only, 0) }),
    });
  }
  if (name === "samples") {
    const { samples } = await import("./samples.ts");
    const days = wholeOf("days", values.days ?? "7", daysLeast);
    return samples({ days, seed, batch: wholeOf("batch", values.batch ?? "1500") });
  }
  if (name === "boards") {
    const { boards } = await import("./boards.ts");
    const members = wholeOf("members", values.members ?? "1000000");
    return boards({ members, updates: wholeOf("updates", values.updates ?? "10000000"), seed });
  }
  if (name === "listens") {
    const { listens } = await import("./listens.ts");
    return listens({ plays: wholeOf("plays", values.plays ?? "20000"), seed });
  }
  const { connections } = await import("./connections.ts");
  const { kinds } = await import("./week/providers.ts");
  const kindOf = (option: "down" | "only", text: string) =>
    kinds.find((kind) => kind === text) ?? refuse(`--${option} takes one of ${kinds.join(", ")}`);
  const { harsh, only, workouts, history, flood } = values;
  return connections({
    connections: wholeOf("connections", values.connections ?? "1000"),
    days: wholeOf("days", values.days ?? "7"),
    seed,
    harsh: harsh === true,
    down: kindOf("down", values.down ?? "google-health"),
    ...(only === undefined ? {} : { only: kindOf("only", only) }),
    ...(workouts === undefined ? {} : { workouts: wholeOf("workouts", workouts) }),
    ...(history === undefined ? {} : { history: wholeOf("history", history, 0) }),
    ...(flood === undefined ? {} : { flood: floodOf(flood) }),
  });
}

const floodOf = (accounts: string) => ({
  accounts: wholeOf("flood", accounts),
  aMinute: wholeOf("a-minute", values["a-minute"] ?? "30"),
  hours: wholeOf("hours", values.hours ?? "6"),
});

process.exit((await wrongOf()) === 0 ? 0 : 1);
