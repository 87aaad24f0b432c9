/**
 * One `npm run deploy`, from what was asked to its last line. What is decided stands in deploy-run.ts.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as wait } from "node:timers/promises";
import { Refused } from "./deploy-account.ts";
import { newestRelease, rollBack, type Step } from "./deploy-back.ts";
import { isSaid, treeAt } from "./deploy-check.ts";
import { type Environment, otherThan, settingsFile } from "./deploy-environment.ts";
import { planOf, readSettings, root } from "./deploy-plan.ts";
import { type Asked, deploy, type Ended } from "./deploy-run.ts";
import { wranglerHere } from "./deploy-wrangler.ts";
import { buildPages, pagesFolder } from "./pages.ts";
import { say } from "./say.ts";
import { billOfMaterials } from "./supply-bill.ts";
import { table } from "./table.ts";

const wrangler = wranglerHere(root);
const folderOf = (environment: Environment): string => join(root, "dist/deploy", environment);

export interface Values {
  readonly environment: Environment;
  readonly plan: boolean;
  readonly rollback: boolean;
  readonly yes: boolean;
  /** A whole path. Absent: the environment's own, in the repository's folder. */
  readonly settings?: string | undefined;
  readonly url?: string | undefined;
}

function readAsked({ environment, ...values }: Values): Asked {
  const file = values.settings ?? settingsFile(environment);
  const settings = readSettings(resolve(root, file));
  const plan = planOf(environment, settings);
  const apart = otherThan(environment);
  const others = readSettings(join(root, settingsFile(apart)));
  const { SINGLET_SMOKE_TOKEN: token, SINGLET_SMOKE_SIGNING: signing } = process.env;
  return {
    plan,
    other: isSaid(others) || isSaid(settings) ? planOf(apart, others) : null,
    settings: file,
    folder: folderOf(environment),
    smoke: {
      url: (values.url ?? plan.vars.edge.PUBLIC_URL ?? "").replace(/\/$/, ""),
      ...(token ? { token } : {}),
      ...(signing ? { signing } : {}),
    },
    isPlan: values.plan,
  };
}

async function build(folder: string) {
  await buildPages();
  const bill = billOfMaterials();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "sbom.cdx.json"), bill);
  return { pages: pagesFolder, sbom: createHash("sha256").update(bill).digest("hex") };
}

const stepsTable = (steps: readonly Step[]): string =>
  `\n${table(
    ["", "", ""],
    steps.map((s) => [s.step, s.what, s.said]),
  )}`;

/** Nothing was changed so far. Whoever leaves at the question does not agree. */
async function isAgreed({ environment, yes }: Values): Promise<boolean> {
  if (yes) return true;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const left = once(prompt, "close").then(() => "");
  const answer = await Promise.race([
    prompt.question(`\nChange ${environment}? Type its name: `).catch(() => ""),
    left,
  ]);
  prompt.close();
  return answer.trim() === environment;
}

function tell({ environment, rollback }: Values, ended: Ended): never {
  const { outcome, release, steps, tried, versions } = ended;
  if (steps.length > 0) say(stepsTable(steps));
  if (tried.length > 0)
    say(
      `\n${table(
        ["asked", "", ""],
        tried.map((t) => [t.what, t.verdict, t.said]),
      )}`,
    );
  say(`\n${environment}: ${outcome}`);
  say(`RESULT ${JSON.stringify({ environment, outcome, release, versions })}`);
  const wanted = rollback ? ["rolled back"] : ["planned", "deployed", "unchanged"];
  process.exit(wanted.includes(outcome) ? 0 : 1);
}

async function rolledBack(values: Values, { plan }: Asked): Promise<Ended> {
  const release = await newestRelease(plan, wrangler);
  if (release === null)
    throw new Refused(
      `${plan.workers.vault.name} was last changed by another command; ` +
        `\`npx wrangler versions list --name ${plan.workers.vault.name}\` lists what there was`,
    );
  say(`release ${release} of ${plan.workers.vault.name} would be put back`);
  if (!(await isAgreed(values)))
    return { outcome: "not agreed", release, steps: [], tried: [], versions: {} };
  const { isWhole, steps, versions } = await rollBack(plan, { wrangler, say }, release);
  return { outcome: isWhole ? "rolled back" : "failed", release, steps, tried: [], versions };
}

/** Ends the process with what came of it. Throws `Refused` where nothing was changed. */
export async function command(values: Values): Promise<void> {
  const all = readAsked(values);
  if (values.rollback) return tell(values, await rolledBack(values, all));
  const nowMs = () => Date.now();
  const agrees = (steps: readonly Step[]) => {
    if (!values.yes) say(stepsTable(steps));
    return isAgreed(values);
  };
  const ports = { wrangler, build: () => build(all.folder), tree: () => treeAt(root), agrees, say };
  tell(values, await deploy(all, { ...ports, fetch, nowMs, wait }));
}
