/**
 * One page of what waits: fetched, and accepted whole before anything says that it was. Where the
 * reading stops in the middle of a page, the records that are complete by then are accepted, and
 * known by their digests, so that the next try goes on behind them.
 *
 * A record is retracted only when the provider, asked for that very one, has not got it. It is asked
 * about where a notice names it, or where a complete window did not bring it: by absence alone
 * nothing is ever retracted, and of a window that was cut short nothing is known. And what the
 * provider shows after that is there again (connection-restate.ts).
 */
import { type FactId, factId } from "../domain/identity.ts";
import type { ProviderRequest, RecordRequest } from "../domain/ports.ts";
import { streams } from "../domain/streams.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { parkedBody } from "../kernel/parked.ts";
import { type Draft, isRetractedDraft, type Pull, type PullStep } from "../providers/provider.ts";
import { isOfSamples } from "./connection-apart.ts";
import { isStop, type Stop } from "./connection-calls.ts";
import { isHearsay } from "./connection-doubt.ts";
import {
  acceptItems,
  ask,
  count,
  faultOf,
  type Halt,
  type Reading,
  type Turned,
  take,
} from "./connection-items.ts";
import { isOne, type Pending } from "./connection-pending.ts";
import { readKeptSamples, readSamples } from "./connection-samples.ts";

/**
 * A notice may come before its record can be had: what is not found is asked for so long after, each
 * time that it is not, before that is believed.
 */
export const missingAfterMs = [30_000, 2 * 60_000, 8 * 60_000] as const;
/** Facts that are looked through for some that a window did not bring, and asked about. */
const comparedMax = 200;
export const absentMax = 20;

/** Null: this provider has no way to read such a thing. */
export async function readPending(it: Reading, row: Pending): Promise<Turned | Halt | null> {
  const { pull, callbacks, backfill } = it.provider;
  if (row.ask === 1) return backfill?.asked === undefined ? null : askFor(it, row);
  if (isOfSamples(it.provider, row.collection)) {
    if (row.kept !== null) return readKeptSamples(it, row, row.kept);
    return pull === undefined ? null : readSamples(it, pull, row);
  }
  if (row.kept !== null) return callbacks === undefined ? null : readKept(it, row, row.kept);
  return pull === undefined ? null : readPage(it, pull, row);
}

// -- a page of a window, or one record ------------------------------------------------------

async function readPage(it: Reading, pull: Pull, row: Pending): Promise<Turned | Halt> {
  // As of when it was asked for: it may be back before the answer is.
  const askedMs = it.now();
  const answer = await ask(it, it.lease, requestOf(pull, row));
  if (isStop(answer)) return answer;
  const page = pull.page(answer.reply, isOne(row) ? null : stepOf(row), row.cursor);
  if (!page.ok && page.error === "gone" && isOne(row)) return notFound(it, row, askedMs);
  if (!page.ok) {
    const halt = faultOf(page.error, answer);
    return (await isRetracted(it, row)) ? { ...halt, isThere: true } : halt;
  }
  return acceptItems(it, pull, row, page.value, askedMs);
}

/** It was here and went: that it is back no list of what came lately may say. */
const isRetracted = async (it: Reading, { record }: Pending): Promise<boolean> =>
  record !== null && it.had.isGone(await factOf(it, record));

function requestOf(pull: Pull, row: Pending): ProviderRequest | RecordRequest {
  const { collection, cursor, gone, record, fact } = row;
  if (fact !== null) return { record: fact as FactId, collection };
  const id = record ?? gone;
  if (id !== null) return pull.one(collection, id);
  return pull.list(stepOf(row), cursor);
}

const stepOf = (row: Pending): PullStep => ({
  collection: row.collection,
  fromMs: row.from_ms,
  toMs: row.to_ms,
});

/**
 * What is said to be gone is. What is said to be there has some time to come, unless it is said to be
 * gone as well and was here once; then too only what was here is retracted: of what was never had
 * nothing is known, and a later reading finds it.
 */
async function notFound(it: Reading, row: Pending, askedMs: Instant): Promise<Turned> {
  const { gone, record, missed } = row;
  if (isHearsay(it.provider)) return notThere(it, row, askedMs);
  const isLast = missed >= missingAfterMs.length;
  if (record !== null && gone === null && !isLast) return { next: null, missing: "yet" };
  if (record !== null && !(await isHeld(it, record))) {
    if (isLast) it.tally.dropped++;
    return { next: null, missing: isLast ? "unknown" : "yet" };
  }
  await retract(it, row, askedMs);
  return { next: null };
}

/**
 * Of a provider that proves nothing: anybody may name anything, so only what is here is retracted, once,
 * and nothing is asked for again. What comes later is found by a re-reading.
 */
async function notThere(it: Reading, row: Pending, askedMs: Instant): Promise<Turned> {
  const named = row.record ?? row.gone;
  if (named !== null && (!(await isHeld(it, named)) || it.had.isGone(await factOf(it, named)))) {
    if (row.record !== null) it.tally.dropped++;
    return { next: null, missing: "unknown" };
  }
  await retract(it, row, askedMs);
  return { next: null };
}

const factOf = ({ accept, provider, link }: Reading, id: string): Promise<FactId> =>
  factId(accept.digest, provider.stream, link.provider, link.account, id);

/** Whether it was ever here; retracted once more, it stays retracted. */
async function isHeld(it: Reading, record: string): Promise<boolean> {
  const ledger = it.accept.ledger(streams[it.provider.stream], it.link.member);
  return (await ledger.daysOf([await factOf(it, record)])).length > 0;
}

/**
 *   1. the ledger lets go of it                  asked about again, it does so again
 *   2. what it looked like is remembered no      asked about again, at once; shown again by the
 *      more                                      provider, it is read as if it were new
 */
async function retract(it: Reading, row: Pending, revision: number): Promise<void> {
  const sourceId = row.record ?? row.gone;
  const { times } = it.had;
  if (sourceId !== null) await take(it, [{ sourceId, revision, retracted: true }], [], () => "");
  else {
    const ledger = it.accept.ledger(streams[it.provider.stream], it.link.member);
    const said = [{ id: row.fact as FactId, revision, retracted: true as const }];
    count(it.tally, await ledger.record(said), 0);
  }
  const fact = sourceId === null ? (row.fact as FactId) : await factOf(it, sourceId);
  if (times === it.had.times) it.had.retracted(fact, it.now());
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
  const answer = await ask(it, it.lease, request);
  if (isStop(answer)) return answer;
  const judged = asked.judge(answer.reply);
  const isRefused = !judged.ok && (judged.error === "refused" || judged.error === "gone");
  if (!judged.ok && !isRefused) return faultOf(judged.error, answer);
  const next = n + 1 < requests.length ? String(n + 1) : null;
  const end = judged.ok && judged.value === "none" ? "none" : "read";
  return { next, end: isRefused ? "refused" : end };
}

// -- what a window did not bring ------------------------------------------------------------

/**
 * Records of this connection that a complete window did not bring. A day on each side is left out: a
 * window is asked for in local time. What is older than a list ever goes is not missed by it.
 */
export async function absentOf(it: Reading, row: Pending): Promise<readonly string[]> {
  const { link, line, provider } = it;
  const { listedDays = Number.POSITIVE_INFINITY } = provider.pull ?? {};
  const listedMs = it.now() - (listedDays - 1) * msPerDay;
  const [fromMs, toMs] = [Math.max(row.from_ms + msPerDay, listedMs), row.to_ms - msPerDay];
  if (fromMs > toMs) return [];
  const ledger = it.accept.ledger(streams[provider.stream], link.member);
  const { items } = await ledger.facts(fromMs, toMs, null, comparedMax);
  return items
    .filter((fact) => fact.connection === link.connection && !line.hasSeen(row.id, fact.id))
    .map((fact) => fact.id)
    .slice(0, absentMax);
}
