/**
 * One deploy, start to end. Killed after any step it is run again and goes on: what is made is found,
 * what is migrated is not pending, a worker that has this release already is left as it is.
 *
 *  1. Look: the tree, the settings, the account, its secrets and locks, three bundles. A fault ends
 *     it here, and so does somebody who does not agree to what would be done; nothing has changed.
 *  2. Make the resources that are missing. Left behind by a run that ends here they hold nothing.
 *  3. Migrate, forward only. The version that is deployed runs on the new schema: migrations only add.
 *  4. Deploy the vault, the edge, the archive. Between two of them old and new code work together
 *     (test/rollout). Each version notes its release and what it took the place of.
 *  5. Ask the new release what it has to answer.
 *  6. When 4 or 5 fails: put back, last first, each worker of this release that had a version before.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Account,
  databasesIn,
  deployAt,
  make,
  migrateAt,
  missingIn,
  noteOf,
  pendingOf,
  Refused,
  standing,
} from "./deploy-account.ts";
import { rollBack, type Step } from "./deploy-back.ts";
import {
  type Built,
  type Checked,
  checkApart,
  checkBuilt,
  checkLocks,
  checkSecrets,
  checkTree,
  checkVars,
  type Tree,
} from "./deploy-check.ts";
import { configFor, deployOrder, type Plan } from "./deploy-plan.ts";
import { type Smoke, type SmokePorts, smoke, type Tried } from "./deploy-smoke.ts";
import type { Wrangler } from "./deploy-wrangler.ts";
import type { WorkerName } from "./runtime.ts";

export interface DeployPorts extends SmokePorts {
  readonly wrangler: Wrangler;
  /** Builds the pages, and writes the bill of materials: their folder, its SHA-256. */
  readonly build: () => Promise<{ readonly pages: string; readonly sbom: string }>;
  readonly tree: () => Tree;
  /** Whether somebody who sees what would be done wants it. */
  readonly agrees: (steps: readonly Step[]) => Promise<boolean>;
  readonly say: (line: string) => void;
}

export interface Asked {
  readonly plan: Plan;
  /** The other environment, where it says anything for itself. */
  readonly other: Plan | null;
  readonly settings: string;
  /** Where configurations are generated. */
  readonly folder: string;
  readonly smoke: Pick<Smoke, "url" | "token" | "signing">;
  /** Only say what would be done. */
  readonly isPlan: boolean;
}

export type Outcome =
  | "planned"
  | "refused"
  | "not agreed"
  | "deployed"
  | "unchanged"
  | "rolled back"
  | "failed";

export interface Ended {
  readonly outcome: Outcome;
  readonly release: string | null;
  readonly steps: readonly Step[];
  readonly tried: readonly Tried[];
  /** Version by worker, as it stands. */
  readonly versions: Readonly<Partial<Record<WorkerName, string>>>;
}

const releaseChars = 12;
const sha = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
};

const configIn = (folder: string, worker: WorkerName): string => join(folder, `${worker}.json`);

async function writeConfigs(
  { plan, folder }: Asked,
  ids: ReadonlyMap<string, string>,
  release: string | null,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const worker of deployOrder) {
    const config = configFor(plan, worker, folder, ids, release);
    await writeFile(configIn(folder, worker), `${JSON.stringify(config, null, 2)}\n`);
  }
}

/** Every file of a folder in one digest; maps and notes of the build are not code. */
async function digestOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((e) => e.isFile() && !/\.map$|^README\.md$/.test(e.name))
    .map((e) => join(e.parentPath, e.name))
    .sort();
  const parts = await Promise.all(
    files.map(async (file) => [file.slice(folder.length), await readFile(file)]),
  );
  return sha(...(parts.flat() as (string | Uint8Array)[]));
}

/** Builds each as it would be deployed. Null where one does not build. */
async function buildAll(
  asked: Asked,
  { wrangler, build }: DeployPorts,
): Promise<{ built: Built[]; release: string | null; sbom: string }> {
  const { plan, folder } = asked;
  const { pages, sbom } = await build();
  await writeConfigs(asked, new Map(), null);
  const built: Built[] = [];
  const digests: string[] = [await digestOf(pages)];
  for (const worker of deployOrder) {
    const outdir = join(folder, "bundles", worker);
    await rm(outdir, { recursive: true, force: true });
    const config = configIn(folder, worker);
    const said = await wrangler(["deploy", "--dry-run", "--outdir", outdir, "-c", config]);
    const kib = Number(/Total Upload: ([\d.]+) KiB/.exec(said.out)?.[1] ?? 0);
    built.push({ worker: plan.workers[worker].name, kib: said.status === 0 ? kib : 0 });
    if (said.status === 0) digests.push(await digestOf(outdir), await readFile(config, "utf8"));
  }
  const isWhole = built.every(({ kib }) => kib > 0);
  return { built, sbom, release: isWhole ? sha(...digests).slice(0, releaseChars) : null };
}

const shown = (checked: readonly Checked[]): Step[] =>
  checked.flatMap(({ what, isOk, said }) => [
    { step: isOk ? "ok" : "WRONG", what, said: said[0] ?? "" },
    ...said.slice(1).map((line) => ({ step: "", what: "", said: line })),
  ]);

async function look(asked: Asked, ports: DeployPorts) {
  const { plan, other, settings } = asked;
  const { wrangler, tree, say } = ports;
  say("looking at the account");
  const account = await standing(wrangler, plan);
  say("building the pages and three workers");
  const { built, release, sbom } = await buildAll(asked, ports);
  const checked = [
    checkTree(tree()),
    checkVars(plan, settings),
    ...(other === null ? [] : [checkApart(plan, other)]),
    checkSecrets(plan, account),
    checkLocks(plan, account),
    checkBuilt(built),
    { what: "what it is made of is written down", isOk: true, said: [`sbom.cdx.json ${sbom}`] },
  ];
  return { account, checked, release };
}

async function migrations(
  { plan, folder }: Asked,
  { wrangler }: DeployPorts,
  ids: ReadonlyMap<string, string>,
): Promise<{ readonly database: string; readonly config: string; readonly files: string[] }[]> {
  const pending = [];
  for (const { name, worker, migrations: from } of plan.databases) {
    const config = configIn(folder, worker);
    const files = ids.has(name)
      ? await pendingOf(wrangler, name, config)
      : (await readdir(from)).filter((file) => file.endsWith(".sql")).sort();
    if (files.length > 0) pending.push({ database: name, config, files });
  }
  return pending;
}

/** Throws `Refused` from the look: nothing has changed. Later faults are an outcome. */
export async function deploy(asked: Asked, ports: DeployPorts): Promise<Ended> {
  const { plan, isPlan } = asked;
  const { say, wrangler } = ports;
  const { account, checked, release } = await look(asked, ports);
  const steps = shown(checked);
  const versions = versionsOf(plan, account);
  const nothing = { tried: [], versions, release };
  const isRight = checked.every(({ isOk }) => isOk);
  if (release === null || (!isRight && !isPlan)) return { ...nothing, outcome: "refused", steps };

  const missing = missingIn(account, plan);
  steps.push(...missing.map(({ what }) => ({ step: "make", what, said: "" })));
  await writeConfigs(asked, account.databases, release);
  const pending = await migrations(asked, ports, account.databases);
  for (const { database, files } of pending)
    steps.push({ step: "migrate", what: database, said: files.join(" ") });
  const due = deployOrder.filter(
    (worker) => account.deployed.get(plan.workers[worker].name)?.release !== release,
  );
  for (const worker of due)
    steps.push({ step: "deploy", what: plan.workers[worker].name, said: release });
  if (isPlan) return { ...nothing, outcome: isRight ? "planned" : "refused", steps };
  const changes = missing.length + pending.length + due.length;
  if (changes > 0 && !(await ports.agrees(steps)))
    return { ...nothing, outcome: "not agreed", steps };

  for (const each of missing) {
    say(`making ${each.what}`);
    await make(wrangler, each);
  }
  if (missing.length > 0) await writeConfigs(asked, await databasesIn(wrangler), release);
  for (const { database, config, files } of pending) {
    say(`migrating ${database}: ${files.join(" ")}`);
    await migrateAt(wrangler, database, config);
  }
  return rollOut(asked, ports, {
    account,
    release,
    steps,
    due,
    isNew: missing.length + pending.length > 0,
  });
}

const versionsOf = ({ workers }: Plan, { deployed }: Pick<Account, "deployed">) =>
  Object.fromEntries(
    deployOrder.flatMap((worker) => {
      const stands = deployed.get(workers[worker].name);
      return stands === undefined ? [] : [[worker, stands.version]];
    }),
  ) as Partial<Record<WorkerName, string>>;

interface Ready {
  readonly account: Account;
  readonly release: string;
  readonly steps: Step[];
  readonly due: readonly WorkerName[];
  /** Something was made or migrated. */
  readonly isNew: boolean;
}

async function rollOut(asked: Asked, ports: DeployPorts, ready: Ready): Promise<Ended> {
  const { plan, folder } = asked;
  const { wrangler, say } = ports;
  const { account, release, steps, due, isNew } = ready;
  let tried: Tried[] = [];
  let failure: string | null = null;
  const versions = { ...versionsOf(plan, account) };
  try {
    for (const worker of due) {
      const { name } = plan.workers[worker];
      const before = account.deployed.get(name)?.version ?? null;
      say(`deploying ${name}${before === null ? ", for the first time" : `, after ${before}`}`);
      versions[worker] = await deployAt(
        wrangler,
        configIn(folder, worker),
        noteOf(release, before),
      );
    }
    say(`asking ${asked.smoke.url}`);
    tried = await smoke({ ...asked.smoke, release }, ports);
    const wrong = tried.filter(({ verdict }) => verdict === "wrong").map(({ what }) => what);
    if (wrong.length > 0) failure = `it does not answer as it should: ${wrong.join("; ")}`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    failure = error.message;
  }
  if (failure === null) {
    const outcome = due.length > 0 || isNew ? "deployed" : "unchanged";
    return { outcome, release, steps, tried, versions };
  }
  steps.push({ step: "WRONG", what: failure, said: "" });
  // A release that stood before this run is not its to take away.
  if (due.length === 0) return { outcome: "failed", release, steps, tried, versions };
  const back = await rollBack(plan, ports, release, account.deployed);
  steps.push(...back.steps);
  const outcome = back.isWhole ? "rolled back" : "failed";
  return { outcome, release, steps, tried, versions: { ...versions, ...back.versions } };
}
