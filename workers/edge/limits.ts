/**
 * How much one caller may ask, and what each route is taken for: which kind of work (shed.ts) and
 * which budget it is paid from. Callers are counted by Cloudflare's rate limiting bindings, in each of
 * its data centres apart and not exactly: they keep one caller from taking what is everybody's, and
 * count nothing for good. Without a binding nobody is refused. Numbers and why: docs/limits.md.
 */
import type { Digest } from "../../domain/identity.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { providerNamed } from "../../providers/index.ts";
import { callerDigest } from "./client-address.ts";
import type { ProblemName } from "./problem.ts";
import type { Kind } from "./shed.ts";

interface BudgetOf {
  readonly binding: string;
  /** As wrangler.toml says, where the platform reads it. */
  readonly times: number;
  readonly seconds: 10 | 60;
  /** A person by their token; whoever has none by the address's network; a provider by both. */
  readonly by: "address" | "provider" | "person";
  readonly refused: ProblemName & ("too-many" | "unavailable");
}

export const budgets = {
  /** Pages that anybody may see, and tokens that are refused. */
  asking: {
    binding: "LIMIT_ASKING",
    times: 1_000,
    seconds: 10,
    by: "address",
    refused: "too-many",
  },
  /** Where something could be guessed or somebody else is made to work: codes, sessions. */
  knocking: {
    binding: "LIMIT_KNOCKING",
    times: 120,
    seconds: 60,
    by: "address",
    refused: "too-many",
  },
  /** Some senders repeat after a 503 and take a 429 for a no. */
  delivering: {
    binding: "LIMIT_DELIVERING",
    times: 5_000,
    seconds: 10,
    by: "provider",
    refused: "unavailable",
  },
  own: {
    binding: "LIMIT_OWN",
    times: 200,
    seconds: 10,
    by: "person",
    refused: "too-many",
  },
  heavy: {
    binding: "LIMIT_HEAVY",
    times: 60,
    seconds: 60,
    by: "person",
    refused: "too-many",
  },
} as const satisfies Record<string, BudgetOf>;
export type BudgetName = keyof typeof budgets;

export type LimitBindings = {
  readonly [N in BudgetName as (typeof budgets)[N]["binding"]]?: RateLimit;
};

export interface Standing {
  readonly kind: Kind;
  readonly budget: BudgetName;
}

const delivered: Standing = { kind: "delivery", budget: "delivering" };
const heavy: Standing = { kind: "heavy", budget: "heavy" };
const knock: Standing = { kind: "write", budget: "knocking" };
const errand: Standing = { kind: "errand", budget: "own" };

/** A look that stays open: each is paid as something heavy, and is in hand only until it is open. */
const stream: Standing = { kind: "read", budget: "heavy" };

/** What is something else than its method and access say. */
export const named: Readonly<Record<string, Standing>> = {
  "post /webhooks/:provider": delivered,
  "post /webhooks/:provider/:key": delivered,
  "post /1/submit-listens": delivered,
  "post /scrobble/submissions": delivered,
  "post /scrobble/now-playing": delivered,
  "get /v1/leaderboards/:board/live": { kind: "read", budget: "knocking" },
  "get /v1/sync-status": stream,
  "get /v1/artists/:artist/live/stream": stream,
  "get /v1/merchants/:merchant/live/stream": stream,
  "get /scrobble": knock,
  "get /scrobble/": knock,
  "get /1/validate-token": knock,
  "get /oauth/:provider/callback": { kind: "errand", budget: "knocking" },
  "post /v1/sign-in": { kind: "errand", budget: "knocking" },
  "post /v1/connections/:connection": errand,
  "post /v1/connections/:connection/sync": errand,
  "delete /v1/connections/:connection": errand,
  "post /v1/shares/open": knock,
  "post /v1/files": heavy,
  "post /v1/imports/spotify": heavy,
  "post /v1/exports": heavy,
  "get /v1/exports/:id/files/:name": heavy,
  "get /v1/royalties/:period/dsr": heavy,
  "put /v1/merchants/:merchant/settlements/:file": heavy,
  "post /v1/merchants/:merchant/snapshots": heavy,
  "get /v1/merchants/:merchant/snapshots/:name/:day": heavy,
  "delete /v1/me": heavy,
  "delete /v1/workouts": heavy,
  "delete /v1/listens": heavy,
  "delete /v1/samples": heavy,
  "post /v1/ops/royalties": heavy,
  "post /v1/ops/rereads": heavy,
  "post /v1/ops/erasures": heavy,
  "post /v1/ops/keys/rotations": heavy,
  "post /v1/ops/shards/:number/restore": heavy,
};

interface Declared {
  readonly method: string;
  readonly path: string;
  readonly access: unknown;
}

export function standingOf({ method, path, access }: Declared): Standing {
  const budget = access === "public" ? "asking" : "own";
  const kind = method === "get" ? "read" : "write";
  return named[`${method} ${path}`] ?? { kind, budget };
}

/** What every caller of the route may be told at any time, whatever it asks for. */
export const problemsOfStanding = ({ budget }: Standing): readonly ProblemName[] => [
  "unavailable",
  budgets[budget].refused,
];

/** Who is counted, in a public route: the network, and at a provider's door each provider apart. */
export async function senderKey(
  digest: Digest,
  headers: Headers,
  provider: string | undefined,
): Promise<string> {
  const from = await callerDigest(digest, headers);
  // Names that are nobody's are counted as one, or each would be a budget of its own.
  return provider === undefined ? from : `${providerNamed(provider)?.name ?? "nobody"} ${from}`;
}

/**
 * Whether this caller may ask once more. A counter that fails refuses nobody: what it protects from is
 * rarer than a fault of its own, and the bounds of shed.ts stand in any case.
 */
export async function isWithin(
  env: LimitBindings,
  budget: BudgetName,
  keyOf: () => string | Promise<string>,
): Promise<boolean> {
  const counter = env[budgets[budget].binding];
  if (counter === undefined) return true;
  const key = await keyOf();
  try {
    return (await counter.limit({ key })).success;
  } catch (error) {
    logLine({ worker: "edge", event: "limit", outcome: "failed", error: errorClass(error) });
    return true;
  }
}
