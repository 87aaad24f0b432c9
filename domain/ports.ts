/**
 * Where the workers and objects meet. They never import each other: each implements or calls one
 * of these, over service bindings, object bindings or the queue. Every call may be repeated; a
 * rejected promise means "unknown", never "no".
 */
import type { ChallengeRules } from "./challenges.ts";
import { type ConnectionId, type FactId, type MemberId, spread } from "./identity.ts";
import type { Decision, Retraction, Revision, Settings } from "./stream.ts";
import type { Instant, LocalDate } from "./time.ts";
import type { Page } from "./vault-ports.ts";

/** A fact without its sealed fields: what may be stored and published in the open. */
export interface OpenFact {
  readonly id: FactId;
  readonly revision: Revision;
  readonly at: Instant;
  readonly edition?: number | undefined;
  readonly [field: string]: unknown;
}
export type OpenStatement = OpenFact | Retraction;

export type * from "./board-ports.ts";
export { boardRootName, boardShardName, challengePeriod, isMoved } from "./board-ports.ts";
export type * from "./card-ports.ts";
export { cardsMax } from "./card-ports.ts";
export type * from "./connect-ports.ts";
export { sessionCallsMax } from "./connect-ports.ts";
export type * from "./connection-ports.ts";
export {
  callClasses,
  connectionReasons,
  connectionStates,
  observedOutcomes,
} from "./connection-ports.ts";
export type * from "./export-ports.ts";
export type * from "./live-ports.ts";
export { liveName, liveRowsMax } from "./live-ports.ts";
export type * from "./log-ports.ts";
export type * from "./samples-ports.ts";
export {
  aggregateDaysMax,
  deviceOrdersMax,
  devicesMax,
  membersAskedMax,
  shareDaysDefault,
  shareDaysMax,
} from "./samples-ports.ts";
export type * from "./vault-ports.ts";
export { isRefusal, rereadFactsMax, roles } from "./vault-ports.ts";

// -- the objects ----------------------------------------------------------------------------

/** older: than what stands. gone: than the retraction that stands. */
export type RecordOutcome =
  | "new"
  | "corrected"
  | "retracted"
  | "duplicate"
  | "older"
  | "gone"
  | "forgotten";
/** It stood before, or what stands is above it: said again, or said late. */
export const addsNothing = (outcome: unknown): boolean =>
  outcome === "duplicate" || outcome === "older" || outcome === "gone";

export interface MemberSettings extends Pick<Settings, "zones"> {
  readonly version: number;
  /** Everybody sees their scores. */
  readonly onBoards: boolean;
  /** Their scores count for a team, whoever sees them. Absent: they are in none. */
  readonly inTeams?: boolean;
  /** Challenges that they joined and that are not over. Absent: none. */
  readonly challenges?: readonly ChallengeRules[];
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

/** Whose eyes a list is for. */
export type SeenBy = "owner" | "others";

/**
 * Everything that a ledger tells has a number, and numbers only grow: where it is never silent, who
 * knows its last number waits for what stood then, and for nothing that came since.
 */
export interface OnItsWay {
  /** The last number given out; 0 before the first. */
  readonly last: number;
  /**
   * The least number that the archive, boards, the vault or who watches have not confirmed; null:
   * there is none. A parked change is not on its way; sent again, it counts as its statement's first.
   */
  readonly least: number | null;
}
/** Nothing up to this number is on its way any more. */
export const isThrough = ({ least }: OnItsWay, number: number): boolean =>
  least === null || least > number;

/** One subject on one stream: every source fact once, resolved. */
export interface LedgerPort {
  /**
   * The receipt number of each content: the one it got when it first came. `read`: it is what the
   * source shows now, so it goes above what is held of it, unless that is the same (kernel/receipt.ts).
   */
  number(
    contents: readonly { readonly id: FactId; readonly content: string }[],
    how?: "told" | "read",
  ): Promise<number[]>;
  record(statements: readonly OpenStatement[]): Promise<RecordOutcome[]>;
  configure(settings: MemberSettings): Promise<void>;
  /** When something new last came, by connection. */
  arrivals(): Promise<Readonly<Record<string, Instant>>>;
  /** `parked`: they did not land but are kept, listed, and replayed under new numbers. */
  confirm(consumer: "archive", seqs: readonly number[], how?: "landed" | "parked"): Promise<void>;
  /** Sends what is unconfirmed; what is left of it then. */
  nudge(): Promise<OnItsWay>;
  report(): Promise<LedgerReport>;
  /**
   * Every identity ever published under one of these days (null: under any) goes out again under a
   * new number, its tombstones too; what it resolves to and all sums are made anew from the facts
   * and go out again. What the vault resolves it is asked for first; where it does not answer, this
   * fails. Returns how many changes were queued.
   */
  publishAgain(days: readonly LocalDate[] | null): Promise<number>;
  /** A parked change goes out once more, under a new number; false when it is not this ledger's. */
  replay(change: Change): Promise<boolean>;
  /** Every day that any of these identities was published under. */
  daysOf(ids: readonly FactId[]): Promise<LocalDate[]>;
  /**
   * What facts resolved to, newest first. For `others` it holds what they may see and nothing else:
   * every page but the last is full, and its cursor is the place of one that it shows.
   */
  list(before: string | null, limit: number, seenBy?: SeenBy): Promise<Page<unknown>>;
  /** What is there under this id, or under whatever its records are a part of by now. */
  find(id: string): Promise<unknown>;
  decide(draft: DecisionDraft): Promise<Decided | DecideRefusal>;
  /** Takes a decision back; only one of these kinds. */
  takeBack(id: FactId, kinds: readonly Decision["decision"][]): Promise<Decided | DecideRefusal>;
  /** Standing decisions, the newest first. */
  decisions(limit: number): Promise<readonly Decision[]>;
  /** Live facts that cover any of this time, earliest first; a bounded number of them. */
  between(fromMs: Instant, toMs: Instant): Promise<readonly OpenFact[]>;
  /**
   * Live facts that began in this time, both ends included, earliest first. `of`: of this member
   * alone, where others' lie beside theirs; a page may then have few or none of them while there are
   * more, and only one without a `next` is the last.
   */
  facts(
    fromMs: Instant,
    toMs: Instant,
    after: string | null,
    limit: number,
    of?: MemberId,
  ): Promise<Page<OpenFact>>;
  /** Ids of live facts that came by one of these connections; a bounded number of them. */
  ofConnections(connections: readonly ConnectionId[]): Promise<readonly string[]>;
  remembered(key: string): Promise<{ readonly body: string; readonly reply: string } | null>;
  remember(key: string, body: string, reply: string): Promise<void>;
  /** Empties it for good. The days that it had published under are kept until `forgetDays`. */
  forget(): Promise<{ readonly facts: number; readonly days: readonly LocalDate[] }>;
  /** The archive has let go of everything: the days go too. */
  forgetDays(): Promise<void>;
  /**
   * Retracts for good, like `record` with the greatest revision; `by` says on whose account (a
   * connection's account hash) so that `lift` finds them again. Returns the days that they were
   * published under; for none, those of everything that was ever erased by this account. `ended`:
   * connections whose facts are refused from now on, also those that are on their way.
   */
  erase(
    ids: readonly FactId[],
    by: string,
    ended?: readonly ConnectionId[],
  ): Promise<readonly LocalDate[]>;
  /**
   * What was erased by this account may come again. Returns the identities, also those lifted
   * before that have not come again yet.
   */
  lift(by: string): Promise<readonly FactId[]>;
}

/**
 * What became of every statement that a ledger was ever handed: received = applied + duplicate +
 * rejected + parked + pending. And, for the archive: `held` (identity, day) pairs that are published.
 */
export interface LedgerReport {
  readonly received: number;
  /** Took effect, and the archive confirmed all that came of it. */
  readonly applied: number;
  /** Said before, or older than what is known. */
  readonly duplicate: number;
  /** Of somebody forgotten. */
  readonly rejected: number;
  /** Took effect, but a change of it could not land and is kept. */
  readonly parked: number;
  /** Took effect, on its way to the archive. */
  readonly pending: number;
  readonly held: number;
  readonly atMs: Instant;
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

/**
 * A message of the queue: all that came of one call, of one ledger. (One change by itself is what
 * ledgers sent before.)
 */
export type ChangesMessage = readonly Change[] | Change;

/** Wakes the archive for a run that stands in the warehouse. */
export interface RunMessage {
  readonly run: string;
}

/** A part of the archive that is settled as one: `day` is when it happened. */
export interface Partition {
  readonly stream: string;
  readonly day: LocalDate;
  readonly bucket: number;
}

/** Which bucket a subject is in. */
export const bucketOf = (subject: string, buckets: number): number => spread(subject) % buckets;

/** The names of objects: internal ids only. */
export const ledgerName = (stream: string, shard: string): string => `${stream}/${shard}`;
