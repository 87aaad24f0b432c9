/** The secrets that each worker cannot run without, what they are, and how one is made. */
import type { WorkerName } from "./runtime.ts";

export interface Secret {
  readonly worker: WorkerName;
  readonly name: string;
  readonly what: string;
  /** What makes a value of it on a machine of one's own; absent: it is written by hand. */
  readonly make?: string;
}

const random = "openssl rand -base64 32";

/** Alphabetical by worker in the order in which they are deployed. Others are for want: deploy.md. */
export const secrets: readonly Secret[] = [
  {
    worker: "vault",
    name: "IDENTITY_KEY",
    what: "32 random bytes, base64, the edge's as well; changing it forgets every identity",
    make: random,
  },
  {
    worker: "vault",
    name: "LOG_KEY",
    what: "32 bytes, base64: signs the logs' checkpoints",
    make: "npm run audit -- keys <LOG_ORIGIN>/0",
  },
  {
    worker: "vault",
    name: "PROVIDER_CREDENTIALS",
    what: "JSON: provider → clientId, clientSecret, apiKey; {} while there is none",
  },
  {
    worker: "vault",
    name: "ROOT_KEY",
    what: "32 random bytes, base64; losing it loses every sealed reading",
    make: random,
  },
  {
    worker: "edge",
    name: "FORGOTTEN_KEY",
    what: "32 random bytes, base64; no erasure destroys it",
    make: random,
  },
  {
    worker: "edge",
    name: "IDENTITY_KEY",
    what: "the vault's, the same value",
  },
  {
    worker: "edge",
    name: "PROVIDER_SECRETS",
    what: "JSON: provider → what its deliveries are proven by; {} while there is none",
  },
  {
    worker: "archive",
    name: "WITNESS_KEY",
    what: "32 bytes, base64, not the log's, best known to other people",
    make: "npm run audit -- keys <WITNESS_NAME>",
  },
];

/** Those that are there for want, too: never a var, whichever worker's. */
export const secretNames: readonly string[] = [
  ...new Set(secrets.map(({ name }) => name)),
  ...["ALERT_SECRET", "ALERT_URL", "ROOT_KEY_PREVIOUS"],
];

/** How somebody gives it to the worker whose deployed name this is. */
export function putting({ name, make }: Secret, worker: string): string {
  const put = `npx wrangler secret put ${name} --name ${worker}`;
  return make === random ? `${random} | ${put}` : put;
}
