/**
 * What must be true of a world that has come to rest, of what was said to it alone: written apart from
 * the code that it judges, with sums of its own. Of grouping it asks the kernel's `resolve`, from
 * scratch and over what must stand. Everything it returns is a violation, in a sentence.
 */

import { bucketOf, type OpenFact } from "../../../domain/ports.ts";
import { shardOf } from "../../../domain/shards.ts";
import { isDecision } from "../../../domain/stream.ts";
import { type AnyStream, streams } from "../../../domain/streams.ts";
import { type Draft, isRetractedDraft } from "../../../providers/provider.ts";
import { conclusions } from "./conclusions.ts";
import { type Acknowledged, leftKey } from "./edge.ts";
import type { Scenario } from "./scenario.ts";
import type { LedgerNow, WorldNow } from "./state.ts";

/** One record, and what its source says of it in the end. */
export interface Truth {
  readonly id: string;
  readonly person: number;
  readonly account: number;
  readonly member: string;
  readonly shard: string;
  readonly revision: number;
  /** Null: it was taken back. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}
export interface Said {
  readonly scenario: Scenario;
  readonly members: readonly string[];
  /** Of (person, account, the source's own id). */
  idOf(person: number, account: number, sourceId: string): Promise<string>;
  readonly erased: ReadonlySet<number>;
  /** Accounts, of those who stay, of which everything was erased. */
  readonly leaving: ReadonlySet<string>;
}

/** The greatest revision of each identity; at the same one, that it was taken back. */
export async function truthsOf(said: Said): Promise<Truth[]> {
  const { scenario, members } = said;
  const stream: AnyStream = streams[scenario.stream];
  const byId = new Map<string, Truth>();
  for (const one of scenario.happenings) {
    if (one.kind !== "deliver") continue;
    const { person, account, drafts } = one;
    for (const draft of drafts) {
      const id = await said.idOf(person, account, draft.sourceId);
      const held = byId.get(id);
      if (held !== undefined && !isAbove(draft, held)) continue;
      const member = members[person] ?? "";
      const shard = shardOf(stream, member as never, id as never);
      const fields = isRetractedDraft(draft) ? null : draft.fields;
      byId.set(id, { id, person, account, member, shard, revision: draft.revision ?? 0, fields });
    }
  }
  return [...byId.values()];
}

const isAbove = (draft: Draft, held: Truth): boolean =>
  (draft.revision ?? 0) > held.revision ||
  (draft.revision === held.revision && isRetractedDraft(draft));

/** What callers were told. */
interface Answered {
  readonly acknowledged: readonly Acknowledged[];
  readonly decided: readonly { readonly person: number; readonly id: string }[];
  readonly erasing: ReadonlySet<number>;
}

/** Before anything was made good: what was acknowledged is there, or something newer is. */
export async function safety(
  said: Said,
  { acknowledged, decided, erasing }: Answered,
  ledgers: readonly Pick<LedgerNow, "facts">[],
): Promise<string[]> {
  const held = new Map(ledgers.flatMap(({ facts }) => facts.map((fact) => [fact.id, fact])));
  const wrong = decided
    .filter(({ person, id }) => !erasing.has(person) && !held.has(id))
    .map(({ id }) => `the decision ${id} was acknowledged and is not in its ledger`);
  for (const { person, account, drafts, outcomes } of acknowledged) {
    if (erasing.has(person) || said.leaving.has(leftKey(person, account))) continue;
    for (const [i, draft] of drafts.entries()) {
      const fact = held.get(await said.idOf(person, account, draft.sourceId));
      const name = `${draft.sourceId} of account ${account} of person ${person}`;
      if (outcomes[i] === "forgotten" || outcomes[i] === "unreadable")
        wrong.push(`${name} was answered as ${outcomes[i]}`);
      else if (fact === undefined || fact.revision < (draft.revision ?? 0))
        wrong.push(`${name} at ${draft.revision} was acknowledged and is not in its ledger`);
    }
  }
  return wrong;
}

export async function judge(said: Said, now: WorldNow, nowMs: number): Promise<string[]> {
  const truths = await truthsOf(said);
  const stands = truths.filter(
    ({ person, account }) =>
      !said.erased.has(person) && !said.leaving.has(leftKey(person, account)),
  );
  const standing = facts(stands, now);
  return [
    ...standing.wrong,
    ...balances(now),
    ...archived(said, now),
    ...conclusions(said, now, standing.live, nowMs),
    ...vaulted(said, stands, now),
    ...forgotten(said, now),
  ];
}

/** The vault was told of each reading that stands and of each that was taken back, and of no later. */
function vaulted({ scenario }: Said, truths: readonly Truth[], { vault }: WorldNow): string[] {
  const { raw } = streams[scenario.stream];
  return truths.flatMap(({ id, revision, fields }) => {
    const told = vault.get(id);
    if (fields === null && told?.retracted !== revision)
      return [`the vault was told to let go of ${id} at ${told?.retracted}, not at ${revision}`];
    if (fields !== null && raw !== "dropped" && told?.sealed !== revision)
      return [`the vault sealed ${id} at ${told?.sealed}, not at ${revision}`];
    if (fields !== null && (told?.retracted ?? -1) >= revision)
      return [`the vault was told to let go of ${id}, which stands`];
    return [];
  });
}

export type Live = ReadonlyMap<string, readonly OpenFact[]>;

/** Every statement that stands is held once, as its source said it, and nothing else is. */
function facts(truths: readonly Truth[], now: WorldNow): { wrong: string[]; live: Live } {
  const wrong: string[] = [];
  const live = new Map<string, OpenFact[]>();
  const held = new Map<string, { fact: LedgerNow["facts"][number]; shard: string }[]>();
  for (const { facts: all, shard } of now.ledgers)
    for (const fact of all) held.set(fact.id, [...(held.get(fact.id) ?? []), { fact, shard }]);
  for (const { id, shard, revision, fields, member } of truths) {
    const [first, second] = held.get(id) ?? [];
    if (first === undefined) wrong.push(`${id} was said and is held nowhere`);
    else if (second !== undefined) wrong.push(`${id} is held twice`);
    else if (first.shard !== shard) wrong.push(`${id} is held by ${first.shard}, not ${shard}`);
    else if (first.fact.revision !== revision)
      wrong.push(`${id} stands at ${first.fact.revision}, not at ${revision}`);
    else if (fields === null && first.fact.body !== null)
      wrong.push(`${id} was taken back and stands`);
    else if (fields !== null && first.fact.body === null) wrong.push(`${id} stands and is gone`);
    else if (fields !== null) {
      const body = first.fact.body as OpenFact;
      const other = Object.entries(fields).find(
        ([name, value]) => name in body && JSON.stringify(body[name]) !== JSON.stringify(value),
      );
      if (other) wrong.push(`${id} says ${other[0]} ${JSON.stringify(body[other[0]])}`);
      if (body.member !== member) wrong.push(`${id} is of ${String(body.member)}`);
      live.set(shard, [...(live.get(shard) ?? []), body]);
    }
    held.delete(id);
  }
  for (const [id, [first]] of held)
    if (first !== undefined && first.fact.body !== null && !isDecision(first.fact.body))
      wrong.push(`${id} is held and stands nowhere`);
  return { wrong, live };
}

/** Received = applied + duplicate + rejected + parked + pending, and nothing waits. */
const balances = ({ ledgers }: WorldNow): string[] =>
  ledgers.flatMap(({ shard, report, facts: all, head }) => {
    const { received, applied, duplicate, rejected, parked, pending } = report;
    const sum = applied + duplicate + rejected + parked + pending;
    const days = head.isForgotten ? 0 : all.reduce((n, { days: under }) => n + under.length, 0);
    return [
      ...(received === sum ? [] : [`${shard} received ${received} and accounts for ${sum}`]),
      ...(pending === 0 ? [] : [`${shard} has ${pending} pending`]),
      ...(parked === 0 ? [] : [`${shard} has ${parked} parked`]),
      ...(report.held === days ? [] : [`${shard} says it published ${report.held}, not ${days}`]),
    ];
  });

/** Every identity is in exactly one partition of each day it was published under, as it is now. */
function archived({ scenario }: Said, { ledgers, partitions }: WorldNow): string[] {
  const { buckets } = streams[scenario.stream];
  const expected = new Map<string, string>();
  for (const { shard, facts: all } of ledgers)
    for (const { id, revision, body, days } of all)
      for (const day of days) {
        const isHere = body !== null && (isDecision(body) || day === days.at(-1));
        const place = JSON.stringify([day, bucketOf(shard, buckets), shard, id]);
        expected.set(place, rowOf(revision, isHere ? body : null));
      }
  const wrong: string[] = [];
  for (const { day, bucket, facts: rows } of partitions)
    for (const { subject, id, revision, body } of rows) {
      const place = JSON.stringify([day, bucket, subject, id]);
      const row = rowOf(revision, body === null ? null : JSON.parse(body));
      const should = expected.get(place);
      if (should === undefined) wrong.push(`the archive holds ${place}, which nobody published`);
      else if (should !== row) wrong.push(`the archive says ${row} of ${place}, not ${should}`);
      expected.delete(place);
    }
  for (const place of expected.keys()) wrong.push(`the archive lacks ${place}`);
  return wrong;
}

/** Whatever the order in which its fields were written down. */
const rowOf = (revision: number, body: object | null): string =>
  JSON.stringify([revision, body && Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Of the forgotten nothing is left but that they were forgotten. */
function forgotten({ scenario, members, erased }: Said, now: WorldNow): string[] {
  const gone = members.filter((_, person) => erased.has(person));
  const isShared = streams[scenario.stream].shards !== "member";
  const inLedgers = now.ledgers.flatMap(({ facts: all }) =>
    all.flatMap(({ id, body }) =>
      body && gone.includes(String((body as OpenFact).member)) ? [id] : [],
    ),
  );
  const inArchive = now.partitions.flatMap(({ facts: rows, resolved }) => [
    ...rows.flatMap(({ subject, id, body }) =>
      gone.some((member) => (isShared ? body?.includes(member) : subject === member)) ? [id] : [],
    ),
    ...resolved.flatMap(({ subject, id }) => (gone.includes(subject) ? [id] : [])),
  ]);
  const onBoards = now.boards.flatMap(({ member, periods }) =>
    gone.includes(member) && Object.keys(periods).length > 0 ? [member] : [],
  );
  return [
    ...inLedgers.map((id) => `a ledger still holds ${id} of somebody forgotten`),
    ...inArchive.map((id) => `the archive still holds ${id} of somebody forgotten`),
    ...onBoards.map((member) => `a board still shows ${member}, who was forgotten`),
  ];
}
