/**
 * The items of a fetched page: read with all that belongs to each, and accepted whole. What looks as
 * it did when it was last had costs no call and is not accepted again (connection-had.ts); what is
 * another account's is not taken, though its token may see it; and what is still being made at the
 * provider is taken as it stands, and said to be unfinished.
 */
import type { PartEnd } from "../domain/backfill.ts";
import { accountHash, factId } from "../domain/identity.ts";
import { addsNothing, type ConnectionLink } from "../domain/ports.ts";
import { streams } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import { type Accepted, type AcceptPorts, accept, type BadItem } from "../kernel/accept.ts";
import { parkedBody } from "../kernel/parked.ts";
import {
  type Draft,
  isRetractedDraft,
  type PageFault,
  type Provider,
  type Pull,
  type PulledPage,
} from "../providers/provider.ts";
import { type Answer, type Calls, isStop, type Stop } from "./connection-calls.ts";
import { isHearsay } from "./connection-doubt.ts";
import { type Had, markOf } from "./connection-had.ts";
import type { PendingLine, Seen } from "./connection-line.ts";
import { isOne, type Pending } from "./connection-pending.ts";
import { restate } from "./connection-restate.ts";
import type { RunSamples } from "./connection-samples.ts";

/** Pages of readings that belong to one record; one that has more is parked. */
export const readingPagesMax = 100;
/** A record whose readings are no good so often is taken without them. */
export const readingTriesMax = 3;
/** A record whose readings are still being made is read once more so long after, each time. */
export const unfinishedAfterMs = [5 * 60_000, 15 * 60_000, 45 * 60_000] as const;

export interface Reading {
  readonly calls: Calls;
  readonly line: PendingLine;
  readonly had: Had;
  readonly accept: AcceptPorts;
  readonly samples: RunSamples;
  readonly link: ConnectionLink;
  readonly provider: Provider;
  /** What its calls are taken from. */
  readonly lease: "live" | "backfill";
  readonly now: () => Instant;
  readonly atOnce: (work: () => void) => void;
  readonly tally: Tally;
  /** Opened anew, emptied or handed over since: nothing more is asked for it. */
  readonly isLeft: () => boolean;
}
/** For the log. */
export interface Tally {
  items: number;
  recorded: number;
  duplicates: number;
  forgotten: number;
  parked: number;
  dropped: number;
  absent: number;
}
export const emptyTally = (): Tally => ({
  items: 0,
  recorded: 0,
  duplicates: 0,
  forgotten: 0,
  parked: 0,
  dropped: 0,
  absent: 0,
});

/**
 * next: where it goes on; null: that was all. end: what became of a stretch that was asked for.
 * missing: of a record that is not there: yet, or at all, though it was said to be. isUnfinished: of
 * one that was asked for by its own id, and is to be asked for once more.
 */
export interface Turned {
  readonly next: string | null;
  readonly end?: PartEnd;
  readonly missing?: "yet" | "unknown";
  readonly isUnfinished?: boolean;
}
/**
 * spoilt: of one record's readings, which were no good so often by now: it is not the row's fault.
 * isThere: the record itself was had, and what belongs to it was not.
 */
export type Halt = Stop & { readonly spoilt?: number; readonly isThere?: true };

export const ask = (
  it: Reading,
  kind: "live" | "backfill",
  request: Parameters<Calls["ask"]>[1],
): Promise<Answer | Stop> =>
  it.isLeft() ? Promise.resolve({ stop: "cap" }) : it.calls.ask(kind, request);

export const faultOf = (fault: PageFault, { call }: Answer): Stop => ({
  stop: "fault",
  fault,
  call,
});

/** A record as it was read, with all that belongs to it. */
interface Whole {
  readonly draft: Draft;
  readonly joined: unknown;
  /** Null: it has none. */
  readonly mark: string | null;
  readonly isUnfinished: boolean;
  /** All that belongs to it was had. */
  readonly isWhole: boolean;
  /** What belongs to it is not given, and without it is less than what is here already. */
  readonly isPoorer: boolean;
}

/**
 *   1. each record's readings are fetched       nothing is kept yet
 *   2. the records are accepted                 durable; fetched again, they change nothing
 *   3. those that were retracted before are     fetched again, this is done then
 *      said to be there
 *   4. what was taken whole, what the page       fetched again, they change nothing; and the caller
 *      brought, and what is unfinished, is kept   turns the page
 */
export async function acceptItems(
  it: Reading,
  pull: Pull,
  row: Pending,
  { items, next }: PulledPage,
  askedMs: Instant,
): Promise<Turned | Halt> {
  const written = (item: unknown) => parkedBody(row.collection, it.link.account, item);
  const { times } = it.had;
  const whole: Whole[] = [];
  const poorer: Whole[] = [];
  const known: Seen[] = [];
  const bad: BadItem[] = [];
  let stop: Halt | null = null;
  for (const item of items) {
    if (await isAnothers(it, pull, item)) {
      it.tally.dropped++;
      continue;
    }
    const seen = await seenIn(it, pull, row, item);
    if (isBrought(it, row, seen)) continue;
    const mark = await markOf(it.accept, it.provider, pull, row.collection, item);
    const isHad = seen !== null && mark !== null && it.had.has(seen.fact, mark);
    if (isHad && !isSaid(it, row)) {
      known.push(seen);
      continue;
    }
    const isFirst = whole.length + bad.length === 0;
    const read: ReadItem =
      isFirst || !it.calls.isOver()
        ? await readItem(it, pull, row, { item, mark, fact: seen?.fact ?? "" })
        : { stop: "cap" };
    if ("stop" in read) {
      stop = read;
      break;
    }
    if ("draft" in read) (read.isPoorer ? poorer : whole).push(read);
    else bad.push({ reason: read.reason, body: written(read.body) });
  }
  const drafts = draftsOf(whole);
  const writtenOf = (i: number) => written(whole[i]?.joined);
  const first = await take(it, drafts, bad, writtenOf, true);
  const outcomes = await restate(it, drafts, first, askedMs, writtenOf);
  it.tally.items += known.length + poorer.length;
  it.tally.duplicates += known.length + poorer.length;
  const brought = await digests(it, drafts);
  known.push(...(await digests(it, draftsOf(poorer))));
  const later = [
    ...whole.filter((one, i) => one.isUnfinished && isTaken(outcomes[i])),
    ...poorer.filter(({ isUnfinished }) => isUnfinished),
  ];
  const isNamed = isOne(row) && row.fact === null;
  it.atOnce(() => {
    if (times !== it.had.times) return;
    remember(it, whole, brought, outcomes);
    if (!isOne(row)) it.line.see(row, [...known, ...brought]);
    const ids = isNamed ? [] : later.map(({ draft }) => draft.sourceId);
    it.line.noteUnfinished(row.collection, ids, it.now() + unfinishedAfterMs[0], it.now());
  });
  return stop ?? { next, isUnfinished: isNamed && later.length > 0 };
}

const draftsOf = (records: readonly Whole[]): readonly Draft[] => records.map(({ draft }) => draft);

/** A notice with proof: something changed, perhaps in what belongs to a record that looks the same. */
const isSaid = ({ provider }: Reading, row: Pending): boolean =>
  row.kind === "live" && !isHearsay(provider);

const isTaken = (outcome: Accepted | undefined): boolean =>
  outcome === "new" || outcome === "corrected" || outcome === "duplicate" || outcome === "older";

function remember(
  { had, now }: Reading,
  whole: readonly Whole[],
  brought: readonly Seen[],
  outcomes: readonly Accepted[],
): void {
  whole.forEach(({ draft, mark, isWhole, isUnfinished }, i) => {
    const fact = brought[i]?.fact;
    if (fact === undefined || !isTaken(outcomes[i]) || isRetractedDraft(draft)) return;
    const { at } = draft.fields;
    if (isWhole && !isUnfinished && mark !== null)
      had.keep(fact, mark, typeof at === "number" ? at : now());
    else had.drop(fact);
  });
  had.trim();
}

export async function isAnothers(
  { accept: ports, link }: Reading,
  pull: Pull,
  item: unknown,
): Promise<boolean> {
  const account = pull.accountIn?.(item) ?? null;
  if (account === null) return false;
  return (await accountHash(ports.digest, link.provider, account)) !== link.account;
}

type ReadItem = Whole | { readonly reason: string; readonly body: unknown } | Halt;

async function readItem(
  it: Reading,
  pull: Pull,
  row: Pending,
  { item, mark, fact }: Pick<Whole, "mark"> & { readonly item: unknown; readonly fact: string },
): Promise<ReadItem> {
  const readings = await readingsOf(it, pull, { row, item, fact });
  if (readings === "too-many") return { reason: "too-many-samples", body: item };
  if (isStop(readings))
    return readings.stop === "fault" ? { ...readings, isThere: true } : readings;
  const joined = pull.join(item, readings.items);
  const draft = it.provider.normalise(row.collection, joined, it.now());
  if (!draft.ok) return { reason: draft.error, body: joined };
  const isLacking = !readings.isSpoilt && pull.isUnfinished?.(item, readings.items) === true;
  const isWhole =
    !readings.isSpoilt && !readings.isRefused && !(readings.isEmpty && mayCome(it, pull));
  // However often it was asked for: what is here has them, or waits for them still.
  const isPoorer = isLacking && readings.isNotGiven && (await isLive(it, draft.value.sourceId));
  const isUnfinished = isLacking && !isWorn(row);
  return { draft: draft.value, joined, mark, isUnfinished, isWhole, isPoorer };
}

/** It is here, and was not retracted. */
async function isLive(it: Reading, sourceId: string): Promise<boolean> {
  const { accept: ports, provider, link, had } = it;
  const { stream } = provider;
  const id = await factId(ports.digest, stream, link.provider, link.account, sourceId);
  if (had.isGone(id)) return false;
  return (await ports.ledger(streams[stream], link.member).daysOf([id])).length > 0;
}

/** Where nothing says whether readings are still to come, a re-reading looks for them again. */
const mayCome = ({ provider }: Reading, { isUnfinished }: Pull): boolean =>
  isUnfinished === undefined && !isHearsay(provider);

/** It was read once more often enough, whatever it calls itself: that is all that there is. */
const isWorn = ({ later, later_ms }: Pending): boolean =>
  later_ms === null && later >= unfinishedAfterMs.length;

/** Null: it cannot be read, or says nothing that it could be known by. */
async function seenIn(it: Reading, pull: Pull, row: Pending, item: unknown) {
  const draft = it.provider.normalise(row.collection, pull.join(item, []), it.now());
  if (!draft.ok) return null;
  const [seen] = await digests(it, [draft.value]);
  return seen === undefined ? null : { ...seen, isOrdered: draft.value.revision !== null };
}

/** Whether an earlier try at this page got so far. */
const isBrought = (it: Reading, row: Pending, seen: Awaited<ReturnType<typeof seenIn>>): boolean =>
  seen?.isOrdered === true && it.line.hasSeen(row.id, seen.fact, seen.revision);

interface Readings {
  readonly items: readonly unknown[];
  /** This account does not give them. */
  readonly isRefused: boolean;
  /** They are no good, and are done without. */
  readonly isSpoilt: boolean;
  /** They were asked for, and there were none. */
  readonly isEmpty: boolean;
  /** The first that was asked for was gone, or refused. */
  readonly isNotGiven: boolean;
}
const noReadings: Readings = {
  items: [],
  isRefused: false,
  isSpoilt: false,
  isEmpty: false,
  isNotGiven: false,
};
const readingsIn = (items: readonly unknown[], fault: "gone" | "refused" | null): Readings => ({
  ...noReadings,
  items,
  isRefused: fault === "refused",
  isEmpty: items.length === 0,
  isNotGiven: fault !== null && items.length === 0,
});

async function readingsOf(
  it: Reading,
  pull: Pull,
  { row, item, fact }: { readonly row: Pending; readonly item: unknown; readonly fact: string },
): Promise<Readings | "too-many" | Halt> {
  const step = pull.readings(item);
  if (step === null) return noReadings;
  if (it.line.spoilt(row.id, fact) >= readingTriesMax) return { ...noReadings, isSpoilt: true };
  const readings: unknown[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < readingPagesMax; i++) {
    const answer: Answer | Stop = await ask(it, it.lease, pull.list(step, cursor));
    if (isStop(answer)) return answer;
    const page = pull.page(answer.reply, step, cursor);
    // What this account does not give is not waited for: the record stands without it.
    if (!page.ok && (page.error === "gone" || page.error === "refused"))
      return readingsIn(readings, page.error);
    if (!page.ok && page.error !== "broken") return faultOf(page.error, answer);
    if (!page.ok || (page.value.next !== null && page.value.next === cursor))
      return spoiltBy(it, row, fact, answer);
    readings.push(...page.value.items);
    cursor = page.value.next;
    if (cursor === null) return readingsIn(readings, null);
  }
  return "too-many";
}

/** Tried a few times, so that what is behind this record is read in the end. */
function spoiltBy(it: Reading, row: Pending, fact: string, answer: Answer): Readings | Halt {
  const spoilt = it.line.spoil(row.id, fact);
  if (spoilt < readingTriesMax) return { ...faultOf("broken", answer), spoilt };
  it.tally.dropped++;
  return { ...noReadings, isSpoilt: true };
}

// -- accepting ------------------------------------------------------------------------------

export async function take(
  it: Reading,
  drafts: readonly Draft[],
  bad: readonly BadItem[],
  written: (index: number) => string,
  isRead = false,
): Promise<readonly Accepted[]> {
  if (drafts.length + bad.length === 0) return [];
  const stream = streams[it.provider.stream];
  const outcomes = await accept(it.accept, stream, { ...it.link, isRead }, drafts, bad, written);
  count(it.tally, outcomes, bad.length);
  return outcomes;
}

export function count(tally: Tally, outcomes: readonly Accepted[], bad: number): void {
  tally.items += outcomes.length + bad;
  tally.parked += bad;
  for (const outcome of outcomes) {
    if (outcome === "unreadable") tally.parked++;
    else if (outcome === "forgotten") tally.forgotten++;
    else if (addsNothing(outcome)) tally.duplicates++;
    else tally.recorded++;
  }
}

export const digests = (it: Reading, drafts: readonly Draft[]): Promise<Seen[]> =>
  Promise.all(
    drafts.map(async ({ sourceId, revision }) => {
      const { link, provider } = it;
      const of = [provider.stream, link.provider, link.account] as const;
      return { fact: await factId(it.accept.digest, ...of, sourceId), revision: revision ?? 0 };
    }),
  );
