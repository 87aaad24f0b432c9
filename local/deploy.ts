/** `npm run deploy`: what somebody types. What is then done stands in deploy-command.ts. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { asked, refuse } from "./asked.ts";
import { environments } from "./deploy-environment.ts";

const help = `npm run deploy -- [options]

  Deploys the vault, the edge and the archive, in this order, to Cloudflare. Looks first: the tree,
  the settings, the account, every secret, locks, three bundles; if anything is wrong it says what
  and changes nothing. Then makes what is missing, migrates, deploys, asks the new release what it
  has to answer, and puts the former versions back if it does not. Killed anywhere: run it again.

  --env NAME       production (default), or preview: the same under names of its own (…-preview)
  --plan           say in a table what would be done, and change nothing
  --rollback       put back what the newest release took the place of; databases stay as they are
  --yes            do not ask, once all of that is said, before the first change
  --settings FILE  what this deployment says for itself (default deploy.<env>.json): JSON with
                   domain, and vars by worker: edge, vault, archive. No secret stands there
  --url URL        where the new release is asked (default: the edge's PUBLIC_URL)
  --help           this text

  From the environment: CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID, unless \`wrangler login\` did
  it; SINGLET_SMOKE_TOKEN, somebody's token, and SINGLET_SMOKE_SIGNING, a whsec_ of
  standard-webhooks: without them two of the questions are not asked, and it says so.

  Exit code 0: it is as asked. 1: refused, failed or put back. 2: not understood.
`;

const values = asked({
  options: {
    env: { type: "string", default: "production" },
    plan: { type: "boolean", default: false },
    rollback: { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
    settings: { type: "string" },
    url: { type: "string" },
    help: { type: "boolean", default: false },
  },
}).values;
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const environment =
  environments.find((name) => name === values.env) ??
  refuse(`--env takes one of ${environments.join(", ")}`);
if (values.plan && values.rollback) refuse("--plan and --rollback do not go together");
if (values.url !== undefined && URL.parse(values.url) === null) refuse("--url takes an address");
/** By npm it runs in the repository's folder, wherever somebody asked. */
const settings =
  values.settings === undefined ? undefined : resolve(process.env.INIT_CWD ?? ".", values.settings);
if (settings !== undefined && statSync(settings, { throwIfNoEntry: false })?.isFile() !== true)
  refuse("--settings takes a file that is there");
if (!values.yes && !values.plan && !process.stdin.isTTY)
  refuse("nobody is here to be asked: add --yes, or --plan");

/** Loaded only now: with it comes wrangler. */
const { command } = await import("./deploy-command.ts");
command({ ...values, settings, environment }).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
