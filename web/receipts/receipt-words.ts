/** The steps of an erasure in words. A step without words of its own is called by its name. */
import type { Receipt } from "../api/schema.d.ts";
import { words } from "../design/format.ts";

const scopes: Readonly<Record<Receipt["scope"], string>> = {
  member: "Everything of a member",
  connection: "A connection",
  workouts: "Workouts",
  samples: "Samples",
  listens: "Listens",
};
export const scopeWords = ({ scope }: Pick<Receipt, "scope">): string => scopes[scope];

const steps: Readonly<Record<string, string>> = {
  revoked: "Providers were told that the grant has ended",
  "revoke-failed": "Providers could not be told; the grant ended on this side",
  tokens: "Tokens were destroyed",
  tombstone: "Declared gone: from here on nothing of it opens",
  keys: "Keys were destroyed",
  "keys-finished": "The last keys were destroyed",
  sealed: "Sealed readings were erased",
  parked: "Records that could not be read were erased",
  objects: "Sealed files were erased",
  copies: "Kept copies were erased",
  ledger: "Records were let go of, and boards corrected",
  days: "Days were made anew without it",
  stores: "What was counted in stores was forgotten",
  connections: "Connections were ended",
  social: "Friends, teams and challenges were left",
  landing: "What waited for the archive was dropped",
  archive: "The archive was written anew without it",
  snapshots: "Frozen copies of sales were written anew without it",
};

/** With several archives a step stands for each: `archive-eu`. */
export function stepWords(step: string): string {
  const known = Object.hasOwn(steps, step) ? steps[step] : undefined;
  if (known !== undefined) return known;
  const [, shared = "", of = ""] = /^(archive|landing)-(.+)$/.exec(step) ?? [];
  return shared === "" ? words(step) : `${steps[shared]} (${of})`;
}

const pendings: Readonly<Record<string, string>> = {
  archive: "the archive is being written anew without it, by tomorrow at the latest",
  keys: "the last keys are destroyed within hours",
  snapshots: "frozen copies of sales are being written anew without it",
};

/** What is still to come, in one sentence; null: it is finished. */
export function pendingWords({ pending }: Pick<Receipt, "pending">): string | null {
  if (pending.length === 0) return null;
  const parts = pending.map((name) => pendings[name] ?? words(name));
  return `Still to come: ${parts.join("; ")}.`;
}
