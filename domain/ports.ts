/**
 * Where the workers and objects meet. They never import each other: each implements or calls one
 * of these, over service bindings, object bindings or the queue. Every call may be repeated; a
 * rejected promise means "unknown", never "no".
 */
import type { ConnectionId, FactId, MemberId } from "./identity.ts";
import type { Decision, Retraction, Revision, Settings } from "./stream.ts";
import type { Instant, LocalDate, Period } from "./time.ts";

/** A fact without its sealed fields: what may be stored and published in the open. */
export interface OpenFact {
  readonly id: FactId;
  readonly revision: Revision;
  readonly at: Instant;
  readonly [field: string]: unknown;
}
export type OpenStatement = OpenFact | Retraction;

// -- the vault ------------------------------------------------------------------------------

/** A column's value as JSON text; null empties it; a column that is absent is not spoken of. */
export interface SealedRow {
  readonly row: string;
  readonly revision: Revision;
  readonly columns: Readonly<Record<string, string | null>>;
}

/** A bad item of a known account: sealed whole, listed without its content, replayable. */
export interface ParkedItem {
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly provider: string;
  readonly reason: string;
  readonly body: string;
}

export type SealOutcome = "sealed" | "forgotten";

/** Write only: nothing comes back but whether it was kept. */
export interface SealPort {
  seal(
    member: MemberId,
    connection: ConnectionId,
    rows: readonly SealedRow[],
  ): Promise<SealOutcome>;
  retract(member: MemberId, rows: readonly Retraction[]): Promise<void>;
  /** Parking the same item twice keeps it once. */
  park(items: readonly ParkedItem[]): Promise<SealOutcome>;
}

export interface Caller {
  readonly issuer: string;
  readonly subject: string;
  readonly roles: readonly Role[];
  readonly issuedAtMs: Instant;
}
export const roles = ["member", "coach", "operator", "auditor"] as const;
export type Role = (typeof roles)[number];

export interface Refusal {
  readonly refused: "unauthenticated" | "forbidden" | "not-found" | "busy";
}
export type OrRefusal<T> = T | Refusal;
export const isRefusal = (answer: object): answer is Refusal => "refused" in answer;

export interface Reading {
  readonly row: string;
  readonly column: string;
  /** JSON text, as it was sealed. */
  readonly value: string;
}

export interface ReadRequest {
  readonly member: MemberId;
  readonly column: string;
  readonly purpose: string;
  /** The rows asked for, best first; the caller's ledger knows which they are. */
  readonly rows: readonly string[];
  /** `first`: only the best row that has the column (one workout). `all`: every row (a range). */
  readonly take: "first" | "all";
}

export interface Grantee {
  readonly kind: "member" | "role";
  readonly id: string;
}
export interface ConsentDraft {
  readonly grantee: Grantee;
  readonly columns: readonly string[];
  readonly purpose: string;
  readonly notAfterMs: Instant | null;
}
export interface Consent extends ConsentDraft {
  readonly id: string;
  readonly version: number;
  readonly grantedAtMs: Instant;
  readonly revokedAtMs: Instant | null;
}

export interface AccessEntry {
  readonly seq: number;
  readonly atMs: Instant;
  readonly action: "view" | "edit" | "delete" | "admin";
  readonly actor: string;
  readonly actorName: string | null;
  readonly actorRole: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly purpose: string;
  readonly outcome: string;
  /** "own", the consent's id, or why it was refused. */
  readonly ground: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Reads with the caller's own token, which the vault verifies itself. */
export interface OpenPort {
  /** Binds the token's person to the member id that the edge chose; a second id is refused. */
  enrol(token: string, member: MemberId): Promise<OrRefusal<{ member: MemberId }>>;
  rename(token: string, displayName: string): Promise<OrRefusal<{ renamed: true }>>;
  readings(token: string, request: ReadRequest): Promise<OrRefusal<{ readings: Reading[] }>>;
  consents(token: string): Promise<OrRefusal<{ items: Consent[] }>>;
  grant(token: string, draft: ConsentDraft): Promise<OrRefusal<Consent>>;
  revoke(token: string, consent: string): Promise<OrRefusal<{ revoked: string }>>;
  accessLog(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<AccessEntry>>>;
  /** Display names, of members who chose to be seen on boards or of the caller. Not readings. */
  names(members: readonly MemberId[]): Promise<Record<string, string>>;
  /** Tombstone first, then every key of the member, then their rows. */
  forget(token: string): Promise<OrRefusal<{ member: MemberId; steps: ErasureStep[] }>>;
}
export interface ErasureStep {
  readonly step: string;
  readonly atMs: Instant;
  readonly count: number;
}

/** A call to a provider, described without its host and without its token. */
export interface ProviderRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}
export interface ProviderReply {
  readonly status: number;
  readonly body: string;
  /** False when the body was cut short or was larger than the bound: judge nothing by it. */
  readonly complete: boolean;
  readonly retryAfterMs: number | null;
}
export type LinkOutcome =
  | { readonly account: string }
  | { readonly failed: "code" | "provider" | "forgotten" };

/** Sends requests with the member's token attached; the token itself never comes out. */
export interface ConnectPort {
  link(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    code: string,
  ): Promise<LinkOutcome>;
  request(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    request: ProviderRequest,
  ): Promise<ProviderReply | { readonly failed: "reconnect" | "forgotten" }>;
}

export interface ParkedEntry {
  readonly id: string;
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly provider: string;
  readonly reason: string;
  readonly atMs: Instant;
}
export interface ReplayedItem {
  readonly entry: ParkedEntry;
  readonly statements: readonly OpenStatement[];
}

/** Works on sealed things and hands back nothing restricted. */
export interface WorkPort {
  parked(
    token: string,
    cursor: string | null,
    limit: number,
  ): Promise<OrRefusal<Page<ParkedEntry>>>;
  /** Reads a parked item again by today's rules, seals its parts and returns the open ones. */
  replay(token: string, id: string): Promise<OrRefusal<ReplayedItem | { readonly still: string }>>;
  /** Forgets a parked item once its statements are recorded. */
  unpark(token: string, id: string): Promise<OrRefusal<{ unparked: string }>>;
}

// -- the objects ----------------------------------------------------------------------------

export type RecordOutcome = "new" | "corrected" | "retracted" | "duplicate" | "older" | "forgotten";

export interface MemberSettings extends Pick<Settings, "zones"> {
  readonly version: number;
  readonly onBoards: boolean;
}

/** A decision before the ledger has given it its place in the order of decisions. */
export type DecisionDraft = Pick<Decision, "id" | "decision" | "sides">;
export interface Decided {
  readonly decision: FactId;
  /** What the facts it names resolve to now. */
  readonly resolved: readonly unknown[];
}
export interface DecideRefusal {
  readonly refused: "not-found" | "too-far-apart";
}

/** One subject on one stream: every source fact once, resolved. */
export interface LedgerPort {
  /** The receipt number of each content: the one it got when it first came. */
  number(contents: readonly { readonly id: FactId; readonly content: string }[]): Promise<number[]>;
  record(statements: readonly OpenStatement[]): Promise<RecordOutcome[]>;
  configure(settings: MemberSettings): Promise<void>;
  confirm(consumer: "archive", seqs: readonly number[]): Promise<void>;
  /** Sends what is unconfirmed; true when nothing is left. */
  nudge(): Promise<boolean>;
  list(before: string | null, limit: number): Promise<Page<unknown>>;
  /** What is there under this id, or under whatever its records are a part of by now. */
  find(id: string): Promise<unknown>;
  decide(draft: DecisionDraft): Promise<Decided | DecideRefusal>;
  /** Takes a decision back; only one of these kinds. */
  takeBack(id: FactId, kinds: readonly Decision["decision"][]): Promise<Decided | DecideRefusal>;
  /** Standing decisions, the newest first. */
  decisions(limit: number): Promise<readonly Decision[]>;
  /** Ids of live facts that cover any of this time, earliest first. */
  between(fromMs: Instant, toMs: Instant): Promise<readonly string[]>;
  remembered(key: string): Promise<{ readonly body: string; readonly reply: string } | null>;
  remember(key: string, body: string, reply: string): Promise<void>;
  forget(): Promise<number>;
}

export interface ScoreRow {
  readonly member: string;
  readonly version: number;
  /** key → one number a measure, then the event time of the last thing counted; null: gone. */
  readonly values: Readonly<Record<string, readonly number[]>> | null;
}
export interface Score {
  readonly member: string;
  readonly score: number;
  readonly atMs: Instant;
}
/** One shard of one board. */
export interface BoardPort {
  put(row: ScoreRow): Promise<void>;
  /** The best after `after`, best first, and how many score above it. */
  top(key: string, measure: number, after: Score | null, limit: number): Promise<BoardPage>;
  of(key: string, measure: number, member: string): Promise<Score | null>;
  /** The ones just above a score, nearest first. */
  above(key: string, measure: number, than: Score, limit: number): Promise<Score[]>;
}
export interface BoardPage {
  readonly scores: readonly Score[];
  readonly ahead: number;
  readonly total: number;
}

export interface Notice {
  readonly collection: string;
  readonly fromMs: Instant;
  readonly toMs: Instant;
  /** The provider's own id of a record said to be gone. */
  readonly gone: string | null;
}
/** One account at one provider. */
export interface ConnectionPort {
  open(link: ConnectionLink): Promise<void>;
  /** Returns once the notice is durable; the reading happens afterwards. */
  notice(notices: readonly Notice[]): Promise<void>;
  /** Something the provider says of the account without proof; kept, and changes nothing. */
  unconfirmed(what: string): Promise<void>;
  status(): Promise<ConnectionStatus>;
  forget(): Promise<void>;
}
export interface ConnectionLink {
  readonly connection: ConnectionId;
  readonly member: MemberId;
  readonly provider: string;
  /** Sealed nowhere here: a keyed hash of the account, which identities are made from. */
  readonly account: string;
}
export interface ConnectionStatus {
  readonly pending: number;
  readonly lastReadMs: Instant | null;
  readonly failing: string | null;
  readonly unconfirmed: readonly string[];
}

// -- the queue ------------------------------------------------------------------------------

/** One statement on its way to the archive, addressed by when it happened. */
export interface Change {
  readonly ledger: string;
  readonly seq: number;
  readonly stream: string;
  readonly day: LocalDate;
  readonly bucket: number;
  readonly statement: OpenStatement;
}

/** The names of objects: internal ids only. */
export const ledgerName = (stream: string, shard: string): string => `${stream}/${shard}`;
export const boardName = (stream: string, period: Period, shard: number): string =>
  `${stream}/${period}/${shard}`;
