/** What has to be right before anything changes. Every check is made, so that one run says it all. */
import { execFileSync } from "node:child_process";
import type { Account } from "./deploy-account.ts";
import { deployOrder, type Plan, type Settings } from "./deploy-plan.ts";
import { putting, secrets } from "./deploy-secrets.ts";

export interface Checked {
  readonly what: string;
  readonly isOk: boolean;
  /** What is so, or what to do. */
  readonly said: readonly string[];
}

export interface Tree {
  readonly commit: string;
  /** Files that are not as they were committed. */
  readonly changed: readonly string[];
}

const changedShown = 5;

/** Throws where there is no repository. */
export function treeAt(folder: string): Tree {
  const git = (...words: string[]) => execFileSync("git", words, { cwd: folder, encoding: "utf8" });
  return {
    commit: git("rev-parse", "--short=12", "HEAD").trim(),
    changed: git("status", "--porcelain").split("\n").filter(Boolean),
  };
}

export function checkTree({ commit, changed }: Tree): Checked {
  const more = changed.length > changedShown ? [`and ${changed.length - changedShown} more`] : [];
  return {
    what: "the tree is what was committed",
    isOk: changed.length === 0,
    said: changed.length === 0 ? [commit] : [...changed.slice(0, changedShown), ...more],
  };
}

/** Vars that no deployment can do without. */
const needed = {
  vault: ["TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_JWKS_URL", "LOG_ORIGIN", "WITNESS_KEYS"],
  edge: ["TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_JWKS_URL", "PUBLIC_URL"],
  archive: ["WITNESS_NAME", "LOG_KEYS"],
} as const;
/** Both verify the same tokens. */
const alike = ["TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_JWKS_URL"] as const;
/** The registered names that stand for somebody's own (RFC 2606). */
const isExample = (value: string): boolean => /\bexample\.(com|net|org)\b/.test(value);
const varBytesMax = 5_120;

export function checkVars({ vars }: Plan, file: string): Checked {
  const wrong = deployOrder.flatMap((worker) =>
    needed[worker].flatMap((name) => {
      const value = vars[worker][name] ?? "";
      if (value === "") return [`${worker} ${name} is empty`];
      return isExample(value) ? [`${worker} ${name} is an example`] : [];
    }),
  );
  for (const name of alike)
    if (vars.edge[name] !== vars.vault[name]) wrong.push(`edge and vault differ in ${name}`);
  for (const worker of deployOrder)
    for (const [name, value] of Object.entries(vars[worker]))
      if (Buffer.byteLength(value) > varBytesMax)
        wrong.push(`${worker} ${name} is longer than ${varBytesMax} bytes`);
  const { PUBLIC_URL = "" } = vars.edge;
  const url = URL.parse(PUBLIC_URL);
  const isHere = url?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
  if (PUBLIC_URL !== "" && url?.protocol !== "https:" && !isHere)
    wrong.push("edge PUBLIC_URL is no https address");
  return {
    what: "what the deployment says for itself is there",
    isOk: wrong.length === 0,
    said: wrong.length === 0 ? [file] : [...wrong, `they are given in ${file}`],
  };
}

/** What two environments must not have in common, or one could act as the other. */
const own = {
  vault: ["TOKEN_AUDIENCE", "LOG_ORIGIN", "WITNESS_KEYS"],
  edge: ["PUBLIC_URL"],
  archive: ["WITNESS_NAME", "LOG_KEYS"],
} as const;

/** Some are lists of keys, of which none may be shared either. */
const itemsOf = (value = ""): string[] => value.split(/\s+/).filter(Boolean);

export function checkApart(plan: Plan, other: Plan): Checked {
  const shared = deployOrder.flatMap((worker) =>
    own[worker]
      .filter((name) => {
        const theirs = itemsOf(other.vars[worker][name]);
        return itemsOf(plan.vars[worker][name]).some((each) => theirs.includes(each));
      })
      .map((name) => `${worker} ${name} is ${other.environment}'s`),
  );
  if (plan.domain !== null && plan.domain === other.domain) shared.push("domain");
  return {
    what: `nothing is shared with ${other.environment}`,
    isOk: shared.length === 0,
    said: shared,
  };
}

export function checkSecrets({ workers }: Plan, account: Account): Checked {
  const missing = secrets.filter(
    ({ worker, name }) => account.secrets.get(workers[worker].name)?.includes(name) !== true,
  );
  return {
    what: "every secret is there",
    isOk: missing.length === 0,
    said:
      missing.length === 0
        ? [`${secrets.length} of ${secrets.length}`]
        : missing.flatMap((secret) => {
            const { name } = workers[secret.worker];
            const made = secret.make?.startsWith("npm") ? ` (${secret.make})` : "";
            return [
              `${name} ${secret.name}: ${secret.what}${made}`,
              `    ${putting(secret, name)}`,
            ];
          }),
  };
}

export function checkLocks({ neverLocked }: Plan, account: Account): Checked {
  const locked = neverLocked.flatMap((bucket) =>
    (account.locks.get(bucket) ?? [])
      .filter((rule) => !rule.startsWith("default-"))
      .map((rule) => `${bucket} has the lock ${rule}`),
  );
  return {
    what: "nothing is locked that has to be deleted",
    isOk: locked.length === 0,
    said: locked,
  };
}

/**
 * Of a bundle, uncompressed. Cloudflare takes 64 MiB (workers/platform/limits, read 2026-11-21); one
 * that is larger than this starts noticeably later, and somebody should know why it grew.
 */
const bundleKibMax = 8_192;

export interface Built {
  readonly worker: string;
  readonly kib: number;
}

export function checkBuilt(built: readonly Built[]): Checked {
  return {
    what: `all three build, and none is larger than ${bundleKibMax} KiB`,
    isOk: built.every(({ kib }) => kib > 0 && kib <= bundleKibMax),
    said: built.map(({ worker, kib }) => `${worker} ${kib > 0 ? `${kib} KiB` : "does not build"}`),
  };
}

/** Settings that were never given say nothing that could be shared. */
export const isSaid = (settings: Settings): boolean =>
  deployOrder.some((worker) => Object.keys(settings[worker]).length > 0);
