/** What a load costs in a month, as things are built and with what docs/capacity.md says to change. */
import { callsALedgerSwept, rowsALedgerSwept } from "../domain/bill.ts";
import { dollarsOf, storagePrices } from "../domain/prices.ts";
import { streams } from "../domain/streams.ts";
import {
  aSecond,
  assumed,
  callsAPlace,
  daysAYear,
  freshMs,
  gigabyte,
  type Load,
  type Measured,
  million,
  missesOf,
  secondsADay,
} from "./capacity.ts";
import { samplesADay } from "./samples-days.ts";

const daysAMonth = 30.4;
const { d1: d1AGigabyte, r2: r2AGigabyte } = storagePrices;
/** Changed: samples stay in D1 for so long, and go to R2 as one object a member and month. */
const recentDays = 30;
/** Changed: looks at one's own place are gathered, and the shards asked for all of them at once. */
const gatheredASecond = 10;

/** Dollars a month, by what they go to. */
export interface Dollars {
  readonly facts: number;
  readonly samples: number;
  readonly polls: number;
  /** Shards asked for pages and places. */
  readonly reads: number;
  /** Each ledger asked each night: two calls, two rows. */
  readonly sweep: number;
  readonly clock: number;
  /** After a year. */
  readonly d1: number;
  readonly r2: number;
}

const aMonth = (aDay: number): number => aDay * daysAMonth;
const forMillions = (aDay: number, price: number): number => (aMonth(aDay) / million) * price;
const calls = (aDay: number): number => aMonth(dollarsOf("object requests", aDay));

/** A day. */
const readsOf = ({ members, dataCentres }: Load) => ({
  pages: missesOf(aSecond(members * assumed.polls.n), dataCentres) * secondsADay,
  places: members * assumed.places.n,
});

export function dollarsFor(load: Load, { dollars }: Measured): Dollars {
  const { members, boardShards, ledgers } = load;
  const facts = members * assumed.facts.n;
  const { pages, places } = readsOf(load);
  return {
    facts:
      forMillions(facts * (1 - assumed.largeShare.n), dollars.facts) +
      forMillions(facts * assumed.largeShare.n, dollars.large),
    samples: forMillions(members * assumed.syncs.n * samplesADay, dollars.samples),
    polls: forMillions(members * assumed.polls.n, dollars.polls),
    reads: calls((pages + callsAPlace * places) * boardShards),
    sweep:
      calls(ledgers * callsALedgerSwept) +
      aMonth(dollarsOf("D1 rows written", ledgers * rowsALedgerSwept)),
    clock: aMonth(dollars.clock),
    d1: ((load.vaultBytes + load.warehouseBytes) / gigabyte) * d1AGigabyte,
    r2: (load.bucketBytes / gigabyte) * r2AGigabyte,
  };
}

/** A hub a page, places gathered, a bucket of ledgers a night, samples of more than a month in R2. */
export function changedDollarsFor(load: Load, measured: Measured): Dollars {
  const now = dollarsFor(load, measured);
  const { pages, places } = readsOf(load);
  const made = Math.min(pages, assumed.pages.n * secondsADay * (1000 / freshMs));
  const gathered = Math.min(places, gatheredASecond * secondsADay);
  const oldBytes = load.samplesBytes * (1 - recentDays / daysAYear);
  const puts = load.members / daysAMonth;
  return {
    ...now,
    reads: calls(pages + places + (made + callsAPlace * gathered) * load.boardShards),
    sweep: now.sweep / streams.workouts.buckets,
    d1: now.d1 - (oldBytes / gigabyte) * d1AGigabyte,
    r2: now.r2 + (oldBytes / gigabyte) * r2AGigabyte + aMonth(dollarsOf("R2 class A", puts)),
  };
}

export const sumOf = (dollars: Dollars): number =>
  Object.values(dollars).reduce((sum, n) => sum + n, 0);
