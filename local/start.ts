/**
 * `npm start`: the whole system on this machine, its people, and the story of one ride. Stays up
 * until Ctrl-C and then stops what it started. Started again, it goes on where it was.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { localDate, msPerDay, weekOf } from "../domain/time.ts";
import { doorsOf, linkAccounts } from "./accounts.ts";
import { lockRuntime, releaseLock, takeLock } from "./lock.ts";
import { buildPages } from "./pages.ts";
import { operatorToken, type People, setUpPeople } from "./people.ts";
import { localKeyFile } from "./settings.ts";
import { tellStory } from "./story.ts";
import { runWitness, type System, startSystem } from "./system.ts";

const help = `npm start -- [options]

  Starts Singlet on this machine: the edge, the vault and the archive in one local runtime, a token
  issuer and a provider to talk to. Tells the story of one ride that three providers report, then
  stays up until Ctrl-C.

  --port N      the edge's port (default 8787; 0 takes a free one)
  --state DIR   where everything is kept (default .singlet)
  --no-demo     start without the story
  --once        tell the story and stop
  --help        this text

  Writes .singlet/local.json: the URL, everyone's tokens and ids, and every provider's door; and
  .singlet/log.keys: what \`npm run audit\` verifies the log of who looked with.
`;

/** Deployed, the archive's minute: it witnesses the logs and wakes runs that nobody is at. */
const witnessEveryMs = 5_000;
/** Of what failed in the workers, when the story does not come about. */
const failuresShownMax = 5;

const localFolder = resolve(import.meta.dirname, "../.singlet");

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      state: { type: "string", default: localFolder },
      demo: { type: "boolean", default: true },
      once: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
    allowNegative: true,
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error("--port takes a number from 0 to 65535");
  if (values.state === "") throw new Error("--state takes a folder");
  const state = resolve(process.env.INIT_CWD ?? ".", values.state);
  const startedMs = performance.now();
  const progress = (text: string) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`[${seconds} s] ${text}\n`);
  };
  progress(`building the pages and three workers, opening ${state}`);
  await buildPages();
  await mkdir(state, { recursive: true });
  await takeLock(state);
  const failures: string[] = [];
  const onLog = (line: string) => {
    if (!line.includes('"outcome":"failed"')) return;
    failures.push(line);
    if (failures.length > failuresShownMax) failures.shift();
  };
  const system = await startSystem({ state, port, pages: true, onLog }).catch((error: Error) => {
    throw /in use/i.test(error.message)
      ? new Error(`port ${port} is in use; --port takes another`)
      : error;
  });
  await lockRuntime(state);
  const stop = stopper(system, state, startWitness(system));
  await writeLogKeys(system);
  progress(`the edge answers at ${system.url}; the provider at ${system.provider.url}`);
  try {
    const people = await setUpPeople(system);
    await linkAccounts(system, people);
    await writeLocal(system, people);
    progress("three members, a coach, an operator, an auditor");
    progress("each member linked an account at every provider; the vault alone holds the tokens");
    const dayMs = await storyDay(state);
    if (values.demo) await tellStory(system, people, dayMs);
    if (values.once) return stop();
    process.stdout.write(whatToTry(system, people, dayMs));
  } catch (error) {
    for (const line of failures) process.stderr.write(`in the log: ${line}\n`);
    if (values.once) throw error;
    await goOnWithout(system, error as Error);
  }
}

/** What runs can still be looked into and mended: a restored shard lets nobody in before that. */
async function goOnWithout(system: System, error: Error): Promise<void> {
  process.stderr.write(`singlet: ${error.message}\n`);
  await writeJson({ url: system.url, tokens: { operator: await operatorToken(system) } });
  process.stdout.write(`
It runs, but its people or their story did not come about: what this folder holds is not as it was.
  npm run vault -- status     says whether a shard was restored, and \`restore N\` makes it whole
Ctrl-C stops it; another --state begins anew.
`);
}

/** The day of the story's rides: yesterday, when it was first told here. */
async function storyDay(state: string): Promise<number> {
  const file = join(state, "story.json");
  try {
    return JSON.parse(await readFile(file, "utf8")).dayMs;
  } catch {
    const dayMs = (Math.floor(Date.now() / msPerDay) - 1) * msPerDay;
    await writeFile(file, JSON.stringify({ dayMs }));
    return dayMs;
  }
}

async function writeLocal(system: System, people: People): Promise<void> {
  const everyone = Object.entries({ ...people.members, ...people.staff });
  const local = {
    url: system.url,
    tokens: Object.fromEntries(everyone.map(([name, p]) => [name, p.token])),
    members: Object.fromEntries(Object.entries(people.members).map(([name, p]) => [name, p.id])),
    staff: Object.fromEntries(Object.entries(people.staff).map(([name, p]) => [name, p.id])),
    providers: doorsOf(system, people),
  };
  await writeJson(local);
}

async function writeLogKeys({ secrets }: System): Promise<void> {
  await mkdir(localFolder, { recursive: true });
  await writeFile(join(localFolder, "log.keys"), localKeyFile(secrets));
}

/** One turn after another; one that fails is said once and tried again. Returns what stops it. */
function startWitness(system: System): () => void {
  let isTurn = false;
  let isSaid = false;
  const turn = async () => {
    if (isTurn) return;
    isTurn = true;
    await runWitness(system).catch((error: Error) => {
      if (!isSaid) process.stderr.write(`singlet: ${error.message}; it is tried again\n`);
      isSaid = true;
    });
    isTurn = false;
  };
  const timer = setInterval(() => void turn(), witnessEveryMs);
  return () => clearInterval(timer);
}

async function writeJson(local: object): Promise<void> {
  await mkdir(localFolder, { recursive: true });
  await writeFile(join(localFolder, "local.json"), JSON.stringify(local, null, 2), { mode: 0o600 });
}

function whatToTry(system: System, people: People, dayMs: number): string {
  const { url } = system;
  const day = localDate(dayMs, 0);
  const token = (name: string) =>
    `-H "authorization: Bearer $(node -p "require('./.singlet/local.json').tokens.${name}")"`;
  const range = `from=${day}T00:00:00Z&to=${day}T23:59:59Z`;
  return `
Open ${url} in a browser: sign in as Ada, Ben or Cleo, as the coach, the operator or the auditor.

By the API (tokens are in .singlet/local.json):
  ${url}/v1/leaderboards/distance?period=${weekOf(day)}
  ${url}/docs
  curl ${token("ada")} ${url}/v1/workouts
  curl ${token("coach")} "${url}/v1/members/${people.members.ada.id}/readings/heart_rate?${range}"
  curl ${token("operator")} ${url}/v1/ops/balance
  curl ${token("operator")} "${url}/v1/ops/totals?period=${weekOf(day)}"
  npm run audit -- fetch --log 0 --into .singlet/log-0
  npm run audit -- verify --tiles .singlet/log-0

Ctrl-C stops it; starting again keeps everything.
`;
}

function stopper(system: System, state: string, stopWitness: () => void): () => Promise<void> {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    stopWitness();
    await system.close();
    await releaseLock(state);
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());
  return stop;
}

main().catch((error: Error) => {
  process.stderr.write(`singlet: ${error.message}\n`);
  process.exit(1);
});
