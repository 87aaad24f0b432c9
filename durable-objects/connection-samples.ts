/**
 * A page of samples: read item by item, and taken whole. Of each page nothing is remembered here but
 * that it was turned, since the vault knows what it has: a page that is asked for again is all known,
 * and its facts are recorded again. What a window does not bring is not missed, and no slice of what
 * came is kept but of what could not be read.
 */
import type { MemberId } from "../domain/identity.ts";
import { addsNothing, type WorkPort, type Zones } from "../domain/ports.ts";
import type { SampleOutcome, SampleRecord } from "../domain/samples/sample.ts";
import { streams } from "../domain/streams.ts";
import type { BadItem } from "../kernel/accept.ts";
import { parkedBody } from "../kernel/parked.ts";
import type { Pull } from "../providers/provider.ts";
import { isStop, type Stop } from "./connection-calls.ts";
import {
  ask,
  faultOf,
  type Halt,
  isAnothers,
  type Reading,
  type Tally,
  type Turned,
} from "./connection-items.ts";
import { isOne, type Pending } from "./connection-pending.ts";
import { readItem, takeSamples } from "./samples.ts";

export interface SamplesHost {
  readonly work: Pick<WorkPort, "mergeSamples">;
  /** Where the member lives and lived, as the warehouse has it. */
  readonly zones: (member: MemberId) => Promise<Zones>;
}
/** Of one run: the zones are looked up once, and only where there are samples. */
export interface RunSamples {
  readonly work: SamplesHost["work"];
  readonly zones: () => Promise<Zones>;
}
export function samplesOfRun({ work, zones }: SamplesHost, member: MemberId): RunSamples {
  let known: Promise<Zones> | null = null;
  return {
    work,
    zones() {
      known ??= zones(member);
      return known;
    },
  };
}

/** Null: there is no way to ask for it. */
export async function readSamples(
  it: Reading,
  pull: Pull,
  row: Pending,
): Promise<Turned | Halt | null> {
  if (isOne(row)) return null;
  const step = { collection: row.collection, fromMs: row.from_ms, toMs: row.to_ms };
  const answer = await ask(it, it.lease, pull.list(step, row.cursor));
  if (isStop(answer)) return answer;
  const page = pull.page(answer.reply, step, row.cursor);
  // Of a whole window: there is nothing in it.
  if (!page.ok && page.error === "gone" && row.cursor === null) return { next: null };
  if (!page.ok) return faultOf(page.error, answer);
  const stop = await takeItems(it, row.collection, page.value.items);
  return stop ?? { next: page.value.next };
}

/** What lies at an address that the provider named; null: there is no way to read it. */
export async function readKeptSamples(
  it: Reading,
  row: Pending,
  kept: string,
): Promise<Turned | Stop | null> {
  const { provider, tally } = it;
  const { collection } = row;
  const entries = provider.samples?.entries;
  if (entries === undefined) return null;
  const as = provider.callbacks?.as(collection) ?? "json";
  const answer = await ask(it, it.lease, { kept, as });
  if (isStop(answer)) return answer;
  const { status } = answer.reply;
  const read = status === 404 || status === 410 ? null : entries(collection, answer.reply);
  if (read === null || (!read.ok && read.error === "gone")) tally.dropped++;
  else if (!read.ok) return faultOf(read.error, answer);
  else return (await takeItems(it, collection, read.value)) ?? { next: null };
  return { next: null };
}

/**
 * Before it, the page was fetched; after it, the caller turns it.
 *
 *   1. the zones are looked up          nothing is kept yet
 *   2. what cannot be read is parked    fetched again, the same item parks once
 *   3. the vault merges the records     fetched again, all of them are known to it, and it hands back
 *                                       their facts all the same
 *   4. the ledger records the facts     durable; fetched again, they change nothing
 */
async function takeItems(
  it: Reading,
  collection: string,
  items: readonly unknown[],
): Promise<Stop | null> {
  if (items.length === 0) return null;
  const { accept, link, provider, tally, samples } = it;
  const zones = await samples.zones();
  const records: SampleRecord[] = [];
  const bad: BadItem[] = [];
  for (const item of items) {
    if (provider.pull !== undefined && (await isAnothers(it, provider.pull, item))) {
      tally.dropped++;
      continue;
    }
    const read = readItem(provider, collection, item, zones, it.now());
    records.push(...read.records);
    if (read.reason !== null)
      bad.push({ reason: read.reason, body: parkedBody(collection, link.account, item) });
  }
  // Emptied meanwhile: what is still to be had of it is no longer ours to take.
  if (it.isLeft()) return { stop: "cap" };
  const { member, connection } = link;
  const of = { member, connection, provider: link.provider };
  if (bad.length > 0) await accept.vault.park(bad.map((one) => ({ ...of, ...one })));
  const ledger = accept.ledger(streams.samples, member);
  count(tally, await takeSamples({ work: samples.work, ledger }, link, records, zones), bad.length);
  return null;
}

function count(tally: Tally, outcomes: readonly SampleOutcome[], bad: number): void {
  tally.items += outcomes.length + bad;
  tally.parked += bad;
  for (const outcome of outcomes) {
    if (outcome === "new" || outcome === "corrected" || outcome === "retracted") tally.recorded++;
    else if (outcome === "forgotten") tally.forgotten++;
    else if (addsNothing(outcome)) tally.duplicates++;
    else tally.dropped++;
  }
}
