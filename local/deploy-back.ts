/** Putting a release back: worker by worker, last first, to the version that each took the place of. */
import { deployedOf, putBack, Refused } from "./deploy-account.ts";
import { deployOrder, type Plan } from "./deploy-plan.ts";
import type { Wrangler } from "./deploy-wrangler.ts";
import type { WorkerName } from "./runtime.ts";

/** One line of the account that a command gives. */
export interface Step {
  readonly step: string;
  readonly what: string;
  readonly said: string;
}

interface Ports {
  readonly wrangler: Wrangler;
  readonly say: (line: string) => void;
}

export interface RolledBack {
  /** Each worker of the release has its former version again. */
  readonly isWhole: boolean;
  readonly steps: readonly Step[];
  readonly versions: Readonly<Partial<Record<WorkerName, string>>>;
}

/** Versions by worker's name. */
export type Stood = ReadonlyMap<string, { readonly version: string }>;

/**
 * Puts back, last first, each worker that has this release. It ends at the first that cannot be put
 * back: a new edge over an old vault is the one pair that nothing holds. One that another command
 * changed (a secret that was put makes a version too) may have this release or not, unless it is
 * as it `stood` before.
 */
export async function rollBack(
  { workers }: Plan,
  { wrangler, say }: Ports,
  release: string,
  stood: Stood = new Map(),
): Promise<RolledBack> {
  const steps: Step[] = [];
  const versions: Partial<Record<WorkerName, string>> = {};
  for (const worker of [...deployOrder].reverse()) {
    const { name } = workers[worker];
    try {
      const stands = await deployedOf(wrangler, name);
      const isKnown = stands?.release !== null || stood.get(name)?.version === stands.version;
      if (isKnown && stands?.release !== release) {
        steps.push({ step: "stands", what: name, said: stands?.version ?? "not deployed" });
        continue;
      }
      if (!isKnown) throw new Refused("its last change was another command's");
      if (stands.before === null) throw new Refused("there was no version before");
      say(`putting ${name} back to ${stands.before}`);
      await putBack(wrangler, name, stands.before);
      versions[worker] = stands.before;
      steps.push({ step: "put back", what: name, said: stands.before });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      steps.push({ step: "STANDS", what: `${name} as it was deployed`, said: error.message });
      return { isWhole: false, steps, versions };
    }
  }
  return { isWhole: true, steps, versions };
}

/** The newest release: the vault is first to have one, and last to lose it. Null: none is known. */
export const newestRelease = async (
  { workers }: Plan,
  wrangler: Wrangler,
): Promise<string | null> => (await deployedOf(wrangler, workers.vault.name))?.release ?? null;
