/** What was asked of the boards, the bill and the way in, each held against one figure of a bench. */
import type { Results } from "./results.ts";

export interface Target {
  readonly asked: string;
  readonly bench: string;
  /** "value", "ratio", or one of the details. */
  readonly figure: string;
  /** What the figure may be at most. */
  readonly most: number;
  /** What stands before a value. */
  readonly before?: string;
}

export const targets: readonly Target[] = [
  {
    asked: "a rank around me at 1 M members: under 1 ms of CPU, shards and merging (in µs)",
    ...{ bench: "ranks", figure: "value", most: 1_000 },
  },
  {
    asked: "the same in workerd, the shards alone: under 1 ms",
    ...{ bench: "board-reads", figure: "inShardsMs", most: 1 },
  },
  {
    asked: "the same end to end in the emulator: p99 under 20 ms",
    ...{ bench: "board-reads", figure: "value", most: 20 },
  },
  {
    asked: "an update at 1 M costs at most 1.5 times one at 10 k",
    ...{ bench: "ranks", figure: "updateRatio", most: 1.5 },
  },
  {
    asked: "100,000 members in a shard: under 20 MB, after updates too",
    ...{ bench: "ranks", figure: "memoryAfterUpdatesMb", most: 20 },
  },
  {
    asked: "awake from eviction with 100,000 members: under 500 ms",
    ...{ bench: "board-reads", figure: "wakeMostMs", most: 500 },
  },
  {
    asked: "10,000 clients poll a quiet board: under 1 % of requests touch an object",
    ...{ bench: "polls", figure: "objectCallsPerPoll", most: 0.01 },
  },
  {
    asked: "a new score is seen by all within 3 s",
    ...{ bench: "polls", figure: "seenPollingEvery2sMs", most: 3_000 },
  },
  {
    asked: "from a signed push to its durable 200: at least half as fast as the floor",
    ...{ bench: "ingest", figure: "ratio", most: 2 },
  },
  {
    asked: "a hot board, 1,000 changes a second for a minute, refuses nothing",
    ...{ bench: "hot-board", figure: "refused", most: 0 },
  },
  {
    asked: "and catches up within 10 s",
    ...{ bench: "hot-board", figure: "caughtUpMs", most: 10_000 },
  },
  {
    asked: "a million facts without a large stream: $6",
    ...{ bench: "bill", figure: "value", most: 6, before: "$" },
  },
  {
    asked: "a million facts with one: $11",
    ...{ bench: "bill", figure: "large", most: 11, before: "$" },
  },
  {
    asked: "a million samples: $0.03",
    ...{ bench: "bill", figure: "samples", most: 0.03, before: "$" },
  },
  {
    asked: "a million polls: $0.35",
    ...{ bench: "bill", figure: "polls", most: 0.35, before: "$" },
  },
];

/** Null: nobody measured it. */
export function reachedBy(
  results: Results,
  { bench, figure, most }: Target,
): { readonly value: number; readonly isReached: boolean } | null {
  const found = results[bench];
  const own: Readonly<Record<string, number | undefined>> = {
    value: found?.value,
    ratio: found?.ratio,
  };
  const value = own[figure] ?? found?.details?.[figure];
  return value === undefined ? null : { value, isReached: value <= most };
}
