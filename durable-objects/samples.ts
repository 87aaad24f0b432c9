/**
 * Samples, from records to facts, for every door that takes them: the edge's and a connection's. And
 * local days made anew where what they rest on has changed. What is measured goes to the vault alone;
 * the ledger gets the open facts that the vault hands back. Nothing here is kept.
 */
import type { ConnectionId, MemberId } from "../domain/identity.ts";
import {
  bucketOf,
  type LedgerPort,
  type OpenFact,
  type WorkPort,
  type Zones,
} from "../domain/ports.ts";
import {
  batchSamplesMax,
  type SampleOutcome,
  type SampleRecord,
} from "../domain/samples/sample.ts";
import { streams } from "../domain/streams.ts";
import { addDays, type Instant, type LocalDate } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import { recordsOf } from "../providers/samples.ts";
import { markUnresolved } from "./unresolved.ts";

/** Local days that the vault resolves in one call. */
const daysAtOnce = 31;
/** Local days that one request makes anew; the newest ones. */
export const announcedDaysMax = 124;
const listedDaysAtOnce = 1_000;
const listingsMax = 40;
const ever: LocalDate = "0000-01-01";

export interface SamplePorts {
  readonly work: Pick<WorkPort, "mergeSamples" | "resolveSamples" | "sampleDays">;
  /** The member's own, of the samples. */
  readonly ledger: Pick<LedgerPort, "record">;
}

interface Warehouse {
  sql<T>(run: (db: D1Database) => Promise<T>): Promise<T>;
}

/** Whoever takes open facts: the member's ledger, or who is to hand them to it. */
interface FactsTaker {
  record(facts: readonly OpenFact[]): Promise<unknown>;
}

/** Whose they are and what they came by. */
export interface SampleOrigin {
  readonly member: MemberId;
  readonly connection: ConnectionId;
  /** What was measured up to then was forgotten and is not taken; null: everything is. */
  readonly forgottenToMs: Instant | null;
}

/**
 * One outcome a record, in their order. Throws when a port fails: then nothing may be answered but
 * "say it again".
 *
 *   0. what was forgotten is left out             of it nothing is kept, now or ever
 *   1. the vault merges a page of records and     some are merged: said again, they are known, and
 *      resolves the days that they touch          their facts are handed back all the same
 *   2. the ledger records the facts               durable: only now may a 2xx be answered
 *   3. and so on, page by page                    the pages before stand; all is said again
 */
export async function takeSamples(
  { work, ledger }: { work: Pick<WorkPort, "mergeSamples">; ledger: FactsTaker },
  { member, connection, forgottenToMs }: SampleOrigin,
  records: readonly SampleRecord[],
  zones: Zones,
): Promise<SampleOutcome[]> {
  const known = records.flatMap((record, i) => (isForgotten(record, forgottenToMs) ? [] : [i]));
  const outcomes: SampleOutcome[] = records.map(() => "forgotten");
  for (const page of pagesOf(known, records)) {
    const paged = page.map((i) => records[i] as SampleRecord);
    const merged = await work.mergeSamples(member, connection, paged, zones);
    if (merged === "forgotten") continue;
    if (merged.facts.length > 0) await ledger.record(merged.facts);
    page.forEach((i, n) => {
      outcomes[i] = merged.outcomes[n] ?? "forgotten";
    });
  }
  return outcomes;
}

/** What of an item could be read is taken, and one of which anything could not be read is parked. */
export function readItem(
  { name, samples }: Provider,
  kind: string,
  item: unknown,
  zones: Zones,
  nowMs: Instant,
): { readonly records: readonly SampleRecord[]; readonly reason: string | null } {
  const drafts = samples?.read(kind, item, nowMs);
  if (drafts === undefined || !drafts.ok)
    return { records: [], reason: drafts?.error ?? "unknown-kind" };
  const read = recordsOf(drafts.value, name, zones, nowMs);
  return {
    records: read.flatMap((record) => (record.ok ? [record.value] : [])),
    reason: read.find((record) => !record.ok)?.error ?? null,
  };
}

/** That something is gone adds nothing, so it is always heard. */
const isForgotten = ({ gone, samples }: SampleRecord, forgottenToMs: Instant | null): boolean =>
  forgottenToMs !== null && gone !== true && samples.some(({ fromMs }) => fromMs <= forgottenToMs);

/** As many records as have `batchSamplesMax` samples between them. */
function pagesOf(known: readonly number[], records: readonly SampleRecord[]): number[][] {
  const pages: number[][] = [];
  let room = 0;
  for (const i of known) {
    const needs = Math.max(1, records[i]?.samples.length ?? 1);
    if (needs > room || pages.length === 0) {
      pages.push([]);
      room = batchSamplesMax;
    }
    pages.at(-1)?.push(i);
    room -= needs;
  }
  return pages;
}

/**
 * What these days come to now is recorded. Said again, it is the same; a crash leaves some as they
 * were, until they are read, settled or announced again.
 */
export async function announceDays(
  { work, ledger }: Pick<SamplePorts, "ledger"> & { work: Pick<WorkPort, "resolveSamples"> },
  member: MemberId,
  days: Iterable<LocalDate>,
  zones: Zones,
): Promise<number> {
  const sorted = [...new Set(days)].sort();
  for (let i = 0; i < sorted.length; i += daysAtOnce) {
    const asked = { member, days: sorted.slice(i, i + daysAtOnce), zones };
    for (const { facts } of await work.resolveSamples([asked]))
      if (facts.length > 0) await ledger.record(facts);
  }
  return sorted.length;
}

export interface Announced {
  /** Local days that were made anew. */
  readonly resolved: number;
  /** Older ones: made anew when they are read, and by the next settlement. */
  readonly pending: number;
}

/**
 * Every day from `from` on (null: ever) that has samples: the newest `announcedDaysMax` of them at
 * once, the others are marked first, so that settlement asks the vault about them.
 */
export async function announceFrom(
  ports: SamplePorts & Warehouse,
  member: MemberId,
  from: LocalDate | null,
  zones: Zones,
  nowMs: Instant,
): Promise<Announced> {
  const days: LocalDate[] = [];
  for (let i = 0, next = from ?? ever; i < listingsMax; i++) {
    const page = await ports.work.sampleDays(member, next, listedDaysAtOnce, zones);
    days.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < listedDaysAtOnce) break;
    next = addDays(last, 1);
  }
  const newest = days.slice(-announcedDaysMax);
  const older = days.slice(0, -announcedDaysMax);
  await markOlder(ports, member, older, nowMs);
  const resolved = await announceDays(ports, member, newest, zones);
  return { resolved, pending: older.length };
}

async function markOlder(
  { sql }: Warehouse,
  member: MemberId,
  days: readonly LocalDate[],
  nowMs: Instant,
): Promise<void> {
  const { name, buckets } = streams.samples;
  const bucket = bucketOf(member, buckets);
  for (let i = 0; i < days.length; i += listedDaysAtOnce) {
    const some = days.slice(i, i + listedDaysAtOnce);
    await sql((db) => markUnresolved(db, name, bucket, some, nowMs).run());
  }
}

/**
 * The local days that a sample may count on which began on this day of UTC: wherever it was, however
 * long it lasted, and for however long it holds.
 */
export const localDaysOf = (utcDay: LocalDate): LocalDate[] =>
  [-1, 0, 1, 2].map((days) => addDays(utcDay, days));

/** The zones that members live and lived in; who is no member any more is absent. */
export async function zonesOf(
  { sql }: Warehouse,
  members: readonly MemberId[],
): Promise<Map<MemberId, Zones>> {
  const { results } = await sql((db) =>
    db
      .prepare(
        `SELECT id, zones FROM member
         WHERE erased_at IS NULL AND id IN (SELECT value FROM json_each(?))`,
      )
      .bind(JSON.stringify([...new Set(members)]))
      .all<{ id: string; zones: string }>(),
  );
  return new Map(results.map((row) => [row.id as MemberId, JSON.parse(row.zones) as Zones]));
}
