/**
 * Known faults of what is used, as `npm audit` hears them from the registry. Where that does not
 * answer nothing was audited, and nothing here says otherwise.
 */
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const bytesMax = 64 * 1024 * 1024;
const auditMsMax = 120_000;

export interface Advisory {
  readonly name: string;
  readonly severity: string;
  /** Versions that have it. */
  readonly range: string;
}

export type Audit =
  | { readonly is: "audited"; readonly found: readonly Advisory[] }
  | { readonly is: "not-audited"; readonly why: string };

/** Of what npm prints with `--json`, whatever its exit code. */
export function auditOf(said: string): Audit {
  try {
    const { message, vulnerabilities } = JSON.parse(said) as {
      readonly message?: string;
      readonly vulnerabilities?: Readonly<Record<string, Omit<Advisory, "name">>>;
    };
    if (vulnerabilities === undefined)
      return { is: "not-audited", why: (message ?? "npm said nothing of it").slice(0, 200) };
    const found = Object.entries(vulnerabilities).map(([name, { severity, range }]) => ({
      ...{ name, severity, range },
    }));
    return { is: "audited", found };
  } catch {
    return { is: "not-audited", why: "npm said nothing that is understood" };
  }
}

/** `more`: further words for npm, such as a registry. */
export function audit(more: readonly string[] = []): Audit {
  const words = ["audit", "--json", "--package-lock-only", "--fetch-retries", "0", ...more];
  const options = {
    cwd: root,
    encoding: "utf8",
    maxBuffer: bytesMax,
    timeout: auditMsMax,
  } as const;
  const { stdout, error } = spawnSync("npm", words, options);
  return error === undefined ? auditOf(stdout) : { is: "not-audited", why: error.message };
}
