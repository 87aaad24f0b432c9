/**
 * What a deployment of so many members comes to, reckoned from what was measured, from bounds in the
 * code, and from assumptions that stand here by name. Pure: docs/capacity.md holds what it says.
 */
import { callsALedgerSwept, rowsALedgerSwept } from "../domain/bill.ts";
import { streams } from "../domain/streams.ts";
import { shardBounds } from "../kernel/boards/load.ts";
import type { UnitsAFact } from "./bill/check.ts";
import { factsADay } from "./bill/rides.ts";
import type { Results } from "./results.ts";
import { samplesADay } from "./samples-days.ts";

export const secondsADay = 86_400;
export const daysAYear = 365;
export const gigabyte = 1_000_000_000;
export const million = 1_000_000;

/** Of one member and day, unless it says otherwise. Nobody measured these. */
export const assumed = {
  facts: { n: 1, says: "source facts a member and day" },
  largeShare: { n: 0.2, says: "of these with a series each second" },
  deliveries: { n: 1.08, says: "deliveries a fact: some come twice, some are corrected" },
  syncs: { n: 1, says: `phone's batches a member and day, of ${samplesADay} samples` },
  polls: { n: 20, says: "polls of a board's page a member and day" },
  places: { n: 2, says: "looks at one's own place a member and day" },
  others: { n: 3, says: "other requests with a token a member and day" },
  peak: { n: 5, says: "times the average, in the busiest hour" },
  pages: { n: 10, says: "pages of boards that many look at, at once" },
  membersADataCentre: { n: 20_000, says: "members a data centre of Cloudflare's" },
  dataCentresMin: { n: 5, says: "data centres at least" },
  dataCentresMax: { n: 300, says: "data centres at most" },
  ledgers: { n: 2, says: "ledgers a member: workouts and samples" },
  dirty: { n: 3, says: "rows settled a night for each of the day's: two dates, and late data" },
  callMs: { n: 10, says: "ms that a call of an object takes which slept" },
  batchMs: {
    n: 350,
    says: "ms that landing a full batch takes: a hundred ledgers told, four at once",
  },
  queriesSigned: { n: 3, says: "queries of the warehouse a request with a token" },
  queriesDelivery: { n: 1, says: "queries of the warehouse a delivery" },
} as const;

/** Looked at once, in SQLite and in files that the code itself wrote; see docs/capacity.md. */
export const weighed = {
  /** In the warehouse, of a member with two connections and two ledgers, indexes included. */
  warehouseBytesAMember: 2_650,
  /** In the vault's databases, of a day of samples. */
  samplesBytesADay: 47_000,
  /** In the vault's databases, of a fact without its large series (docs/sizing.md). */
  vaultBytesAFact: 3_700,
  /** In the vault's bucket, of a large series as it came (docs/sizing.md). */
  bucketBytesALarge: 1_023_000,
  /** In a partition's file, of one statement. */
  parquetBytesARow: 177,
} as const;

/** As wrangler.toml and the code have it; freshMs is that of workers/edge/shared-answers.ts, which only a worker can load. */
export const freshMs = 500;
const batchMessagesMax = 100;
const batchSeconds = 10;
const sweptAtOnce = 4;
export const vaultShardBytes = 8 * gigabyte;

export interface Measured {
  /** Units a fact, as the bill's check keeps them. */
  readonly aFact: {
    readonly messages: number;
    readonly boardCalls: number;
    readonly rootCalls: number;
    readonly gateCalls: number;
    readonly logCalls: number;
    readonly warehouseRows: number;
  };
  readonly settledRowsASecond: number;
  /** For a million; the clock's: a day. */
  readonly dollars: {
    readonly facts: number;
    readonly large: number;
    readonly samples: number;
    readonly polls: number;
    readonly clock: number;
  };
}

const opsAMessage = 3;

export function measuredFrom(results: Results, baseline: UnitsAFact): Measured {
  const { settle, bill } = results;
  if (settle === undefined || bill === undefined)
    throw new Error("capacity is reckoned from settle and bill: measure them with --write");
  const part = (unit: string, name: string) => baseline[unit]?.parts[name] ?? 0;
  const dollars = (name: string) => bill.details?.[name] ?? Number.NaN;
  return {
    aFact: {
      messages: (baseline["queue operations"]?.all ?? 0) / opsAMessage,
      boardCalls: part("object requests", "board"),
      rootCalls: part("object requests", "board-root"),
      gateCalls: part("object requests", "gate"),
      logCalls: part("object requests", "log"),
      warehouseRows: Object.entries(baseline["D1 rows written"]?.parts ?? {})
        .filter(([name]) => name.startsWith("D1 warehouse"))
        .reduce((sum, [, n]) => sum + n, 0),
    },
    settledRowsASecond: settle.value,
    dollars: {
      facts: bill.value,
      large: dollars("large"),
      samples: dollars("samples"),
      polls: dollars("polls"),
      clock: (dollars("clock") * factsADay) / million,
    },
  };
}

/** What it comes to; by the second in the busiest hour, unless it says otherwise. */
export interface Load {
  readonly members: number;
  readonly dataCentres: number;
  readonly requests: number;
  readonly facts: number;
  readonly syncs: number;
  readonly signed: number;
  readonly polls: number;
  /** Polls that found nothing fresh, and so ask every shard. */
  readonly pageReads: number;
  readonly ledgers: number;
  readonly boardShards: number;
  readonly shardCalls: number;
  readonly rootCalls: number;
  readonly gateCalls: number;
  readonly logCalls: number;
  readonly messages: number;
  readonly consumers: number;
  readonly landingObjectsADay: number;
  readonly warehouseQueries: number;
  readonly warehouseRowsADay: number;
  readonly warehouseBytes: number;
  /** After a year. */
  readonly vaultBytes: number;
  /** Of these, samples. */
  readonly samplesBytes: number;
  readonly vaultShards: number;
  readonly bucketBytes: number;
  readonly objectsInR2: number;
  readonly rowsAPartition: number;
  readonly sweepHours: number;
  readonly settleHours: number;
}

const clamped = (n: number, least: number, most: number) => Math.min(most, Math.max(least, n));
export const aSecond = (aDay: number): number => aDay / secondsADay;

/** Who asks for a page that nobody asked for lately, of polls that come at random: so many a second. */
export function missesOf(polls: number, dataCentres: number): number {
  const keys = assumed.pages.n * dataCentres;
  const each = polls / keys;
  return (keys * each) / (1 + (each * freshMs) / 1000);
}

export const dataCentresOf = (members: number): number =>
  clamped(
    Math.round(members / assumed.membersADataCentre.n),
    assumed.dataCentresMin.n,
    assumed.dataCentresMax.n,
  );
/** They double. */
export const boardShardsOf = (members: number): number =>
  2 ** Math.max(0, Math.ceil(Math.log2(members / shardBounds.membersMax)));

/** A place asks every shard twice: for now, and for the period before. */
export const callsAPlace = 2;

export function loadOf(members: number, { aFact, settledRowsASecond }: Measured): Load {
  const peak = (aDay: number) => aSecond(aDay * members) * assumed.peak.n;
  const [facts, syncs] = [peak(assumed.facts.n), peak(assumed.syncs.n)];
  const [polls, places] = [peak(assumed.polls.n), peak(assumed.places.n)];
  const deliveries = facts * assumed.deliveries.n;
  const signed = syncs + places + peak(assumed.others.n);
  const dataCentres = dataCentresOf(members);
  const pageReads = missesOf(polls, dataCentres);
  const boardShards = boardShardsOf(members);
  const ledgers = members * assumed.ledgers.n;
  const factsADayOfAll = members * assumed.facts.n;
  const messages = facts * aFact.messages + syncs;
  const samplesBytes = members * daysAYear * assumed.syncs.n * weighed.samplesBytesADay;
  const vaultBytes = samplesBytes + members * daysAYear * assumed.facts.n * weighed.vaultBytesAFact;
  const largeAYear = factsADayOfAll * assumed.largeShare.n * daysAYear;
  return {
    ...{ members, dataCentres, facts, syncs, signed, polls, pageReads, ledgers, boardShards },
    ...{ messages, vaultBytes, samplesBytes },
    requests: deliveries + polls + signed,
    shardCalls: pageReads + callsAPlace * places + (facts * aFact.boardCalls) / boardShards,
    rootCalls: facts * aFact.rootCalls,
    gateCalls: facts * aFact.gateCalls,
    logCalls: facts * aFact.logCalls + 2 * (syncs + peak(assumed.others.n)),
    consumers: (messages / batchMessagesMax) * (assumed.batchMs.n / 1000),
    landingObjectsADay: batchesADay(messages / assumed.peak.n),
    warehouseQueries: signed * assumed.queriesSigned.n + deliveries * assumed.queriesDelivery.n,
    warehouseRowsADay: factsADayOfAll * aFact.warehouseRows + ledgers * rowsALedgerSwept,
    warehouseBytes: members * weighed.warehouseBytesAMember,
    vaultShards: Math.ceil(vaultBytes / vaultShardBytes),
    bucketBytes: largeAYear * weighed.bucketBytesALarge,
    objectsInR2: largeAYear + partitionObjectsAYear,
    rowsAPartition: factsADayOfAll / streams.workouts.buckets,
    sweepHours: hours((ledgers * callsALedgerSwept * assumed.callMs.n) / sweptAtOnce / 1000),
    settleHours: hours((factsADayOfAll * assumed.dirty.n) / settledRowsASecond),
  };
}

const hours = (seconds: number): number => seconds / 3_600;
/** Facts, what counts and the manifest, of each bucket of each stream. */
const partitionObjectsAYear = daysAYear * 3 * (streams.workouts.buckets + streams.samples.buckets);
/** One object a batch: as many messages as come in ten seconds, a hundred at most. */
const batchesADay = (messages: number): number =>
  (messages / clamped(messages * batchSeconds, 1, batchMessagesMax)) * secondsADay;
