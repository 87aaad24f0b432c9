/** Every bench by its name: what it measures, which floor it is measured against, how it is run. */
import type { Result } from "./measure.ts";

export interface Bench {
  readonly what: string;
  /** Its files in bench/floors; none: it is held against what was asked, not against code. */
  readonly floors: readonly string[];
  run(): Promise<Result>;
}

/** In the order in which all of them run. */
export const benches: Readonly<Record<string, Bench>> = {
  ingest: {
    what: "a signed push with data to its 200, beside a bare worker, object insert, RPC and D1 insert",
    floors: ["start.ts", "ingest.ts"],
    run: async () => (await import("./ingest.ts")).ingest(),
  },
  freshness: {
    what: "from a webhook's 200 to the new score on the board, under steady load",
    floors: ["freshness.ts"],
    run: async () => (await import("./freshness.ts")).freshness(),
  },
  ledger: {
    what: "one workout into a ledger that holds 10,000, beside one that holds 10 and a bare insert",
    floors: ["start.ts", "ledger.ts"],
    run: async () => (await import("./ledger.ts")).ledger(),
  },
  ranks: {
    what: "a rank around a member and a change of score, 1 k to 1 M members, beside a sorted array",
    floors: ["sorted-array.ts"],
    run: async () => (await import("./ranks.ts")).ranks(),
  },
  polls: {
    what: "ten thousand clients that poll a board, beside a worker that says 304 at once; a new score",
    floors: ["polls.ts"],
    run: async () => (await import("./polls.ts")).polls(),
  },
  vault: {
    what: "a restricted read beside an object append and one D1 batch; seal and open beside bare AES-GCM",
    floors: ["start.ts", "vault.ts", "cipher.ts"],
    run: async () => (await import("./vault.ts")).vault(),
  },
  audit: {
    what: "appends to the log beside one bare object insert; a member's day out of a million entries",
    floors: ["audit.ts"],
    run: async () => (await import("./audit.ts")).audit(),
  },
  settle: {
    what: "a million rows of the archive settled beside DuckDB over the same files; peak memory; growth",
    floors: ["settle.ts"],
    run: async () => (await import("./settle.ts")).settle(),
  },
  samples: {
    what: "batches of samples beside the same bytes only encrypted and kept; a day's summary; rows",
    floors: ["start.ts", "samples.ts", "json.ts"],
    run: async () => (await import("./samples.ts")).samples(),
  },
  bill: {
    what: "a deployment's day, everything billed counted at the bindings: dollars for a million of each",
    floors: [],
    run: async () => (await import("./bill.ts")).bill(),
  },
  "board-reads": {
    what: "a rank around a member of a million in workerd, beside calls of objects that do nothing; wake",
    floors: ["boards.ts"],
    run: async () => (await import("./board-reads.ts")).boardReads(),
  },
  "hot-board": {
    what: "a thousand changes of score a second for a minute into boards that grow meanwhile",
    floors: ["boards.ts"],
    run: async () => (await import("./hot-board.ts")).hotBoard(),
  },
  listens: {
    what: "one listen into a ledger that holds 5,000, 100 a day, beside one that holds 10 and a bare insert",
    floors: ["start.ts", "ledger.ts"],
    run: async () => (await import("./listens.ts")).listens(),
  },
  sales: {
    what: "one sale into a ledger that holds 5,000, 1,000 a day, beside one that holds 10 and a bare insert",
    floors: ["start.ts", "ledger.ts"],
    run: async () => (await import("./sales.ts")).sales(),
  },
};
