/**
 * What stands in the account, as wrangler tells it, and making what is missing. Everything here may be
 * repeated: what is there already is found, not made again.
 */
import { lockDays, lockName, type Plan } from "./deploy-plan.ts";
import { reasonOf, type Said, type Wrangler } from "./deploy-wrangler.ts";

/** What somebody can act on; anything else is a fault of ours. */
export class Refused extends Error {}

async function asked(wrangler: Wrangler, words: readonly string[]): Promise<string> {
  const said = await wrangler(words);
  if (said.status !== 0) throw new Refused(`wrangler ${words.join(" ")}: ${reasonOf(said)}`);
  return said.out;
}

/** The JSON that a command ends with, whatever it greets with. One that was cut short is no answer. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.search(/[[{]/)));
  } catch {
    throw new Refused("wrangler said no whole JSON: run it again");
  }
}

/** How it is said that a worker is not there, or was never deployed. */
const noSuchWorker = /code: 10007|Worker "[^"]+" not found|has no deployments/;
const saidAll = ({ out, err }: Said): string => `${out}\n${err}`;

export interface Deployed {
  /** Version that takes all requests. */
  readonly version: string;
  /** As this command noted it: of what release it is, and what it took the place of. */
  readonly release: string | null;
  readonly before: string | null;
}

export interface Account {
  readonly id: string;
  /** Ids by name. */
  readonly databases: ReadonlyMap<string, string>;
  readonly buckets: ReadonlySet<string>;
  readonly queues: ReadonlySet<string>;
  /** Names of its rules, by bucket; of buckets that are there. */
  readonly locks: ReadonlyMap<string, readonly string[]>;
  /** By the worker's deployed name; absent: there is no such worker. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  readonly deployed: ReadonlyMap<string, Deployed>;
}

/** How a version says where it comes from; wrangler and the dashboard show it. */
export const noteOf = (release: string, before: string | null): string =>
  `singlet ${release} after ${before ?? "nothing"}`;
const noteShape = /^singlet (\S+) after (\S+)$/;

export async function accountOf(wrangler: Wrangler): Promise<string> {
  const said = await wrangler(["whoami", "--json"]);
  if (said.status !== 0)
    throw new Refused(`not signed in: \`npx wrangler login\`, or set CLOUDFLARE_API_TOKEN`);
  const { accounts = [] } = jsonIn(said.out) as {
    accounts?: readonly { readonly id: string; readonly name: string }[];
  };
  const chosen = process.env.CLOUDFLARE_ACCOUNT_ID;
  if (chosen !== undefined && chosen !== "") return chosen;
  const [only, ...more] = accounts;
  if (only !== undefined && more.length === 0) return only.id;
  throw new Refused(`${accounts.length} accounts: set CLOUDFLARE_ACCOUNT_ID to one of them`);
}

export async function databasesIn(wrangler: Wrangler): Promise<Map<string, string>> {
  const listed = jsonIn(await asked(wrangler, ["d1", "list", "--json"])) as readonly {
    readonly name: string;
    readonly uuid: string;
  }[];
  return new Map(listed.map(({ name, uuid }) => [name, uuid]));
}

/** The API lists no more at once, and wrangler asks once: what is not among so many is asked for. */
const bucketsListed = 20;

async function bucketsIn(wrangler: Wrangler, wanted: readonly string[]): Promise<Set<string>> {
  const text = await asked(wrangler, ["r2", "bucket", "list"]);
  const there = new Set([...text.matchAll(/^name:\s*(\S+)/gm)].map(([, name = ""]) => name));
  if (there.size < bucketsListed) return there;
  for (const name of wanted)
    if (!there.has(name) && (await wrangler(["r2", "bucket", "info", name])).status === 0)
      there.add(name);
  return there;
}

const queuePagesMax = 100;

async function queuesIn(wrangler: Wrangler): Promise<Set<string>> {
  const there = new Set<string>();
  for (let page = 1; page <= queuePagesMax; page++) {
    const text = await asked(wrangler, ["queues", "list", "--page", String(page)]);
    const rows = text.split("\n").filter((line) => /^[│|]/.test(line));
    const names = rows.map((row) => row.split(/[│|]/)[2]?.trim() ?? "").slice(1);
    const fresh = names.filter((name) => name !== "" && !there.has(name));
    if (fresh.length === 0) break;
    for (const name of fresh) there.add(name);
  }
  return there;
}

async function locksOf(wrangler: Wrangler, bucket: string): Promise<string[]> {
  const text = await asked(wrangler, ["r2", "bucket", "lock", "list", bucket]);
  return [...text.matchAll(/^name:\s*(\S+)/gm)].map(([, name = ""]) => name);
}

/** Null: there is no such worker. */
async function secretsOf(wrangler: Wrangler, worker: string): Promise<string[] | null> {
  const words = ["secret", "list", "--name", worker, "--format", "json"];
  const said = await wrangler(words);
  if (said.status !== 0) {
    if (noSuchWorker.test(saidAll(said))) return null;
    throw new Refused(`wrangler ${words.join(" ")}: ${reasonOf(said)}`);
  }
  return (jsonIn(said.out) as readonly { readonly name: string }[]).map(({ name }) => name);
}

/** Null: no version of it takes requests. */
export async function deployedOf(wrangler: Wrangler, worker: string): Promise<Deployed | null> {
  const words = ["deployments", "status", "--name", worker, "--json"];
  const said = await wrangler(words);
  if (said.status !== 0) {
    if (noSuchWorker.test(saidAll(said))) return null;
    throw new Refused(`wrangler ${words.join(" ")}: ${reasonOf(said)}`);
  }
  const { versions = [] } = jsonIn(said.out) as {
    versions?: readonly { readonly version_id: string }[];
  };
  const [version, ...more] = versions.map((each) => each.version_id);
  if (version === undefined) return null;
  if (more.length > 0)
    throw new Refused(`${worker} is between two versions: finish that with wrangler first`);
  const view = ["versions", "view", version, "--name", worker, "--json"];
  const { annotations = {} } = jsonIn(await asked(wrangler, view)) as {
    annotations?: Readonly<Record<string, string>>;
  };
  const [, release = null, before = null] =
    noteShape.exec(annotations["workers/message"] ?? "") ?? [];
  return { version, release, before: before === "nothing" ? null : before };
}

export async function standing(wrangler: Wrangler, plan: Plan): Promise<Account> {
  const id = await accountOf(wrangler);
  const [databases, buckets, queues] = await Promise.all([
    databasesIn(wrangler),
    bucketsIn(wrangler, plan.buckets),
    queuesIn(wrangler),
  ]);
  const locks = new Map<string, readonly string[]>();
  for (const bucket of [plan.lock.bucket, ...plan.neverLocked])
    if (buckets.has(bucket)) locks.set(bucket, await locksOf(wrangler, bucket));
  const secrets = new Map<string, readonly string[]>();
  const deployed = new Map<string, Deployed>();
  const workers = Object.values(plan.workers).map(async ({ name }) => {
    const kept = await secretsOf(wrangler, name);
    if (kept === null) return;
    secrets.set(name, kept);
    const stands = await deployedOf(wrangler, name);
    if (stands !== null) deployed.set(name, stands);
  });
  await Promise.all(workers);
  return { id, databases, buckets, queues, locks, secrets, deployed };
}

export interface Making {
  readonly what: string;
  readonly words: readonly string[];
}

/** What has to be made, in any order. */
export function missingIn(account: Account, { databases, buckets, queues, lock }: Plan): Making[] {
  const isLocked = account.locks.get(lock.bucket)?.includes(lockName) === true;
  const lockWords = ["r2", "bucket", "lock", "add", lock.bucket, lockName, lock.prefix];
  return [
    ...databases
      .filter(({ name }) => !account.databases.has(name))
      .map(({ name }) => ({ what: `database ${name}`, words: ["d1", "create", name] })),
    ...buckets
      .filter((name) => !account.buckets.has(name))
      .map((name) => ({ what: `bucket ${name}`, words: ["r2", "bucket", "create", name] })),
    ...queues
      .filter((name) => !account.queues.has(name))
      .map((name) => ({ what: `queue ${name}`, words: ["queues", "create", name] })),
    ...(isLocked
      ? []
      : [
          {
            what: `lock of ${lockDays} days on ${lock.bucket}`,
            words: [...lockWords, "--retention-days", String(lock.days), "--force"],
          },
        ]),
  ];
}

/** Made meanwhile by somebody else, or by a run before this one whose answer was lost. */
const alreadyThere = /already exists|already taken|already own/i;

export async function make(wrangler: Wrangler, { words }: Making): Promise<void> {
  const said = await wrangler(words);
  if (said.status === 0 || alreadyThere.test(saidAll(said))) return;
  throw new Refused(`wrangler ${words.join(" ")}: ${reasonOf(said)}`);
}

/** Files that the database has not seen; oldest first. */
export async function pendingOf(
  wrangler: Wrangler,
  database: string,
  config: string,
): Promise<string[]> {
  const words = ["d1", "migrations", "list", database, "--remote", "-c", config];
  const text = await asked(wrangler, words);
  return [...new Set([...text.matchAll(/\d{4}_[\w-]+\.sql/g)].map(([file]) => file))].sort();
}

export async function migrateAt(
  wrangler: Wrangler,
  database: string,
  config: string,
): Promise<void> {
  await asked(wrangler, ["d1", "migrations", "apply", database, "--remote", "-c", config]);
}

/** The new version's id. Throws `Refused`; what stood before then stands still. */
export async function deployAt(wrangler: Wrangler, config: string, note: string): Promise<string> {
  const words = ["deploy", "-c", config, "--message", note];
  const version = /Current Version ID: (\S+)/.exec(await asked(wrangler, words))?.[1];
  if (version === undefined) throw new Refused(`wrangler deploy -c ${config} named no version`);
  return version;
}

export async function putBack(wrangler: Wrangler, worker: string, version: string): Promise<void> {
  const why = "singlet: rolled back";
  await asked(wrangler, ["rollback", version, "--name", worker, "--message", why, "--yes"]);
}
