/**
 * One page of what waits: fetched, and accepted whole before anything says that it was. Where the
 * reading stops in the middle of a page, the records that are complete by then are accepted, and
 * known by their digests, so that the next try goes on behind them.
 *
 * A record is retracted only when the provider, asked for that very one, has not got it. It is asked
 * about where a notice names it, or where a complete window did not bring it: by absence alone
 * nothing is ever retracted, and of a window that was cut short nothing is known.
 */
import type { PartEnd } from "../domain/backfill.ts";
import { type FactId, factId } from "../domain/identity.ts";
import type { ConnectionLink, ProviderRequest, RecordRequest } from "../domain/ports.ts";
import { streams } from "../domain/streams.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
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
import type { PendingLine, Seen } from "./connection-line.ts";
import type { Pending } from "./connection-pending.ts";

/** Pages of readings that belong to one record; one that has more is parked. */
export const readingPagesMax = 100;
/** A record whose readings are no good so often is taken without them. */
export const readingTriesMax = 3;
/** Facts that are looked through for some that a window did not bring, and asked about. */
const comparedMax = 200;
export const absentMax = 20;

export interface Reading {
  readonly calls: Calls;
  readonly line: PendingLine;
  readonly accept: AcceptPorts;
  readonly link: ConnectionLink;
  readonly provider: Provider;
  readonly now: () => Instant;
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

/** next: where it goes on; null: that was all. end: what became of a stretch that was asked for. */
export interface Turned {
  readonly next: string | null;
  readonly end?: PartEnd;
}

/** Null: this provider has no way to read such a thing. */
export async function readPending(it: Reading, row: Pending): Promise<Turned | Halt | null> {
  const { pull, callbacks, backfill } = it.provider;
  if (row.ask === 1) return backfill?.asked === undefined ? null : askFor(it, row);
  if (row.kept !== null) return callbacks === undefined ? null : readKept(it, row, row.kept);
  return pull === undefined ? null : readPage(it, pull, row);
}

/** Of one record's readings, which were no good so often by now: it is not the row's fault. */
export type Halt = Stop & { readonly spoilt?: number };

const ask = (
  it: Reading,
  kind: "live" | "backfill",
  request: Parameters<Calls["ask"]>[1],
): Promise<Answer | Stop> =>
  it.isLeft() ? Promise.resolve({ stop: "cap" }) : it.calls.ask(kind, request);

const leaseKind = (row: Pending) => (row.kind === "backfill" ? "backfill" : "live");

const faultOf = (fault: PageFault, { call }: Answer): Stop => ({ stop: "fault", fault, call });

// -- a page of a window, or one record ------------------------------------------------------

async function readPage(it: Reading, pull: Pull, row: Pending): Promise<Turned | Halt> {
  // As of when it was asked for: it may be back before the answer is.
  const askedMs = it.now();
  const answer = await ask(it, leaseKind(row), requestOf(pull, row));
  if (isStop(answer)) return answer;
  const page = pull.page(answer.reply);
  if (!page.ok && page.error === "gone" && isOne(row)) {
    await retract(it, row, askedMs);
    return { next: null };
  }
  if (!page.ok) return faultOf(page.error, answer);
  return acceptItems(it, pull, row, page.value);
}

/** One record, and no window. */
export const isOne = ({ gone, fact }: Pending): boolean => gone !== null || fact !== null;

function requestOf(pull: Pull, row: Pending): ProviderRequest | RecordRequest {
  const { collection, cursor, gone, fact } = row;
  if (fact !== null) return { record: fact as FactId, collection };
  if (gone !== null) return pull.one(collection, gone);
  return pull.list({ collection, fromMs: row.from_ms, toMs: row.to_ms }, cursor);
}

async function retract(it: Reading, { gone, fact }: Pending, revision: number): Promise<void> {
  if (gone !== null) return take(it, [{ sourceId: gone, revision, retracted: true }], [], () => "");
  const ledger = it.accept.ledger(streams[it.provider.stream], it.link.member);
  count(it.tally, await ledger.record([{ id: fact as FactId, revision, retracted: true }]), 0);
}

/**
 *   1. each record's readings are fetched       nothing is kept yet
 *   2. the records are accepted                 durable; fetched again, they change nothing
 *   3. they are remembered as brought           the caller turns the page
 */
async function acceptItems(
  it: Reading,
  pull: Pull,
  row: Pending,
  { items, next }: PulledPage,
): Promise<Turned | Halt> {
  const { provider, link, line } = it;
  const { collection } = row;
  const written = (item: unknown) => parkedBody(collection, link.account, item);
  const drafts: Draft[] = [];
  const read: unknown[] = [];
  const bad: BadItem[] = [];
  let stop: Halt | null = null;
  for (const item of items) {
    const seen = await seenIn(it, pull, row, item);
    if (isBrought(it, row, seen)) continue;
    if (read.length + bad.length > 0 && it.calls.isOver()) stop = { stop: "cap" };
    const fact = seen?.fact ?? "";
    const readings: Readings = stop ?? (await readingsOf(it, pull, { row, item, fact }));
    if (readings === "too-many") {
      bad.push({ reason: "too-many-samples", body: written(item) });
      continue;
    }
    if (isStop(readings)) {
      stop = readings;
      break;
    }
    const joined = pull.join(item, readings);
    const draft = provider.normalise(collection, joined, it.now());
    if (draft.ok) {
      drafts.push(draft.value);
      read.push(joined);
    } else bad.push({ reason: draft.error, body: written(joined) });
  }
  await take(it, drafts, bad, (i) => written(read[i]));
  if (!isOne(row)) line.see(row, await digests(it, drafts));
  return stop ?? { next };
}

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

type Readings = readonly unknown[] | "too-many" | Halt;

async function readingsOf(
  it: Reading,
  pull: Pull,
  { row, item, fact }: { readonly row: Pending; readonly item: unknown; readonly fact: string },
): Promise<Readings> {
  const step = pull.readings(item);
  if (step === null || it.line.spoilt(row.id, fact) >= readingTriesMax) return [];
  const readings: unknown[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < readingPagesMax; i++) {
    const answer: Answer | Stop = await ask(it, leaseKind(row), pull.list(step, cursor));
    if (isStop(answer)) return answer;
    const page = pull.page(answer.reply);
    // What this account does not give is not waited for: the record stands without it.
    if (!page.ok && (page.error === "gone" || page.error === "refused")) return readings;
    if (!page.ok && page.error !== "broken") return faultOf(page.error, answer);
    if (!page.ok || (page.value.next !== null && page.value.next === cursor))
      return spoiltBy(it, row, fact, answer);
    readings.push(...page.value.items);
    cursor = page.value.next;
    if (cursor === null) return readings;
  }
  return "too-many";
}

/** Tried a few times, so that what is behind this record is read in the end. */
function spoiltBy(it: Reading, row: Pending, fact: string, answer: Answer): Readings {
  const spoilt = it.line.spoil(row.id, fact);
  if (spoilt < readingTriesMax) return { ...faultOf("broken", answer), spoilt };
  it.tally.dropped++;
  return [];
}

// -- an address that the provider named, and a stretch that it is asked to send -----------------

/**
 *   1. what lies there is fetched and accepted    durable; the address is still known
 *   2. the vault lets go of the address           asked for again, it is gone, which ends it too
 *   3. the caller lets go of the row
 */
async function readKept(it: Reading, row: Pending, kept: string): Promise<Turned | Stop> {
  const { provider, link, tally } = it;
  const { collection } = row;
  const as = provider.callbacks?.as(collection) ?? "json";
  const answer = await ask(it, "live", { kept, as });
  if (isStop(answer)) return answer;
  const { status } = answer.reply;
  const fetched =
    status === 404 || status === 410
      ? undefined
      : await provider.callbacks?.read(collection, answer.reply, it.now());
  if (fetched === undefined || (!fetched.ok && fetched.error === "gone")) tally.dropped++;
  else if (!fetched.ok) return faultOf(fetched.error, answer);
  else {
    const { drafts, bad } = fetched.value;
    const written = (item: unknown) => parkedBody(collection, link.account, item);
    const unread = bad.map(({ reason, body }) => ({ reason, body: written(body) }));
    await take(it, drafts, unread, (i) => written(rawOf(drafts[i])));
  }
  return { next: null };
}

function rawOf(draft: Draft | undefined): unknown {
  if (draft === undefined || isRetractedDraft(draft)) return null;
  try {
    return JSON.parse(draft.raw.text);
  } catch {
    return draft.raw.text;
  }
}

/** The cursor is the number of the next request. */
async function askFor(it: Reading, row: Pending): Promise<Turned | Stop> {
  const { asked } = it.provider.backfill ?? {};
  const requests = asked?.requests({ fromMs: row.from_ms, toMs: row.to_ms }) ?? [];
  const n = Number(row.cursor ?? 0);
  const request = requests[n];
  if (asked === undefined || request === undefined) return { next: null };
  const answer = await ask(it, leaseKind(row), request);
  if (isStop(answer)) return answer;
  const judged = asked.judge(answer.reply);
  const isRefused = !judged.ok && (judged.error === "refused" || judged.error === "gone");
  if (!judged.ok && !isRefused) return faultOf(judged.error, answer);
  const next = n + 1 < requests.length ? String(n + 1) : null;
  const end = judged.ok && judged.value === "none" ? "none" : "read";
  return { next, end: isRefused ? "refused" : end };
}

// -- accepting ------------------------------------------------------------------------------

async function take(
  it: Reading,
  drafts: readonly Draft[],
  bad: readonly BadItem[],
  written: (index: number) => string,
): Promise<void> {
  if (drafts.length + bad.length === 0) return;
  const stream = streams[it.provider.stream];
  const outcomes = await accept(it.accept, stream, { ...it.link }, drafts, bad, written);
  count(it.tally, outcomes, bad.length);
}

function count(tally: Tally, outcomes: readonly Accepted[], bad: number): void {
  tally.items += outcomes.length + bad;
  tally.parked += bad;
  for (const outcome of outcomes) {
    if (outcome === "unreadable") tally.parked++;
    else if (outcome === "forgotten") tally.forgotten++;
    else if (outcome === "duplicate" || outcome === "older") tally.duplicates++;
    else tally.recorded++;
  }
}

const digests = (it: Reading, drafts: readonly Draft[]): Promise<Seen[]> =>
  Promise.all(
    drafts.map(async ({ sourceId, revision }) => {
      const { link, provider } = it;
      const of = [provider.stream, link.provider, link.account] as const;
      return { fact: await factId(it.accept.digest, ...of, sourceId), revision: revision ?? 0 };
    }),
  );

/**
 * Records of this connection that a complete window did not bring. A day on each side is left out: a
 * window is asked for in local time.
 */
export async function absentOf(it: Reading, row: Pending): Promise<readonly string[]> {
  const [fromMs, toMs] = [row.from_ms + msPerDay, row.to_ms - msPerDay];
  if (fromMs > toMs) return [];
  const { link, line, provider } = it;
  const ledger = it.accept.ledger(streams[provider.stream], link.member);
  const { items } = await ledger.facts(fromMs, toMs, null, comparedMax);
  return items
    .filter((fact) => fact.connection === link.connection && !line.hasSeen(row.id, fact.id))
    .map((fact) => fact.id)
    .slice(0, absentMax);
}
