/**
 * `node test/deploy/main.ts`: the same deploys twice, through the real wrangler over the API on
 * loopback and through the stand-in that the tests use. Both must come to the same, and the API must
 * have known every call.
 */
import { asked, refuse } from "../../local/asked.ts";
import { type Wrangler, wranglerHere } from "../../local/deploy-wrangler.ts";
import { buildPages } from "../../local/pages.ts";
import { leaveNothing } from "../../local/passing.ts";
import { say } from "../../local/say.ts";
import { table } from "../../local/table.ts";
import { type Api, startApi } from "./api.ts";
import { Account } from "./cloudflare.ts";
import { giveSecrets, type How, Killed, type World, world } from "./scenarios.ts";
import { standIn } from "./stand-in.ts";

const help = `node test/deploy/main.ts [options]

  Deploys into accounts in memory through the wrangler of this repository, whose API is on loopback:
  without secrets; into an empty account, killed between two workers, run again and once more; a
  release that does not answer; back by hand; a preview. Beside each the same with the stand-in that
  test/deploy uses, which also makes the accounts ready. Wrangler is started about 250 times.

  --only N      only the Nth
  --help        this text

  Ends with a table and RESULT {json}; exit code 1 if one comes to anything else.
`;

interface Step {
  readonly what: string;
  readonly wanted: string;
  /** What was before it, by the stand-in. */
  ready?(world: World): Promise<unknown>;
  run(world: World): Promise<string>;
}

const deploying =
  (words: string, how: How = {}) =>
  async (w: World): Promise<string> => {
    try {
      return (await w.run(words, how)).outcome;
    } catch (error) {
      if (error instanceof Killed) return "killed";
      throw error;
    }
  };

/** Between the vault's deploy and the edge's: made and migrated is all. */
const betweenTwo = 25;

const whole = async (w: World): Promise<void> => {
  giveSecrets(w);
  await w.run("one");
};

const steps: readonly Step[] = [
  { what: "no secret is there", wanted: "refused", run: deploying("one") },
  {
    what: "an empty account",
    wanted: "killed, deployed, unchanged",
    ready: async (w) => giveSecrets(w),
    run: async (w) => {
      const killed = await deploying("one", { killedAt: betweenTwo })(w);
      const again = [await deploying("one")(w), await deploying("one")(w)];
      return [killed, ...again].join(", ");
    },
  },
  {
    what: "a release that does not answer",
    wanted: "rolled back",
    ready: whole,
    run: deploying("two", { broken: () => true }),
  },
  {
    what: "back by hand",
    wanted: "back",
    ready: async (w) => {
      await whole(w);
      await w.run("two");
    },
    run: async (w) => ((await w.rollBack()).isWhole ? "back" : "not back"),
  },
  {
    what: "a preview beside it",
    wanted: "deployed",
    ready: async (w) => {
      await whole(w);
      giveSecrets(w, "-preview");
    },
    run: deploying("one", { environment: "preview" }),
  },
];

const values = asked({
  options: {
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
}).values;
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const only = values.only === undefined ? null : Number(values.only);
if (only !== null && steps[only - 1] === undefined)
  refuse(`--only takes a whole number from 1 to ${steps.length}`);

let calls = 0;
/** One account, all commands by the real wrangler. */
const through =
  (api: Api): Wrangler =>
  (words) => {
    calls++;
    return wranglerHere(import.meta.dirname, {
      ...process.env,
      CLOUDFLARE_API_BASE_URL: api.url,
      CLOUDFLARE_API_TOKEN: "of-nobody",
      CLOUDFLARE_ACCOUNT_ID: "a".repeat(32),
    })(words);
  };

/** The API's routes are those of a deploy: what else was asked is a fault. */
async function both({ ready, run }: Step) {
  const here = await world(standIn);
  await ready?.(here);
  const account = new Account();
  const prepared = await world(standIn, account);
  await ready?.(prepared);
  const api = await startApi(account);
  const real = await world(() => through(api), account);
  const outcomes = [await run(real), await run(here)];
  const states = [real.state(), here.state()];
  await api.close();
  await Promise.all([here.end(), prepared.end(), real.end()]);
  return { outcomes, states, said: real.said, unknown: api.unknown };
}

leaveNothing();
const startedMs = performance.now();
const seconds = () => Math.round((performance.now() - startedMs) / 1000);
await buildPages();
const rows: string[][] = [];
const unknown = new Set<string>();
let wrong = 0;
for (const step of only === null ? steps : steps.slice(only - 1, only)) {
  const { what, wanted } = step;
  const { outcomes, states, said, unknown: asked } = await both(step);
  for (const call of asked) unknown.add(call);
  const isAlike = states[0] === states[1];
  const isRight = isAlike && outcomes.every((outcome) => outcome === wanted);
  if (!isRight) wrong++;
  say(`[${seconds()} s] ${isRight ? "ok   " : "WRONG"} ${what}: ${outcomes.join(", ")}`);
  if (!isAlike) say(`real     ${states[0]}\nstand-in ${states[1]}\n${said.join("\n")}`);
  rows.push([what, wanted, ...outcomes, isAlike ? "the same" : "DIFFERENT"]);
}
say(`\n${table(["", "wanted", "wrangler", "stand-in", "account"], rows)}`);
for (const call of unknown) say(`the API was asked what it does not know: ${call}`);
const counted = { runs: rows.length, wrong, unknown: unknown.size, calls, seconds: seconds() };
say(`RESULT ${JSON.stringify({ name: "deploy", ...counted })}`);
process.exit(wrong + unknown.size === 0 ? 0 : 1);
