/**
 * Accepting what one account sent: drafts become statements, restricted parts go to the vault, open
 * parts to the ledger. In this order, so that a crash between any two steps costs nothing:
 *
 *   0. what was forgotten is left out                   of it nothing is kept, now or ever
 *   1. identities are digested                          nothing is kept yet
 *   2. unnumbered content gets its receipt number       a number is remembered; the same content
 *                                                       gets the same one when it is said again
 *   3. the vault seals the restricted parts             sealed readings nobody points at; saying it
 *                                                       again writes the same rows
 *      and where ledgers are shared, it hears what is   a ledger of its member's own tells it later,
 *      taken back                                       and knows whose it is; said again, the same
 *   4. what could not be read is parked                 the same item parks once
 *   5. the ledgers record the open parts                durable: only now may a 2xx be answered; a
 *                                                       crash between two of them: said again, the
 *                                                       first know it
 */
import {
  type ConnectionId,
  contentHash,
  type Digest,
  type FactId,
  factId,
  type MemberId,
  originId,
  personId,
} from "../domain/identity.ts";
import type {
  LedgerPort,
  OpenFact,
  OpenStatement,
  RecordOutcome,
  SealedRow,
  SealPort,
} from "../domain/ports.ts";
import { isByMember, shardOf } from "../domain/shards.ts";
import type { Fact, Retraction } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import { providerNamed } from "../providers/index.ts";
import { type Draft, isRetractedDraft } from "../providers/provider.ts";
import { statementBytesMax } from "./publish.ts";
import type { Told } from "./receipt.ts";

export interface AcceptPorts {
  readonly digest: Digest;
  readonly vault: SealPort;
  ledger(stream: AnyStream, shard: string): LedgerPort;
}

/** The account that data came for. */
export interface Origin {
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly provider: string;
  /** The account's keyed hash, which identities are made from. */
  readonly account: string;
  /** What happened up to then was forgotten and is not taken; null or absent: everything is. */
  readonly forgottenToMs?: Instant | null;
  /** Fetched from the provider's own list of what there is; absent: it came by itself. */
  readonly isRead?: boolean;
  /** Of the provider's reading; absent: as the list of providers says. */
  readonly edition?: number;
}

export interface BadItem {
  readonly reason: string;
  readonly body: string;
}

/** One outcome a draft, in their order; "unreadable" drafts were parked. */
export type Accepted = RecordOutcome | "unreadable";

/** Throws when a port fails: then nothing may be answered but "say it again". */
export async function accept(
  ports: AcceptPorts,
  stream: AnyStream,
  origin: Origin,
  drafts: readonly Draft[],
  bad: readonly BadItem[],
  /** How a draft's item is written down when its values turn out to be out of range. */
  written: (index: number) => string,
): Promise<Accepted[]> {
  const known = drafts.flatMap((draft, i) => (isForgotten(origin, draft) ? [] : [i]));
  const outcomes: Accepted[] = drafts.map(() => "forgotten");
  const accepted = await acceptKnown(
    ports,
    stream,
    origin,
    known.map((i) => drafts[i] as Draft),
    bad,
    (n) => written(known[n] as number),
  );
  known.forEach((i, n) => {
    outcomes[i] = accepted[n] ?? "forgotten";
  });
  return outcomes;
}

/** A retraction adds nothing, so it is always heard. */
function isForgotten({ forgottenToMs = null }: Origin, draft: Draft): boolean {
  if (forgottenToMs === null || isRetractedDraft(draft)) return false;
  const { at } = draft.fields;
  return typeof at === "number" && at <= forgottenToMs;
}

async function acceptKnown(
  ports: AcceptPorts,
  stream: AnyStream,
  origin: Origin,
  drafts: readonly Draft[],
  bad: readonly BadItem[],
  written: (index: number) => string,
): Promise<Accepted[]> {
  const numbering = (id: FactId) => ports.ledger(stream, shardOf(stream, origin.member, id));
  const shaped = await shape(ports.digest, numbering, stream, origin, drafts);
  const rows = shaped.flatMap((s) => (s.kind === "fact" && hasSealed(s.row) ? [s.row] : []));
  if (
    rows.length > 0 &&
    (await ports.vault.seal(origin.member, origin.connection, rows)) === "forgotten"
  )
    return shaped.map(() => "forgotten");
  const unreadable = shaped.flatMap((s, i) =>
    s.kind === "unreadable" ? [{ reason: "out-of-range", body: written(i) }] : [],
  );
  const gone = shaped.flatMap((s) => (s.kind === "retraction" ? [s.statement] : []));
  if (gone.length > 0 && !isByMember(stream)) await ports.vault.retract(origin.member, gone);
  await park(ports.vault, origin, [...bad, ...unreadable]);
  const statements = shaped.flatMap((s) => (s.kind === "unreadable" ? [] : [s.statement]));
  const outcomes = (await recordAll(ports, stream, origin.member, statements)).values();
  return shaped.map((s) =>
    s.kind === "unreadable" ? "unreadable" : (outcomes.next().value ?? "older"),
  );
}

/** In whichever ledgers they belong to; outcomes in the statements' order. */
export async function recordAll(
  ports: Pick<AcceptPorts, "ledger">,
  stream: AnyStream,
  member: MemberId,
  statements: readonly OpenStatement[],
): Promise<RecordOutcome[]> {
  const outcomes: RecordOutcome[] = statements.map(() => "older");
  await Promise.all(
    [...byShard(stream, member, statements)].map(async ([shard, places]) => {
      const mine = places.map((i) => statements[i] as OpenStatement);
      const said = await ports.ledger(stream, shard).record(mine);
      places.forEach((i, n) => {
        outcomes[i] = said[n] ?? "older";
      });
    }),
  );
  return outcomes;
}

/** Where the statements of each ledger stand, in their order. */
function byShard(
  stream: AnyStream,
  member: MemberId,
  statements: readonly ({ readonly id: FactId } | null)[],
): Map<string, number[]> {
  const shards = new Map<string, number[]>();
  statements.forEach((statement, i) => {
    if (statement === null) return;
    const shard = shardOf(stream, member, statement.id);
    const places = shards.get(shard);
    if (places === undefined) shards.set(shard, [i]);
    else places.push(i);
  });
  return shards;
}

/** Of what is open altogether, nothing goes to the vault. */
const hasSealed = ({ columns }: SealedRow): boolean => Object.keys(columns).length > 0;

async function park(vault: SealPort, origin: Origin, bad: readonly BadItem[]): Promise<void> {
  if (bad.length === 0) return;
  const { member, connection, provider } = origin;
  await vault.park(bad.map(({ reason, body }) => ({ member, connection, provider, reason, body })));
}

type Shaped =
  | { readonly kind: "fact"; readonly statement: OpenStatement; readonly row: SealedRow }
  | { readonly kind: "retraction"; readonly statement: Retraction }
  | { readonly kind: "unreadable" };

/** Which ledger numbers the contents of an identity. */
export type Numbering = (id: FactId) => Pick<LedgerPort, "number">;

/** Steps 1 and 2: identities and revisions, then the split into open and sealed parts. */
export async function shape(
  digest: Digest,
  numbering: Numbering,
  stream: AnyStream,
  origin: Origin,
  drafts: readonly Draft[],
): Promise<Shaped[]> {
  const ids = await Promise.all(
    drafts.map((d) => factId(digest, stream.name, origin.provider, origin.account, d.sourceId)),
  );
  const how = origin.isRead === true ? "read" : "told";
  const revisions = await numberContents(digest, numbering, stream, origin, { drafts, ids, how });
  const edition = origin.edition ?? providerNamed(origin.provider)?.edition ?? 1;
  return Promise.all(
    drafts.map(async (draft, i): Promise<Shaped> => {
      const id = ids[i] as FactId;
      if (isRetractedDraft(draft)) {
        const statement: Retraction = { id, revision: draft.revision, retracted: true };
        return { kind: "retraction", statement };
      }
      const parsed = stream.schema.safeParse({
        ...draft.fields,
        id,
        revision: revisions[i],
        ...(edition > 1 ? { edition } : {}),
        member: origin.member,
        connection: origin.connection,
        provider: origin.provider,
        sourceId: draft.sourceId,
        originId: await originId(digest, origin.provider, draft.sourceId),
        copyOf:
          draft.copyOf && (await originId(digest, draft.copyOf.provider, draft.copyOf.sourceId)),
        person: draft.person && (await personId(digest, origin, draft.person)),
      });
      if (!parsed.success) return { kind: "unreadable" };
      const fact = split(stream, parsed.data, draft.raw);
      return isSendable(fact.statement) ? { kind: "fact", ...fact } : { kind: "unreadable" };
    }),
  );
}

async function numberContents(
  digest: Digest,
  numbering: Numbering,
  stream: AnyStream,
  { member }: Pick<Origin, "member">,
  said: {
    readonly drafts: readonly Draft[];
    readonly ids: readonly FactId[];
    readonly how: Told;
  },
): Promise<(number | null)[]> {
  const { drafts, ids, how } = said;
  const revisions = drafts.map((d) => d.revision);
  const contents = await Promise.all(
    drafts.map(async (draft, i) => {
      if (isRetractedDraft(draft) || draft.revision !== null) return null;
      const id = ids[i] as FactId;
      const content = JSON.stringify([draft.raw.column, draft.fields]);
      return { id, content: await contentHash(digest, content) };
    }),
  );
  await Promise.all(
    [...byShard(stream, member, contents).values()].map(async (places) => {
      const mine = places.flatMap((i) => contents[i] ?? []);
      const numbers = await numbering((mine[0] as { readonly id: FactId }).id).number(mine, how);
      places.forEach((i, n) => {
        revisions[i] = numbers[n] ?? null;
      });
    }),
  );
  return revisions;
}

const encoder = new TextEncoder();
/** What could never be sent to the archive would keep all else of its ledger from it. */
const isSendable = (statement: OpenFact): boolean =>
  encoder.encode(JSON.stringify(statement)).length <= statementBytesMax;

/** A series without a sample is none. */
const isNothing = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.length === 0);

/** "heartRate" is the column heart_rate. */
export const columnOf = (field: string): string =>
  field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The one place where a fact is taken apart, by its stream's table. */
function split(
  stream: AnyStream,
  fact: Fact,
  raw: { readonly column: string; readonly text: string },
): { readonly statement: OpenFact; readonly row: SealedRow } {
  const open: Record<string, unknown> = {};
  const columns: Record<string, string | null> = {};
  for (const [field, value] of Object.entries(fact)) {
    const seal = (stream.seal as Record<string, string | undefined>)[field];
    // What is tokenised came as a token.
    if (seal === undefined || seal === "tokenised") open[field] = value;
    else if (seal === "sealed" && value !== undefined)
      columns[columnOf(field)] = isNothing(value) ? null : JSON.stringify(value);
  }
  if (stream.raw !== "dropped") columns[raw.column] = raw.text;
  const statement = open as unknown as OpenFact;
  return { statement, row: { row: fact.id, revision: fact.revision, columns } };
}
