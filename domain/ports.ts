/**
 * Where the workers and objects meet. They never import each other: each implements or calls one
 * of these, over service bindings, object bindings or the queue. Every call may be repeated; a
 * rejected promise means "unknown", never "no".
 */
import type { ConnectionId, FactId, MemberId } from "./identity.ts";
import type { Decision, Retraction, Revision, Settings } from "./stream.ts";
import type { Instant, LocalDate, Period } from "./time.ts";
import type { Page } from "./vault-ports.ts";

/** A fact without its sealed fields: what may be stored and published in the open. */
export interface OpenFact {
  readonly id: FactId;
  readonly revision: Revision;
  readonly at: Instant;
  readonly [field: string]: unknown;
}
export type OpenStatement = OpenFact | Retraction;

export type * from "./log-ports.ts";
export type * from "./vault-ports.ts";
export { isRefusal, roles } from "./vault-ports.ts";

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
  /** Ids of live facts that came by one of these connections; a bounded number of them. */
  ofConnections(connections: readonly ConnectionId[]): Promise<readonly string[]>;
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
