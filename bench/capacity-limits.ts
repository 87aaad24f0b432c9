/**
 * What is met, by how many members, and what to change then. Limits are the platform's as published
 * (`page`), or the code's own (`where`).
 */
import { shardsMax } from "../kernel/boards/growth.ts";
import { shardBounds } from "../kernel/boards/load.ts";
import { objectBytesMax, rowsMax } from "../kernel/settle/parquet.ts";
import { type Load, loadOf, type Measured, weighed } from "./capacity.ts";

export interface Limit {
  readonly name: string;
  readonly most: number;
  readonly unit: string;
  /** Where it is published, or stated. */
  readonly page: string;
  use(load: Load): number;
  readonly change: string;
}

const docs = "https://developers.cloudflare.com";
const objects = `[objects](${docs}/durable-objects/platform/limits/)`;
const d1 = `[D1](${docs}/d1/platform/limits/)`;
const queues = `[queues](${docs}/queues/platform/limits/)`;
const callsASecond = 1_000;
const queriesASecond = 1_000;
const gigabyte = 1_000_000_000;
const nightHours = 8;
const logs = 2;
/** Of the providers' gates the busiest has so much of all. */
const busiestGate = 0.5;

export const limits: readonly Limit[] = [
  {
    ...{ name: "the vault's shards that one worker can look after", most: 100, unit: "shards" },
    page: "[sizing](sizing.md#what-the-rotation-of-every-week-costs)",
    use: ({ vaultShards }) => vaultShards,
    change:
      "chunks of samples that are older than a month into R2, as large series are; then a vault for each range of shards, behind the same entrypoints; then an object a member in place of shards",
  },
  {
    ...{ name: "D1 of one account", most: 1_000 * gigabyte, unit: "bytes after a year", page: d1 },
    use: ({ vaultBytes, warehouseBytes }) => vaultBytes + warehouseBytes,
    change: "the same; it may be raised on request, and every account has its own",
  },
  {
    ...{ name: "the warehouse's queries", most: queriesASecond, unit: "a second", page: d1 },
    use: ({ warehouseQueries }) => warehouseQueries,
    change:
      "the caller's member remembered by the isolate for a few seconds (a token's person hardly changes); then a warehouse a bucket of members, found by the same digest",
  },
  {
    ...{ name: "the warehouse's size", most: 10 * gigabyte, unit: "bytes", page: d1 },
    use: ({ warehouseBytes }) => warehouseBytes,
    change: "a warehouse a bucket: members, connections and ledgers each know theirs by a hash",
  },
  {
    ...{ name: "calls of one board shard", most: callsASecond, unit: "a second", page: objects },
    use: ({ shardCalls }) => shardCalls,
    change:
      "a hub a page (one object that asks the shards twice a second, for all data centres, as the one behind the live sockets does), so that data centres ask hubs and no shard",
  },
  {
    ...{ name: "the night's sweep, one ledger after another", most: nightHours, unit: "hours" },
    page: "a night",
    use: ({ sweepHours }) => sweepHours,
    change:
      "a bucket's ledgers each night instead of all of them: who has something to send has set an alarm, so the sweep only finds what a fault left",
  },
  {
    ...{ name: "settling, one worker", most: nightHours, unit: "hours", page: "a night" },
    use: ({ settleHours }) => settleHours,
    change:
      "a run a bucket, since buckets share nothing: sixteen at once; then the same code outside, over the same files ([scale](scale.md))",
  },
  {
    name: "rows of one partition",
    most: Math.min(rowsMax, Math.floor(objectBytesMax / weighed.parquetBytesARow)),
    ...{ unit: "rows", page: "[archive](archive.md#what-is-found-damaged)" },
    use: ({ rowsAPartition }) => rowsAPartition,
    change:
      "more buckets, from a day on: `buckets` of a stream is one number for all days now, so this has to be built",
  },
  {
    name: "members on boards",
    most: shardsMax * shardBounds.membersMax,
    ...{ unit: "members", page: "[growth](../kernel/boards/growth.ts)" },
    use: ({ members }) => members,
    change:
      "shards take more than they should, and a read asks 256 of them: a tier of roots that each merge some, or boards by region, each a stream's own",
  },
  {
    ...{ name: "the root of the boards", most: callsASecond, unit: "a second", page: objects },
    use: ({ rootCalls }) => rootCalls,
    change:
      "what is counted is a call of the root for every wake of a ledger; the topology can come with the ledger's settings, since shards hand on what is theirs no more",
  },
  {
    ...{
      name: "the logs of who looked",
      most: logs * callsASecond,
      unit: "a second",
      page: objects,
    },
    use: ({ logCalls }) => logCalls,
    change:
      "`LOG_COUNTS` is chosen once, before the first entry: choose 8 or more where a million members may come ([sizing](sizing.md#the-log-of-who-looked-ten-million-entries-a-day))",
  },
  {
    ...{ name: "one queue of changes", most: 5_000, unit: "messages a second", page: queues },
    use: ({ messages }) => messages,
    change: "a queue a bucket; nothing of one depends on another",
  },
  {
    ...{ name: "consumers of one queue", most: 250, unit: "at once", page: queues },
    use: ({ consumers }) => consumers,
    change: "the same",
  },
  {
    ...{ name: "the busiest provider's gate", most: callsASecond, unit: "a second", page: objects },
    use: ({ gateCalls }) => gateCalls * busiestGate,
    change: "larger leases: a gate is asked once for each, not for each call",
  },
  {
    ...{ name: "D1 databases of one account", most: 50_000, unit: "databases", page: d1 },
    use: ({ vaultShards }) => 2 * vaultShards + 2,
    change: "the size is met long before",
  },
];

const membersMost = 1e10;
const steps = 60;

/** The least number of members at which it is met; infinity: none. Use never falls as members grow. */
export function metAt(limit: Limit, measured: Measured): number {
  if (limit.use(loadOf(membersMost, measured)) <= limit.most) return Number.POSITIVE_INFINITY;
  let [low, high] = [1, membersMost];
  for (let i = 0; i < steps; i++) {
    const middle = Math.sqrt(low * high);
    if (limit.use(loadOf(middle, measured)) > limit.most) high = middle;
    else low = middle;
  }
  return high;
}

/** Soonest first. */
export const limitsInOrder = (measured: Measured) =>
  limits.map((limit) => ({ limit, at: metAt(limit, measured) })).sort((a, b) => a.at - b.at);
