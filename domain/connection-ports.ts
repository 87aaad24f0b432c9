/**
 * One account at one provider, and the gate that all accounts of a provider share: what they are
 * asked, and what they show. Part of `ports.ts`, where everybody imports it from.
 */
import type { Doubt } from "./doubt.ts";
import type { ConnectionId, MemberId } from "./identity.ts";
import type { Spending } from "./spending.ts";
import type { Instant } from "./time.ts";

/** Something changed at the provider; what changed has to be read. */
export interface Notice {
  /** Of workouts, or of samples: by the provider's own word. */
  readonly collection: string;
  readonly fromMs: Instant;
  readonly toMs: Instant;
  /** The provider's own id of a record said to be gone. */
  readonly gone: string | null;
  /** The provider's own id of a record that is new or has changed; then there is no window. */
  readonly record?: string | null;
  /** It says neither when nor which: what came lately is read. */
  readonly lately?: true;
  /**
   * Where the provider says that the data lies, and what it says of it in passing. Whoever makes
   * the notice has checked the address; it holds a secret, so it is sealed before it is kept.
   */
  readonly callback?: Callback | null;
}
export interface Callback {
  readonly url: string;
  readonly about: Readonly<Record<string, string>>;
}

/** A stretch of time, `fromMs` included, `toMs` not. */
export interface Stretch {
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

export interface ConnectionLink {
  readonly connection: ConnectionId;
  readonly member: MemberId;
  readonly provider: string;
  /** Sealed nowhere here: a keyed hash of the account, which identities are made from. */
  readonly account: string;
  /** What happened up to then is not taken from it; null: everything is. */
  readonly forgottenToMs: Instant | null;
  /** What the provider granted, in its own words; null: it does not say. */
  readonly scopes?: readonly string[] | null;
  /** What an earlier connection to the same account has read already; not asked for again. */
  readonly have?: Stretch | null;
}

/** One thing that waits to be read, wherever it stands in line. */
export interface Waiting extends Stretch {
  readonly kind: "live" | "reread";
  readonly collection: string;
  /**
   * A record said to be gone, one said to be there, the row of a sealed address, a record that a
   * window did not bring.
   */
  readonly gone: string | null;
  readonly record: string | null;
  readonly kept: string | null;
  readonly fact: string | null;
  /** The provider is to be asked to send it. */
  readonly ask: boolean;
  readonly sinceMs: Instant;
}
/** What a connection leaves to the one that takes its place. */
export interface HandedOver {
  readonly waiting: readonly Waiting[];
  /** Of the member's own budget, which is one, whatever reads. */
  readonly spent: Spending;
  /** Of what anybody may have said; absent: there is none. */
  readonly doubt?: Doubt;
}

export const connectionStates = [
  "connected",
  "syncing",
  "behind",
  "backfilling",
  "needs-reconnecting",
] as const;
export type ConnectionState = (typeof connectionStates)[number];

/** Why a connection is behind or has to be linked again; docs/connections.md says what to do. */
export const connectionReasons = [
  /** The provider says that the grant is no good: withdrawn, expired, or its tokens were replaced. */
  "grant-ended",
  /** A refresh was asked for and its answer never came; the provider takes the old token no more. */
  "refresh-lost",
  /** The member did not grant what is needed to read anything. */
  "scope-missing",
  /** Granted once, taken back since; the provider confirmed it. */
  "permission-withdrawn",
  /** Answers 5xx, hangs, or cuts its answers short; asked again with growing pauses. */
  "provider-down",
  /** A budget is spent, the member's or everybody's; goes on by itself. */
  "rate-limited",
  /** Answers that cannot be trusted: of another form, too large, redirected. */
  "broken-answers",
  /** The provider refuses this one collection. */
  "refused",
  /** A part of ours was down. */
  "ours",
] as const;
export type ConnectionReason = (typeof connectionReasons)[number];

export interface BackfillStatus {
  readonly state: "waiting" | "running" | "done" | "refused";
  /** 0 to 100, whole. */
  readonly percent: number;
  /** How far back it goes, and how far back it is. */
  readonly fromMs: Instant;
  readonly doneToMs: Instant;
  /** Some of it could not be read however often it was tried, and was left out. */
  readonly hasGaps: boolean;
}

export interface ConnectionStatus {
  readonly state: ConnectionState;
  readonly why: ConnectionReason | null;
  /** Notices and windows that wait to be read. */
  readonly pending: number;
  /** Since when the oldest of them has waited; null: nothing waits. */
  readonly behindSinceMs: Instant | null;
  /** Of the workouts; null: this provider has no history of them to give. */
  readonly backfill: BackfillStatus | null;
  /** When data last came, and when the provider was last asked with success. */
  readonly lastReceivedMs: Instant | null;
  readonly lastCheckedMs: Instant | null;
  /** When it acts by itself next; null: when it is told something. */
  readonly nextMs: Instant | null;
  /** Said of the account without proof. */
  readonly unconfirmed: readonly string[];
  readonly scopes: readonly string[] | null;
  /** What has been read without a gap, up to the newest. */
  readonly have: Stretch | null;
  /** Its provider confirmed that it ended, and what came by it is being erased. */
  readonly ending: boolean;
}

/** One account at one provider. */
export interface ConnectionPort {
  /**
   * Linked, linked again, or told anew: what waited for it is read, and what those whose place it
   * took have left to it. One that is ending only goes on to end.
   */
  open(link: ConnectionLink, handed?: readonly HandedOver[]): Promise<void>;
  /**
   * Another takes its place: from now on it asks nothing, and once what is under way has ended it
   * says what it leaves. Asked again, it says the same, until it is told to forget or opened anew.
   */
  handOver(): Promise<HandedOver>;
  /** Returns once the notices are durable; the reading happens afterwards. */
  notice(notices: readonly Notice[]): Promise<void>;
  /** Reads what is newest now, for a member who waits; asked too often, it says when. */
  readNow(): Promise<{ readonly nextMs: Instant }>;
  /** Something the provider says of the account without proof; kept, and changes nothing. */
  unconfirmed(what: string): Promise<void>;
  /**
   * Its provider says, with proof, that the account gives no more: nothing of it is undone. `saidMs`:
   * when it said so first, however late it comes; null: it does not say, so as of now. Not heeded when
   * that was before the account was linked, or was said to give again.
   */
  ended(why: "grant-ended" | "permission-withdrawn", saidMs: Instant | null): Promise<void>;
  /** The twin: it gives again. What its provider took by such a word holds no more, and nothing else. */
  granted(saidMs: Instant | null): Promise<void>;
  status(): Promise<ConnectionStatus>;
  /** Nothing is left, and what is said later is not heeded; an erasure under way goes on. */
  forget(): Promise<void>;
}

// -- the gate -------------------------------------------------------------------------------

/** What came of one call to a provider; `callOf` in domain/call.ts judges it. */
export const callClasses = [
  "ok",
  /** 429. */
  "throttled",
  /** 5xx. */
  "failed",
  "timeout",
  /** No connection, or an answer that broke off. */
  "network",
  /** An answer of another form than promised, too large, or a redirect. */
  "broken",
  /** 401 or 403: of one account, so it says nothing of the provider. */
  "denied",
  /** Any other 4xx. */
  "refused",
] as const;
export type CallClass = (typeof callClasses)[number];

export interface CallReport {
  readonly class: CallClass;
  readonly ms: number;
  readonly retryAfterMs: number | null;
  /** Only those that the provider's budget is learned from. */
  readonly headers: Readonly<Record<string, string>>;
  /** Made on the word of anybody: that it failed says nothing of how the provider is. */
  readonly hint?: true;
}

export interface LeaseAsk {
  readonly kind: "live" | "backfill";
  /** Calls; fewer may be granted. */
  readonly want: number;
  /** Nothing would come of fewer, so fewer are not granted, but for a probe; absent: 1. */
  readonly least?: number;
}
export type LeaseAnswer =
  | {
      readonly lease: string;
      /** At least 1. */
      readonly granted: number;
      /** No call may begin after that. */
      readonly untilMs: Instant;
    }
  | { readonly waitMs: number; readonly why: "budget" | "breaker" | "paused" };

/** Ends a lease: in the order of the calls; what was not spent goes back. */
export interface LeaseReport {
  readonly lease: string;
  readonly calls: readonly CallReport[];
  /** How long what was read had waited since its notice came. */
  readonly freshnessMs: readonly number[];
  /** What came of what was read since the last report; absent: nothing did. */
  readonly recorded?: RecordedCounts;
}

/** What came of signatures that prove nothing by themselves (`Observed` in providers/recipe.ts). */
export const observedOutcomes = ["matches", "differs", "absent", "unkeyed"] as const;
export type ObservedCounts = Readonly<Partial<Record<(typeof observedOutcomes)[number], number>>>;

/** What came in by a provider's door, to be counted. */
export interface DoorCounts {
  readonly deliveries: number;
  readonly notices: number;
  readonly items: number;
  readonly refused: number;
  /** Of what was delivered, where signatures are only observed. */
  readonly observed?: ObservedCounts;
  /** Of its items. */
  readonly recorded?: RecordedCounts;
}
/** What came of what a provider gave, delivered or read. Counters, and no proof of anything. */
export interface RecordedCounts {
  /** New, corrected or retracted. */
  readonly recorded: number;
  /** Known before, or older than what is known. */
  readonly duplicates: number;
  /** Could not be read, and is kept. */
  readonly parked: number;
}
/** What was delivered under one key, since the gate first saw it. */
export interface KeyUse {
  readonly kid: string;
  readonly deliveries: number;
  readonly lastMs: Instant;
}

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}
/** Of the last five minutes. */
export interface CallsLately {
  readonly calls: number;
  readonly failed: number;
}
export interface BudgetStatus {
  readonly window: string;
  readonly windowMs: number;
  readonly limit: number;
  /** Spent, and promised to leases, within any such stretch that ends now. */
  readonly used: number;
}
export interface GateStatus {
  readonly provider: string;
  readonly sinceMs: Instant;
  readonly breaker: "closed" | "open" | "half-open";
  /** When it opened; null: it is closed. */
  readonly openSinceMs: Instant | null;
  /** Nobody asks before that, because the provider said so; null: it did not. */
  readonly pausedUntilMs: Instant | null;
  readonly budgets: readonly BudgetStatus[];
  /** Since `sinceMs`. */
  readonly calls: Readonly<Record<CallClass, number>>;
  readonly lately: CallsLately;
  readonly door: Omit<DoorCounts, "recorded">;
  /** Of what came in by the door, and of what was read. */
  readonly recorded: RecordedCounts;
  /** The newest first: a key that signs no more can be removed. */
  readonly keys: readonly KeyUse[];
  /** Of the last day, in milliseconds. */
  readonly latencyMs: Percentiles;
  readonly freshnessMs: Percentiles;
  /** What the provider must be told anew from time to time; null: it needs nothing. */
  readonly subscription: SubscriptionStatus | null;
}
export interface SubscriptionStatus {
  readonly state: "active" | "missing" | "failing" | "not-configured";
  readonly checkedMs: Instant | null;
  readonly until: Instant | null;
}

/** One provider's app-wide budget and circuit breaker. Every call may be repeated. */
export interface GatePort {
  lease(ask: LeaseAsk): Promise<LeaseAnswer>;
  report(report: LeaseReport): Promise<void>;
  /** `kid`: the key that proved a delivery. */
  count(counts: DoorCounts, kid?: string): Promise<void>;
  /** Sees to it that the provider still sends its notices; asked from time to time. */
  tend(): Promise<void>;
  status(): Promise<GateStatus>;
}
