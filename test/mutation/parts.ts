/**
 * The parts of the core that are mutated, each with the tests that have to notice. Only tests that
 * answer within seconds: what the long ones know of a part, a short one has to know as well.
 */

/** Paths from the repository's root. */
export interface Part {
  readonly files: readonly string[];
  /** In the order that they are asked in: those that take long to load last. */
  readonly tests: readonly string[];
  /** Those tests whose names hold one of these: they try too much to be asked so often. */
  readonly without?: readonly string[];
  /** How many inputs a property tries at most, where `runsMost` do not show what it looks for. */
  readonly runs?: number;
}

/** However many a test asks for: against most mutants the first few are enough. */
export const runsMost = 40;

const within = (folder: string, ...names: readonly string[]): readonly string[] =>
  names.map((name) => `${folder}/${name}.ts`);

const testsWithin = (folder: string, ...names: readonly string[]): readonly string[] =>
  within(`test/${folder}`, ...names.map((name) => `${name}.test`));

export const parts = {
  identity: {
    files: ["domain/identity.ts", "kernel/hmac.ts"],
    tests: [...testsWithin("domain", "identity"), ...testsWithin("kernel", "hmac")],
  },
  resolve: {
    files: within(
      "domain/workouts",
      "group",
      "groups",
      "pair",
      "pair-table",
      "parts",
      "relay",
      "shifted",
      "plausible",
      "resolved",
      "series",
    ),
    tests: testsWithin(
      "domain/workouts",
      "pair",
      "reasons",
      "parts",
      "plausible",
      "holds",
      "relay",
      "apart",
      "trust",
      "fidelity",
      "crowded",
      "shifted",
      "belong",
      "strength",
      "group",
      "series",
      "resolve",
    ),
    without: [
      "a ledger, in whatever order, batches and repetitions it is told",
      "what is done and undone leaves no trace",
      "any does, over any that are made or taken back later of other records",
      "may be as long as the schema allows",
    ],
  },
  merge: {
    files: [
      ...within("domain/workouts", "fidelity", "merge"),
      ...within("kernel", "receipt", "record", "refold", "statement"),
    ],
    tests: [
      ...testsWithin("domain/workouts", "fidelity", "trust", "told", "merge", "others"),
      ...testsWithin(
        "kernel",
        "statement",
        "receipt",
        "edition",
        "draw-anew",
        "unranked",
        "sales",
        "walk",
        "record",
        "refold",
      ),
    ],
    runs: 15,
    without: [
      "is the same whatever the owner's own facts say, as long as the same are one",
      "recording into a ledger of 2,000 workouts",
      "counts the same however it comes, at once or link by link",
      "is walked no further than its cuts need",
    ],
  },
  signature: {
    files: [
      "providers/signature.ts",
      ...within(
        "providers/signature",
        "encoding",
        "greeting",
        "hmac",
        "items",
        "keys",
        "path",
        "proof",
        "secrets",
        "shared",
        "tink",
      ),
    ],
    tests: [
      ...testsWithin(
        "providers/signature",
        "hmac",
        "tink",
        "standard-webhooks",
        "shared",
        "path",
        "greeting",
        "besides",
        "cost",
        "rotation",
        "forms",
        "tink-forms",
      ),
      ...testsWithin("providers", "signature"),
    ],
  },
  consent: {
    files: ["domain/consent.ts"],
    tests: testsWithin("domain", "consent-edges", "consent"),
    runs: 1000,
    without: [
      "is as due for every question and every consent",
      "is as due for every pair of a permit and a forbid, in both orders",
      "is as due for every state of a break-glass, whatever was consented to",
      "is as due for every pair of break-glasses",
    ],
  },
  seal: {
    files: within(
      "workers/vault",
      "cell",
      "chunked",
      "envelope",
      "key-wraps",
      "keyring",
      "member-keys",
      "sealed-merge",
      "sealed-update",
      "sealed-write",
    ),
    tests: [
      ...testsWithin(
        "vault-unit",
        "envelope",
        "keyring",
        "keys-edges",
        "sealed-said",
        "sealed-together",
        "sealed-new",
        "sealed-keys",
        "sealed-format",
        "chunked",
        "own-rows",
        "sealed-store",
        "reseal",
      ),
      ...testsWithin("vault-unit/samples", "goals", "erased-traces", "mended", "merge"),
    ],
    without: ["opens in none of 100,000 attempts with one thing swapped"],
  },
  log: {
    files: [
      ...within("kernel/tlog", "checkpoint", "merkle", "note", "tile", "witness"),
      ...within("durable-objects", "log-core", "log-store", "log-tiles"),
      ...within("workers/vault", "audit", "journal"),
    ],
    tests: [
      ...testsWithin(
        "kernel/tlog",
        "strict",
        "forged",
        "bounds",
        "note",
        "tile",
        "witness",
        "merkle",
      ),
      ...testsWithin(
        "log-unit",
        "limits",
        "append",
        "archive",
        "proof",
        "publish",
        "tiles",
        "query",
      ),
      ...testsWithin(
        "vault-unit",
        "journal-edges",
        "journal-races",
        "break-glass",
        "restore-keys",
        "wholeness",
        "consents",
      ),
    ],
  },
} satisfies Record<string, Part>;

export type PartName = keyof typeof parts;

export const partNames = Object.keys(parts) as readonly PartName[];

export const isPartName = (name: string): name is PartName => Object.hasOwn(parts, name);

/** The part that this process was started for; throws when it was started for none. */
export function partAsked(): Part {
  const { MUTATED_PART: name = "" } = process.env;
  if (!isPartName(name)) throw new Error("MUTATED_PART names no part");
  return parts[name];
}
