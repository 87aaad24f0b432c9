/**
 * What the vault is asked for of samples. `work` merges and resolves, and hands back open facts
 * only; `open` shows aggregates to whom the log and the consents let. Part of `ports.ts`.
 */
import type { ConnectionId, FactId, MemberId } from "./identity.ts";
import type { EntryPlace } from "./log-ports.ts";
import type { OpenFact } from "./ports.ts";
import type { DayAggregates } from "./samples/aggregate.ts";
import type { GoalChanges, Goals } from "./samples/goals.ts";
import type { Metric } from "./samples/metrics.ts";
import type { DeviceId, DeviceKind, SampleOutcome, SampleRecord } from "./samples/sample.ts";
import type { Settings } from "./stream.ts";
import type { Instant, LocalDate } from "./time.ts";
import type { OrRefusal, Page } from "./vault-ports.ts";

export type Zones = Settings["zones"];

export interface MergedSamples {
  /** One a record, in their order. */
  readonly outcomes: readonly SampleOutcome[];
  /**
   * The present version of every chunk and every day that a record touched, a full duplicate
   * included: to be recorded in the samples ledger, again if that was cut short.
   */
  readonly facts: readonly OpenFact[];
}

/** Local days of one member, and where they live and lived. */
export interface DaysAsked {
  readonly member: MemberId;
  readonly days: readonly LocalDate[];
  readonly zones: Zones;
}
/** Of one call; more are refused. */
export const membersAskedMax = 100;

/** Part of `WorkPort`. */
export interface SampleWork {
  /**
   * Merges into the sealed chunks of one connection and resolves the days that this touches. A crash
   * before it returns leaves some records merged; said again, it completes. "forgotten": the member
   * or the connection was erased.
   */
  mergeSamples(
    member: MemberId,
    connection: ConnectionId,
    records: readonly SampleRecord[],
    zones: Zones,
  ): Promise<MergedSamples | "forgotten">;
  /**
   * Resolves these local days anew from the chunks, as they are now. Gives the day facts (and no
   * chunk facts), an answer each in their order; of a day on which nothing is any more one with totals
   * of zero. Idempotent. At most `membersAskedMax`.
   */
  resolveSamples(
    asks: readonly DaysAsked[],
  ): Promise<readonly { readonly facts: readonly OpenFact[] }[]>;
  /** Local days on which the member has samples, from `from` on, in order, a page of them. */
  sampleDays(
    member: MemberId,
    from: LocalDate,
    limit: number,
    zones: Zones,
  ): Promise<readonly LocalDate[]>;
  /**
   * Chunks of the days of UTC from `from` up to before `to` that are sealed, in order, as many as
   * `limit`: those too that no ledger was told of, because of a crash.
   */
  sampleChunks(
    member: MemberId,
    from: LocalDate,
    to: LocalDate,
    limit: number,
  ): Promise<readonly FactId[]>;
}

export interface AggregatesRequest {
  readonly member: MemberId;
  readonly metrics: readonly Metric[];
  /** Local days, both included; at most `aggregateDaysMax`. */
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly hours: boolean;
  /** With the member's goals, when it is the member who asks. */
  readonly goals?: boolean;
  readonly purpose: string;
  readonly zones: Zones;
  /** Answered as unchanged, without opening anything, while this is still the version. */
  readonly knownVersion: string | null;
}
export const aggregateDaysMax = 400;

export interface AggregatesAnswer {
  /** Null: nothing was opened, it is as it was known. */
  readonly days: readonly DayAggregates[] | null;
  /** Their own; null: not asked for by the member, or nothing was opened. */
  readonly goals: Goals | null;
  readonly version: string;
  /** Null where nothing was opened. */
  readonly entry: EntryPlace | null;
}

export interface Device {
  readonly id: DeviceId;
  readonly kind: DeviceKind;
  readonly model: string | null;
  readonly app: string | null;
  /** What its source calls it, cut off where it is very long; null: not known any more. */
  readonly stated: string | null;
  readonly firstMs: Instant;
}
/** The first comes first. Effective from a local day on; devices that it lacks follow by kind. */
export interface DeviceOrder {
  readonly from: LocalDate | null;
  readonly devices: readonly DeviceId[];
}
export interface Devices {
  readonly devices: readonly Device[];
  /** By `from`, the earliest first; null: since ever. */
  readonly orders: readonly DeviceOrder[];
}
export const devicesMax = 200;
export const deviceOrdersMax = 50;

export interface ShareDraft {
  readonly recipient: string;
  readonly metrics: readonly Metric[];
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly expiresAtMs: Instant;
}
export interface Share extends ShareDraft {
  readonly id: string;
  readonly madeAtMs: Instant;
  readonly revokedAtMs: Instant | null;
  /** How often it was opened, and when last. */
  readonly opened: number;
  readonly lastOpenedMs: Instant | null;
}
export interface OpenedShare {
  readonly recipient: string;
  readonly metrics: readonly Metric[];
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly expiresAtMs: Instant;
  readonly days: readonly DayAggregates[];
}

/** Part of `OpenPort`. */
export interface SampleViews {
  aggregates(token: string, request: AggregatesRequest): Promise<OrRefusal<AggregatesAnswer>>;
  devices(token: string): Promise<OrRefusal<Devices>>;
  /** Replaces the order that holds from that day on; "invalid": not all are the member's. */
  setDeviceOrder(token: string, order: DeviceOrder): Promise<OrRefusal<Devices>>;
  goals(token: string): Promise<OrRefusal<Goals>>;
  /** All of them or none; "invalid": one is no goal that its metric can have. */
  setGoals(token: string, changes: GoalChanges): Promise<OrRefusal<Goals>>;
  /** Ids of insights that the member took note of. */
  acknowledged(token: string): Promise<OrRefusal<{ readonly ids: readonly string[] }>>;
  acknowledge(
    token: string,
    insight: string,
  ): Promise<OrRefusal<{ readonly acknowledged: string }>>;
  /** `code` is told once, here, and is nowhere else. */
  share(token: string, draft: ShareDraft): Promise<OrRefusal<Share & { readonly code: string }>>;
  shares(token: string): Promise<OrRefusal<Page<Share>>>;
  revokeShare(token: string, id: string): Promise<OrRefusal<{ readonly revoked: string }>>;
  /**
   * Without a token: who has the code is let in. `from`: whose wrong guesses are counted together (a
   * keyed digest of an address). "not-found" for a wrong, an expired and a revoked one alike.
   */
  shareMember(code: string, from: string): Promise<OrRefusal<{ readonly member: MemberId }>>;
  /** The member's own local days: by their zones, which the edge knows once it knows the member. */
  openShare(code: string, from: string, zones: Zones): Promise<OrRefusal<OpenedShare>>;
}
export const shareDaysDefault = 7;
export const shareDaysMax = 30;
