/**
 * What has to be so after a deploy, whatever wrangler it goes through: the stand-in (deploy.test.ts) or
 * the real one over the same account (main.ts). Each scenario begins with an account of its own.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { newestRelease, rollBack } from "../../local/deploy-back.ts";
import type { Environment } from "../../local/deploy-environment.ts";
import { planOf, type Settings } from "../../local/deploy-plan.ts";
import { type Asked, type DeployPorts, deploy, type Ended } from "../../local/deploy-run.ts";
import { secrets } from "../../local/deploy-secrets.ts";
import type { Wrangler } from "../../local/deploy-wrangler.ts";
import { endFolder, passingFolder } from "../../local/passing.ts";
import { Account, type EdgeFaults, edgeOf } from "./cloudflare.ts";

export interface World {
  readonly account: Account;
  readonly folder: string;
  readonly said: string[];
  /** Deploys; `words` stands for a change of code, since it goes into the release. */
  run(words: string, how?: How): Promise<Ended>;
  rollBack(): Promise<Awaited<ReturnType<typeof rollBack>>>;
  /** Everything that the account holds, for comparing. */
  state(): string;
  end(): Promise<void>;
}

export interface How extends EdgeFaults {
  readonly isPlan?: boolean;
  readonly environment?: Environment;
  readonly changed?: readonly string[];
  readonly settings?: Settings;
  /** What whoever types it says to what would be done. */
  readonly agrees?: DeployPorts["agrees"];
  /** From when on a command says nothing, and that it went well. */
  readonly isCut?: () => boolean;
  /** Ends the run, as a kill does, before its nth command that changes something. */
  readonly killedAt?: number;
}

/** A run was ended from outside. */
export class Killed extends Error {}

const changing = (words: readonly string[]): boolean =>
  /create|apply|add|rollback/.test(words.join(" ")) ||
  (words[0] === "deploy" && !words.includes("--dry-run"));

function killedAt(wrangler: Wrangler, nth: number): Wrangler {
  let seen = 0;
  return (words) => {
    if (changing(words) && ++seen === nth) throw new Killed();
    return wrangler(words);
  };
}

const cutFrom =
  (wrangler: Wrangler, isCut = () => false): Wrangler =>
  async (words) =>
    isCut() ? { status: 0, out: "", err: "" } : wrangler(words);

export const settingsOf = (environment: Environment, words: string): Settings => {
  const at = environment === "production" ? "p.test" : "q.test";
  const token = {
    TOKEN_ISSUER: `https://id.${at}`,
    TOKEN_AUDIENCE: environment,
    TOKEN_JWKS_URL: `https://id.${at}/keys`,
  };
  return {
    edge: { ...token, PUBLIC_URL: `https://${at}`, RETURN_TO: words },
    vault: { ...token, LOG_ORIGIN: `log.${at}`, WITNESS_KEYS: `witness.${at}+1+k` },
    archive: { WITNESS_NAME: `witness.${at}`, LOG_KEYS: `log.${at}/0+1+k` },
  };
};

/** `account`: one that was made ready by another world. */
export async function world(
  wranglerOf: (account: Account) => Wrangler,
  account = new Account(),
): Promise<World> {
  const wrangler = wranglerOf(account);
  const folder = await passingFolder("deploy");
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const portsOf = (how: How, edge: string): DeployPorts => ({
    wrangler: cutFrom(
      how.killedAt === undefined ? wrangler : killedAt(wrangler, how.killedAt),
      how.isCut,
    ),
    build: async () => ({ pages: join(import.meta.dirname, "pages"), sbom: "" }),
    tree: () => ({ commit: "abcdef", changed: how.changed ?? [] }),
    agrees: how.agrees ?? (async () => true),
    say,
    fetch: edgeOf(account, edge, how),
    nowMs: () => Date.UTC(2026, 10, 22),
    wait: async () => {},
  });
  return {
    account,
    folder,
    said,
    async run(words, how = {}) {
      const environment = how.environment ?? "production";
      const plan = planOf(environment, how.settings ?? settingsOf(environment, words));
      const otherName = environment === "production" ? "preview" : "production";
      const asked: Asked = {
        plan,
        other: planOf(otherName, settingsOf(otherName, words)),
        settings: `deploy.${environment}.json`,
        folder: join(folder, environment),
        smoke: { url: plan.vars.edge.PUBLIC_URL ?? "", token: "good" },
        isPlan: how.isPlan ?? false,
      };
      return deploy(asked, portsOf(how, plan.workers.edge.name));
    },
    async rollBack() {
      const plan = planOf("production", settingsOf("production", ""));
      return rollBack(plan, { wrangler, say }, (await newestRelease(plan, wrangler)) ?? "");
    },
    state: () =>
      JSON.stringify({
        databases: [...account.databases.keys()].map((name) => [name, account.migrated(name)]),
        buckets: [...account.buckets],
        queues: [...account.queues.keys()],
        workers: [...account.workers].map(([name, w]) => [name, w.deployed, [...w.secrets]]),
      }),
    end: () => endFolder(folder),
  };
}

/** As somebody does who read what was missing. */
export function giveSecrets({ account }: World, suffix = ""): void {
  for (const { worker, name } of secrets) account.putSecret(`singlet-${worker}${suffix}`, name);
}

export const configOf = async ({ folder }: World, environment: Environment, worker: string) =>
  readFile(join(folder, environment, `${worker}.json`), "utf8");

/** Version that each worker has, by its name. */
export const deployedIn = ({ account }: World): Record<string, string | null> =>
  Object.fromEntries([...account.workers].map(([name, { deployed }]) => [name, deployed]));
